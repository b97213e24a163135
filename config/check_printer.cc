// SPDX-License-Identifier: Apache-2.0
#include "config/check_printer.h"

#include <array>
#include <nlohmann/json.hpp>

namespace nines::config {
namespace {

constexpr const char* kHidden = "\"(hidden)\"";

// Headers whose values are no secret; any other may hold a token.
bool is_open(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOpen{"Accept", "Accept-Language", "Content-Type",
                                                  "Host", "User-Agent"};
  for (const auto open : kOpen) {
    if (name == open) return true;
  }
  return false;
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) out += (out.size() > 1 ? ", " : "") + yaml_quoted(text);
  return out + "]";
}

std::string tls_text(const TlsSpec& tls) {
  std::string out;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty())
      out += (out.empty() ? "" : ", ") + std::string(key) + ": " + yaml_quoted(value);
  };
  add("ca", tls.ca_file);
  add("certificate", tls.certificate_file);
  add("key", tls.key_file);
  add("server_name", tls.server_name);
  if (tls.skip_verify) out += std::string(out.empty() ? "" : ", ") + "skip_verify: true";
  return "{" + out + "}";
}

std::string latency_text(const std::optional<Duration>& latency) {
  return latency ? "latency: " + format_duration(*latency) : "";
}

std::string spec_text(const HttpSpec& http) {
  std::string out = "    http:\n      url: " + yaml_quoted(http.url) + "\n";
  out += "      method: " + http.method + "\n";
  if (!http.headers.empty()) out += "      headers:\n";
  for (const auto& [name, value] : http.headers) {
    out += "        " + yaml_quoted(name) + ": " + (is_open(name) ? yaml_quoted(value) : kHidden) +
           "\n";
  }
  if (!http.body.empty()) out += std::string("      body: ") + kHidden + "\n";
  out += "      max_body: " + std::to_string(http.max_body) + "B\n";
  out += "      redirects: " + std::to_string(http.redirects) + "\n";
  if (const auto tls = tls_text(http.tls); tls != "{}") out += "      tls: " + tls + "\n";
  std::string ranges;
  for (const auto& range : http.expect.status) {
    ranges += ranges.empty() ? "" : ",";
    ranges += std::to_string(range.first);
    if (range.last != range.first) ranges += "-" + std::to_string(range.last);
  }
  out += "      expect:\n        status: \"" + ranges + "\"\n";
  const auto& body = http.expect.body;
  if (!body.matches.empty() || !body.not_matches.empty()) out += "        body:\n";
  if (!body.matches.empty()) out += "          matches: " + list_of(body.matches) + "\n";
  if (!body.not_matches.empty()) {
    out += "          not_matches: " + list_of(body.not_matches) + "\n";
  }
  if (http.expect.latency) out += "        " + latency_text(http.expect.latency) + "\n";
  return out;
}

std::string spec_text(const TcpSpec& tcp) {
  const bool v6 = tcp.host.find(':') != std::string::npos;
  const auto host = v6 ? "[" + tcp.host + "]" : tcp.host;
  std::string out =
      "    tcp:\n      address: " + yaml_quoted(host + ":" + std::to_string(tcp.port)) + "\n";
  if (tcp.tls) out += "      tls: " + tls_text(*tcp.tls) + "\n";
  if (!tcp.steps.empty()) out += "      steps:\n";
  for (const auto& step : tcp.steps) {
    out += step.kind == TcpStep::Kind::send ? std::string("        - send: ") + kHidden
                                            : "        - expect: " + yaml_quoted(step.bytes);
    out += "\n";
  }
  if (tcp.latency) out += "      expect: {" + latency_text(tcp.latency) + "}\n";
  return out;
}

std::string spec_text(const IcmpSpec& icmp) {
  std::string out = "    icmp:\n      host: " + yaml_quoted(icmp.host) + "\n";
  out += "      count: " + std::to_string(icmp.count) + "\n";
  out += "      interval: " + format_duration(icmp.interval) + "\n";
  out += "      size: " + std::to_string(icmp.size) + "\n";
  std::string expect;
  if (icmp.loss) {
    expect = "loss: \"" + std::to_string(icmp.loss->first) + "/" +
             std::to_string(icmp.loss->second) + "\"";
  }
  if (icmp.latency) expect += (expect.empty() ? "" : ", ") + latency_text(icmp.latency);
  if (!expect.empty()) out += "      expect: {" + expect + "}\n";
  return out;
}

}  // namespace

std::string yaml_quoted(std::string_view text) {
  return nlohmann::json(std::string(text))
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string print_labels(const Labels& labels) {
  std::string out;
  for (const auto& [key, value] : labels) {
    out += (out.empty() ? "" : ", ") + yaml_quoted(key) + ": " + yaml_quoted(value);
  }
  return "{" + out + "}";
}

std::string print_check(const Check& check) {
  std::string out = "  - name: " + yaml_quoted(check.name) + "\n";
  out += "    every: " + format_duration(check.every) + "\n";
  out += "    timeout: " + format_duration(check.timeout) + "\n";
  if (!check.labels.empty()) out += "    labels: " + print_labels(check.labels) + "\n";
  out += "    priority: " + std::to_string(check.priority) + "\n";
  if (check.invert) out += "    invert: true\n";
  return out + std::visit([](const auto& spec) { return spec_text(spec); }, check.spec);
}

}  // namespace nines::config
