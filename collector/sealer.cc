// SPDX-License-Identifier: Apache-2.0
#include "collector/sealer.h"

#include "base/log.h"

namespace nines::collector {

Task<void> Sealer::look(std::shared_ptr<const Agreements> agreements) {
  if (clock_.boot() < next_look_) co_return;
  next_look_ = clock_.boot() + kSealEvery;
  // A restatement of a report that is sealed just now is planned after it: look until nothing is.
  for (bool any = true; any;) {
    any = false;
    auto planning = plans(agreements);
    const auto due = co_await std::move(planning);
    if (!*due) {
      log::error("no report could be sealed", {{"why", due->error().message}});
      co_return;
    }
    for (const auto& plan : **due) {
      auto sealing = seal(agreements, plan);
      const bool done = co_await std::move(sealing);
      if (!done) co_return;
      any = true;
    }
  }
}

Task<std::shared_ptr<Sealer::Plans>> Sealer::plans(std::shared_ptr<const Agreements> agreements) {
  auto found = std::make_shared<Plans>();
  std::function<void()> work = [db = &reader_, agreements, found, now = clock_.wall()] {
    const Database::Snapshot snapshot(*db);
    *found = due_reports(*db, *agreements, now);
  };
  auto running = read_thread_.run(std::move(work));
  co_await std::move(running);
  co_return found;
}

Task<bool> Sealer::seal(std::shared_ptr<const Agreements> agreements, SealPlan plan) {
  auto made = std::make_shared<Expected<SealedReport>>();
  std::function<void()> judging = [db = &reader_, agreements, plan, made] {
    const Database::Snapshot snapshot(*db);
    *made = make_report(*db, *agreements, plan);
  };
  auto judged = read_thread_.run(std::move(judging));
  co_await std::move(judged);
  auto stored = std::make_shared<Expected<void>>();
  if (*made) {
    std::function<void()> keeping = [store = &store_, made, stored, now = clock_.wall()] {
      *stored = store->write([&](Database& db) -> Expected<void> {
        store_report(db, **made, now);
        return {};
      });
    };
    auto kept = disk_.run(std::move(keeping));
    co_await std::move(kept);
  }
  const std::string what = plan.period + " of " + plan.agreement;
  if (*made && *stored) {
    ++sealed_;
    log::notice("report sealed", {{"report", what}, {"revision", std::to_string(plan.revision)}});
    co_return true;
  }
  const auto& error = *made ? stored->error() : made->error();
  log::error("a report could not be sealed", {{"report", what}, {"why", error.message}});
  co_return false;
}

}  // namespace nines::collector
