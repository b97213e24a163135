// SPDX-License-Identifier: Apache-2.0
// Agreements as files. One with `overlay: {base: NAME@VERSION}` holds only what differs from
// another one, which is found among the files given, else beside it; the two become one text before
// anything is decoded, and the digest is of that one. A base `preset:NAME` is a published text
// (sla/text/presets.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/yaml.h"
#include "sla/text/agreement.h"

namespace nines::sla {

struct AgreementFile {
  std::string path;
  config::Node text;            // with its base resolved
  std::vector<std::string> of;  // files that it was made of, itself first
  Agreement agreement;
};

// Nothing when anything was complained of. `others`: files among which a base may be.
std::optional<AgreementFile> load_agreement(const std::string& path,
                                            const std::vector<std::string>& others,
                                            config::Complaints& complaints);

// The text with its base resolved and the paths read, without decoding it; nothing when it does not
// parse or its base is not found.
std::optional<config::Node> load_resolved(const std::string& path,
                                          const std::vector<std::string>& others,
                                          std::vector<std::string>& of,
                                          config::Complaints& complaints);

}  // namespace nines::sla
