// SPDX-License-Identifier: Apache-2.0
// Batches on their way from a request to a receipt. What arrives while a commit runs is committed
// together next (group commit). A receipt is written only after the commit that holds the batch.
// Bounds: at most kMaxQueued batches and kMaxQueuedBytes wait, then 503; below kLowDisk free bytes
// 507 before a body is read.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/async.h"
#include "collector/identity.h"
#include "collector/store.h"
#include "net/http_message.h"

namespace nines::collector {

inline constexpr std::size_t kMaxQueued = 512;
inline constexpr std::size_t kMaxQueuedBytes = 64 << 20;
inline constexpr std::size_t kMaxGroup = 64;  // batches in one transaction
inline constexpr std::uint64_t kLowDisk = 64 << 20;

struct IngestCounters {
  std::uint64_t stored = 0, duplicate = 0, need_from = 0, fork = 0;
  std::uint64_t undecodable = 0;  // of the stored ones
  std::uint64_t refused = 0;      // malformed, forged, oversized
  std::uint64_t forbidden = 0;    // somebody else's
  std::uint64_t busy = 0, disk_full = 0, failed = 0;
};

class Ingest {
 public:
  // All must outlive it; `store` is touched on `disk` alone. `on_fatal` is called on the loop when
  // the disk failed in a way after which nothing written may be believed: end and start again.
  Ingest(asio::io_context& io,
         const Clock& clock,
         DiskThread& disk,
         Store& store,
         std::function<void()> on_fatal);

  // Before the body is read.
  std::optional<net::HttpResponse> gate();

  // The caller has found that the peer may post as `agent`.
  Task<net::HttpResponse> post(const net::HttpRequest& request, std::string agent);
  Task<net::HttpResponse> head(std::string agent);

  // Looks at the state folder's free space; called now and then.
  Task<void> look_at_disk();

  void set_free_bytes(std::uint64_t bytes) { free_bytes_ = bytes; }

  Task<void> drain();  // until nothing is queued

  const IngestCounters& counters() const { return counters_; }

  std::uint64_t free_bytes() const { return free_bytes_; }

  // Why batches are not taken now, in one line; nothing when they are.
  std::optional<std::string> trouble() const;

  std::uint64_t groups() const { return groups_; }  // commits so far

  std::size_t queued() const { return queue_.size(); }

 private:
  struct Pending {
    Pending(asio::io_context& io, Arrival a) : arrival(std::move(a)), done(io) {}

    Arrival arrival;
    Event done;
    std::optional<Settled> settled;
    int error_status = 0;  // when not settled
  };

  Task<void> write_queue();
  void finish_group(std::vector<std::shared_ptr<Pending>>& group,
                    const Expected<std::vector<Settled>>& settled);
  net::HttpResponse answer(const Pending& pending, const std::string& nonce);
  net::HttpResponse refuse(int status, std::string_view why, std::uint64_t& counter);

  asio::io_context& io_;
  const Clock& clock_;
  DiskThread& disk_;
  Store& store_;
  const std::function<void()> on_fatal_;
  const std::string collector_;  // this host's name
  TaskSet tasks_;
  std::deque<std::shared_ptr<Pending>> queue_;
  std::size_t queued_bytes_ = 0;
  bool writing_ = false;
  std::uint64_t groups_ = 0;
  std::uint64_t free_bytes_ = UINT64_MAX;
  IngestCounters counters_;
};

}  // namespace nines::collector
