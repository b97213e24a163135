// SPDX-License-Identifier: Apache-2.0
#include "tests/proto/random_batch.h"

#include <zstd.h>

#include <algorithm>

#include "base/hash.h"
#include "proto/batch.pb.h"

namespace nines::proto {
namespace {

bool maybe(Random& random) { return random.below(2) == 0; }

// Mostly like a real duration, now and then an extreme.
std::int64_t some_us(Random& random) {
  switch (random.below(20)) {
    case 0:
      return 0;
    case 1:
      return INT64_MAX - 1;
    default:
      return static_cast<std::int64_t>(random.below(2'000'000));
  }
}

std::optional<std::int64_t> maybe_us(Random& random) {
  if (random.below(4) == 0) return std::nullopt;
  return some_us(random);
}

std::string some_text(Random& random, std::size_t longest) {
  static constexpr std::string_view kAlphabet = "abcdefgh .:/[]0123456789";
  std::string text;
  for (auto n = random.below(longest + 1); n > 0; --n) {
    text += kAlphabet[random.below(kAlphabet.size())];
  }
  return text;
}

template <std::size_t N>
std::array<std::uint8_t, N> some_bytes(Random& random) {
  std::array<std::uint8_t, N> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  return bytes;
}

Phases some_phases(Random& random) {
  return {maybe_us(random), maybe_us(random), maybe_us(random), maybe_us(random), maybe_us(random)};
}

HttpDetail some_http(Random& random) {
  HttpDetail d;
  if (maybe(random)) d.status = static_cast<int>(100 + random.below(500));
  d.version = maybe(random) ? "1.1" : "2";
  for (auto n = random.below(3); n > 0; --n) {
    d.hops.push_back({"https://" + some_text(random, 30), static_cast<int>(random.below(600)),
                      some_text(random, 20), some_phases(random)});
  }
  d.wire_bytes = some_us(random);
  d.body_bytes = some_us(random);
  return d;
}

TlsDetail some_tls(Random& random) {
  TlsDetail d;
  d.version = maybe(random) ? "TLSv1.3" : "";
  if (maybe(random)) d.expires = WallTime{static_cast<std::int64_t>(random.next() >> 1)};
  if (maybe(random)) d.chain_expires = WallTime{-static_cast<std::int64_t>(random.next() >> 2)};
  d.verified = maybe(random);
  return d;
}

IcmpDetail some_icmp(Random& random) {
  IcmpDetail d;
  d.sent = static_cast<int>(random.below(5));
  d.received = static_cast<int>(random.below(static_cast<std::uint64_t>(d.sent) + 1));
  d.duplicates = static_cast<int>(random.below(3));
  d.reordered = static_cast<int>(random.below(3));
  d.late = static_cast<int>(random.below(2));
  if (maybe(random)) d.ttl = static_cast<int>(random.below(256));
  for (int i = 0; i < d.received; ++i) d.rtt_us.push_back(some_us(random));
  return d;
}

DnsDetail some_dns(Random& random) {
  DnsDetail d;
  d.rcode = maybe(random) ? "NOERROR" : "";
  d.authoritative = maybe(random);
  d.authenticated = maybe(random);
  d.truncated = maybe(random);
  for (auto n = random.below(4); n > 0; --n) d.answers.push_back(some_text(random, 60));
  return d;
}

ExecDetail some_exec(Random& random) {
  ExecDetail d;
  if (maybe(random)) d.exit = static_cast<int>(random.below(256));
  d.perfdata = some_text(random, 60);
  return d;
}

Reason some_reason(Random& random) {
  static const std::vector<Reason> kReasons = {
#define X(identifier, number, outcome) Reason::identifier,
      NINES_REASONS(X)
#undef X
  };
  return kReasons[random.below(kReasons.size())];
}

AgentEvent some_event(Random& random) {
  AgentEvent event;
  event.kind = static_cast<EventKind>(1 + random.below(8));
  event.wall = {static_cast<std::int64_t>(random.next())};
  event.boot = {static_cast<std::int64_t>(random.next() >> 1)};
  event.duration = Duration(static_cast<std::int64_t>(random.next()));
  event.text = some_text(random, 40);
  event.clean = maybe(random);
  if (maybe(random)) event.link = std::string("\0\xff\x80 bytes", 9);
  event.lost_first = random.next();
  event.lost_last = random.next();
  return event;
}

BatchHeader some_header(Random& random) {
  BatchHeader h;
  h.agent = "edge-" + std::to_string(random.below(1000));
  h.epoch = some_bytes<16>(random);
  h.number = 1 + random.below(1'000'000);
  h.last_number = h.number;
  h.previous_hash = some_bytes<32>(random);
  h.first_seq = 1 + random.below(1'000'000);
  h.sealed.wall = {static_cast<std::int64_t>(random.next())};
  h.sealed.boot = {static_cast<std::int64_t>(random.next() >> 1)};
  h.boot_id = some_bytes<16>(random);
  h.sync = {maybe(random), Duration(static_cast<std::int64_t>(random.below(1'000'000'000)))};
  h.clock_ahead = Duration(static_cast<std::int64_t>(random.next()) >> 20);
  h.clock_bound = Duration(static_cast<std::int64_t>(random.below(1'000'000'000)));
  h.public_key = test_key().public_key();
  h.table_digest = some_bytes<32>(random);
  h.version = "0.1.0";
  return h;
}

std::string compressed(const std::string& raw) {
  std::string out(ZSTD_compressBound(raw.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 3));
  return out;
}

std::string signed_again(wire::SealedBatch& sealed, const wire::BatchHeader& header) {
  sealed.set_header(header.SerializeAsString());
  const auto hash = sha256({as_bytes("nines-batch-v1"), as_bytes(sealed.header())});
  const auto signature = test_key().sign(hash);
  sealed.set_signature(std::string(signature.begin(), signature.end()));
  return sealed.SerializeAsString();
}

void set_body(wire::SealedBatch& sealed,
              wire::BatchHeader& header,
              const std::string& frame,
              std::size_t size) {
  sealed.set_body(frame);
  const auto digest = sha256(as_bytes(frame));
  header.set_body_digest(std::string(digest.begin(), digest.end()));
  header.set_body_size(static_cast<std::uint32_t>(size));
}

}  // namespace

SigningKey test_key() {
  static const SigningKey key =
      *SigningKey::from_seed(as_bytes("0123456789abcdef0123456789abcdef"));
  return key;
}

Result random_result(Random& random) {
  Result r;
  if (random.below(6) == 0) {  // not run
    r.span = 1 + static_cast<std::int64_t>(random.below(1000));
    r.probe.reason = maybe(random) ? Reason::agent_overlap : Reason::agent_stopped;
    return r;
  }
  r.late_us = some_us(random);
  auto& p = r.probe;
  p.reason = some_reason(random);
  p.outcome = static_cast<Outcome>(random.below(3));
  p.detail = some_text(random, random.below(8) == 0 ? kMaxText : 20);
  p.address = maybe(random) ? "192.0.2.1:443" : "";
  p.total_us = maybe_us(random);
  p.phases = {maybe_us(random), maybe_us(random), maybe_us(random), maybe_us(random),
              maybe_us(random)};
  if (maybe(random)) p.http = some_http(random);
  if (maybe(random)) p.tls = some_tls(random);
  if (maybe(random)) p.icmp = some_icmp(random);
  if (maybe(random)) p.dns = some_dns(random);
  if (maybe(random)) p.exec = some_exec(random);
  if (maybe(random)) p.grpc_status = some_text(random, 12);
  if (maybe(random)) p.step = static_cast<int>(1 + random.below(32));
  p.stamps = static_cast<Stamps>(random.below(4));
  for (auto n = random.below(3); n > 0; --n) p.warnings.push_back(some_text(random, 40));
  for (auto n = random.below(3); n > 0; --n) {
    p.addresses.push_back(
        {some_text(random, 20), some_reason(random), maybe_us(random), some_phases(random)});
  }
  return r;
}

CheckTable random_table(Random& random, std::size_t checks) {
  CheckTable table;
  table.config_digest = some_bytes<32>(random);
  for (auto n = random.below(5); n > 0; --n) {
    table.labels["l" + std::to_string(n)] = some_text(random, 9);
  }
  for (std::size_t i = 0; i < checks; ++i) {
    CheckEntry check;
    check.name = "check-" + std::to_string(i);
    check.kind = static_cast<CheckKind>(1 + random.below(3));
    check.target = "tcp://" + some_text(random, 30);
    check.grid.every = milliseconds(1 + static_cast<std::int64_t>(random.below(100'000)));
    check.grid.phase = Duration(static_cast<std::int64_t>(
        random.below(static_cast<std::uint64_t>(check.grid.every.count()))));
    check.timeout = milliseconds(static_cast<std::int64_t>(random.below(100'000)));
    check.priority = 1 + static_cast<int>(random.below(9));
    for (auto n = random.below(5); n > 0; --n) {
      check.labels["k" + std::to_string(random.below(100))] = some_text(random, 9);
    }
    check.canonical = "{\"n\":" + std::to_string(i) + "}";
    table.checks.push_back(std::move(check));
  }
  return table;
}

MadeBatch random_batch(Random& random, std::size_t checks, std::size_t results) {
  MadeBatch made;
  made.header = some_header(random);
  std::vector<std::int64_t> next_slot(checks);
  for (auto& slot : next_slot) slot = static_cast<std::int64_t>(random.next()) >> 8;
  std::vector<CheckResults> series(checks);
  const auto count = random.below(results + 1);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto check = random.below(checks);
    auto r = random_result(random);
    r.seq = made.header.first_seq + i;
    r.slot =
        next_slot[check] + static_cast<std::int64_t>(random.below(3) == 0 ? random.below(9) : 0);
    next_slot[check] = r.slot + r.span;
    series[check].check = static_cast<std::uint32_t>(check);
    series[check].results.push_back(std::move(r));
  }
  for (auto& s : series) {
    if (!s.results.empty()) made.body.series.push_back(std::move(s));
  }
  made.header.result_count = count;
  if (maybe(random)) {
    made.body.table = encode_table(random_table(random, checks));
    made.header.table_digest = sha256(as_bytes(*made.body.table));
  }
  for (auto n = random.below(4); n > 0; --n) made.body.events.push_back(some_event(random));
  return made;
}

MadeBatch random_gap_batch(Random& random) {
  MadeBatch made;
  made.header = some_header(random);
  made.header.last_number = made.header.number + random.below(1000);
  made.header.resume_hash = some_bytes<32>(random);
  Gap gap;
  gap.cause = "spool_full";
  gap.batches = made.header.last_number - made.header.number + 1;
  gap.first_seq = made.header.first_seq;
  gap.results = 1 + random.below(100'000'000);
  gap.last_seq = gap.first_seq + gap.results - 1;
  gap.from = {static_cast<std::int64_t>(random.next() >> 2)};
  gap.to = gap.from + seconds(static_cast<std::int64_t>(random.below(86'400)));
  for (std::uint64_t i = random.below(20); i > 0; --i) {
    gap.checks.push_back({"check-" + std::to_string(i), random.next(), random.next(), random.next(),
                          static_cast<std::int64_t>(random.next()),
                          static_cast<std::int64_t>(random.next()),
                          static_cast<std::uint32_t>(random.next())});
  }
  made.body.gap = std::move(gap);
  made.body.table = encode_table(random_table(random, 3));
  made.header.table_digest = sha256(as_bytes(*made.body.table));
  return made;
}

MadeBatch small_batch() {
  MadeBatch made;
  auto& h = made.header;
  h.agent = "edge-042";
  std::fill(h.epoch.begin(), h.epoch.end(), 0xE0);
  h.number = 1;
  h.last_number = 1;
  h.first_seq = 1;
  h.result_count = 4;
  h.sealed.wall = *parse_rfc3339("2026-11-23T08:00:30Z");
  h.sealed.boot = {3'600'000'000'000};
  std::fill(h.boot_id.begin(), h.boot_id.end(), 0xB0);
  h.sync = {true, milliseconds(2)};
  h.clock_ahead = microseconds(-350);
  h.clock_bound = milliseconds(1);
  h.public_key = test_key().public_key();
  h.version = "0.1.0";

  CheckTable table;
  table.checks.push_back({"db", CheckKind::tcp, "tcp://db.internal:5432",
                          SlotGrid{seconds(10), milliseconds(1234)}, seconds(5), 5,
                          Labels{{"service", "shop"}}, "{\"tcp\":\"db.internal:5432\"}"});
  table.checks.push_back({"gateway", CheckKind::icmp, "icmp://192.0.2.1",
                          SlotGrid{seconds(30), milliseconds(0)}, seconds(5), 5, Labels{},
                          "{\"icmp\":\"192.0.2.1\"}"});
  made.body.table = encode_table(table);
  h.table_digest = sha256(as_bytes(*made.body.table));

  Result up;
  up.seq = 1;
  up.slot = 179'539'200;
  up.late_us = 120;
  up.probe = ProbeResult{Outcome::up, Reason::ok, "", 812, {}, "192.0.2.10:5432", {}, {}, {}};
  up.probe.phases.connect_us = 790;
  Result down = up;
  down.seq = 2;
  down.slot += 1;
  down.late_us = 95;
  down.probe.outcome = Outcome::down;
  down.probe.reason = Reason::connect_refused;
  down.probe.detail = "connection refused";
  down.probe.total_us = 301;
  down.probe.phases.connect_us.reset();
  Result not_run;
  not_run.seq = 4;
  not_run.slot = down.slot + 1;
  not_run.span = 2;
  not_run.probe.reason = Reason::agent_suspended;
  made.body.series.push_back({0, {up, down, not_run}});

  Result echo;
  echo.seq = 3;
  echo.slot = 59'846'400;
  echo.late_us = 40;
  echo.probe = ProbeResult{Outcome::up, Reason::ok, "", 401'000, {}, "192.0.2.1", {}, {}, {}};
  echo.probe.icmp = IcmpDetail{.sent = 3, .received = 2, .duplicates = 0, .rtt_us = {512, 498}};
  made.body.series.push_back({1, {echo}});

  AgentEvent boot;
  boot.kind = EventKind::boot;
  boot.wall = h.sealed.wall - seconds(30);
  boot.boot = h.sealed.boot - seconds(30);
  boot.clean = true;
  made.body.events.push_back(boot);
  return made;
}

std::string resealed(const MadeBatch& made,
                     const std::function<void(wire::BatchHeader&)>& change_header,
                     const std::function<void(wire::BatchBody&)>& change_body) {
  wire::SealedBatch sealed;
  wire::BatchHeader header;
  wire::BatchBody body;
  sealed.ParseFromString(seal(made.header, made.body, test_key()).bytes);
  header.ParseFromString(sealed.header());
  std::string raw(header.body_size(), '\0');
  ZSTD_decompress(raw.data(), raw.size(), sealed.body().data(), sealed.body().size());
  body.ParseFromString(raw);
  if (change_body) change_body(body);
  raw = body.SerializeAsString();
  set_body(sealed, header, compressed(raw), raw.size());
  if (change_header) change_header(header);
  return signed_again(sealed, header);
}

std::string sealed_with_frame(const MadeBatch& made, const std::string& frame, std::size_t size) {
  wire::SealedBatch sealed;
  wire::BatchHeader header;
  sealed.ParseFromString(seal(made.header, made.body, test_key()).bytes);
  header.ParseFromString(sealed.header());
  set_body(sealed, header, frame, size);
  return signed_again(sealed, header);
}

}  // namespace nines::proto
