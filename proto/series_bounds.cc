// SPDX-License-Identifier: Apache-2.0
#include "proto/series_bounds.h"

#include <algorithm>

namespace nines::proto {
namespace {

void bound(std::optional<std::int64_t>& value) {
  if (value && (*value < 0 || *value > kMaxValue)) value.reset();
}

void cut(std::string& text, std::size_t longest) {
  if (text.size() > longest) text.resize(longest);
}

void bound(Phases& phases) {
  for (auto* value : {&phases.dns_us, &phases.connect_us, &phases.tls_us, &phases.first_byte_us,
                      &phases.transfer_us}) {
    bound(*value);
  }
}

void bound_http(HttpDetail& d, std::size_t& room) {
  if (d.status && (*d.status < 1 || *d.status > kMaxStatus)) d.status.reset();
  cut(d.version, kMaxVersion);
  d.wire_bytes = std::max<std::int64_t>(d.wire_bytes, 0);
  d.body_bytes = std::max<std::int64_t>(d.body_bytes, 0);
  for (auto& hop : d.hops) {
    cut(hop.url, kMaxHopBytes);
    cut(hop.address, kMaxText);
    hop.status = std::clamp(hop.status, 0, kMaxStatus);
    bound(hop.phases);
  }
  keep_what_fits(d.hops, kMaxHops, room);
}

void bound_icmp(IcmpDetail& d) {
  d.sent = std::clamp(d.sent, 0, static_cast<int>(kMaxRtts));
  for (int* count : {&d.duplicates, &d.reordered, &d.late}) {
    *count = std::clamp(*count, 0, kMaxDuplicates);
  }
  if (d.ttl && (*d.ttl < 0 || *d.ttl > kMaxTtl)) d.ttl.reset();
  std::erase_if(d.rtt_us, [](std::int64_t rtt) { return rtt < 0; });
  if (d.rtt_us.size() > static_cast<std::size_t>(d.sent)) {
    d.rtt_us.resize(static_cast<std::size_t>(d.sent));
  }
  d.received = static_cast<int>(d.rtt_us.size());
}

void bound_dns(DnsDetail& d, std::size_t& room) {
  cut(d.rcode, kMaxRcode);
  for (auto& answer : d.answers) cut(answer, kMaxText);
  keep_what_fits(d.answers, kMaxAnswers, room);
}

void bound_exec(ExecDetail& d) {
  if (d.exit && (*d.exit < 0 || *d.exit > 255)) d.exit.reset();
  cut(d.perfdata, kMaxText);
}

}  // namespace

Result bounded(Result r, std::size_t& room) {
  auto& p = r.probe;
  r.late_us = std::max<std::int64_t>(r.late_us, 0);
  cut(p.detail, kMaxText);
  cut(p.address, kMaxText);
  bound(p.total_us);
  bound(p.phases);
  if (p.http) bound_http(*p.http, room);
  if (p.tls) cut(p.tls->version, kMaxVersion);
  if (p.icmp) bound_icmp(*p.icmp);
  if (p.dns) bound_dns(*p.dns, room);
  if (p.exec) bound_exec(*p.exec);
  cut(p.grpc_status, kMaxText);
  if (p.step && (*p.step < 1 || *p.step > kMaxSteps)) p.step.reset();
  for (auto& warning : p.warnings) cut(warning, kMaxText);
  keep_what_fits(p.warnings, kMaxWarnings, room);
  for (auto& one : p.addresses) {
    cut(one.address, kMaxText);
    bound(one.total_us);
    bound(one.phases);
  }
  keep_what_fits(p.addresses, kMaxAddresses, room);
  return r;
}

}  // namespace nines::proto
