// SPDX-License-Identifier: Apache-2.0
#include "proto/series_codec.h"

#include <algorithm>
#include <map>

#include "proto/batch.pb.h"

namespace nines::proto {
namespace {

using OptionalField = std::optional<std::int64_t> Phases::*;
using Column = google::protobuf::RepeatedField<std::int64_t>;

constexpr std::size_t kMaxRtts = 1000;  // of one ICMP run
constexpr int kMaxHops = 64;
constexpr std::size_t kMaxHopBytes = 2048;
constexpr std::size_t kMaxVersion = 16;
constexpr int kMaxStatus = 999;
constexpr int kMaxDuplicates = 1'000'000;
constexpr std::int64_t kMaxValue = INT64_MAX - 1;  // optional values travel as value+1

std::size_t cost_of(const std::string& hop) { return hop.size() + sizeof(std::string); }

void bound(std::optional<std::int64_t>& value) {
  if (value && (*value < 0 || *value > kMaxValue)) value.reset();
}

void cut(std::string& text, std::size_t longest) {
  if (text.size() > longest) text.resize(longest);
}

void bound_http(HttpDetail& d, std::size_t& hop_room) {
  if (d.status && (*d.status < 1 || *d.status > kMaxStatus)) d.status.reset();
  cut(d.version, kMaxVersion);
  d.wire_bytes = std::max<std::int64_t>(d.wire_bytes, 0);
  d.body_bytes = std::max<std::int64_t>(d.body_bytes, 0);
  std::size_t kept = 0;
  for (auto& hop : d.hops) {
    cut(hop, kMaxHopBytes);
    if (kept == kMaxHops || cost_of(hop) > hop_room) break;
    hop_room -= cost_of(hop);
    ++kept;
  }
  d.hops.resize(kept);
}

void bound_icmp(IcmpDetail& d) {
  d.sent = std::clamp(d.sent, 0, static_cast<int>(kMaxRtts));
  d.duplicates = std::clamp(d.duplicates, 0, kMaxDuplicates);
  std::erase_if(d.rtt_us, [](std::int64_t rtt) { return rtt < 0; });
  if (d.rtt_us.size() > static_cast<std::size_t>(d.sent)) {
    d.rtt_us.resize(static_cast<std::size_t>(d.sent));
  }
  d.received = static_cast<int>(d.rtt_us.size());
}

Result bounded(Result r, std::size_t& hop_room) {
  auto& p = r.probe;
  r.late_us = std::max<std::int64_t>(r.late_us, 0);
  cut(p.detail, kMaxText);
  cut(p.address, kMaxText);
  for (auto* value : {&p.total_us, &p.phases.dns_us, &p.phases.connect_us, &p.phases.tls_us,
                      &p.phases.first_byte_us, &p.phases.transfer_us}) {
    bound(*value);
  }
  if (p.http) bound_http(*p.http, hop_room);
  if (p.tls) cut(p.tls->version, kMaxVersion);
  if (p.icmp) bound_icmp(*p.icmp);
  return r;
}

// Optional values travel as delta of value+1, absent as 0; a column of absent ones is empty.
template <class Get>
void encode_optional(const std::vector<Result>& results, Column* out, Get get) {
  bool any = false;
  for (const auto& r : results) any = any || get(r).has_value();
  if (!any) return;
  out->Reserve(static_cast<int>(results.size()));
  std::int64_t before = 0;
  for (const auto& r : results) {
    const auto value = get(r);
    const std::int64_t now = value ? *value + 1 : 0;
    out->Add(now - before);
    before = now;
  }
}

template <class Set>
bool decode_optional(const Column& in, std::vector<Result>& results, Set set) {
  if (in.empty()) return true;
  if (static_cast<std::size_t>(in.size()) != results.size()) return false;
  std::int64_t now = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (__builtin_add_overflow(now, in.Get(static_cast<int>(i)), &now) || now < 0) return false;
    if (now > 0) set(results[i], now - 1);
  }
  return true;
}

// Texts of a series: each different one once.
class Dictionary {
 public:
  explicit Dictionary(wire::Series& series) : series_(series) {}

  std::uint32_t index_of(const std::string& text) {
    if (text.empty()) return 0;
    const auto [place, fresh] =
        known_.try_emplace(text, static_cast<std::uint32_t>(known_.size() + 1));
    if (fresh) series_.add_text(text);
    return place->second;
  }

 private:
  wire::Series& series_;
  std::map<std::string, std::uint32_t> known_;
};

template <class Get>
void encode_texts(const std::vector<Result>& results,
                  Dictionary& dictionary,
                  google::protobuf::RepeatedField<std::uint32_t>* out,
                  Get get) {
  bool any = false;
  for (const auto& r : results) any = any || !get(r).empty();
  if (!any) return;
  for (const auto& r : results) out->Add(dictionary.index_of(get(r)));
}

template <class Set>
bool decode_texts(const wire::Series& series,
                  const google::protobuf::RepeatedField<std::uint32_t>& in,
                  std::vector<Result>& results,
                  Set set) {
  if (in.empty()) return true;
  if (static_cast<std::size_t>(in.size()) != results.size()) return false;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto index = in.Get(static_cast<int>(i));
    if (index > static_cast<std::uint32_t>(series.text_size())) return false;
    if (index > 0) set(results[i], series.text(static_cast<int>(index - 1)));
  }
  return true;
}

// Runs of equal details: most results of a check look like the one before.
template <class Extra, class Get, class Fill>
void encode_runs(const std::vector<Result>& results,
                 google::protobuf::RepeatedPtrField<Extra>* out,
                 Get get,
                 Fill fill) {
  bool any = false;
  for (const auto& r : results) any = any || get(r).has_value();
  if (!any) return;
  for (std::size_t i = 0; i < results.size();) {
    std::size_t end = i + 1;
    while (end < results.size() && get(results[end]) == get(results[i])) ++end;
    auto* extra = out->Add();
    extra->set_run(static_cast<std::uint32_t>(end - i));
    if (get(results[i])) {
      extra->set_present(true);
      fill(*get(results[i]), *extra);
    }
    i = end;
  }
}

template <class Extra, class Set>
bool decode_runs(const google::protobuf::RepeatedPtrField<Extra>& in,
                 std::vector<Result>& results,
                 Set set) {
  std::size_t at = 0;
  for (const auto& extra : in) {
    if (extra.run() == 0 || extra.run() > results.size() - at) return false;
    for (std::uint32_t i = 0; i < extra.run(); ++i, ++at) {
      if (extra.present() && !set(results[at], extra)) return false;
    }
  }
  return in.empty() || at == results.size();
}

void encode_icmp(const std::vector<Result>& results, wire::Series& out) {
  bool any = false;
  for (const auto& r : results) any = any || r.probe.icmp.has_value();
  if (!any) return;
  auto* icmp = out.mutable_icmp();
  std::int64_t before = 0;
  for (const auto& r : results) {
    const auto& detail = r.probe.icmp;
    icmp->add_sent(detail ? static_cast<std::uint32_t>(detail->sent) + 1 : 0);
    if (!detail) continue;
    icmp->add_received(static_cast<std::uint32_t>(detail->rtt_us.size()));
    icmp->add_duplicates(static_cast<std::uint32_t>(detail->duplicates));
    for (const auto rtt : detail->rtt_us) {
      icmp->add_rtt_us(rtt - before);
      before = rtt;
    }
  }
}

bool decode_icmp(const wire::IcmpExtra& in, std::vector<Result>& results) {
  if (static_cast<std::size_t>(in.sent_size()) != results.size()) return false;
  int detail = 0;
  int rtt = 0;
  std::int64_t now = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto sent = in.sent(static_cast<int>(i));
    if (sent == 0) continue;
    if (detail >= in.received_size() || detail >= in.duplicates_size()) return false;
    const auto received = in.received(detail);
    const auto duplicates = in.duplicates(detail);
    ++detail;
    if (sent - 1 > kMaxRtts || received > sent - 1 || duplicates > kMaxDuplicates ||
        received > static_cast<std::uint32_t>(in.rtt_us_size() - rtt)) {
      return false;
    }
    IcmpDetail d;
    d.sent = static_cast<int>(sent - 1);
    d.received = static_cast<int>(received);
    d.duplicates = static_cast<int>(duplicates);
    for (std::uint32_t n = 0; n < received; ++n, ++rtt) {
      if (__builtin_add_overflow(now, in.rtt_us(rtt), &now) || now < 0) return false;
      d.rtt_us.push_back(now);
    }
    results[i].probe.icmp = std::move(d);
  }
  return detail == in.received_size() && detail == in.duplicates_size() && rtt == in.rtt_us_size();
}

void encode_verdicts(const std::vector<Result>& results, wire::Series& out) {
  const auto verdict = [](const Result& r) {
    return static_cast<std::uint32_t>(r.probe.reason) * 4 +
           static_cast<std::uint32_t>(r.probe.outcome);
  };
  for (std::size_t i = 0; i < results.size();) {
    std::size_t end = i + 1;
    while (end < results.size() && verdict(results[end]) == verdict(results[i])) ++end;
    out.add_verdict(verdict(results[i]));
    out.add_verdict(static_cast<std::uint32_t>(end - i));
    i = end;
  }
}

bool decode_verdicts(const wire::Series& in, std::vector<Result>& results) {
  if (in.verdict_size() % 2 != 0) return false;
  std::size_t at = 0;
  for (int i = 0; i < in.verdict_size(); i += 2) {
    const auto outcome = in.verdict(i) % 4;
    const auto reason = reason_from_number(in.verdict(i) / 4);
    const auto run = in.verdict(i + 1);
    if (outcome > 2 || !reason || run == 0 || run > results.size() - at) return false;
    for (std::uint32_t n = 0; n < run; ++n, ++at) {
      results[at].probe.outcome = static_cast<Outcome>(outcome);
      results[at].probe.reason = *reason;
    }
  }
  return at == results.size();
}

bool decode_identity(const wire::Series& in, std::vector<Result>& results) {
  const bool spans = in.span_size() > 0;
  if ((spans && in.span_size() != in.slot_delta_size()) ||
      in.seq_delta_size() != in.slot_delta_size() || in.late_us_size() != in.slot_delta_size()) {
    return false;
  }
  std::int64_t slot = 0;
  std::int64_t step = 0;
  std::int64_t late = 0;
  std::uint64_t seq = 0;
  std::int64_t free_slot = INT64_MIN;  // the first slot that no earlier record covers
  for (int i = 0; i < in.slot_delta_size(); ++i) {
    auto& r = results[static_cast<std::size_t>(i)];
    const std::uint64_t span = spans ? in.span(i) : 1;
    if (__builtin_add_overflow(step, in.slot_delta(i), &step) ||
        __builtin_add_overflow(slot, step, &slot) ||
        __builtin_add_overflow(late, in.late_us(i), &late) ||
        __builtin_add_overflow(seq, in.seq_delta(i), &seq) || span == 0 ||
        span > (std::uint64_t{1} << 40) || slot < free_slot || in.seq_delta(i) == 0 || late < 0) {
      return false;
    }
    r.slot = slot;
    r.span = static_cast<std::int64_t>(span);
    r.late_us = late;
    r.seq = seq;
    if (__builtin_add_overflow(slot, r.span, &free_slot)) return false;
  }
  return true;
}

void encode_identity(const std::vector<Result>& results, wire::Series& out) {
  bool spans = false;
  for (const auto& r : results) spans = spans || r.span != 1;
  std::int64_t slot = 0;
  std::int64_t step = 0;
  std::int64_t late = 0;
  std::uint64_t seq = 0;
  for (const auto& r : results) {
    out.add_slot_delta(r.slot - slot - step);
    step = r.slot - slot;
    slot = r.slot;
    if (spans) out.add_span(static_cast<std::uint64_t>(r.span));
    out.add_late_us(r.late_us - late);
    late = r.late_us;
    out.add_seq_delta(r.seq - seq);
    seq = r.seq;
  }
}

bool set_http(Result& r, const wire::HttpExtra& extra, std::size_t& hop_room) {
  if (extra.status() > kMaxStatus || extra.version().size() > kMaxVersion ||
      extra.hops_size() > kMaxHops || extra.wire_bytes() > INT64_MAX ||
      extra.body_bytes() > INT64_MAX) {
    return false;
  }
  HttpDetail d;
  if (extra.status() != 0) d.status = static_cast<int>(extra.status());
  d.version = extra.version();
  for (const auto& hop : extra.hops()) {
    if (hop.size() > kMaxHopBytes || cost_of(hop) > hop_room) return false;
    hop_room -= cost_of(hop);
    d.hops.push_back(hop);
  }
  d.wire_bytes = static_cast<std::int64_t>(extra.wire_bytes());
  d.body_bytes = static_cast<std::int64_t>(extra.body_bytes());
  r.probe.http = std::move(d);
  return true;
}

bool set_tls(Result& r, const wire::TlsExtra& extra) {
  if (extra.version().size() > kMaxVersion) return false;
  TlsDetail d;
  d.version = extra.version();
  if (extra.has_expires()) d.expires = WallTime{extra.expires_ns()};
  if (extra.has_chain_expires()) d.chain_expires = WallTime{extra.chain_expires_ns()};
  d.verified = extra.verified();
  r.probe.tls = std::move(d);
  return true;
}

}  // namespace

void encode_series(const std::vector<Result>& made, std::size_t& hop_room, wire::Series& out) {
  std::vector<Result> results;
  results.reserve(made.size());
  for (const auto& r : made) results.push_back(bounded(r, hop_room));
  encode_identity(results, out);
  encode_verdicts(results, out);
  encode_optional(results, out.mutable_total_us(), [](const auto& r) { return r.probe.total_us; });
  const auto phase = [&](Column* column, OptionalField field) {
    encode_optional(results, column, [field](const auto& r) { return r.probe.phases.*field; });
  };
  phase(out.mutable_dns_us(), &Phases::dns_us);
  phase(out.mutable_connect_us(), &Phases::connect_us);
  phase(out.mutable_tls_us(), &Phases::tls_us);
  phase(out.mutable_first_byte_us(), &Phases::first_byte_us);
  phase(out.mutable_transfer_us(), &Phases::transfer_us);
  Dictionary dictionary(out);
  encode_texts(results, dictionary, out.mutable_detail(),
               [](const auto& r) -> const std::string& { return r.probe.detail; });
  encode_texts(results, dictionary, out.mutable_address(),
               [](const auto& r) -> const std::string& { return r.probe.address; });
  encode_runs(
      results, out.mutable_http(), [](const auto& r) -> const auto& { return r.probe.http; },
      [](const HttpDetail& d, wire::HttpExtra& extra) {
        extra.set_status(d.status ? static_cast<std::uint32_t>(*d.status) : 0);
        extra.set_version(d.version);
        for (const auto& hop : d.hops) extra.add_hops(hop);
        extra.set_wire_bytes(static_cast<std::uint64_t>(d.wire_bytes));
        extra.set_body_bytes(static_cast<std::uint64_t>(d.body_bytes));
      });
  encode_runs(
      results, out.mutable_tls(), [](const auto& r) -> const auto& { return r.probe.tls; },
      [](const TlsDetail& d, wire::TlsExtra& extra) {
        extra.set_version(d.version);
        extra.set_has_expires(d.expires.has_value());
        if (d.expires) extra.set_expires_ns(d.expires->ns);
        extra.set_has_chain_expires(d.chain_expires.has_value());
        if (d.chain_expires) extra.set_chain_expires_ns(d.chain_expires->ns);
        extra.set_verified(d.verified);
      });
  encode_icmp(results, out);
}

Expected<std::vector<Result>> decode_series(const wire::Series& in,
                                            std::size_t limit,
                                            std::size_t& hop_room) {
  const auto count = static_cast<std::size_t>(in.slot_delta_size());
  if (count > limit) return fail("a series holds more results than a batch may");
  for (const auto& text : in.text()) {
    if (text.size() > kMaxText) return fail("a text in a series is too long");
  }
  std::vector<Result> results(count);
  const auto phase = [&](const Column& column, OptionalField field) {
    return decode_optional(column, results,
                           [field](Result& r, std::int64_t v) { r.probe.phases.*field = v; });
  };
  const bool ok =
      decode_identity(in, results) && decode_verdicts(in, results) &&
      decode_optional(in.total_us(), results,
                      [](Result& r, std::int64_t v) { r.probe.total_us = v; }) &&
      phase(in.dns_us(), &Phases::dns_us) && phase(in.connect_us(), &Phases::connect_us) &&
      phase(in.tls_us(), &Phases::tls_us) && phase(in.first_byte_us(), &Phases::first_byte_us) &&
      phase(in.transfer_us(), &Phases::transfer_us) &&
      decode_texts(in, in.detail(), results,
                   [](Result& r, const std::string& t) { r.probe.detail = t; }) &&
      decode_texts(in, in.address(), results,
                   [](Result& r, const std::string& t) { r.probe.address = t; }) &&
      decode_runs(
          in.http(), results,
          [&](Result& r, const wire::HttpExtra& extra) { return set_http(r, extra, hop_room); }) &&
      decode_runs(in.tls(), results, set_tls) &&
      (!in.has_icmp() || decode_icmp(in.icmp(), results));
  if (!ok) return fail("the columns of a series do not fit together");
  return results;
}

}  // namespace nines::proto
