// SPDX-License-Identifier: Apache-2.0
// An http or https URL taken apart by libcurl's own parser, so that what we decide about a redirect
// and what libcurl then requests cannot differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/expected.h"

namespace nines::probes {

struct Url {
  std::string scheme;  // "http" or "https"; of a proxy "http" or "socks5"
  std::string host;    // lower case ASCII (international names as xn--…), IPv6 in brackets
  std::uint16_t port = 0;
  std::string user, password;  // decoded; of the URL itself, never part of `text`
  std::string text;            // the whole, without user, password and fragment

  // Credentials stay within one.
  std::string origin() const;

  bool secure() const { return scheme == "https"; }
};

Expected<Url> parse_url(const std::string& text);

// URLs of checks, taken apart once and kept between runs: libcurl's parser costs more than
// preparing the whole request.
class Urls {
 public:
  Expected<std::shared_ptr<const Url>> get(const std::string& text);

  // At most so many are kept; one more empties the cache. Those in use live on.
  static constexpr std::size_t kLimit = 4096;

 private:
  std::unordered_map<std::string, std::shared_ptr<const Url>> known_;
};

// Where `location`, absolute or relative, points to from `base`. A redirect's user and password are
// dropped. Fails for schemes other than http and https.
Expected<Url> resolve_url(const Url& base, const std::string& location);

// http://[user:password@]host:port or socks5://…; `text` stays empty.
Expected<Url> parse_proxy(const std::string& text);

// `url` with another host in its text: libcurl takes the SNI from there.
Expected<std::string> with_host(const Url& url, const std::string& host);

}  // namespace nines::probes
