// SPDX-License-Identifier: Apache-2.0
#include "probes/http_cookies.h"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <charconv>
#include <optional>

#include "probes/http_answer.h"

namespace nines::probes {
namespace {

bool is_literal(const std::string& host) {
  if (host.starts_with('[')) return true;
  asio::error_code not_literal;
  asio::ip::make_address(host, not_literal);
  return !not_literal;
}

// RFC 6265, 5.1.3.
bool within(const std::string& host, const std::string& domain) {
  if (host == domain) return true;
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.' && !is_literal(host);
}

// Without query; at least "/".
std::string path_of(const Url& url) {
  const auto from = url.text.find('/', url.scheme.size() + 3);
  if (from == url.text.npos) return "/";
  const auto path = url.text.substr(from, url.text.find('?', from) - from);
  return path.starts_with('/') ? path : "/";
}

// RFC 6265, 5.1.4.
std::string default_path(const Url& url) {
  const auto path = path_of(url);
  const auto last = path.rfind('/');
  return last == 0 ? "/" : path.substr(0, last);
}

bool path_matches(const std::string& path, const std::string& cookie_path) {
  if (path == cookie_path) return true;
  return path.starts_with(cookie_path) &&
         (cookie_path.ends_with('/') || path[cookie_path.size()] == '/');
}

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7F || c == ';';
  });
}

struct Attributes {
  std::optional<std::string> domain, path;
  bool secure = false;
  bool expired = false;
};

bool is_expired(std::string_view name, const std::string& value, WallTime now) {
  if (same_name(name, "Max-Age")) {
    return value.starts_with('-') || value.find_first_not_of('0') == value.npos;
  }
  const auto when = ::curl_getdate(value.c_str(), nullptr);
  return when >= 0 && when <= now.ns / kSecondNs;
}

Attributes attributes_of(std::string_view rest, WallTime now) {
  Attributes found;
  bool has_max_age = false;  // it goes before Expires
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find(';'), rest.size());
    const auto pair = rest.substr(0, end);
    rest.remove_prefix(end);
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = trim(pair.substr(0, equals));
    const std::string value(equals < pair.size() ? trim(pair.substr(equals + 1)) : "");
    if (same_name(name, "Secure")) found.secure = true;
    if (same_name(name, "Domain")) found.domain = value;
    if (same_name(name, "Path")) found.path = value;
    const bool max_age = same_name(name, "Max-Age") && !value.empty();
    if (max_age || (same_name(name, "Expires") && !has_max_age)) {
      found.expired = is_expired(name, value, now);
    }
    has_max_age = has_max_age || max_age;
  }
  return found;
}

}  // namespace

bool CookieJar::fits(const Cookie& cookie) const {
  auto bytes = cookie.name.size() + cookie.value.size();
  for (const auto& known : cookies_) bytes += known.name.size() + known.value.size();
  return bytes <= kMostBytes && cookies_.size() < kMostCookies;
}

void CookieJar::take(const Url& from, std::string_view line, WallTime now) {
  const auto end = std::min(line.find(';'), line.size());
  const auto pair = line.substr(0, end);
  const auto equals = pair.find('=');
  if (equals == pair.npos) return;
  Cookie cookie;
  cookie.name = trim(pair.substr(0, equals));
  cookie.value = trim(pair.substr(equals + 1));
  if (cookie.name.empty() || !is_clean(cookie.name) || !is_clean(cookie.value)) return;
  if (cookie.name.size() + cookie.value.size() > kMostBytes) return;

  const auto attributes = attributes_of(line.substr(end), now);
  cookie.host = from.host;
  if (attributes.domain && !attributes.domain->empty()) {
    auto domain = *attributes.domain;
    if (domain.starts_with('.')) domain.erase(0, 1);
    std::transform(domain.begin(), domain.end(), domain.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const bool dotted = domain.find('.') != domain.npos && !domain.ends_with('.');
    if (domain != from.host && (!dotted || !within(from.host, domain))) return;
    cookie.subdomains = !is_literal(from.host);
    cookie.host = domain;
  }
  const bool own_path = attributes.path && attributes.path->starts_with('/');
  cookie.path = own_path ? *attributes.path : default_path(from);
  cookie.secure = attributes.secure;
  if (cookie.secure && !from.secure()) return;
  if (cookie.name.starts_with("__Secure-") && !cookie.secure) return;
  if (cookie.name.starts_with("__Host-") &&
      (!cookie.secure || attributes.domain || cookie.path != "/")) {
    return;
  }
  std::erase_if(cookies_, [&](const Cookie& known) {
    return known.name == cookie.name && known.host == cookie.host && known.path == cookie.path;
  });
  if (attributes.expired) return;
  while (!cookies_.empty() && !fits(cookie)) cookies_.erase(cookies_.begin());
  cookies_.push_back(std::move(cookie));
}

std::string CookieJar::header_for(const Url& to) const {
  const auto path = path_of(to);
  std::vector<const Cookie*> sent;
  for (const auto& cookie : cookies_) {
    const bool host = cookie.subdomains ? within(to.host, cookie.host) : to.host == cookie.host;
    if (host && path_matches(path, cookie.path) && (!cookie.secure || to.secure())) {
      sent.push_back(&cookie);
    }
  }
  std::stable_sort(sent.begin(), sent.end(), [](const Cookie* a, const Cookie* b) {
    return a->path.size() > b->path.size();
  });
  std::string text;
  for (const auto* cookie : sent) {
    text += (text.empty() ? "" : "; ") + cookie->name + "=" + cookie->value;
  }
  return text;
}

}  // namespace nines::probes
