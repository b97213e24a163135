// SPDX-License-Identifier: Apache-2.0
#include "probes/dns_probe.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/random.h"
#include "model/dns_names.h"
#include "probes/connector.h"
#include "probes/datagram.h"
#include "probes/limits.h"
#include "probes/stream_opening.h"

namespace nines::probes {
namespace {

constexpr std::size_t kLargestMessage = 64 << 10;  // of a message

DnsQuery query_of(const DnsSpec& spec) {
  DnsQuery query;
  query.name = spec.name;
  query.type = dns_type_number(spec.type).value_or(1);
  query.want_authenticated = spec.authenticated.has_value();
  std::array<std::uint8_t, 2> random{};
  fill_entropy(random);
  query.id = get_le<std::uint16_t>(random.data());
  return query;
}

bool matches(const re2::RE2& pattern, const std::string& line) {
  return re2::RE2::PartialMatch(line, pattern);
}

Failure bad_pattern() { return {Reason::agent_configuration, "a pattern does not compile"}; }

Failure judge_records(const PatternSpec& wanted,
                      const std::vector<std::string>& records,
                      Patterns& patterns) {
  for (const auto& text : wanted.matches) {
    const auto pattern = patterns.get(text, Patterns::Kind::text);
    if (pattern == nullptr) return bad_pattern();
    if (std::any_of(records.begin(), records.end(),
                    [&](const auto& line) { return matches(*pattern, line); })) {
      continue;
    }
    const auto what = records.empty() ? std::string("no answer")
                                      : "the answer \"" + records.back().substr(0, 80) + "\"";
    return {Reason::dns_answer,
            what + (records.empty() ? ", wanted \"" : " does not match \"") + text + "\""};
  }
  for (const auto& text : wanted.not_matches) {
    const auto pattern = patterns.get(text, Patterns::Kind::text);
    if (pattern == nullptr) return bad_pattern();
    for (const auto& line : records) {
      if (!matches(*pattern, line)) continue;
      return {Reason::dns_answer,
              "the answer \"" + line.substr(0, 80) + "\" matches \"" + text + "\""};
    }
  }
  return {};
}

Failure judge_flag(const char* name, std::optional<bool> wanted, bool is_set) {
  if (!wanted || *wanted == is_set) return {};
  return {Reason::dns_flags,
          std::string("the flag ") + name + (is_set ? " is set" : " is not set")};
}

// What a stream's end means where an answer was due.
Failure stream_failure(const IoResult& io) {
  switch (io.status) {
    case IoStatus::ok:
      return {};
    case IoStatus::closed:
      return {Reason::tcp_closed, "connection closed without an answer"};
    case IoStatus::timed_out:
      return {Reason::dns_timeout, "no answer in time"};
    case IoStatus::stopped:
      return {Reason::agent_stopped, "stopped while running"};
    case IoStatus::tls_error:
      return {Reason::tls_handshake, "TLS: " + io.detail};
    case IoStatus::reset:
    case IoStatus::failed:
      break;
  }
  return {Reason::tcp_reset, io.detail};
}

// One question of one check.
class Asking {
 public:
  Asking(Run& run, Tools tools, const DnsSpec& spec, ProbeResult& result)
      : run_(run), tools_(tools), spec_(spec), result_(result), query_(query_of(spec)) {
    result.dns.emplace();
  }

  Task<Failure> ask();

 private:
  Task<Failure> over_udp();
  Task<Failure> over_stream();
  Task<Failure> speak(ByteStream& stream);
  Task<Failure> read_exactly(ByteStream& stream, std::size_t size);
  Failure judge(ByteView message);
  void tell(const DnsAnswer& answer);

  Run& run_;
  Tools tools_;
  const DnsSpec& spec_;
  ProbeResult& result_;
  DnsQuery query_;
  bool again_over_tcp_ = false;
  std::vector<std::uint8_t> received_;
  std::optional<BootTime> asked_, first_byte_, last_byte_;
};

Task<Failure> Asking::ask() {
  Failure failure;
  if (spec_.transport == DnsTransport::udp) {
    auto udp = over_udp();
    failure = co_await std::move(udp);
    if (failure || !again_over_tcp_) co_return failure;
  }
  auto stream = over_stream();
  failure = co_await std::move(stream);
  co_return failure;
}

Task<Failure> Asking::over_udp() {
  auto lookup =
      look_up(run_, tools_.resolver, spec_.host, spec_.family, result_.phases, result_.stamps);
  auto addresses = co_await std::move(lookup);
  if (addresses.failure) co_return addresses.failure;
  DatagramSocket socket(run_);
  auto failure = socket.open(addresses.list, spec_.port, spec_.source);
  result_.address = socket.address();
  const auto message = encode_query(query_);
  if (!failure) failure = socket.send(message);
  if (failure) co_return failure;
  received_.resize(kLargestMessage);
  for (int ignored = 0;; ++ignored) {
    auto receive = socket.receive(received_);
    const auto got = co_await std::move(receive);
    const auto bytes = ByteView(received_).first(got.size);
    const bool ended = got.failure || got.timed_out;
    if (!ended && !answers(bytes, query_)) continue;
    const auto at = ended ? run_.clock.boot() : got.at;
    add_phase(result_.phases.first_byte_us, at - socket.sent());
    if (got.timed_out) {
      failure.reason = Reason::dns_timeout;
      failure.detail = result_.address + ": no answer in time";
      if (ignored > 0) failure.detail += ", " + std::to_string(ignored) + " foreign datagrams";
      co_return failure;
    }
    if (got.failure) co_return got.failure;
    note_stamp(result_.stamps, socket.kernel_timed());
    failure = judge(bytes);
    co_return failure;
  }
}

Task<Failure> Asking::over_stream() {
  auto open = open_tcp(run_, tools_, target_of(spec_), result_);
  auto opening = co_await std::move(open);
  auto failure = std::move(opening.failure);
  Socket socket(run_.io);
  if (!failure) failure = attach(opening.socket, socket);
  if (failure) co_return failure;
  TlsWitness witness;  // longer than the stream: tickets come after the handshake
  ByteStream stream(run_, std::move(socket));
  if (spec_.transport == DnsTransport::tls) {
    auto handshake = secure(run_, tools_, spec_.tls, spec_.host, stream, witness, result_);
    failure = co_await std::move(handshake);
    if (failure) co_return failure;
  }
  auto task = speak(stream);
  failure = co_await std::move(task);
  const auto now = run_.clock.boot();
  if (asked_) add_phase(result_.phases.first_byte_us, first_byte_.value_or(now) - *asked_);
  if (first_byte_) {
    add_phase(result_.phases.transfer_us, last_byte_.value_or(now) - *first_byte_);
  }
  co_return failure;
}

// Messages in a stream follow their length (RFC 1035 section 4.2.2). Nobody but the server can
// speak here: an answer to something else is a fault of its own.
Task<Failure> Asking::speak(ByteStream& stream) {
  const auto message = encode_query(query_);
  std::string framed{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())};
  framed += as_text(message);
  asked_ = run_.clock.boot();
  auto write = stream.write_all(framed);
  const auto written = co_await std::move(write);
  auto failure = stream_failure(written);
  if (failure) co_return failure;
  received_.clear();
  auto read_length = read_exactly(stream, 2);
  failure = co_await std::move(read_length);
  if (failure) co_return failure;
  const auto size = static_cast<std::size_t>(received_[0] << 8 | received_[1]);
  auto read_message = read_exactly(stream, 2 + size);
  failure = co_await std::move(read_message);
  if (failure) co_return failure;
  note_stamp(result_.stamps, stream.sent() && stream.arrived());
  const auto answer = ByteView(received_).subspan(2);
  if (!answers(answer, query_)) {
    failure.reason = Reason::dns_malformed;
    failure.detail = "what came does not answer the question";
    co_return failure;
  }
  failure = judge(answer);
  co_return failure;
}

Task<Failure> Asking::read_exactly(ByteStream& stream, std::size_t size) {
  while (received_.size() < size) {
    std::array<char, 4096> buffer;
    const auto wanted = std::min(buffer.size(), size - received_.size());
    auto read = stream.read_some(std::span(buffer).first(wanted));
    const auto io = co_await std::move(read);
    if (io.status != IoStatus::ok) {
      auto failure = stream_failure(io);
      if (!received_.empty()) failure.detail += ", " + std::to_string(received_.size()) + " bytes";
      co_return failure;
    }
    last_byte_ = stream.arrived().value_or(run_.clock.boot());
    if (!first_byte_) {
      first_byte_ = last_byte_;
      asked_ = stream.sent().value_or(*asked_);
    }
    const auto bytes = as_bytes({buffer.data(), io.bytes});
    received_.insert(received_.end(), bytes.begin(), bytes.end());
  }
  co_return Failure{};
}

Failure Asking::judge(ByteView message) {
  const auto answer = decode_answer(message, query_);
  if (!answer) return {Reason::dns_malformed, "the answer does not parse"};
  tell(*answer);
  if (answer->truncated && spec_.transport == DnsTransport::udp && !again_over_tcp_) {
    again_over_tcp_ = true;
    return {};
  }
  return judge_dns(spec_, *answer, tools_.patterns);
}

void Asking::tell(const DnsAnswer& answer) {
  auto& told = *result_.dns;
  told.rcode = dns_rcode_name(answer.rcode);
  told.authoritative = answer.authoritative;
  told.authenticated = answer.authenticated;
  told.truncated = told.truncated || answer.truncated;
  told.answers.clear();
  for (const auto& line : answer.records) {
    if (told.answers.size() == kMaxAnswers) break;
    told.answers.push_back(cut_text(line));
  }
  // What the check does not say must be there is not down without it, but worth a word.
  const bool plain = spec_.rcode == "NOERROR" && spec_.answer.empty();
  if (plain && answer.rcode == 0 && !answer.has_type && !answer.truncated) {
    add_warning(result_, "the answer has no record of type " + spec_.type);
  }
}

}  // namespace

Failure judge_dns(const DnsSpec& spec, const DnsAnswer& answer, Patterns& patterns) {
  const auto wanted = dns_rcode_number(spec.rcode);
  if (!wanted) return {Reason::agent_configuration, spec.rcode + " is no code of DNS answers"};
  if (answer.rcode != *wanted) {
    auto detail = "answered " + dns_rcode_name(answer.rcode) + ", expected " + spec.rcode;
    if (!answer.extended_error.empty()) detail += "; extended error " + answer.extended_error;
    return {Reason::dns_rcode, std::move(detail)};
  }
  auto failure = judge_flag("AA (authoritative)", spec.authoritative, answer.authoritative);
  if (!failure) {
    failure = judge_flag("AD (authenticated)", spec.authenticated, answer.authenticated);
  }
  if (!failure) failure = judge_records(spec.answer, answer.records, patterns);
  return failure;
}

Task<Failure> run_dns(Run& run, Tools tools, const DnsSpec& spec, ProbeResult& result) {
  Asking asking(run, tools, spec, result);
  auto task = asking.ask();
  auto failure = co_await std::move(task);
  co_return failure;
}

}  // namespace nines::probes
