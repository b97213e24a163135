// SPDX-License-Identifier: Apache-2.0
#include "collector/ingest.h"

#include <sqlite3.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>

#include "base/log.h"

namespace nines::collector {
namespace {

using net::HttpResponse;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "collector";
  return name.data();
}

// After these the pages of the store may be marked clean without being on the disk.
bool is_fatal(int code) {
  const int primary = code & 0xFF;
  return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

std::optional<std::string> nonce_of(const net::HttpRequest& request) {
  const auto text = request.header("Nines-Nonce");
  if (!text || text->size() != 32) return std::nullopt;
  return from_hex(*text);
}

proto::ReceiptStatus status_of(Decision decision) {
  switch (decision) {
    case Decision::store:
      return proto::ReceiptStatus::stored;
    case Decision::duplicate:
      return proto::ReceiptStatus::duplicate;
    case Decision::need_from:
      return proto::ReceiptStatus::need_from;
    case Decision::fork:
    case Decision::foreign_key:
      break;
  }
  return proto::ReceiptStatus::fork;
}

HttpResponse retry_later(int status, std::string_view why) {
  auto response = HttpResponse::problem(status, why);
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace

Ingest::Ingest(asio::io_context& io,
               const Clock& clock,
               DiskThread& disk,
               Store& store,
               std::function<void()> on_fatal)
    : io_(io),
      clock_(clock),
      disk_(disk),
      store_(store),
      on_fatal_(std::move(on_fatal)),
      collector_(host_name()),
      tasks_(io) {}

std::optional<HttpResponse> Ingest::gate() {
  if (free_bytes_ < kLowDisk) {
    ++counters_.disk_full;
    return retry_later(507, "the collector's disk is full");
  }
  if (queue_.size() >= kMaxQueued || queued_bytes_ >= kMaxQueuedBytes) {
    ++counters_.busy;
    return retry_later(503, "too many batches are waiting");
  }
  return std::nullopt;
}

std::optional<std::string> Ingest::trouble() const {
  if (free_bytes_ < kLowDisk) return "the disk is full";
  if (queue_.size() >= kMaxQueued) return "too many batches are waiting";
  return std::nullopt;
}

HttpResponse Ingest::refuse(int status, std::string_view why, std::uint64_t& counter) {
  ++counter;
  return HttpResponse::problem(status, why);
}

Task<HttpResponse> Ingest::post(const net::HttpRequest& request, std::string agent) {
  // The gate was asked before the body came; meanwhile the queue may have filled.
  if (auto refusal = gate()) co_return std::move(*refusal);
  const auto nonce = nonce_of(request);
  if (!nonce) {
    co_return refuse(400, "Nines-Nonce must be 32 hexadecimal digits", counters_.refused);
  }
  auto opened = proto::open_header(as_bytes(request.body));
  if (!opened) co_return refuse(400, opened.error().message, counters_.refused);
  const auto& header = opened->header;
  if (header.agent != agent) {
    log::warning("an agent sent a batch of another",
                 {{"agent", agent}, {"of", header.agent}, {"peer", request.peer.address}});
    co_return refuse(403, "the batch is not of agent " + agent, counters_.forbidden);
  }
  if (header.last_number - header.number > kMaxGapSpan) {
    co_return refuse(400, "a gap of that many batches is not believed", counters_.refused);
  }
  Arrival arrival{request.body, *std::move(opened), clock_.wall(), request.peer.address};
  auto pending = std::make_shared<Pending>(io_, std::move(arrival));
  queued_bytes_ += pending->arrival.bytes.size();
  queue_.push_back(pending);
  if (!writing_) {
    writing_ = true;
    auto writer = write_queue();
    tasks_.spawn("store writer", std::move(writer));
  }
  auto done = pending->done.wait();
  co_await std::move(done);
  co_return answer(*pending, *nonce);
}

Task<void> Ingest::write_queue() {
  while (!queue_.empty()) {
    std::vector<std::shared_ptr<Pending>> group;
    auto arrivals = std::make_shared<std::vector<Arrival>>();
    while (!queue_.empty() && group.size() < kMaxGroup) {
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
      queued_bytes_ -= group.back()->arrival.bytes.size();
      arrivals->push_back(std::move(group.back()->arrival));
    }
    auto settled = std::make_shared<Expected<std::vector<Settled>>>();
    std::function<void()> work = [store = &store_, arrivals, settled] {
      *settled = store->settle(*arrivals);
    };
    auto running = disk_.run(std::move(work));
    co_await std::move(running);
    for (std::size_t i = 0; i < group.size(); ++i) group[i]->arrival = std::move((*arrivals)[i]);
    finish_group(group, *settled);
  }
  writing_ = false;
}

void Ingest::finish_group(std::vector<std::shared_ptr<Pending>>& group,
                          const Expected<std::vector<Settled>>& settled) {
  ++groups_;
  if (!settled) {
    const auto& error = settled.error();
    const bool full = (error.code & 0xFF) == SQLITE_FULL;
    log::error("batches could not be stored; they are asked for again",
               {{"batches", std::to_string(group.size())}, {"why", error.message}});
    if (full) free_bytes_ = 0;  // until the next look
    if (is_fatal(error.code)) on_fatal_();
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (settled) {
      group[i]->settled = (*settled)[i];
    } else {
      group[i]->error_status = (settled.error().code & 0xFF) == SQLITE_FULL ? 507 : 503;
    }
    group[i]->done.notify();
  }
}

HttpResponse Ingest::answer(const Pending& pending, const std::string& nonce) {
  if (!pending.settled) {
    ++(pending.error_status == 507 ? counters_.disk_full : counters_.failed);
    return retry_later(pending.error_status, "the batch could not be stored");
  }
  const auto& settled = *pending.settled;
  const auto& header = pending.arrival.opened.header;
  if (settled.decision == Decision::foreign_key) {
    return refuse(403, "this epoch belongs to another key", counters_.forbidden);
  }
  const auto status = status_of(settled.decision);
  switch (status) {
    case proto::ReceiptStatus::stored:
      ++counters_.stored;
      break;
    case proto::ReceiptStatus::duplicate:
      ++counters_.duplicate;
      break;
    case proto::ReceiptStatus::need_from:
      ++counters_.need_from;
      break;
    case proto::ReceiptStatus::fork:
      ++counters_.fork;
      log::error("an agent's chain has forked: a clone, a roll-back or a forgery",
                 {{"agent", header.agent},
                  {"number", std::to_string(header.number)},
                  {"peer", pending.arrival.peer}});
  }
  if (settled.undecodable) ++counters_.undecodable;
  proto::Receipt receipt;
  receipt.status = status;
  receipt.agent = header.agent;
  receipt.epoch = header.epoch;
  receipt.batch_hash = pending.arrival.opened.hash;
  receipt.nonce = nonce;
  // One store: what is durable here is as safe as it gets.
  receipt.durable = receipt.safe = settled.durable;
  receipt.head_hash = settled.head_hash;
  if (status == proto::ReceiptStatus::need_from) receipt.need_from = settled.durable + 1;
  receipt.collector = collector_;
  receipt.incarnation = store_.incarnation();
  receipt.received = pending.arrival.received;
  receipt.sent = clock_.wall();
  HttpResponse response;
  const bool success =
      status == proto::ReceiptStatus::stored || status == proto::ReceiptStatus::duplicate;
  response.status = success ? 200 : 409;
  response.headers.emplace_back("Content-Type", std::string(proto::kReceiptType));
  response.body = proto::encode_receipt(receipt, store_.receipt_key());
  return response;
}

Task<HttpResponse> Ingest::head(std::string agent) {
  auto heads = std::make_shared<Expected<std::vector<StoredHead>>>();
  std::function<void()> work = [store = &store_, agent, heads] { *heads = store->heads(agent); };
  auto running = disk_.run(std::move(work));
  co_await std::move(running);
  if (!*heads) {
    log::error("heads could not be read", {{"why", heads->error().message}});
    co_return retry_later(503, "the store cannot be read");
  }
  proto::Heads answer;
  answer.collector = collector_;
  answer.incarnation = store_.incarnation();
  answer.public_key = store_.receipt_key().public_key();
  for (const auto& head : **heads)
    answer.heads.push_back({head.epoch, head.durable, head.head_hash});
  answer.sent = clock_.wall();
  HttpResponse response;
  response.headers.emplace_back("Content-Type", std::string(proto::kHeadsType));
  response.body = proto::encode_heads(answer);
  co_return response;
}

Task<void> Ingest::look_at_disk() {
  auto free = std::make_shared<std::uint64_t>(UINT64_MAX);
  std::function<void()> work = [folder = store_.folder(), free] {
    struct statvfs s {};
    if (::statvfs(folder.c_str(), &s) == 0) *free = std::uint64_t{s.f_bavail} * s.f_frsize;
  };
  auto running = disk_.run(std::move(work));
  co_await std::move(running);
  const bool was_low = free_bytes_ < kLowDisk;
  free_bytes_ = *free;
  if (!was_low && free_bytes_ < kLowDisk) {
    log::error("the disk is full: batches are refused, agents keep them",
               {{"free_bytes", std::to_string(free_bytes_)}, {"folder", store_.folder()}});
  } else if (was_low && free_bytes_ >= kLowDisk) {
    log::notice("the disk has room again");
  }
}

Task<void> Ingest::drain() {
  auto joined = tasks_.join();
  co_await std::move(joined);
}

}  // namespace nines::collector
