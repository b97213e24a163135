// SPDX-License-Identifier: Apache-2.0
// What a restatement changed (S60): two reports on one period, compared where they speak of the
// same.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace nines::collector {

// {"objectives":[{"name":…,"service":…,"before":{…},"after":{…}}],
//  "credits":{"before":…,"after":…}}
// Of each objective that changed its verdict, value, figures and seconds; `credits` where they
// differ. Texts that are no reports differ in nothing.
nlohmann::json report_difference(const std::string& before, const std::string& after);

}  // namespace nines::collector
