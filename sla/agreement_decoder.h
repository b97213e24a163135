// SPDX-License-Identifier: Apache-2.0
// An agreement's YAML text becomes an Agreement. Strict: what is unknown is a complaint, and so is
// every key that would change a number but is not judged by this version; nothing is ignored
// silently.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "config/yaml.h"
#include "sla/agreement.h"

namespace nines::sla {

// Nothing when anything was complained of. Paths inside checks are relative to `directory`.
std::optional<Agreement> decode_agreement(const config::Node& file,
                                          const std::string& directory,
                                          config::Complaints& complaints);

// The same from a text or a file; the error's message holds all complaints, one a line.
Expected<Agreement> read_agreement(std::string_view text, const std::string& file_name);
Expected<Agreement> read_agreement_file(const std::string& path);

}  // namespace nines::sla
