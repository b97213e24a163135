// SPDX-License-Identifier: Apache-2.0
// Evidence bundles (docs/formats/bundle.md): everything that one report was computed from, as one
// file that `nines verify` recomputes without a network and without us.
#pragma once

#include <string>

#include "collector/reports.h"

namespace nines::collector {

inline constexpr std::size_t kMaxBundle = 256 << 20;  // packed, and of each kind of content

struct BundleRequest {
  std::string agreement, period;
  unsigned revision = 0;     // 0: the latest; where none is sealed, a provisional report of now
  bool with_batches = true;  // false: results alone, which nobody signed
};

// Reads one state of the store.
Expected<std::string> make_bundle(Database& db,
                                  const Agreements& loaded,
                                  const BundleRequest& request,
                                  const LogId& log,
                                  const SigningKey& key,
                                  WallTime now);

}  // namespace nines::collector
