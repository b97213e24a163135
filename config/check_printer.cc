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
  if (tls.min_version != "1.2") add("min_version", tls.min_version);
  if (tls.skip_verify) out += std::string(out.empty() ? "" : ", ") + "skip_verify: true";
  return "{" + out + "}";
}

// A mapping in flow style, built key by key; nothing where it stays empty.
class Flow {
 public:
  Flow& add(const char* key, const std::string& value) {
    text_ += (text_.empty() ? "" : ", ") + std::string(key) + ": " + value;
    return *this;
  }

  Flow& add(const Limits& limits) {
    if (limits.latency) add("latency", format_duration(*limits.latency));
    if (limits.certificate_days) add("certificate_days", std::to_string(*limits.certificate_days));
    return *this;
  }

  Flow& add(const PatternSpec& patterns) {
    if (!patterns.matches.empty()) add("matches", list_of(patterns.matches));
    if (!patterns.not_matches.empty()) add("not_matches", list_of(patterns.not_matches));
    return *this;
  }

  std::string line(const char* key) const {
    return text_.empty() ? "" : "      " + std::string(key) + ": {" + text_ + "}\n";
  }

  bool empty() const { return text_.empty(); }

  std::string text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string fraction(const std::pair<std::int64_t, std::int64_t>& share) {
  return "\"" + std::to_string(share.first) + "/" + std::to_string(share.second) + "\"";
}

std::string host_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string_view name(Family family) {
  constexpr std::array<std::string_view, 5> kNames{"any", "ipv4", "ipv6", "prefer_ipv4",
                                                   "prefer_ipv6"};
  return kNames[static_cast<std::size_t>(family)];
}

std::string line(const char* key, std::string_view value) {
  return "      " + std::string(key) + ": " + std::string(value) + "\n";
}

// How the target is reached.
template <class Spec>
std::string path_of(const Spec& spec) {
  std::string out;
  if (spec.family != Family::any) out += line("family", name(spec.family));
  if (!spec.source.empty()) out += line("source", yaml_quoted(spec.source));
  return out;
}

template <class Spec>
std::string limits_of(const Spec& spec) {
  return Flow().add(spec.expect).line("expect") + Flow().add(spec.warn).line("warn");
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
  if (http.expect.limits.latency) {
    out += "        latency: " + format_duration(*http.expect.limits.latency) + "\n";
  }
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
  return out + path_of(tcp) + limits_of(tcp);
}

std::string spec_text(const IcmpSpec& icmp) {
  std::string out = "    icmp:\n      host: " + yaml_quoted(icmp.host) + "\n";
  out += "      count: " + std::to_string(icmp.count) + "\n";
  out += "      interval: " + format_duration(icmp.interval) + "\n";
  out += "      size: " + std::to_string(icmp.size) + "\n";
  if (icmp.ttl != 0) out += line("ttl", std::to_string(icmp.ttl));
  if (icmp.dscp != 0) out += line("dscp", std::to_string(icmp.dscp));
  if (icmp.dont_fragment) out += line("dont_fragment", "true");
  Flow expect;
  if (icmp.loss) expect.add("loss", fraction(*icmp.loss));
  Flow warn;
  if (icmp.warn_loss) warn.add("loss", fraction(*icmp.warn_loss));
  return out + path_of(icmp) + expect.add(icmp.expect).line("expect") +
         warn.add(icmp.warn).line("warn");
}

std::string spec_text(const DnsSpec& dns) {
  constexpr std::array<std::string_view, 3> kTransports{"udp", "tcp", "tls"};
  std::string out = "    dns:\n" + line("server", yaml_quoted(host_port(dns.host, dns.port)));
  out += line("name", yaml_quoted(dns.name)) + line("type", dns.type);
  out += line("transport", kTransports[static_cast<std::size_t>(dns.transport)]);
  if (const auto tls = tls_text(dns.tls); tls != "{}") out += line("tls", tls);
  Flow expect;
  expect.add("rcode", dns.rcode);
  const auto answer = Flow().add(dns.answer);
  if (!answer.empty()) expect.add("answer", answer.text());
  if (dns.authoritative) expect.add("authoritative", *dns.authoritative ? "true" : "false");
  if (dns.authenticated) expect.add("authenticated", *dns.authenticated ? "true" : "false");
  return out + path_of(dns) + expect.add(dns.expect).line("expect") +
         Flow().add(dns.warn).line("warn");
}

std::string spec_text(const HandshakeSpec& tls) {
  std::string out = "    tls:\n" + line("address", yaml_quoted(host_port(tls.host, tls.port)));
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) out += line(key, yaml_quoted(value));
  };
  add("ca", tls.tls.ca_file);
  add("certificate", tls.tls.certificate_file);
  add("key", tls.tls.key_file);
  add("server_name", tls.tls.server_name);
  if (tls.tls.min_version != "1.2") add("min_version", tls.tls.min_version);
  if (tls.tls.skip_verify) out += line("skip_verify", "true");
  return out + path_of(tls) + limits_of(tls);
}

std::string spec_text(const GrpcSpec& grpc) {
  std::string out = "    grpc:\n" + line("address", yaml_quoted(host_port(grpc.host, grpc.port)));
  if (!grpc.service.empty()) out += line("service", yaml_quoted(grpc.service));
  Flow metadata;
  for (const auto& [key, value] : grpc.metadata) {
    metadata.add(yaml_quoted(key).c_str(), kHidden);
  }
  out += metadata.line("metadata");
  if (grpc.tls) out += line("tls", tls_text(*grpc.tls));
  return out + path_of(grpc) + limits_of(grpc);
}

std::string spec_text(const UdpSpec& udp) {
  std::string out = "    udp:\n" + line("address", yaml_quoted(host_port(udp.host, udp.port)));
  out += line("send", kHidden);
  if (!udp.pattern.empty()) out += line("expect", yaml_quoted(udp.pattern));
  return out + path_of(udp);
}

std::string spec_text(const ExecSpec& exec) {
  // The program is no secret; an argument may be.
  std::string command = exec.command.empty() ? "" : yaml_quoted(exec.command[0]);
  for (std::size_t i = 1; i < exec.command.size(); ++i) command += std::string(", ") + kHidden;
  std::string out = "    exec:\n" + line("command", "[" + command + "]");
  out += line("max_output", std::to_string(exec.max_output) + "B");
  out += line("max_memory", std::to_string(exec.max_memory) + "B");
  return out + limits_of(exec);
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
