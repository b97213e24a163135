// SPDX-License-Identifier: Apache-2.0
// Seals what is due: computed on the reading thread from one state of the store, kept on the
// writing one. Looks every kSealEvery, and at the next look after a restatement was approved.
// Everything is planned from what is stored, so a collector that was away or killed goes on where
// it was.
#pragma once

#include <memory>

#include "base/async.h"
#include "collector/reports.h"
#include "collector/store.h"

namespace nines::collector {

inline constexpr Duration kSealEvery = minutes(1);

class Sealer {
 public:
  // All must outlive it; `reader` is touched on `read_thread` alone, `store` on `disk` alone.
  Sealer(
      const Clock& clock, DiskThread& read_thread, Database& reader, DiskThread& disk, Store& store)
      : clock_(clock), read_thread_(read_thread), reader_(reader), disk_(disk), store_(store) {}

  // Where it is time: seals all that is due, one report after the other. Only one call at a time.
  Task<void> look(std::shared_ptr<const Agreements> agreements);

  void look_soon() { next_look_ = {}; }

  std::uint64_t sealed() const { return sealed_; }  // reports so far

 private:
  using Plans = Expected<std::vector<SealPlan>>;
  Task<std::shared_ptr<Plans>> plans(std::shared_ptr<const Agreements> agreements);
  Task<bool> seal(std::shared_ptr<const Agreements> agreements, SealPlan plan);

  const Clock& clock_;
  DiskThread& read_thread_;
  Database& reader_;
  DiskThread& disk_;
  Store& store_;
  BootTime next_look_{};
  std::uint64_t sealed_ = 0;
};

}  // namespace nines::collector
