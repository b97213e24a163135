// SPDX-License-Identifier: Apache-2.0
#include "config/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "config/yaml.h"

namespace nines::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_ipv4(const std::string& text) {
  in_addr out{};
  return inet_pton(AF_INET, text.c_str(), &out) == 1;
}

bool is_ipv6(std::string_view text) {
  if (const auto zone = text.find('%'); zone != std::string_view::npos) {
    const auto name = text.substr(zone + 1);
    const auto fits = [](char c) { return is_ascii_alnum(c) || c == '.' || c == '-' || c == '_'; };
    if (name.empty() || name.size() > 15 || !std::all_of(name.begin(), name.end(), fits)) {
      return false;
    }
    text = text.substr(0, zone);
  }
  in6_addr out{};
  return text.size() < INET6_ADDRSTRLEN &&
         inet_pton(AF_INET6, std::string(text).c_str(), &out) == 1;
}

Expected<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || !is_digit(text[0]) || error != std::errc() ||
      end != text.data() + text.size() || value == 0 || value > 65535) {
    return fail(shown(text) + " is not a port (1 to 65535)");
  }
  return static_cast<std::uint16_t>(value);
}

// Splits "[v6]:port", "host:port", "host"; the port's text is empty where there is no colon.
struct Split {
  std::string_view host;
  std::string_view port;
  bool has_port = false;
};

Expected<Split> split_host_port(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return fail(shown(text) + ": ']' is missing");
    const auto rest = text.substr(close + 1);
    const auto host = text.substr(1, close - 1);
    if (!is_ipv6(host)) return fail(shown(host) + " is not an IPv6 address");
    if (rest.empty()) return Split{host, {}, false};
    if (rest[0] != ':') return fail(shown(text) + ": write [address]:port");
    return Split{host, rest.substr(1), true};
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return Split{text, {}, false};
  if (text.find(':', colon + 1) != std::string_view::npos) {
    return fail(shown(text) + ": an IPv6 address goes in brackets ([2001:db8::1]:443)");
  }
  return Split{text.substr(0, colon), text.substr(colon + 1), true};
}

bool url_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u > 0x20 && u < 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

}  // namespace

Expected<void> check_host(std::string_view host) {
  const auto bad = [&](const char* why) { return fail(shown(host) + " is not a host: " + why); };
  if (host.empty()) return fail("the host is empty");
  if (host.find(':') != std::string_view::npos) {
    if (is_ipv6(host)) return {};
    return bad("it has colons and is no IPv6 address");
  }
  if (host.size() > 253) return bad("it is longer than 253 bytes");
  const auto name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  std::size_t label = 0;
  std::size_t last_label = 0;  // where the last label begins
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (static_cast<unsigned char>(c) >= 0x80) return bad("write its ASCII form (xn--…)");
    if (c == '.') {
      if (label == 0) return bad("a label is empty");
      label = 0;
      last_label = i + 1;
      continue;
    }
    if (!is_ascii_alnum(c) && c != '-' && c != '_')
      return bad("only letters, digits, '-', '_' and '.'");
    if (++label > 63) return bad("a label is longer than 63 bytes");
  }
  if (label == 0) return bad("a label is empty");
  // What ends in a number is an address (WHATWG URL 3.5); "127.1" and "1.2.3.400" are slips.
  const auto last = name.substr(last_label);
  if (std::all_of(last.begin(), last.end(), is_digit) && !is_ipv4(std::string(host))) {
    return bad("it ends in a number and is no IPv4 address");
  }
  return {};
}

Expected<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  TRY(split, split_host_port(text));
  TRY_VOID(check_host(split.host));
  HostPort out{std::string(split.host), default_port};
  if (!split.has_port) {
    if (default_port == 0) return fail(shown(text) + " has no port (write host:port)");
    return out;
  }
  TRY(port, parse_port(split.port));
  out.port = port;
  return out;
}

Expected<HostPort> parse_listen_address(std::string_view text) {
  TRY(split, split_host_port(text));
  const std::string host(split.host);
  if (!is_ipv4(host) && !is_ipv6(host)) {
    return fail(shown(text) + " is not an IP address and a port (write 127.0.0.1:9779)");
  }
  if (split.has_port && split.port == "0") return HostPort{host, 0};
  return parse_host_port(text);
}

std::string text_of(const HostPort& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Expected<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrl) {
    return fail("the URL is longer than " + std::to_string(kMaxUrl) + " bytes");
  }
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) {
    return fail(shown(text) + " is not a URL (write scheme://host/path)");
  }
  Url url;
  for (const char c : text.substr(0, colon)) {
    if (!is_ascii_alnum(c) && c != '+') return fail(shown(text) + " is not a URL");
    url.scheme += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  const auto rest = text.substr(colon + 3);
  const auto bad = std::find_if_not(rest.begin(), rest.end(), url_byte);
  if (bad != rest.end()) {
    return fail(shown(text) + ": byte " + std::to_string(static_cast<unsigned char>(*bad)) +
                " must be written as %XX in a URL");
  }
  if (rest.find('#') != std::string_view::npos) {
    return fail(shown(text) + ": a fragment ('#…') is never sent; leave it out");
  }
  const auto slash = rest.find_first_of("/?");
  const auto authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) url.path = std::string(rest.substr(slash));
  if (authority.find('@') != std::string_view::npos) {
    // The text itself is not shown: it holds a password.
    return fail("a user name in a URL is not allowed (use 'basic' with password_file)");
  }
  TRY(split, split_host_port(authority));
  TRY_VOID(check_host(split.host));
  url.host = std::string(split.host);
  if (split.has_port) {
    TRY(port, parse_port(split.port));
    url.port = port;
  }
  return url;
}

}  // namespace nines::config
