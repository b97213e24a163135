// SPDX-License-Identifier: Apache-2.0
#include "proto/series_codec.h"

#include <algorithm>
#include <map>
#include <span>

#include "proto/batch.pb.h"
#include "proto/series_bounds.h"

namespace nines::proto {
namespace {

using OptionalField = std::optional<std::int64_t> Phases::*;
using Column = google::protobuf::RepeatedField<std::int64_t>;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

// Optional values travel as delta of value+1, absent as 0; a column of absent ones is empty.
template <class Get>
void encode_optional(std::span<const Result> results, Column* out, Get get) {
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
  explicit Dictionary(Texts* texts) : texts_(texts) {}

  std::uint32_t index_of(const std::string& text) {
    if (text.empty()) return 0;
    const auto [place, fresh] =
        known_.try_emplace(text, static_cast<std::uint32_t>(known_.size() + 1));
    if (fresh) texts_->Add()->assign(text);
    return place->second;
  }

 private:
  Texts* texts_;
  std::map<std::string, std::uint32_t> known_;
};

template <class Get>
void encode_texts(std::span<const Result> results,
                  Dictionary& dictionary,
                  google::protobuf::RepeatedField<std::uint32_t>* out,
                  Get get) {
  bool any = false;
  for (const auto& r : results) any = any || !get(r).empty();
  if (!any) return;
  for (const auto& r : results) out->Add(dictionary.index_of(get(r)));
}

template <class Set>
bool decode_texts(const Texts& texts,
                  const google::protobuf::RepeatedField<std::uint32_t>& in,
                  std::vector<Result>& results,
                  Set set) {
  if (in.empty()) return true;
  if (static_cast<std::size_t>(in.size()) != results.size()) return false;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto index = in.Get(static_cast<int>(i));
    if (index > static_cast<std::uint32_t>(texts.size())) return false;
    if (index > 0) set(results[i], texts.Get(static_cast<int>(index - 1)));
  }
  return true;
}

// Runs of equal details: most results of a check look like the one before.
template <class Extra, class Get, class Fill>
void encode_runs(std::span<const Result> results,
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

// The same of details that are lists: empty is absent.
template <class Extra, class Get, class Fill>
void encode_lists(std::span<const Result> results,
                  google::protobuf::RepeatedPtrField<Extra>* out,
                  Get get,
                  Fill fill) {
  const auto none = [&](const Result& r) { return get(r).empty(); };
  if (std::all_of(results.begin(), results.end(), none)) return;
  for (std::size_t i = 0; i < results.size();) {
    std::size_t end = i + 1;
    while (end < results.size() && get(results[end]) == get(results[i])) ++end;
    auto* extra = out->Add();
    extra->set_run(static_cast<std::uint32_t>(end - i));
    fill(get(results[i]), *extra);
    i = end;
  }
}

bool present(const wire::TextsExtra&) { return true; }

bool present(const wire::AddressesExtra&) { return true; }

template <class Extra>
bool present(const Extra& extra) {
  return extra.present();
}

template <class Extra, class Set>
bool decode_runs(const google::protobuf::RepeatedPtrField<Extra>& in,
                 std::vector<Result>& results,
                 Set set) {
  std::size_t at = 0;
  for (const auto& extra : in) {
    if (extra.run() == 0 || extra.run() > results.size() - at) return false;
    for (std::uint32_t i = 0; i < extra.run(); ++i, ++at) {
      if (present(extra) && !set(results[at], extra)) return false;
    }
  }
  return in.empty() || at == results.size();
}

void encode_icmp(std::span<const Result> results, wire::Series& out) {
  bool any = false;
  for (const auto& r : results) any = any || r.probe.icmp.has_value();
  if (!any) return;
  auto* icmp = out.mutable_icmp();
  const auto some = [&](auto IcmpDetail::*field) {
    return std::any_of(results.begin(), results.end(), [field](const Result& r) {
      return r.probe.icmp &&
             (*r.probe.icmp).*field != std::decay_t<decltype((*r.probe.icmp).*field)>{};
    });
  };
  const bool reordered = some(&IcmpDetail::reordered);
  const bool late = some(&IcmpDetail::late);
  const bool ttl = some(&IcmpDetail::ttl);
  std::int64_t before = 0;
  for (const auto& r : results) {
    const auto& detail = r.probe.icmp;
    icmp->add_sent(detail ? static_cast<std::uint32_t>(detail->sent) + 1 : 0);
    if (!detail) continue;
    icmp->add_received(static_cast<std::uint32_t>(detail->rtt_us.size()));
    icmp->add_duplicates(static_cast<std::uint32_t>(detail->duplicates));
    if (reordered) icmp->add_reordered(static_cast<std::uint32_t>(detail->reordered));
    if (late) icmp->add_late(static_cast<std::uint32_t>(detail->late));
    if (ttl) icmp->add_ttl(detail->ttl ? static_cast<std::uint32_t>(*detail->ttl) + 1 : 0);
    for (const auto rtt : detail->rtt_us) {
      icmp->add_rtt_us(rtt - before);
      before = rtt;
    }
  }
}

// A column that is empty where all of it is 0.
using Counts = google::protobuf::RepeatedField<std::uint32_t>;

bool optional_count(const Counts& in, int index, std::uint32_t most, std::uint32_t& value) {
  if (in.empty()) return true;
  if (index >= in.size() || in.Get(index) > most) return false;
  value = in.Get(index);
  return true;
}

bool fits(const Counts& in, int details) { return in.empty() || in.size() == details; }

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
    std::uint32_t reordered = 0, late = 0, ttl = 0;
    const bool full = optional_count(in.reordered(), detail, kMaxDuplicates, reordered) &&
                      optional_count(in.late(), detail, kMaxDuplicates, late) &&
                      optional_count(in.ttl(), detail, kMaxTtl + 1, ttl);
    ++detail;
    if (!full || sent - 1 > kMaxRtts || received > sent - 1 || duplicates > kMaxDuplicates ||
        received > static_cast<std::uint32_t>(in.rtt_us_size() - rtt)) {
      return false;
    }
    IcmpDetail d;
    d.sent = static_cast<int>(sent - 1);
    d.received = static_cast<int>(received);
    d.duplicates = static_cast<int>(duplicates);
    d.reordered = static_cast<int>(reordered);
    d.late = static_cast<int>(late);
    if (ttl > 0) d.ttl = static_cast<int>(ttl - 1);
    for (std::uint32_t n = 0; n < received; ++n, ++rtt) {
      if (__builtin_add_overflow(now, in.rtt_us(rtt), &now) || now < 0) return false;
      d.rtt_us.push_back(now);
    }
    results[i].probe.icmp = std::move(d);
  }
  return detail == in.received_size() && detail == in.duplicates_size() &&
         rtt == in.rtt_us_size() && fits(in.reordered(), detail) && fits(in.late(), detail) &&
         fits(in.ttl(), detail);
}

void encode_verdicts(std::span<const Result> results, wire::Series& out) {
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

void encode_identity(std::span<const Result> results, wire::Series& out) {
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

std::uint64_t plus_one(const std::optional<std::int64_t>& value) {
  return value ? static_cast<std::uint64_t>(*value) + 1 : 0;
}

bool set_plus_one(std::uint64_t wire, std::optional<std::int64_t>& value) {
  if (wire > static_cast<std::uint64_t>(kMaxValue) + 1) return false;
  if (wire > 0) value = static_cast<std::int64_t>(wire - 1);
  return true;
}

void fill_phases(const Phases& phases, wire::PhasesExtra& out) {
  out.set_dns_us(plus_one(phases.dns_us));
  out.set_connect_us(plus_one(phases.connect_us));
  out.set_tls_us(plus_one(phases.tls_us));
  out.set_first_byte_us(plus_one(phases.first_byte_us));
  out.set_transfer_us(plus_one(phases.transfer_us));
}

bool set_phases(const wire::PhasesExtra& in, Phases& phases) {
  return set_plus_one(in.dns_us(), phases.dns_us) &&
         set_plus_one(in.connect_us(), phases.connect_us) &&
         set_plus_one(in.tls_us(), phases.tls_us) &&
         set_plus_one(in.first_byte_us(), phases.first_byte_us) &&
         set_plus_one(in.transfer_us(), phases.transfer_us);
}

void fill_http(const HttpDetail& d, wire::HttpExtra& extra) {
  extra.set_status(d.status ? static_cast<std::uint32_t>(*d.status) : 0);
  extra.set_version(d.version);
  for (const auto& hop : d.hops) {
    auto* out = extra.add_hops();
    out->set_url(hop.url);
    out->set_status(static_cast<std::uint32_t>(hop.status));
    out->set_address(hop.address);
    fill_phases(hop.phases, *out->mutable_phases());
  }
  extra.set_wire_bytes(static_cast<std::uint64_t>(d.wire_bytes));
  extra.set_body_bytes(static_cast<std::uint64_t>(d.body_bytes));
}

bool set_http(Result& r, const wire::HttpExtra& extra, std::size_t& room) {
  if (extra.status() > kMaxStatus || extra.version().size() > kMaxVersion ||
      extra.hops_size() > static_cast<int>(kMaxHops) || extra.wire_bytes() > INT64_MAX ||
      extra.body_bytes() > INT64_MAX) {
    return false;
  }
  HttpDetail d;
  if (extra.status() != 0) d.status = static_cast<int>(extra.status());
  d.version = extra.version();
  for (const auto& hop : extra.hops()) {
    if (hop.url().size() > kMaxHopBytes || hop.address().size() > kMaxText ||
        hop.status() > kMaxStatus) {
      return false;
    }
    HopDetail one{hop.url(), static_cast<int>(hop.status()), hop.address(), {}};
    if (!set_phases(hop.phases(), one.phases) || !take_room(one, room)) return false;
    d.hops.push_back(std::move(one));
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

void fill_tls(const TlsDetail& d, wire::TlsExtra& extra) {
  extra.set_version(d.version);
  extra.set_has_expires(d.expires.has_value());
  if (d.expires) extra.set_expires_ns(d.expires->ns);
  extra.set_has_chain_expires(d.chain_expires.has_value());
  if (d.chain_expires) extra.set_chain_expires_ns(d.chain_expires->ns);
  extra.set_verified(d.verified);
}

void fill_dns(const DnsDetail& d, wire::DnsExtra& extra) {
  extra.set_rcode(d.rcode);
  extra.set_authoritative(d.authoritative);
  extra.set_authenticated(d.authenticated);
  extra.set_truncated(d.truncated);
  for (const auto& answer : d.answers) extra.add_answers(answer);
}

bool set_dns(Result& r, const wire::DnsExtra& extra, std::size_t& room) {
  if (extra.rcode().size() > kMaxRcode || extra.answers_size() > static_cast<int>(kMaxAnswers)) {
    return false;
  }
  DnsDetail d;
  d.rcode = extra.rcode();
  d.authoritative = extra.authoritative();
  d.authenticated = extra.authenticated();
  d.truncated = extra.truncated();
  for (const auto& answer : extra.answers()) {
    if (answer.size() > kMaxText || !take_room(answer, room)) return false;
    d.answers.push_back(answer);
  }
  r.probe.dns = std::move(d);
  return true;
}

void fill_exec(const ExecDetail& d, wire::ExecExtra& extra) {
  extra.set_exit(d.exit ? static_cast<std::uint32_t>(*d.exit) + 1 : 0);
  extra.set_perfdata(d.perfdata);
}

bool set_exec(Result& r, const wire::ExecExtra& extra) {
  if (extra.exit() > 256 || extra.perfdata().size() > kMaxText) return false;
  ExecDetail d;
  if (extra.exit() > 0) d.exit = static_cast<int>(extra.exit()) - 1;
  d.perfdata = extra.perfdata();
  r.probe.exec = std::move(d);
  return true;
}

bool set_warnings(Result& r, const wire::TextsExtra& extra, std::size_t& room) {
  if (extra.text_size() > static_cast<int>(kMaxWarnings)) return false;
  for (const auto& text : extra.text()) {
    if (text.size() > kMaxText || !take_room(text, room)) return false;
    r.probe.warnings.push_back(text);
  }
  return true;
}

void fill_addresses(const std::vector<AddressResult>& all, wire::AddressesExtra& extra) {
  for (const auto& one : all) {
    auto* out = extra.add_one();
    out->set_address(one.address);
    out->set_reason(static_cast<std::uint32_t>(one.reason));
    out->set_total_us(plus_one(one.total_us));
    fill_phases(one.phases, *out->mutable_phases());
  }
}

bool set_addresses(Result& r, const wire::AddressesExtra& extra, std::size_t& room) {
  if (extra.one_size() > static_cast<int>(kMaxAddresses)) return false;
  for (const auto& in : extra.one()) {
    const auto reason = reason_from_number(in.reason());
    AddressResult one;
    if (!reason || in.address().size() > kMaxText || !set_plus_one(in.total_us(), one.total_us) ||
        !set_phases(in.phases(), one.phases)) {
      return false;
    }
    one.address = in.address();
    one.reason = *reason;
    if (!take_room(one, room)) return false;
    r.probe.addresses.push_back(std::move(one));
  }
  return true;
}

bool decode_steps(const wire::Series& in, std::vector<Result>& results) {
  bool possible = true;
  const auto set = [&](Result& r, std::int64_t step) {
    possible = possible && step >= 1 && step <= kMaxSteps;
    if (possible) r.probe.step = static_cast<int>(step);
  };
  return decode_optional(in.step(), results, set) && possible;
}

// `set` with the room that is left.
template <class Extra>
auto within(std::size_t& room, bool (*set)(Result&, const Extra&, std::size_t&)) {
  return [&room, set](Result& r, const Extra& extra) { return set(r, extra, room); };
}

void encode_stamps(std::span<const Result> results, wire::Series& out) {
  const auto none = [](const Result& r) { return r.probe.stamps == Stamps::none; };
  if (std::all_of(results.begin(), results.end(), none)) return;
  for (std::size_t i = 0; i < results.size();) {
    std::size_t end = i + 1;
    while (end < results.size() && results[end].probe.stamps == results[i].probe.stamps) ++end;
    out.add_stamps(static_cast<std::uint32_t>(results[i].probe.stamps));
    out.add_stamps(static_cast<std::uint32_t>(end - i));
    i = end;
  }
}

bool decode_stamps(const wire::Series& in, std::vector<Result>& results) {
  if (in.stamps().empty()) return true;
  if (in.stamps_size() % 2 != 0) return false;
  std::size_t at = 0;
  for (int i = 0; i < in.stamps_size(); i += 2) {
    const auto run = in.stamps(i + 1);
    if (in.stamps(i) > static_cast<std::uint32_t>(Stamps::program) || run == 0 ||
        run > results.size() - at) {
      return false;
    }
    for (std::uint32_t n = 0; n < run; ++n, ++at) {
      results[at].probe.stamps = static_cast<Stamps>(in.stamps(i));
    }
  }
  return at == results.size();
}

}  // namespace

void encode_series(std::span<const Result> made, std::size_t& room, wire::Series& out) {
  std::vector<Result> results;
  results.reserve(made.size());
  for (const auto& r : made) results.push_back(bounded(r, room));
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
  Dictionary dictionary(out.mutable_text());
  encode_texts(results, dictionary, out.mutable_detail(),
               [](const auto& r) -> const std::string& { return r.probe.detail; });
  encode_texts(results, dictionary, out.mutable_address(),
               [](const auto& r) -> const std::string& { return r.probe.address; });
  encode_runs(
      results, out.mutable_http(), [](const auto& r) -> const auto& { return r.probe.http; },
      fill_http);
  encode_runs(
      results, out.mutable_tls(), [](const auto& r) -> const auto& { return r.probe.tls; },
      fill_tls);
  encode_runs(
      results, out.mutable_dns(), [](const auto& r) -> const auto& { return r.probe.dns; },
      fill_dns);
  encode_runs(
      results, out.mutable_exec(), [](const auto& r) -> const auto& { return r.probe.exec; },
      fill_exec);
  encode_lists(
      results, out.mutable_warnings(),
      [](const auto& r) -> const auto& { return r.probe.warnings; },
      [](const std::vector<std::string>& texts, wire::TextsExtra& extra) {
        for (const auto& text : texts) extra.add_text(text);
      });
  encode_lists(
      results, out.mutable_addresses(),
      [](const auto& r) -> const auto& { return r.probe.addresses; }, fill_addresses);
  Dictionary statuses(out.mutable_grpc_text());
  encode_texts(results, statuses, out.mutable_grpc_status(),
               [](const auto& r) -> const std::string& { return r.probe.grpc_status; });
  encode_optional(results, out.mutable_step(), [](const auto& r) {
    return r.probe.step ? std::optional<std::int64_t>(*r.probe.step) : std::nullopt;
  });
  encode_stamps(results, out);
  encode_icmp(results, out);
}

Expected<std::vector<Result>> decode_series(const wire::Series& in,
                                            std::size_t limit,
                                            std::size_t& room) {
  const auto count = static_cast<std::size_t>(in.slot_delta_size());
  if (count > limit) return fail("a series holds more results than a batch may");
  for (const auto* texts : {&in.text(), &in.grpc_text()}) {
    for (const auto& text : *texts) {
      if (text.size() > kMaxText) return fail("a text in a series is too long");
    }
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
      decode_texts(in.text(), in.detail(), results,
                   [](Result& r, const std::string& t) { r.probe.detail = t; }) &&
      decode_texts(in.text(), in.address(), results,
                   [](Result& r, const std::string& t) { r.probe.address = t; }) &&
      decode_runs(in.http(), results, within(room, set_http)) &&
      decode_runs(in.tls(), results, set_tls) &&
      (!in.has_icmp() || decode_icmp(in.icmp(), results)) &&
      decode_runs(in.dns(), results, within(room, set_dns)) &&
      decode_runs(in.exec(), results, set_exec) &&
      decode_runs(in.warnings(), results, within(room, set_warnings)) &&
      decode_runs(in.addresses(), results, within(room, set_addresses)) &&
      decode_texts(in.grpc_text(), in.grpc_status(), results,
                   [](Result& r, const std::string& t) { r.probe.grpc_status = t; }) &&
      decode_steps(in, results) && decode_stamps(in, results);
  if (!ok) return fail("the columns of a series do not fit together");
  return results;
}

}  // namespace nines::proto
