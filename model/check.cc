// SPDX-License-Identifier: Apache-2.0
#include "model/check.h"

#include <array>
#include <utility>

#include "model/result.h"

namespace nines {
namespace {

constexpr std::array<std::pair<CheckKind, std::string_view>, 8> kKinds{{
    {CheckKind::http, "http"},
    {CheckKind::tcp, "tcp"},
    {CheckKind::icmp, "icmp"},
    {CheckKind::dns, "dns"},
    {CheckKind::tls, "tls"},
    {CheckKind::grpc, "grpc"},
    {CheckKind::udp, "udp"},
    {CheckKind::exec, "exec"},
}};

std::string host_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string target_of(const HttpSpec& s) { return s.url; }

std::string target_of(const TcpSpec& s) {
  return s.unix_path.empty() ? "tcp://" + host_port(s.host, s.port) : "unix:" + s.unix_path;
}

std::string target_of(const IcmpSpec& s) { return "icmp://" + s.host; }

std::string target_of(const DnsSpec& s) {
  const std::uint16_t usual = s.transport == DnsTransport::tls ? 853 : 53;
  const bool v6 = s.host.find(':') != std::string::npos;
  const auto server = s.port != usual ? host_port(s.host, s.port)
                      : v6            ? "[" + s.host + "]"
                                      : s.host;
  return "dns://" + server + "/" + s.name;
}

std::string target_of(const HandshakeSpec& s) { return "tls://" + host_port(s.host, s.port); }

std::string target_of(const GrpcSpec& s) {
  return "grpc://" + host_port(s.host, s.port) + (s.service.empty() ? "" : "/" + s.service);
}

std::string target_of(const UdpSpec& s) { return "udp://" + host_port(s.host, s.port); }

std::string target_of(const ExecSpec& s) {
  return "exec:" + (s.command.empty() ? "" : s.command[0]);
}

const Limits& limits_of(const HttpExpect& e) { return e.limits; }

const Limits& limits_of(const Limits& limits) { return limits; }

}  // namespace

std::string_view name(CheckKind kind) {
  for (const auto& [known, text] : kKinds) {
    if (known == kind) return text;
  }
  return "?";
}

std::optional<CheckKind> parse_check_kind(std::string_view text) {
  for (const auto& [kind, known] : kKinds) {
    if (known == text) return kind;
  }
  return std::nullopt;
}

std::string Check::target() const {
  return std::visit([](const auto& s) { return target_of(s); }, spec);
}

const Limits& Check::expected() const {
  return std::visit([](const auto& s) -> const Limits& { return limits_of(s.expect); }, spec);
}

const Limits& Check::warned() const {
  return std::visit([](const auto& s) -> const Limits& { return limits_of(s.warn); }, spec);
}

std::string_view name(Stamps stamps) {
  switch (stamps) {
    case Stamps::none:
      return "none";
    case Stamps::kernel:
      return "kernel";
    case Stamps::mixed:
      return "mixed";
    case Stamps::program:
      return "program";
  }
  return "?";
}

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
