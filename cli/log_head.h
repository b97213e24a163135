// SPDX-License-Identifier: Apache-2.0
// A head of a collector's log that somebody kept, held against a later one. Pure: who asks for the
// later head and for the proof between them is cli/log_command.cc.
#pragma once

#include <string>
#include <vector>

#include "base/hash.h"
#include "proto/proof.h"

namespace nines::cli {

// A head by itself, a message that holds one as `log_head`, or a text with a line that is one, as a
// mail has. Its signature verifies by the key within.
Expected<proto::LogHead> read_kept_head(const std::string& text);

// Whether only a proof can tell: heads of two sizes, of one log by one key.
bool needs_proof(const proto::LogHead& kept, const proto::LogHead& now);

// What is wrong between the two; empty where the log of `now` begins with the other. `proof` is the
// consistency proof (RFC 9162 section 2.1.4) where one is needed.
std::string difference_of(const proto::LogHead& kept,
                          const proto::LogHead& now,
                          const std::vector<Digest>& proof);

}  // namespace nines::cli
