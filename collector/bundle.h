// SPDX-License-Identifier: Apache-2.0
// Evidence bundles (docs/formats/bundle.md): everything that one report was computed from, as one
// file that `nines verify` recomputes without a network and without us.
#pragma once

#include <cstddef>
#include <string>

#include "collector/reports.h"
#include "collector/subject_keys.h"

namespace nines::collector {

// Of a bundle while it is made. Its packed bytes are held whole, and so is what grows with batches:
// the list of members and the entries of the log; of the results one member at a time.
struct BundleBounds {
  std::size_t packed = 256 << 20;       // the whole file
  std::size_t results_text = 16 << 20;  // lines in one member, before they are packed
};

struct BundleRequest {
  std::string agreement, period;
  unsigned revision = 0;     // 0: the latest; where none is sealed, a provisional report of now
  bool with_batches = true;  // false: results alone, which nobody signed
  const SubjectKeys* keys = nullptr;  // open personal texts; null: these are left out
};

// Reads one state of the store.
Expected<std::string> make_bundle(Database& db,
                                  const Agreements& loaded,
                                  const BundleRequest& request,
                                  const LogId& log,
                                  const SigningKey& key,
                                  WallTime now,
                                  const BundleBounds& bounds = {});

}  // namespace nines::collector
