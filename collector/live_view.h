// SPDX-License-Identifier: Apache-2.0
// Who looks at the live page, and what of it they see: the parties of an agreement see the same.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/actors.h"
#include "collector/live.h"

namespace nines::collector {

inline constexpr std::size_t kMostShown = 100;   // agreements in one answer
inline constexpr std::size_t kMostAgents = 500;  // and agents

struct Viewer {
  const Actor* actor = nullptr;          // who sees its own agreements; null: who sees everything
  std::optional<std::string> agreement;  // the only one that is asked for
};

struct Visible {
  std::vector<const LiveAgreement*> agreements;
  // By name; null: an agreement names it, and nothing of it is here.
  std::vector<std::pair<std::string, const LiveAgent*>> agents;
  std::size_t more_agreements = 0, more_agents = 0;
};

Visible visible_to(const Viewer& viewer, const Live& live);

// The document of GET /v1/live (docs/page.md). `age`: since it was taken, whatever became of the
// wall clock.
std::string live_json(const Live& live, const Visible& visible, WallTime now, Duration age);

}  // namespace nines::collector
