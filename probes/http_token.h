// SPDX-License-Identifier: Apache-2.0
// OAuth 2 client credentials (RFC 6749, 4.4): a token asked for when it is needed and kept until
// half a minute before it expires. Its exchange is no phase of the service, and no text of ours
// ever holds a token or a secret. It goes the check's own way: its proxy, family, source and CA.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "model/check.h"
#include "probes/run.h"

namespace nines::probes {

struct Tools;

class Tokens {
 public:
  static constexpr std::size_t kLimit = 1024;  // one more empties the cache

  std::optional<std::string> find(const OAuth2Spec& spec, BootTime now) const;
  void keep(const OAuth2Spec& spec, std::string token, BootTime until);
  void forget(const OAuth2Spec& spec);

 private:
  struct Kept {
    std::string token;
    BootTime until;
  };

  std::unordered_map<std::string, Kept> kept_;
};

struct TokenResult {
  std::string token;
  bool kept = false;  // from an earlier run
  Failure failure;    // http_token, or this host's own trouble
};

// Of spec.oauth2, which must be there. `spec` must outlive the call.
Task<TokenResult> obtain_token(Run& run, Tools tools, const HttpSpec& spec);

// From the body of a token server's answer: the token and for how long it is good; an Error says
// what is wrong. RFC 6749, 5.1.
struct IssuedToken {
  std::string text;
  Duration lasts{0};
};

Expected<IssuedToken> read_token(std::string_view body);

}  // namespace nines::probes
