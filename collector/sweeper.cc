// SPDX-License-Identifier: Apache-2.0
#include "collector/sweeper.h"

#include "base/log.h"

namespace nines::collector {

Task<void> Sweeper::look(std::shared_ptr<const Agreements> agreements, Duration retention) {
  const auto begun = clock_.boot();
  if (begun < next_look_) co_return;
  next_look_ = begun + kSweepEvery;
  auto planning = plan(agreements, retention);
  const auto steps = co_await std::move(planning);
  if (!*steps) {
    log::error("nothing old could be dropped", {{"why", steps->error().message}});
    co_return;
  }
  for (const auto& step : **steps) {
    if (clock_.boot() - begun > kSweepTime) break;
    auto dropping = drop(step, retention);
    const bool done = co_await std::move(dropping);
    if (!done) co_return;
  }
  if (!(*steps)->empty()) next_look_ = clock_.boot() + kSweepOn;
}

Task<std::shared_ptr<Sweeper::Plans>> Sweeper::plan(std::shared_ptr<const Agreements> agreements,
                                                    Duration retention) {
  auto found = std::make_shared<Plans>();
  std::function<void()> work = [db = &reader_, agreements, retention, found, now = clock_.wall()] {
    const Database::Snapshot snapshot(*db);
    *found = droppable(*db, *agreements, retention, now, kSweepSteps);
  };
  auto running = read_thread_.run(std::move(work));
  co_await std::move(running);
  co_return found;
}

Task<bool> Sweeper::drop(Drop step, Duration retention) {
  auto done = std::make_shared<Expected<Dropped>>();
  std::function<void()> work = [store = &store_, step, retention, done, now = clock_.wall()] {
    const auto written = store->write([&](Database& db) -> Expected<void> {
      *done = drop_batches(db, step, retention, now);
      return *done ? Expected<void>() : Expected<void>(Unexpected(done->error()));
    });
    if (!written) *done = Unexpected(written.error());
  };
  auto running = disk_.run(std::move(work));
  co_await std::move(running);
  if (!*done) {
    log::error("old batches could not be dropped",
               {{"agent", step.agent}, {"why", done->error().message}});
    co_return false;
  }
  const Dropped& dropped = **done;
  log::notice("old batches dropped", {{"agent", step.agent},
                                      {"batches", std::to_string(dropped.batches)},
                                      {"results", std::to_string(dropped.results)},
                                      {"bytes", std::to_string(dropped.bytes)}});
  co_return true;
}

}  // namespace nines::collector
