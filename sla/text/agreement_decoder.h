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
#include "sla/text/agreement.h"

namespace nines::sla {

// Nothing when anything was complained of. No file that a check names is opened: who verifies a
// text elsewhere has none of them. A base that is a preset is put under the text
// (sla/text/presets.h); the digest is of the whole.
std::optional<Agreement> decode_agreement(const config::Node& file, config::Complaints& complaints);

// The same from a text or a file; the error's message holds all complaints, one a line.
Expected<Agreement> read_agreement(std::string_view text, const std::string& file_name);
Expected<Agreement> read_agreement_file(const std::string& path);

}  // namespace nines::sla
