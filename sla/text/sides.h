// SPDX-License-Identifier: Apache-2.0
// Who the agreement binds, in which language it prevails, and what it is about in words: the scope
// that both sides read, and the needs that objectives serve.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sign.h"
#include "config/yaml.h"
#include "sla/text/section.h"

namespace nines::sla {

struct Languages {
  std::string prevailing;  // whose text decides where translations differ
  std::vector<std::string> also;
};

struct Party {
  std::string id;  // "provider", "customer"; beside them "auditor"
  std::string name;
  std::string contact;
  std::string signing_role;
  std::string signing_key;  // "ed25519:…" as written
};

// The public key that signs for the party, where the text gives it: `ed25519:` and 64 hexadecimal
// digits. Nothing where it only gives the key a name.
std::optional<PublicKey> public_key_of(const Party& party);
// Of "provider" or "customer".
std::optional<PublicKey> signing_key_of(const std::vector<Party>& parties, std::string_view id);

struct ScopedService {
  std::string name;
  LocalText description;
  std::vector<std::string> endpoints;  // URIs of the service, each a target that a check may have
  std::string owner;
};

struct Scope {
  std::vector<ScopedService> services;  // in the file's order
  std::vector<std::string> includes, excludes, scenarios;
};

struct Need {
  std::string id;
  std::string need;
  std::string source;         // survey, interview, workshop: who said so, when
  std::int64_t priority = 0;  // 1 first; 0: not said
};

}  // namespace nines::sla
