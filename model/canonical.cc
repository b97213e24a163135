// SPDX-License-Identifier: Apache-2.0
// The canonical text of a check. A key is written only where it differs from what has always been
// the default, so that a key added later changes no digest that two parties have agreed on.
// Secrets, and whatever may hold one, take part as a hash only.
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "model/check.h"

namespace nines {
namespace {

using Json = nlohmann::ordered_json;

std::string hidden(const std::string& text) { return hex(sha256(as_bytes(text))); }

template <class Number>
std::string fraction(const std::pair<Number, Number>& share) {
  return std::to_string(share.first) + "/" + std::to_string(share.second);
}

std::string_view name(Family family) {
  switch (family) {
    case Family::any:
      return "any";
    case Family::ipv4:
      return "ipv4";
    case Family::ipv6:
      return "ipv6";
    case Family::prefer_ipv4:
      return "prefer_ipv4";
    case Family::prefer_ipv6:
      return "prefer_ipv6";
  }
  return "?";
}

std::string_view name(JsonExpect::Op op) {
  switch (op) {
    case JsonExpect::Op::equals:
      return "equals";
    case JsonExpect::Op::not_equals:
      return "not_equals";
    case JsonExpect::Op::below:
      return "below";
    case JsonExpect::Op::above:
      return "above";
    case JsonExpect::Op::exists:
      return "exists";
  }
  return "?";
}

// Where a file lies is the business of the host; only its name takes part.
std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Json tls_json(const TlsSpec& tls) {
  Json j;
  if (!tls.ca_file.empty()) j["ca"] = file_name(tls.ca_file);
  if (!tls.certificate_file.empty()) j["certificate"] = file_name(tls.certificate_file);
  if (!tls.server_name.empty()) j["server_name"] = tls.server_name;
  if (tls.min_version != "1.2") j["min_version"] = tls.min_version;
  if (tls.skip_verify) j["skip_verify"] = true;
  return j;
}

void add_limits(Json& j, const Limits& limits) {
  if (limits.latency) j["latency_ns"] = limits.latency->count();
  if (limits.certificate_days) j["certificate_days"] = *limits.certificate_days;
}

// How the target is reached.
template <class Spec>
void add_path(Json& j, const Spec& s) {
  if (s.family != Family::any) j["family"] = std::string(name(s.family));
  if (!s.source.empty()) j["source"] = s.source;
}

Json expect_json(const HttpExpect& e) {
  Json j;
  Json status = Json::array();
  for (const auto& range : e.status) status.push_back({range.first, range.last});
  j["status"] = status;
  j["body_matches"] = e.body.matches;
  j["body_not_matches"] = e.body.not_matches;
  if (!e.version.empty()) j["version"] = e.version;
  for (const auto& header : e.headers) {
    j["headers"].push_back({{"name", header.name},
                            {"matches", header.value.matches},
                            {"not_matches", header.value.not_matches},
                            {"allow_missing", header.allow_missing}});
  }
  for (const auto& json : e.json) {
    j["json"].push_back({{"pointer", json.pointer}, {std::string(name(json.op)), json.operand}});
  }
  if (e.modified_within) j["modified_within_ns"] = e.modified_within->count();
  add_limits(j, e.limits);
  return j;
}

Json spec_json(const HttpSpec& s) {
  Json j;
  j["url"] = s.url;
  j["method"] = s.method;
  Json headers = Json::array();
  for (const auto& [key, value] : s.headers) {
    headers.push_back({{"name", key}, {"sha256", hidden(value)}});
  }
  j["headers"] = headers;
  j["body_sha256"] = hidden(s.body);
  j["max_body"] = s.max_body;
  j["redirects"] = s.redirects;
  if (s.compression != Compression::none) j["compression"] = static_cast<int>(s.compression);
  if (s.oauth2) {
    j["oauth2"] = {{"token_url", s.oauth2->token_url},
                   {"client_id", s.oauth2->client_id},
                   {"scopes", s.oauth2->scopes}};
  }
  if (!s.proxy.empty()) j["proxy_sha256"] = hidden(s.proxy);  // may hold a password
  if (s.all_addresses) j["addresses"] = "all";
  if (!s.resolve.empty()) j["resolve"] = s.resolve;
  add_path(j, s);
  j["tls"] = tls_json(s.tls);
  j["expect"] = expect_json(s.expect);
  return j;
}

Json step_json(const TcpStep& step) {
  switch (step.kind) {
    case TcpStep::Kind::send:  // may hold a password
      return {{"send_sha256", hidden(step.bytes)}};
    case TcpStep::Kind::expect:
      return {{"expect", step.bytes}};
    case TcpStep::Kind::expect_bytes:
      return {{"expect_hex", to_hex(as_bytes(step.bytes))}};
    case TcpStep::Kind::starttls:
      break;
  }
  return {{"starttls", true}};
}

Json spec_json(const TcpSpec& s) {
  Json j;
  if (!s.unix_path.empty()) j["unix"] = s.unix_path;
  j["host"] = s.host;
  j["port"] = s.port;
  if (s.tls) j["tls"] = tls_json(*s.tls);
  if (s.starttls != StartTls::none) j["starttls"] = static_cast<int>(s.starttls);
  Json steps = Json::array();
  for (const auto& step : s.steps) steps.push_back(step_json(step));
  j["steps"] = steps;
  add_path(j, s);
  add_limits(j, s.expect);
  return j;
}

Json spec_json(const IcmpSpec& s) {
  Json j;
  j["host"] = s.host;
  j["count"] = s.count;
  j["interval_ns"] = s.interval.count();
  j["size"] = s.size;
  if (s.ttl != 0) j["ttl"] = s.ttl;
  if (s.dscp != 0) j["dscp"] = s.dscp;
  if (s.dont_fragment) j["dont_fragment"] = true;
  add_path(j, s);
  if (s.loss) j["loss"] = fraction(*s.loss);
  add_limits(j, s.expect);
  return j;
}

Json spec_json(const DnsSpec& s) {
  Json j;
  j["host"] = s.host;
  j["port"] = s.port;
  j["name"] = s.name;
  j["type"] = s.type;
  j["transport"] = static_cast<int>(s.transport);
  if (s.transport == DnsTransport::tls) j["tls"] = tls_json(s.tls);
  j["rcode"] = s.rcode;
  j["answer_matches"] = s.answer.matches;
  j["answer_not_matches"] = s.answer.not_matches;
  if (s.authoritative) j["authoritative"] = *s.authoritative;
  if (s.authenticated) j["authenticated"] = *s.authenticated;
  add_path(j, s);
  add_limits(j, s.expect);
  return j;
}

Json spec_json(const HandshakeSpec& s) {
  Json j;
  j["host"] = s.host;
  j["port"] = s.port;
  j["tls"] = tls_json(s.tls);
  add_path(j, s);
  add_limits(j, s.expect);
  return j;
}

Json spec_json(const GrpcSpec& s) {
  Json j;
  j["host"] = s.host;
  j["port"] = s.port;
  j["service"] = s.service;
  for (const auto& [key, value] : s.metadata) {
    j["metadata"].push_back({{"name", key}, {"sha256", hidden(value)}});
  }
  if (s.tls) j["tls"] = tls_json(*s.tls);
  add_path(j, s);
  add_limits(j, s.expect);
  return j;
}

Json spec_json(const UdpSpec& s) {
  Json j;
  j["host"] = s.host;
  j["port"] = s.port;
  j["send_sha256"] = hidden(s.send);
  j["expect"] = s.pattern;
  add_path(j, s);
  add_limits(j, s.expect);
  return j;
}

Json spec_json(const ExecSpec& s) {
  Json j;
  Json command = Json::array();
  for (const auto& word : s.command) {
    // The program is no secret; an argument may be.
    command.push_back(command.empty() ? word : hidden(word));
  }
  j["command"] = command;
  j["max_output"] = s.max_output;
  j["max_memory"] = s.max_memory;
  add_limits(j, s.expect);
  return j;
}

}  // namespace

std::string canonical_text(const Check& check) {
  Json j;
  j["kind"] = std::string(name(check.kind()));
  j["target"] = check.target();
  j["every_ns"] = check.every.count();
  j["timeout_ns"] = check.timeout.count();
  j["invert"] = check.invert;
  j["spec"] = std::visit([](const auto& s) { return spec_json(s); }, check.spec);
  return j.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Digest digest_of(const Check& check) { return sha256(as_bytes(canonical_text(check))); }

}  // namespace nines
