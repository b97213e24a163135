// SPDX-License-Identifier: Apache-2.0
#include "probes/icmp_probe.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "probes/connector.h"
#include "probes/failure.h"
#include "probes/limits.h"
#include "probes/packet_times.h"

namespace nines::probes {
namespace {

__extension__ typedef __int128 Wide;

// The echoes of one run. Their addresses are known to the socket while this lives.
class EchoSeries {
 public:
  EchoSeries(Run& run, const IcmpSpec& spec) : run_(run), spec_(spec), changed_(run.io) {
    echoes_.reserve(static_cast<std::size_t>(spec.count));
  }

  EchoSeries(const EchoSeries&) = delete;
  EchoSeries& operator=(const EchoSeries&) = delete;

  ~EchoSeries() {
    for (auto& echo : echoes_) socket_->forget(echo);
  }

  // Sends the first request to the first address that takes it.
  Failure begin(IcmpSockets& sockets, const std::vector<asio::ip::address>& addresses);
  // Sends the others and waits for answers.
  Task<void> run();

  // Nothing is left to send or to wait for.
  bool complete() const;

  const std::vector<Echo>& echoes() const { return echoes_; }

  int take_late() { return socket_->take_late(target_); }

  const Failure& local() const { return local_; }

  const asio::ip::address& target() const { return target_; }

 private:
  Failure send_one();

  Run& run_;
  const IcmpSpec& spec_;
  Event changed_;
  std::shared_ptr<IcmpSocket> socket_;
  asio::ip::address target_;
  BootTime started_;
  int tried_ = 0;
  std::vector<Echo> echoes_;  // sent ones; reserved, so that addresses stay
  Failure local_;             // the first request that could not be sent
};

Failure EchoSeries::send_one() {
  ++tried_;
  auto& echo = echoes_.emplace_back();
  echo.target = target_;
  echo.payload = static_cast<std::size_t>(spec_.size);
  echo.options = {spec_.ttl, spec_.dscp, spec_.dont_fragment, spec_.source};
  echo.changed = &changed_;
  auto failure = socket_->send(echo);
  if (!failure) {
    socket_->await_answers();
    return failure;
  }
  echoes_.pop_back();
  if (!local_) local_ = failure;
  return failure;
}

Failure EchoSeries::begin(IcmpSockets& sockets, const std::vector<asio::ip::address>& addresses) {
  Failure first;
  for (const auto& address : addresses) {
    target_ = address;
    tried_ = 0;
    local_ = {};
    auto opened = sockets.get(address.is_v4() ? IpVersion::v4 : IpVersion::v6);
    socket_ = opened.socket;
    started_ = run_.clock.boot();
    auto failure = opened.failure ? std::move(opened.failure) : send_one();
    if (!failure) return {};
    if (!first) first = std::move(failure);
  }
  return first;
}

bool EchoSeries::complete() const {
  // A router's refusal ends the run: the requests that follow would hear the same.
  const auto refused = [](const Echo& e) { return e.error != IcmpError::none; };
  if (std::any_of(echoes_.begin(), echoes_.end(), refused)) return true;
  return tried_ == spec_.count &&
         std::all_of(echoes_.begin(), echoes_.end(), [](const Echo& e) { return e.ended(); });
}

Task<void> EchoSeries::run() {
  auto* changed = &changed_;
  const Stop::Callback on_stop(run_.stop, [changed] { changed->notify(); });
  for (;;) {
    const auto now = run_.clock.boot();
    const auto next = started_ + spec_.interval * tried_;
    if (run_.stop.requested() || now >= run_.deadline) co_return;
    if (tried_ < spec_.count && now >= next) send_one();
    if (complete()) co_return;
    const auto until = tried_ < spec_.count
                           ? std::min(started_ + spec_.interval * tried_, run_.deadline)
                           : run_.deadline;
    auto wait = changed_.wait_until(run_.clock, until);
    co_await std::move(wait);
  }
}

IcmpDetail detail_of(const std::vector<Echo>& echoes, Stamps& stamps) {
  IcmpDetail detail;
  std::uint64_t latest = 0;
  detail.sent = static_cast<int>(echoes.size());
  for (const auto& echo : echoes) {
    detail.duplicates += echo.duplicates;
    if (!echo.round_trip) continue;
    ++detail.received;
    detail.rtt_us.push_back(to_us(*echo.round_trip));
    note_stamp(stamps, echo.kernel_timed);
    // Echoes are in order of sending: one that arrived before an earlier one has overtaken it.
    if (echo.arrival < latest) ++detail.reordered;
    latest = std::max(latest, echo.arrival);
    if (!detail.ttl) detail.ttl = echo.ttl;
  }
  return detail;
}

Failure judge_silence(const std::vector<Echo>& echoes, const Failure& local) {
  for (const auto& echo : echoes) {
    if (echo.error == IcmpError::unreachable) return {Reason::icmp_unreachable, echo.error_text};
    if (echo.error == IcmpError::ttl_exceeded) return {Reason::icmp_ttl_exceeded, echo.error_text};
  }
  // A host that cannot send all it should is no witness of a silent target.
  if (local) return local;
  return {Reason::icmp_timeout, "no reply to " + std::to_string(echoes.size()) + " requests"};
}

// lost/sent > most/of, in whole numbers.
bool exceeds(std::int64_t lost,
             std::int64_t sent,
             const std::optional<std::pair<std::int64_t, std::int64_t>>& share) {
  return share && static_cast<Wide>(lost) * share->second > static_cast<Wide>(share->first) * sent;
}

std::string loss_text(std::int64_t lost, std::int64_t sent) {
  return std::to_string(lost) + " of " + std::to_string(sent) + " requests lost";
}

}  // namespace

Failure judge_echoes(const IcmpSpec& spec, const std::vector<Echo>& echoes, const Failure& local) {
  std::int64_t received = 0;
  for (const auto& echo : echoes) {
    if (echo.round_trip) ++received;
  }
  const auto sent = static_cast<std::int64_t>(echoes.size());
  if (received == 0) return judge_silence(echoes, local);
  if (exceeds(sent - received, sent, spec.loss)) {
    return {Reason::icmp_loss, loss_text(sent - received, sent)};
  }
  return {};
}

Task<Failure> run_icmp(Run& run, Tools tools, const IcmpSpec& spec, ProbeResult& result) {
  auto addresses = literal_address(spec.host, spec.family);
  if (addresses.empty()) {
    auto lookup =
        look_up(run, tools.resolver, spec.host, spec.family, result.phases, result.stamps);
    addresses = co_await std::move(lookup);
  }
  if (addresses.failure) co_return addresses.failure;
  EchoSeries series(run, spec);
  auto failure = series.begin(tools.icmp, addresses.list);
  result.address = address_text(series.target());
  if (failure) co_return failure;
  if (!series.complete()) {
    auto echoing = series.run();
    co_await std::move(echoing);
  }
  result.icmp = detail_of(series.echoes(), result.stamps);
  result.icmp->late = series.take_late();
  failure = run.stop.requested() ? stopped_failure()
                                 : judge_echoes(spec, series.echoes(), series.local());
  const auto lost = result.icmp->sent - result.icmp->received;
  if (!failure && exceeds(lost, result.icmp->sent, spec.warn_loss)) {
    add_warning(result, "icmp_loss: " + loss_text(lost, result.icmp->sent));
  }
  co_return failure;
}

}  // namespace nines::probes
