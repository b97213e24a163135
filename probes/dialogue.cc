// SPDX-License-Identifier: Apache-2.0
#include "probes/dialogue.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "probes/connector.h"
#include "probes/failure.h"
#include "probes/starttls.h"
#include "probes/stream_opening.h"

namespace nines::probes {

std::optional<std::string> fill_in(const std::string& text, const Groups& groups) {
  if (text.find("${") == std::string::npos) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size() && out.size() <= kMaxSent;) {
    const auto rest = std::string_view(text).substr(at);
    if (rest.starts_with("$${")) {
      out += "${";
      at += 3;
    } else if (rest.size() >= 4 && rest.starts_with("${") && rest[2] >= '1' && rest[2] <= '9' &&
               rest[3] == '}') {
      out += groups[static_cast<std::size_t>(rest[2] - '0')];
      at += 4;
    } else {
      out += text[at++];
    }
  }
  if (out.size() > kMaxSent) return std::nullopt;
  return out;
}

Dialogue::Dialogue(Run& run,
                   Tools tools,
                   const TcpSpec& spec,
                   ByteStream& stream,
                   TlsWitness& witness,
                   ProbeResult& result)
    : run_(run),
      tools_(tools),
      spec_(spec),
      stream_(stream),
      witness_(witness),
      result_(result),
      inbox_(run, stream),
      started_(run.clock.boot()) {}

// The dialogue's own time: handshakes in the middle of it have their phase.
void Dialogue::report(bool failed) {
  const auto now = run_.clock.boot();
  auto& phases = result_.phases;
  const auto first = inbox_.first_byte();
  const auto asked = inbox_.asked();
  const auto begun = asked.value_or(started_ + tls_before_);
  if (expecting_ || first) add_phase(phases.first_byte_us, first.value_or(now) - begun);
  if (!first) return;
  const auto end = failed ? now : inbox_.last_byte().value_or(now);
  add_phase(phases.transfer_us, end - *first - tls_after_);
  note_stamp(result_.stamps, stream_.arrived() && (asked || !inbox_.has_sent()));
}

Failure Dialogue::failure_of(const IoResult& io, const std::string& name) const {
  const auto so_far = excerpt(inbox_.bytes());
  switch (io.status) {
    case IoStatus::ok:
      return {};
    case IoStatus::closed:
      if (expecting_ && !inbox_.bytes().empty()) {
        return {Reason::tcp_expect, name + ": " + io.detail + " after " + so_far};
      }
      return {Reason::tcp_closed, name + ": " + io.detail};
    case IoStatus::timed_out:
      return {Reason::tcp_timeout, name + ": no match in time in " + so_far};
    case IoStatus::stopped:
      return stopped_failure();
    case IoStatus::tls_error:
      return {Reason::tls_handshake, name + ": TLS: " + io.detail};
    case IoStatus::reset:
    case IoStatus::failed:  // the network broke an open connection
      break;
  }
  return {Reason::tcp_reset, name + ": " + io.detail};
}

bool Dialogue::take_match(const re2::RE2& pattern) {
  const auto& bytes = inbox_.bytes();
  std::array<re2::StringPiece, std::tuple_size_v<Groups>> found;
  const int wanted = std::min(pattern.NumberOfCapturingGroups(), 9) + 1;
  const re2::StringPiece text(bytes);
  if (!pattern.Match(text, 0, text.size(), RE2::UNANCHORED, found.data(), wanted)) return false;
  const auto end = static_cast<std::size_t>(found[0].data() + found[0].size() - bytes.data());
  for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i] = std::string(found[i]);
  inbox_.use(end);
  return true;
}

// Reads at least a byte. A big answer is searched again and again: each time after it has grown by
// a quarter or nothing more is there, and not more often than every so many milliseconds, so that
// neither a flood nor a drip can buy more than a share of the loop's time.
Task<IoResult> Dialogue::more() {
  constexpr std::size_t kSmall = 4096;
  if (end_) co_return *end_;
  const auto before = inbox_.bytes().size();
  if (before > kSmall) {
    const auto rest = milliseconds(2) * static_cast<std::int64_t>(1 + before / (64 << 10));
    const auto until = std::min(run_.clock.boot() + rest, run_.deadline);
    auto pause = sleep_until(run_.io, run_.clock, until, run_.stop);
    co_await std::move(pause);
  }
  IoResult io;
  do {
    auto read = inbox_.more();
    io = co_await std::move(read);
  } while (io.status == IoStatus::ok && inbox_.has_more() &&
           inbox_.bytes().size() < before + std::max(kSmall, before / 4));
  if (io.status != IoStatus::ok && inbox_.bytes().size() > before) {
    end_ = std::move(io);  // what came before the end may hold the match
    io = IoResult();
    io.status = IoStatus::ok;
  }
  co_return io;
}

Task<Failure> Dialogue::expect(const std::string& pattern, std::string name) {
  const auto compiled = tools_.patterns.get(pattern, Patterns::Kind::bytes);
  Failure failure;
  if (compiled == nullptr) {
    failure.reason = Reason::agent_configuration;
    failure.detail = name + ": the pattern does not compile";
    co_return failure;
  }
  expecting_ = true;
  while (!take_match(*compiled)) {
    if (inbox_.bytes().size() > kMaxDialogue) {
      failure.reason = Reason::tcp_too_large;
      failure.detail = name + ": no match in the first 2 MiB";
      co_return failure;
    }
    auto reading = more();
    const auto io = co_await std::move(reading);
    if (io.status != IoStatus::ok) co_return failure_of(io, name);
  }
  co_return failure;
}

Task<Failure> Dialogue::expect_bytes(const std::string& bytes, std::string name) {
  Failure failure;
  expecting_ = true;
  for (;;) {
    const auto& got = inbox_.bytes();
    const auto common = std::min(got.size(), bytes.size());
    if (got.compare(0, common, bytes, 0, common) != 0) {
      failure.reason = Reason::tcp_expect;
      failure.detail = name + ": other bytes came: " + excerpt(got);
      co_return failure;
    }
    if (common == bytes.size()) break;
    auto reading = more();
    const auto io = co_await std::move(reading);
    if (io.status != IoStatus::ok) co_return failure_of(io, name);
  }
  inbox_.use(bytes.size());
  co_return failure;
}

Task<Failure> Dialogue::send(const std::string& text, std::string name) {
  const auto bytes = fill_in(text, groups_);
  Failure failure;
  if (!bytes) {
    failure.reason = Reason::tcp_too_large;
    failure.detail = name + ": what the groups hold makes more than 128 KiB to send";
    co_return failure;
  }
  auto write = inbox_.send(*bytes);
  const auto io = co_await std::move(write);
  failure = failure_of(io, name);
  if (failure.reason == Reason::tcp_timeout) failure.detail = name + ": not sent in time";
  co_return failure;
}

Task<Failure> Dialogue::handshake() {
  inbox_.forget();  // what came in clear is no word of the verified server
  const auto start = run_.clock.boot();
  auto task =
      secure(run_, tools_, spec_.tls.value_or(TlsSpec{}), spec_.host, stream_, witness_, result_);
  auto failure = co_await std::move(task);
  (inbox_.first_byte() ? tls_after_ : tls_before_) += run_.clock.boot() - start;
  co_return failure;
}

Task<Failure> Dialogue::one(const TcpStep& step, std::string name) {
  Failure failure;
  switch (step.kind) {
    case TcpStep::Kind::send: {
      auto task = send(step.bytes, std::move(name));
      failure = co_await std::move(task);
      break;
    }
    case TcpStep::Kind::expect: {
      auto task = expect(step.bytes, std::move(name));
      failure = co_await std::move(task);
      break;
    }
    case TcpStep::Kind::expect_bytes: {
      auto task = expect_bytes(step.bytes, std::move(name));
      failure = co_await std::move(task);
      break;
    }
    case TcpStep::Kind::starttls: {
      auto task = handshake();
      failure = co_await std::move(task);
      break;
    }
  }
  co_return failure;
}

Task<Failure> Dialogue::speak_all() {
  Failure failure;
  const bool by_step = std::any_of(spec_.steps.begin(), spec_.steps.end(), [](const TcpStep& step) {
    return step.kind == TcpStep::Kind::starttls;
  });
  if (spec_.starttls != StartTls::none) {
    expecting_ = true;
    auto ask = ask_for_tls(spec_.starttls, inbox_);
    failure = co_await std::move(ask);
  }
  const bool upgraded = spec_.starttls != StartTls::none || (spec_.tls && !by_step);
  if (upgraded && !failure) {
    auto task = handshake();
    failure = co_await std::move(task);
  }
  for (std::size_t i = 0; i < spec_.steps.size() && !failure; ++i) {
    const int number = static_cast<int>(i) + 1;
    auto step = one(spec_.steps[i], "step " + std::to_string(number));
    failure = co_await std::move(step);
    if (failure) result_.step = number;
  }
  co_return failure;
}

Task<Failure> Dialogue::speak() {
  auto all = speak_all();
  auto failure = co_await std::move(all);
  report(static_cast<bool>(failure));
  co_return failure;
}

}  // namespace nines::probes
