// SPDX-License-Identifier: Apache-2.0
#include "agent/shipper.h"

#include <algorithm>
#include <charconv>

#include "base/log.h"

namespace nines::agent {
namespace {

constexpr Duration kFirstBackOff = seconds(1);
constexpr Duration kLongestBackOff = minutes(5);
constexpr Duration kForkPause = minutes(5);  // an operator has to look; ask again now and then
constexpr Duration kLongestRetryAfter = hours(1);
constexpr std::size_t kMessage = 200;

// Seconds only: what collectors of ours answer. Absurd values are clamped, others are ignored.
Duration retry_after_of(const net::HttpResponse& response) {
  const auto text = response.header("Retry-After");
  if (!text) return Duration(0);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < 0) return Duration(0);
  return std::clamp<Duration>(seconds(std::min<std::int64_t>(value, 3600)), seconds(1),
                              kLongestRetryAfter);
}

std::string refusal(const net::HttpResponse& response) {
  return "HTTP " + std::to_string(response.status) + ": " +
         cut_text(response.body.substr(0, kMessage));
}

}  // namespace

std::string_view name(LinkState state) {
  switch (state) {
    case LinkState::connecting:
      return "connecting";
    case LinkState::ok:
      return "ok";
    case LinkState::unreachable:
      return "unreachable";
    case LinkState::refused:
      return "refused";
    case LinkState::fork:
      return "fork";
  }
  return "?";
}

Shipper::Shipper(asio::io_context& io,
                 const Clock& clock,
                 const SlotClock& labels,
                 DiskThread& disk,
                 Spool& spool,
                 Recorder& recorder,
                 net::CurlMulti& multi,
                 net::Resolver& resolver,
                 net::ClientOptions options,
                 std::string agent,
                 std::uint64_t seed)
    : io_(io),
      clock_(clock),
      labels_(labels),
      disk_(disk),
      spool_(spool),
      recorder_(recorder),
      agent_(std::move(agent)),
      url_(options.url),
      client_(io, clock, multi, resolver, std::move(options)),
      random_(seed),
      work_(io),
      progress_(io),
      rested_(io) {
  status_.url = url_;
  status_.since = clock.wall();
  recorder.on_sealed(work_);
}

void Shipper::set_state(LinkState state, std::string message) {
  message = cut_text(std::move(message));
  if (status_.state != state) {
    status_.since = clock_.wall();
    if (state == LinkState::ok) {
      log::notice("collector reached", {{"collector", url_}});
    } else {
      log::warning("collector " + std::string(name(state)),
                   {{"collector", url_}, {"why", message}});
    }
  }
  status_.state = state;
  status_.message = std::move(message);
  recorder_.note_link(url_, state == LinkState::ok, status_.durable);
}

Duration Shipper::back_off() {
  // Full jitter: a fleet that lost its collector together does not come back together.
  const auto ceiling =
      std::min<Duration>(kLongestBackOff, kFirstBackOff * (1LL << std::min(failures_, 16)));
  failures_ = std::min(failures_ + 1, 16);
  const auto own = random_.between(milliseconds(100), ceiling);
  return std::max(own, std::exchange(retry_after_, Duration(0)));
}

Task<void> Shipper::rest(Duration pause, Stop& stop) {
  rests_until_ = clock_.boot() + pause;
  status_.next_try = clock_.wall() + pause;
  const Stop::Callback on_stop(stop, [this] { rested_.notify(); });
  while (!stop.requested() && clock_.boot() < rests_until_) {
    auto wait = rested_.wait_until(clock_, rests_until_);
    co_await std::move(wait);
  }
  status_.next_try.reset();
}

void Shipper::uplink_is_back() {
  if (!status_.next_try || status_.state != LinkState::unreachable) return;
  const auto soon = random_.between(milliseconds(100), kReturn);
  rests_until_ = std::min(rests_until_, clock_.boot() + soon);
  status_.next_try = std::min(*status_.next_try, clock_.wall() + soon);
  rested_.notify();
}

Task<bool> Shipper::greet(Stop& stop) {
  net::ClientRequest request;
  request.path = "/v1/agents/" + agent_ + "/head";
  request.timeout = seconds(20);
  auto exchange = client_.exchange(std::move(request), stop);
  const auto response = co_await std::move(exchange);
  if (!response) {
    set_state(LinkState::unreachable, response.error().message);
    co_return false;
  }
  if (response->status != 200 || response->header("Content-Type") != proto::kHeadsType) {
    retry_after_ = retry_after_of(*response);
    ++status_.bad_answers;
    set_state(LinkState::refused, refusal(*response));
    co_return false;
  }
  auto heads = proto::decode_heads(as_bytes(response->body));
  if (!heads) {
    ++status_.bad_answers;
    set_state(LinkState::refused, heads.error().message);
    co_return false;
  }
  receipt_key_ = heads->public_key;
  status_.collector = cut_text(heads->collector);
  // Compare before anything is sent: a head of ours that differs is a fork, a lower one a restore.
  auto shared = std::make_shared<const proto::Heads>(*std::move(heads));
  auto conflict = std::make_shared<std::string>();
  auto current = std::make_shared<std::uint64_t>(0);
  auto* spool = &spool_;
  const auto url = url_;
  auto context = std::make_shared<const SealContext>(recorder_.seal_context());
  std::function<void()> work = [spool, url, shared, conflict, current, context] {
    for (const auto& head : shared->heads) {
      const auto ours = spool->chain_hash_at(head.epoch, head.durable);
      if (ours && *ours != head.head_hash) {
        *conflict = "it holds another batch " + std::to_string(head.durable) +
                    " of this agent's epoch: a clone, a restored copy or a forgery";
        return;
      }
      spool->rewind(url, head.epoch, head.durable);
      if (head.epoch == spool->epoch()) *current = head.durable;
      const auto bridged = spool->bridge(head.epoch, head.durable, head.head_hash, *context);
      if (!bridged) *conflict = bridged.error().message;
    }
  };
  auto ran = disk_.run(std::move(work));
  co_await std::move(ran);
  if (!conflict->empty()) {
    set_state(LinkState::fork, *conflict);
    co_return false;
  }
  status_.durable = *current;
  greeted_ = true;
  co_return true;
}

void Shipper::measure_clock(const proto::Receipt& receipt, BootTime sent, BootTime received) {
  const auto t0 = labels_.label(sent);
  const auto t3 = labels_.label(received);
  const auto ahead = ((t0 - receipt.received) + (t3 - receipt.sent)) / 2;
  const auto bound = ((t3 - t0) - (receipt.sent - receipt.received)) / 2;
  status_.clock_ahead = ahead;
  recorder_.set_clock_offset(ahead, std::max(bound, Duration(1)));
}

Task<bool> Shipper::accept(const Deliverable& batch, const proto::Receipt& receipt) {
  auto* spool = &spool_;
  const auto url = url_;
  const auto epoch = batch.epoch;
  switch (receipt.status) {
    case proto::ReceiptStatus::stored:
    case proto::ReceiptStatus::duplicate: {
      // What it names durable is at least this batch, and never what it cannot have.
      if (receipt.durable < batch.last_number) {
        ++status_.bad_answers;
        set_state(LinkState::refused, "its receipt names less than was sent");
        co_return false;
      }
      const auto durable = batch.last_number;
      auto spool_status = std::make_shared<SpoolStatus>();
      std::function<void()> work = [spool, url, epoch, durable, spool_status] {
        spool->acknowledge(url, epoch, durable);
        *spool_status = spool->status();
      };
      auto ran = disk_.run(std::move(work));
      co_await std::move(ran);
      recorder_.set_spool_status(std::move(*spool_status));
      status_.durable = durable;
      status_.last_receipt = clock_.wall();
      ++status_.receipts;
      failures_ = 0;
      set_state(LinkState::ok, "");
      co_return true;
    }
    case proto::ReceiptStatus::need_from:
      greeted_ = false;  // ask for its heads again; greeting rewinds and bridges
      set_state(LinkState::connecting,
                "it lacks batches from " + std::to_string(receipt.need_from));
      co_return true;
    case proto::ReceiptStatus::fork:
      set_state(LinkState::fork, "it holds another batch " + std::to_string(batch.number) +
                                     " of this epoch: a clone, a restored copy or a forgery");
      co_return false;
  }
  co_return false;
}

Task<bool> Shipper::send_next(Stop& stop, bool& sent) {
  auto next = std::make_shared<std::optional<Deliverable>>();
  auto bytes = std::make_shared<Expected<std::string>>();
  auto* spool = &spool_;
  const auto url = url_;
  std::function<void()> work = [spool, url, next, bytes] {
    *next = spool->next_for(url);
    if (*next) *bytes = spool->read(**next);
  };
  auto ran = disk_.run(std::move(work));
  co_await std::move(ran);
  idle_ = !next->has_value();
  if (idle_) {
    progress_.notify();
    co_return true;
  }
  const auto batch = **next;
  if (!*bytes) {
    // Damaged since: the collector is told by a gap that stands for it.
    const auto number = batch.number;
    log::error("a batch in the spool cannot be read",
               {{"batch", std::to_string(number)}, {"why", bytes->error().message}});
    set_state(LinkState::refused,
              "batch " + std::to_string(number) + ": " + bytes->error().message);
    auto context = std::make_shared<const SealContext>(recorder_.seal_context());
    std::function<void()> replace = [spool, batch, context] {
      const auto replaced = spool->give_up(batch, *context);
      if (!replaced) log::error("no gap could be written", {{"why", replaced.error().message}});
    };
    auto replaced = disk_.run(std::move(replace));
    co_await std::move(replaced);
    co_return false;  // after a pause, should the disk not take the gap
  }
  std::array<std::uint8_t, 16> nonce;
  fill_entropy(nonce);
  net::ClientRequest request;
  request.method = "POST";
  request.path = "/v1/agents/" + agent_ + "/batches";
  request.headers.emplace_back("Content-Type", std::string(proto::kBatchType));
  request.headers.emplace_back("Nines-Nonce", to_hex(nonce));
  request.body = **bytes;
  const auto before = clock_.boot();
  ++status_.sent;
  sent = true;
  auto exchange = client_.exchange(std::move(request), stop);
  const auto response = co_await std::move(exchange);
  const auto after = clock_.boot();
  if (!response) {
    set_state(LinkState::unreachable, response.error().message);
    co_return false;
  }
  retry_after_ = retry_after_of(*response);
  const bool may_be_receipt = response->status == 200 || response->status == 409;
  if (!may_be_receipt || response->header("Content-Type") != proto::kReceiptType) {
    ++status_.bad_answers;
    set_state(LinkState::refused, refusal(*response));
    co_return false;
  }
  auto receipt = proto::decode_receipt(as_bytes(response->body), *receipt_key_);
  const bool fits = receipt && receipt->batch_hash == batch.hash && receipt->agent == agent_ &&
                    receipt->epoch == batch.epoch && receipt->nonce == as_text(ByteView(nonce));
  if (!fits) {
    ++status_.bad_answers;
    greeted_ = false;  // its key may be new: greet again before the next try
    set_state(LinkState::refused,
              receipt ? "its receipt is for another request" : receipt.error().message);
    co_return false;
  }
  measure_clock(*receipt, before, after);
  auto accepting = accept(batch, *receipt);
  const bool accepted = co_await std::move(accepting);
  co_return accepted;
}

Task<void> Shipper::run(Stop& stop) {
  while (!stop.requested()) {
    bool good = true;
    bool sent = false;
    if (!greeted_) {
      auto greeting = greet(stop);
      good = co_await std::move(greeting);
    }
    if (good) {
      auto sending = send_next(stop, sent);
      good = co_await std::move(sending);
    }
    if (stop.requested()) break;
    if (good && !idle_) continue;
    if (good) {
      if (status_.state == LinkState::connecting) set_state(LinkState::ok, "");
      failures_ = 0;
      const Stop::Callback on_stop(stop, [this] { work_.notify(); });
      auto wait = work_.wait();
      co_await std::move(wait);
      continue;
    }
    progress_.notify();
    auto resting = rest(status_.state == LinkState::fork ? kForkPause : back_off(), stop);
    co_await std::move(resting);
    if (status_.state == LinkState::fork) greeted_ = false;
  }
}

Task<void> Shipper::drain(BootTime deadline) {
  if (status_.state == LinkState::unreachable || status_.state == LinkState::fork) co_return;
  idle_ = false;  // until the loop has looked again
  work_.notify();
  while (!idle_ && status_.state != LinkState::unreachable && clock_.boot() < deadline) {
    auto wait = progress_.wait_until(clock_, deadline);
    co_await std::move(wait);
  }
}

}  // namespace nines::agent
