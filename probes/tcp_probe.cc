// SPDX-License-Identifier: Apache-2.0
#include "probes/tcp_probe.h"

#include <re2/re2.h>

#include <array>
#include <utility>

#include "probes/byte_stream.h"
#include "probes/connector.h"

namespace nines::probes {
namespace {

// The part of an unmatched answer that a reason quotes.
std::string excerpt(const std::string& received) {
  if (received.empty()) return "nothing";
  return "\"" + received.substr(0, 60) + (received.size() > 60 ? "…\"" : "\"");
}

class Dialogue {
 public:
  Dialogue(Run& run, ByteStream& stream, Patterns& patterns)
      : run_(run), stream_(stream), patterns_(patterns), asked_(run.clock.boot()) {}

  // `steps` must outlive the call.
  Task<Failure> speak(const std::vector<TcpStep>& steps);

  void report(Phases& phases) const;

 private:
  Task<Failure> expect(const std::string& pattern, std::string step);
  Failure failure_of(const IoResult& result, const std::string& step) const;
  bool take_match(const re2::RE2& pattern);

  Run& run_;
  ByteStream& stream_;
  Patterns& patterns_;
  BootTime asked_;  // the last bytes sent before the first answer, or the start
  bool sent_ = false;
  std::optional<BootTime> first_byte_, last_byte_;
  bool expecting_ = false;
  std::string received_;  // since the end of the last match
};

void Dialogue::report(Phases& phases) const {
  const auto now = run_.clock.boot();
  if (expecting_) add_phase(phases.first_byte_us, first_byte_.value_or(now) - asked_);
  if (first_byte_) add_phase(phases.transfer_us, last_byte_.value_or(now) - *first_byte_);
}

Failure Dialogue::failure_of(const IoResult& result, const std::string& step) const {
  const auto so_far = step + ": " + result.detail + " after " + excerpt(received_);
  switch (result.status) {
    case IoStatus::ok:
      return {};
    case IoStatus::closed:
      if (expecting_ && !received_.empty()) return {Reason::tcp_expect, so_far};
      return {Reason::tcp_closed, step + ": " + result.detail};
    case IoStatus::reset:
      return {Reason::tcp_reset, step + ": " + result.detail};
    case IoStatus::timed_out:
      return {Reason::tcp_timeout, step + ": no match in time in " + excerpt(received_)};
    case IoStatus::stopped:
      return {Reason::agent_stopped, "stopped while running"};
    case IoStatus::tls_error:
      return {Reason::tls_handshake, step + ": TLS: " + result.detail};
    case IoStatus::failed:
      break;
  }
  // The network broke an open connection (a route or a host that went away).
  return {Reason::tcp_reset, step + ": " + result.detail};
}

bool Dialogue::take_match(const re2::RE2& pattern) {
  re2::StringPiece match;
  const re2::StringPiece text(received_);
  if (!pattern.Match(text, 0, text.size(), RE2::UNANCHORED, &match, 1)) return false;
  const auto end = static_cast<std::size_t>(match.data() + match.size() - received_.data());
  received_.erase(0, end);
  return true;
}

Task<Failure> Dialogue::expect(const std::string& pattern, std::string step) {
  const auto compiled = patterns_.get(pattern, Patterns::Kind::bytes);
  Failure failure;
  if (compiled == nullptr) {
    failure.reason = Reason::agent_configuration;
    failure.detail = step + ": the pattern does not compile";
    co_return failure;
  }
  expecting_ = true;
  std::array<char, 4096> buffer;
  while (!take_match(*compiled)) {
    if (received_.size() > kMaxDialogue) {
      failure.reason = Reason::tcp_too_large;
      failure.detail = step + ": no match in the first 64 KiB";
      co_return failure;
    }
    if (received_.size() > buffer.size()) {
      // A peer that drips must not have the whole buffer searched again for every byte.
      auto pause = sleep_until(run_.io, run_.clock, run_.clock.boot() + milliseconds(2), run_.stop);
      co_await std::move(pause);
    }
    auto read = stream_.read_some(buffer);
    const auto result = co_await std::move(read);
    if (result.status != IoStatus::ok) co_return failure_of(result, step);
    last_byte_ = stream_.arrived();
    if (!first_byte_) {
      first_byte_ = last_byte_.value_or(run_.clock.boot());
      if (const auto sent = stream_.sent(); sent && sent_) asked_ = *sent;
    }
    received_.append(buffer.data(), result.bytes);
  }
  co_return failure;
}

Task<Failure> Dialogue::speak(const std::vector<TcpStep>& steps) {
  Failure failure;
  for (std::size_t i = 0; i < steps.size() && !failure; ++i) {
    const auto step = "step " + std::to_string(i + 1);
    if (steps[i].kind == TcpStep::Kind::expect) {
      auto expected = expect(steps[i].bytes, step);
      failure = co_await std::move(expected);
    } else {
      auto write = stream_.write_all(steps[i].bytes);
      const auto result = co_await std::move(write);
      sent_ = true;
      failure = failure_of(result, step);
      if (failure.reason == Reason::tcp_timeout) failure.detail = step + ": not sent in time";
    }
  }
  co_return failure;
}

Task<Failure> start_tls(
    Run& run, Tools tools, const TcpSpec& spec, ByteStream& stream, TlsWitness& witness) {
  Failure failure;
  auto context = tools.tls.get(*spec.tls);
  if (!context) {
    failure.reason =
        context.error().code == ENOMEM ? Reason::agent_no_memory : Reason::agent_configuration;
    failure.detail = context.error().message;
    co_return failure;
  }
  witness.skip_verify = spec.tls->skip_verify;
  witness.clock = &run.clock;
  auto handshake = stream.handshake(*context, tls_name(*spec.tls, spec.host), witness);
  failure = co_await std::move(handshake);
  co_return failure;
}

}  // namespace

Task<ProbeResult> run_tcp(Run& run, Tools tools, const TcpSpec& spec) {
  ProbeResult result;
  auto lookup = look_up(run, tools.resolver, spec.host, spec.family, result.phases);
  auto addresses = co_await std::move(lookup);
  Failure failure = std::move(addresses.failure);
  Connection connection;
  if (!failure) {
    auto connect =
        connect_any(run, std::move(addresses.list), spec.port, spec.source, result.phases);
    connection = co_await std::move(connect);
    failure = std::move(connection.failure);
    result.address = connection.address;
    note_stamp(result.stamps, connection.kernel_timed);
  }
  if (!failure) {
    TlsWitness witness;  // longer than the stream: tickets come after the handshake
    ByteStream stream(run, std::move(*connection.socket));
    if (spec.tls) {
      const auto start = run.clock.boot();
      auto handshake = start_tls(run, tools, spec, stream, witness);
      failure = co_await std::move(handshake);
      const auto time = time_of(witness, start, run.clock.boot());
      add_phase(result.phases.tls_us, time.took);
      note_stamp(result.stamps, time.kernel);
      result.tls = witness.detail;
    }
    if (!failure) {
      Dialogue dialogue(run, stream, tools.patterns);
      auto speak = dialogue.speak(spec.steps);
      failure = co_await std::move(speak);
      dialogue.report(result.phases);
    }
  }
  result.reason = failure.reason;
  result.detail = std::move(failure.detail);
  co_return result;
}

}  // namespace nines::probes
