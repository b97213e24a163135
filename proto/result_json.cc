// SPDX-License-Identifier: Apache-2.0
#include "proto/result_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nines::proto {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson instant(const std::optional<WallTime>& t) {
  return t ? OrderedJson(format_rfc3339(*t)) : OrderedJson(nullptr);
}

OrderedJson phases_json(const Phases& phases) {
  OrderedJson j = OrderedJson::object();
  const auto add = [&](const char* key, const std::optional<std::int64_t>& value) {
    if (value) j[key] = *value;
  };
  add("dns_us", phases.dns_us);
  add("connect_us", phases.connect_us);
  add("tls_us", phases.tls_us);
  add("first_byte_us", phases.first_byte_us);
  add("transfer_us", phases.transfer_us);
  return j;
}

// What of the total no phase accounts for: this host's own work and waiting.
std::optional<std::int64_t> unexplained_us(const ProbeResult& p) {
  if (!p.total_us || p.phases == Phases{}) return std::nullopt;
  auto left = *p.total_us;
  for (const auto& phase : {p.phases.dns_us, p.phases.connect_us, p.phases.tls_us,
                            p.phases.first_byte_us, p.phases.transfer_us}) {
    left -= phase.value_or(0);
  }
  return left;
}

OrderedJson hops_json(const std::vector<HopDetail>& hops) {
  OrderedJson all = OrderedJson::array();
  for (const auto& hop : hops) {
    all.push_back({{"url", hop.url},
                   {"status", hop.status},
                   {"address", hop.address},
                   {"phases", phases_json(hop.phases)}});
  }
  return all;
}

OrderedJson http_json(const HttpDetail& d) {
  OrderedJson j;
  j["status"] = d.status ? OrderedJson(*d.status) : OrderedJson(nullptr);
  j["version"] = d.version.empty() ? OrderedJson(nullptr) : OrderedJson(d.version);
  j["hops"] = hops_json(d.hops);
  j["wire_bytes"] = d.wire_bytes;
  j["body_bytes"] = d.body_bytes;
  return j;
}

OrderedJson tls_json(const TlsDetail& d) {
  OrderedJson j;
  j["version"] = d.version.empty() ? OrderedJson(nullptr) : OrderedJson(d.version);
  j["expires"] = instant(d.expires);
  j["chain_expires"] = instant(d.chain_expires);
  j["verified"] = d.verified;
  return j;
}

// Jitter as RFC 3550 6.4.1 smooths it: J += (|D| - J)/16, in integer steps scaled by 16.
std::int64_t jitter_us(const std::vector<std::int64_t>& rtt) {
  std::int64_t scaled = 0;
  for (std::size_t i = 1; i < rtt.size(); ++i) {
    const auto d = rtt[i] > rtt[i - 1] ? rtt[i] - rtt[i - 1] : rtt[i - 1] - rtt[i];
    scaled += d - (scaled + 8) / 16;
  }
  return scaled / 16;
}

OrderedJson icmp_json(const IcmpDetail& d) {
  OrderedJson j;
  j["sent"] = d.sent;
  j["received"] = d.received;
  j["duplicates"] = d.duplicates;
  j["reordered"] = d.reordered;
  j["late"] = d.late;
  j["ttl"] = d.ttl ? OrderedJson(*d.ttl) : OrderedJson(nullptr);
  j["loss"] = std::to_string(d.sent - d.received) + "/" + std::to_string(d.sent);
  j["rtt_us"] = d.rtt_us;
  if (d.rtt_us.empty()) {
    for (const auto* key : {"min_us", "avg_us", "max_us", "jitter_us"}) j[key] = nullptr;
    return j;
  }
  std::int64_t sum = 0;
  for (const auto rtt : d.rtt_us) sum += rtt;
  j["min_us"] = *std::min_element(d.rtt_us.begin(), d.rtt_us.end());
  j["avg_us"] = sum / static_cast<std::int64_t>(d.rtt_us.size());
  j["max_us"] = *std::max_element(d.rtt_us.begin(), d.rtt_us.end());
  j["jitter_us"] = jitter_us(d.rtt_us);
  return j;
}

OrderedJson dns_json(const DnsDetail& d) {
  OrderedJson j;
  j["rcode"] = d.rcode.empty() ? OrderedJson(nullptr) : OrderedJson(d.rcode);
  j["authoritative"] = d.authoritative;
  j["authenticated"] = d.authenticated;
  j["truncated"] = d.truncated;
  j["answers"] = d.answers;
  return j;
}

OrderedJson exec_json(const ExecDetail& d) {
  OrderedJson j;
  j["exit"] = d.exit ? OrderedJson(*d.exit) : OrderedJson(nullptr);
  j["perfdata"] = d.perfdata;
  return j;
}

OrderedJson addresses_json(const std::vector<AddressResult>& addresses) {
  OrderedJson all = OrderedJson::array();
  for (const auto& one : addresses) {
    OrderedJson j;
    j["address"] = one.address;
    j["outcome"] = std::string(name(outcome_of(one.reason)));
    j["reason"] = std::string(name(one.reason));
    if (one.total_us) j["total_us"] = *one.total_us;
    j["phases"] = phases_json(one.phases);
    all.push_back(std::move(j));
  }
  return all;
}

}  // namespace

OrderedJson result_json(const ResultContext& context, const Result& result) {
  const auto& p = result.probe;
  OrderedJson j;
  j["check"] = context.check;
  j["kind"] = std::string(name(context.kind));
  j["target"] = context.target;
  j["vantage"] = context.vantage;
  if (context.slot) j["slot"] = *context.slot;
  if (result.span != 1) j["span"] = result.span;
  if (result.seq != 0) j["seq"] = result.seq;
  j["started"] = format_rfc3339(context.started);
  if (context.slot) j["late_us"] = result.late_us;
  j["outcome"] = std::string(name(p.outcome));
  j["reason"] = std::string(name(p.reason));
  j["detail"] = p.detail;
  if (p.total_us) j["total_us"] = *p.total_us;
  j["phases"] = phases_json(p.phases);
  if (const auto left = unexplained_us(p)) j["unexplained_us"] = *left;
  if (p.stamps != Stamps::none) j["stamps"] = std::string(name(p.stamps));
  j["address"] = p.address.empty() ? OrderedJson(nullptr) : OrderedJson(p.address);
  j["http"] = p.http ? http_json(*p.http) : OrderedJson(nullptr);
  j["tls"] = p.tls ? tls_json(*p.tls) : OrderedJson(nullptr);
  j["icmp"] = p.icmp ? icmp_json(*p.icmp) : OrderedJson(nullptr);
  if (p.dns) j["dns"] = dns_json(*p.dns);
  if (p.exec) j["exec"] = exec_json(*p.exec);
  if (!p.grpc_status.empty()) j["grpc"] = {{"status", p.grpc_status}};
  if (p.step) j["step"] = *p.step;
  if (!p.addresses.empty()) j["addresses"] = addresses_json(p.addresses);
  if (!p.warnings.empty()) j["warnings"] = p.warnings;
  return j;
}

std::string result_line(const ResultContext& context, const Result& result) {
  // Details may carry bytes of a hostile target that are no UTF-8.
  return result_json(context, result).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace nines::proto
