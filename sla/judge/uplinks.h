// SPDX-License-Identifier: Apache-2.0
// When each vantage's uplink was lost, by one agreement's canaries (S11). Computed once for each
// vantage, however many checks and objectives ask.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sla/judge/service_timelines.h"
#include "sla/rules/canaries.h"
#include "sla/text/agreement.h"
#include "sla/words/warning.h"

namespace nines::sla {

class Uplinks {
 public:
  // Both must outlive it.
  Uplinks(const Agreement& agreement, const SampleStore& store)
      : agreement_(agreement), store_(store) {}

  // A canary without a single result from this vantage goes to `warnings`, the first time.
  const std::vector<UplinkLoss>& losses_of(const std::string& vantage,
                                           std::vector<Warning>& warnings);

 private:
  std::vector<UplinkLoss> compute(const std::string& vantage, std::vector<Warning>& warnings);

  const Agreement& agreement_;
  const SampleStore& store_;
  std::map<std::string, std::vector<UplinkLoss>> known_;
};

}  // namespace nines::sla
