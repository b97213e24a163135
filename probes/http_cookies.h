// SPDX-License-Identifier: Apache-2.0
// The cookies of one run, kept over its redirects as a browser keeps them (RFC 6265; "__Secure-"
// and "__Host-" of its revision). Nothing outlives the run. Without a list of public suffixes a
// Domain counts where it is the host itself or a parent of it with a dot inside.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "probes/http_url.h"

namespace nines::probes {

class CookieJar {
 public:
  static constexpr std::size_t kMostCookies = 32;      // the oldest goes for a new one
  static constexpr std::size_t kMostBytes = 16 << 10;  // names and values together

  // Takes what one Set-Cookie line of an answer from `from` says.
  void take(const Url& from, std::string_view line, WallTime now);

  // "a=1; b=2" for a request to `to`: longer paths first, then older cookies. "" for none.
  std::string header_for(const Url& to) const;

  std::size_t size() const { return cookies_.size(); }

 private:
  struct Cookie {
    std::string name, value;
    std::string host;
    bool subdomains = false;  // a Domain was given
    std::string path;
    bool secure = false;
  };

  bool fits(const Cookie& cookie) const;

  std::vector<Cookie> cookies_;  // oldest first
};

}  // namespace nines::probes
