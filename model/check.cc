// SPDX-License-Identifier: Apache-2.0
#include "model/check.h"

#include <nlohmann/json.hpp>

#include "model/result.h"

namespace nines {
namespace {

nlohmann::ordered_json tls_json(const TlsSpec& tls) {
  nlohmann::ordered_json j;
  if (!tls.ca_file.empty()) j["ca"] = tls.ca_file;
  if (!tls.certificate_file.empty()) j["certificate"] = tls.certificate_file;
  if (!tls.server_name.empty()) j["server_name"] = tls.server_name;
  if (tls.skip_verify) j["skip_verify"] = true;
  return j;
}

nlohmann::ordered_json spec_json(const HttpSpec& s) {
  nlohmann::ordered_json j;
  j["url"] = s.url;
  j["method"] = s.method;
  // Header values may be secrets: they take part as a hash only.
  nlohmann::ordered_json headers = nlohmann::ordered_json::array();
  for (const auto& [key, value] : s.headers) {
    headers.push_back({{"name", key}, {"sha256", hex(sha256(as_bytes(value)))}});
  }
  j["headers"] = headers;
  j["body_sha256"] = hex(sha256(as_bytes(s.body)));
  j["max_body"] = s.max_body;
  j["redirects"] = s.redirects;
  j["tls"] = tls_json(s.tls);
  nlohmann::ordered_json expect;
  nlohmann::ordered_json status = nlohmann::ordered_json::array();
  for (const auto& range : s.expect.status) status.push_back({range.first, range.last});
  expect["status"] = status;
  expect["body_matches"] = s.expect.body.matches;
  expect["body_not_matches"] = s.expect.body.not_matches;
  if (s.expect.latency) expect["latency_ns"] = s.expect.latency->count();
  j["expect"] = expect;
  return j;
}

nlohmann::ordered_json spec_json(const TcpSpec& s) {
  nlohmann::ordered_json j;
  j["host"] = s.host;
  j["port"] = s.port;
  if (s.tls) j["tls"] = tls_json(*s.tls);
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const auto& step : s.steps) {
    const bool send = step.kind == TcpStep::Kind::send;
    // What is sent may hold a password; what is expected may not.
    steps.push_back(
        {{send ? "send_sha256" : "expect", send ? hex(sha256(as_bytes(step.bytes))) : step.bytes}});
  }
  j["steps"] = steps;
  if (s.latency) j["latency_ns"] = s.latency->count();
  return j;
}

nlohmann::ordered_json spec_json(const IcmpSpec& s) {
  nlohmann::ordered_json j;
  j["host"] = s.host;
  j["count"] = s.count;
  j["interval_ns"] = s.interval.count();
  j["size"] = s.size;
  if (s.loss) j["loss"] = std::to_string(s.loss->first) + "/" + std::to_string(s.loss->second);
  if (s.latency) j["latency_ns"] = s.latency->count();
  return j;
}

bool is_ipv6_literal(const std::string& host) { return host.find(':') != std::string::npos; }

}  // namespace

std::string_view name(CheckKind kind) {
  switch (kind) {
    case CheckKind::http:
      return "http";
    case CheckKind::tcp:
      return "tcp";
    case CheckKind::icmp:
      return "icmp";
  }
  return "?";
}

std::optional<CheckKind> parse_check_kind(std::string_view text) {
  for (const auto kind : {CheckKind::http, CheckKind::tcp, CheckKind::icmp}) {
    if (name(kind) == text) return kind;
  }
  return std::nullopt;
}

std::string Check::target() const {
  if (const auto* http = std::get_if<HttpSpec>(&spec)) return http->url;
  if (const auto* tcp = std::get_if<TcpSpec>(&spec)) {
    const auto host = is_ipv6_literal(tcp->host) ? "[" + tcp->host + "]" : tcp->host;
    return "tcp://" + host + ":" + std::to_string(tcp->port);
  }
  return "icmp://" + std::get<IcmpSpec>(spec).host;
}

std::string canonical_text(const Check& check) {
  nlohmann::ordered_json j;
  j["kind"] = std::string(name(check.kind()));
  j["target"] = check.target();
  j["every_ns"] = check.every.count();
  j["timeout_ns"] = check.timeout.count();
  j["invert"] = check.invert;
  j["spec"] = std::visit([](const auto& s) { return spec_json(s); }, check.spec);
  return j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Digest digest_of(const Check& check) { return sha256(as_bytes(canonical_text(check))); }

std::string cut_text(std::string text) {
  for (auto& c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7F) c = ' ';
  }
  if (text.size() > kMaxText) {
    std::size_t end = kMaxText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
  }
  return text;
}

}  // namespace nines
