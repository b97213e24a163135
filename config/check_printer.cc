// SPDX-License-Identifier: Apache-2.0
#include "config/check_printer.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

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

Flow expect_of(const HttpExpect& expect) {
  Flow out;
  std::string ranges;
  for (const auto& range : expect.status) {
    ranges += (ranges.empty() ? "" : ",") + std::to_string(range.first);
    if (range.last != range.first) ranges += "-" + std::to_string(range.last);
  }
  if (!ranges.empty()) out.add("status", "\"" + ranges + "\"");
  if (!expect.version.empty()) out.add("version", list_of(expect.version));
  if (!expect.body.empty()) out.add("body", Flow().add(expect.body).text());
  std::string headers;
  for (const auto& header : expect.headers) {
    auto one = Flow().add("name", yaml_quoted(header.name)).add(header.value);
    if (header.allow_missing) one.add("allow_missing", "true");
    headers += (headers.empty() ? "" : ", ") + one.text();
  }
  if (!headers.empty()) out.add("headers", "[" + headers + "]");
  constexpr std::array<const char*, 5> kOps{"equals", "not_equals", "below", "above", "exists"};
  std::string json;
  for (const auto& one : expect.json) {
    json +=
        (json.empty() ? "" : ", ") + Flow()
                                         .add("pointer", yaml_quoted(one.pointer))
                                         .add(kOps[static_cast<std::size_t>(one.op)], one.operand)
                                         .text();
  }
  if (!json.empty()) out.add("json", "[" + json + "]");
  if (expect.modified_within) out.add("modified_within", format_duration(*expect.modified_within));
  return out.add(expect.limits);
}

std::string oauth2_of(const OAuth2Spec& oauth2) {
  return Flow()
      .add("token_url", yaml_quoted(oauth2.token_url))
      .add("client_id", yaml_quoted(oauth2.client_id))
      .add("client_secret", kHidden)
      .add("scopes", list_of(oauth2.scopes))
      .line("oauth2");
}

std::string spec_text(const HttpSpec& http) {
  constexpr std::array<const char*, 6> kCodings{"", "identity", "gzip", "deflate", "br", "zstd"};
  std::string out = "    http:\n" + line("url", yaml_quoted(http.url));
  out += line("method", http.method);
  if (!http.headers.empty()) out += "      headers:\n";
  for (const auto& [name, value] : http.headers) {
    out += "        " + yaml_quoted(name) + ": " + (is_open(name) ? yaml_quoted(value) : kHidden) +
           "\n";
  }
  if (!http.body.empty()) out += line("body", kHidden);
  if (http.compression != Compression::none) {
    out += line("compression", kCodings[static_cast<std::size_t>(http.compression)]);
  }
  out += line("max_body", std::to_string(http.max_body) + "B");
  out += line("redirects", std::to_string(http.redirects));
  if (http.oauth2) out += oauth2_of(*http.oauth2);
  if (!http.proxy.empty()) out += line("proxy", kHidden);  // may hold a password
  out += path_of(http);
  if (http.all_addresses) out += line("addresses", "all");
  if (!http.resolve.empty()) out += line("resolve", yaml_quoted(http.resolve));
  if (const auto tls = tls_text(http.tls); tls != "{}") out += line("tls", tls);
  return out + expect_of(http.expect).line("expect") + expect_of(http.warn).line("warn");
}

std::string step_text(const TcpStep& step) {
  switch (step.kind) {
    case TcpStep::Kind::send:
      return std::string("send: ") + kHidden;
    case TcpStep::Kind::expect:
      return "expect: " + yaml_quoted(step.bytes);
    case TcpStep::Kind::expect_bytes:
      return "expect_hex: \"" + to_hex(as_bytes(step.bytes)) + "\"";
    case TcpStep::Kind::starttls:
      break;
  }
  return "starttls: true";
}

std::string spec_text(const TcpSpec& tcp) {
  constexpr std::array<std::string_view, 8> kProtocols{"",    "smtp", "imap",       "pop3",
                                                       "ftp", "ldap", "postgresql", "mysql"};
  const auto address =
      tcp.unix_path.empty() ? host_port(tcp.host, tcp.port) : "unix:" + tcp.unix_path;
  std::string out = "    tcp:\n" + line("address", yaml_quoted(address));
  if (tcp.tls) out += line("tls", tls_text(*tcp.tls));
  if (tcp.starttls != StartTls::none) {
    out += line("starttls", kProtocols[static_cast<std::size_t>(tcp.starttls)]);
  }
  if (!tcp.steps.empty()) out += "      steps:\n";
  for (const auto& step : tcp.steps) out += "        - " + step_text(step) + "\n";
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
  Flow expect;
  if (!udp.pattern.empty()) expect.add("matches", yaml_quoted(udp.pattern));
  return out + expect.add(udp.expect).line("expect") + Flow().add(udp.warn).line("warn") +
         path_of(udp);
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
