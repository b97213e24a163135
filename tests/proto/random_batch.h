// SPDX-License-Identifier: Apache-2.0
// Batches made from a seed, and batches made wrong on purpose: taken apart, changed and signed
// again by the agent's own key, as an agent gone bad could.
#pragma once

#include <functional>
#include <string>

#include "base/random.h"
#include "base/sign.h"
#include "model/batch.h"
#include "proto/codec.h"

namespace nines::wire {
class BatchBody;
class BatchHeader;
}  // namespace nines::wire

namespace nines::proto {

struct MadeBatch {
  BatchHeader header;
  BatchBody body;
};

SigningKey test_key();
Result random_result(Random& random);
CheckTable random_table(Random& random, std::size_t checks);
// Up to `results` results of up to `checks` checks, in any mixture of kinds; the body carries the
// table and events about every second time.
MadeBatch random_batch(Random& random, std::size_t checks, std::size_t results);
MadeBatch random_gap_batch(Random& random);

// A small batch in which every kind of column is used.
MadeBatch small_batch();

// The batch of `made`, changed by the two functions and sealed again with digest, size and
// signature that fit.
std::string resealed(const MadeBatch& made,
                     const std::function<void(wire::BatchHeader&)>& change_header,
                     const std::function<void(wire::BatchBody&)>& change_body);

// What a body claims to be is not looked at: `frame` travels as it is, announced as `size` bytes.
std::string sealed_with_frame(const MadeBatch& made, const std::string& frame, std::size_t size);

}  // namespace nines::proto
