// SPDX-License-Identifier: Apache-2.0
#include "probes/http_url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace nines::probes {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)>;

Handle make_handle() { return {::curl_url(), &::curl_url_cleanup}; }

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* found = nullptr;
  if (::curl_url_get(url, part, &found, flags) != CURLUE_OK) return {};
  std::string text(found);
  ::curl_free(found);
  return text;
}

Unexpected<Error> refuse(const std::string& text, CURLUcode code) {
  return fail("\"" + text.substr(0, 100) + "\": " + ::curl_url_strerror(code));
}

Expected<Url> take_apart(CURLU* handle, const std::string& text) {
  Url url;
  url.scheme = part_of(handle, CURLUPART_SCHEME);
  if (url.scheme != "http" && url.scheme != "https") {
    return fail("\"" + text.substr(0, 100) + "\" is neither http nor https");
  }
  url.host = part_of(handle, CURLUPART_HOST);
  std::transform(url.host.begin(), url.host.end(), url.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const bool ascii = std::all_of(url.host.begin(), url.host.end(), [](char c) { return c > 0; });
  if (!ascii) {
    return fail("\"" + text.substr(0, 100) + "\": write the host in ASCII, as xn--…");
  }
  const auto port = part_of(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto number = port.empty() ? 0UL : std::strtoul(port.c_str(), nullptr, 10);
  if (url.host.empty() || number < 1 || number > 65535) {
    return fail("\"" + text.substr(0, 100) + "\" names no host and port");
  }
  url.port = static_cast<std::uint16_t>(number);
  url.user = part_of(handle, CURLUPART_USER, CURLU_URLDECODE);
  url.password = part_of(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
  for (const auto part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    ::curl_url_set(handle, part, nullptr, 0);
  }
  ::curl_url_set(handle, CURLUPART_HOST, url.host.c_str(), 0);
  url.text = part_of(handle, CURLUPART_URL);
  return url;
}

}  // namespace

std::string Url::origin() const { return scheme + "://" + host + ":" + std::to_string(port); }

Expected<Url> parse_url(const std::string& text) {
  const auto handle = make_handle();
  const auto code = ::curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_URLENCODE);
  if (code != CURLUE_OK) return refuse(text, code);
  return take_apart(handle.get(), text);
}

Expected<std::shared_ptr<const Url>> Urls::get(const std::string& text) {
  if (const auto found = known_.find(text); found != known_.end()) return found->second;
  TRY(url, parse_url(text));
  if (known_.size() >= kLimit) known_.clear();
  auto kept = std::make_shared<const Url>(std::move(url));
  known_.emplace(text, kept);
  return kept;
}

Expected<Url> resolve_url(const Url& base, const std::string& location) {
  const auto handle = make_handle();
  auto code = ::curl_url_set(handle.get(), CURLUPART_URL, base.text.c_str(), 0);
  if (code == CURLUE_OK) {
    code = ::curl_url_set(handle.get(), CURLUPART_URL, location.c_str(), CURLU_URLENCODE);
  }
  if (code != CURLUE_OK) return refuse(location, code);
  TRY(url, take_apart(handle.get(), location));
  url.user.clear();
  url.password.clear();
  return url;
}

Expected<Url> parse_proxy(const std::string& text) {
  const auto handle = make_handle();
  const auto code =
      ::curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  Url url;
  url.scheme = part_of(handle.get(), CURLUPART_SCHEME);
  url.host = part_of(handle.get(), CURLUPART_HOST);
  const auto port = part_of(handle.get(), CURLUPART_PORT);
  const auto number = port.empty() ? 0UL : std::strtoul(port.c_str(), nullptr, 10);
  const bool known = url.scheme == "http" || url.scheme == "socks5";
  if (code != CURLUE_OK || !known || url.host.empty() || number < 1 || number > 65535) {
    // The text may hold a password.
    return fail("a proxy is http://host:port or socks5://host:port");
  }
  url.port = static_cast<std::uint16_t>(number);
  url.user = part_of(handle.get(), CURLUPART_USER, CURLU_URLDECODE);
  url.password = part_of(handle.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
  return url;
}

Expected<std::string> with_host(const Url& url, const std::string& host) {
  const auto handle = make_handle();
  auto code = ::curl_url_set(handle.get(), CURLUPART_URL, url.text.c_str(), 0);
  if (code == CURLUE_OK) code = ::curl_url_set(handle.get(), CURLUPART_HOST, host.c_str(), 0);
  if (code != CURLUE_OK) return refuse(host, code);
  return part_of(handle.get(), CURLUPART_URL);
}

}  // namespace nines::probes
