// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/uplinks.h"

#include <algorithm>

namespace nines::sla {

const std::vector<UplinkLoss>& Uplinks::losses_of(const std::string& vantage,
                                                  std::vector<Warning>& warnings) {
  auto found = known_.find(vantage);
  if (found == known_.end()) found = known_.emplace(vantage, compute(vantage, warnings)).first;
  return found->second;
}

std::vector<UplinkLoss> Uplinks::compute(const std::string& vantage,
                                         std::vector<Warning>& warnings) {
  if (!agreement_.canaries) return {};
  const std::vector<std::string>& canaries = *agreement_.canaries;
  std::vector<CanaryResult> results;
  for (std::size_t i = 0; i < canaries.size(); ++i) {
    const auto& groups = store_.of_check(canaries[i]);
    const auto group =
        std::find_if(groups.begin(), groups.end(),
                     [&](const SampleStore::Group& each) { return each.vantage == vantage; });
    if (group == groups.end()) {
      static constexpr Phrase kSilent{"canary '{0}': no results of vantage '{1}'",
                                      "金丝雀 “{0}”：测量点 “{1}” 没有结果"};
      warnings.push_back({kSilent, {canaries[i], vantage}, {}});
      continue;
    }
    // A canary is its URI: how often an agent measures it makes it no other canary.
    for (const Series& series : group->series) {
      for (const Sample& s : series.samples) results.push_back({i, s.at_ns, s.outcome});
    }
  }
  const std::vector<Duration> beliefs(canaries.size(), agreement_.canary_belief);
  return uplink_losses(std::move(results), beliefs);
}

}  // namespace nines::sla
