// SPDX-License-Identifier: Apache-2.0
#include "agent/recheck_text.h"

namespace nines::agent {

std::string recheck_text(const RecheckName& name, const ProbeResult& found) {
  std::string out = name.check + " slot " + std::to_string(name.slot) + " recheck " +
                    std::to_string(name.number) + "/" + std::to_string(name.times) + ": " +
                    std::string(nines::name(found.outcome)) + " " +
                    std::string(nines::name(found.reason));
  if (found.total_us) out += " " + std::to_string(*found.total_us) + "us";
  if (!found.address.empty()) out += " " + found.address;
  if (!found.detail.empty()) out += " " + found.detail;
  return cut_text(std::move(out));
}

}  // namespace nines::agent
