// SPDX-License-Identifier: Apache-2.0
// People who speak to the collector: each has a party and the agreements that it may see. The
// configuration names them; a certificate with the SAN nines:actor:NAME, or the Unix socket, says
// which one speaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml.h"

namespace nines::collector {

enum class Party { provider, customer, auditor };

std::string_view name(Party party);
std::optional<Party> parse_party(std::string_view text);

struct Actor {
  std::string name;
  Party party = Party::auditor;  // who only reads and annotates
  bool sees_all = false;
  std::vector<std::string> agreements;  // unless it sees all
  bool local = false;                   // speaks by the Unix socket, and by it alone

  bool sees(std::string_view agreement) const;
};

inline constexpr std::size_t kMaxActors = 10'000;

class Actors {
 public:
  Actors() = default;

  explicit Actors(std::vector<Actor> list) : list_(std::move(list)) {}

  // Of a certificate: never the local one.
  const Actor* find(std::string_view name) const;
  const Actor* local() const;

  const std::vector<Actor>& list() const { return list_; }

 private:
  std::vector<Actor> list_;
};

// `actors:` of a collector's configuration. Names are unique; at most one is local.
Actors decode_actors(const config::Node& node, config::Complaints& complaints);

std::string print_actors(const Actors& actors);  // as YAML, in the collector's section

}  // namespace nines::collector
