// SPDX-License-Identifier: Apache-2.0
// Agreements as OpenSLO v1 documents, and back. What OpenSLO can say is said in its own fields; the
// whole of our text travels as annotations with the prefix "nines/", so that our own export comes
// back with the same digest. What the other side will not understand is listed, never hidden.
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "config/yaml.h"
#include "sla/text/agreement.h"

namespace nines::sla {

struct Carried {
  std::string text;                // YAML
  std::vector<std::string> notes;  // what could not be carried, or what must be filled in
};

// One Service document for each service in scope, one SLO document for each objective.
Carried export_openslo(const Agreement& agreement, const config::Node& file);

// An agreement out of Service, SLI and SLO documents. Of a foreign file it is a draft: OpenSLO has
// no checks, so `measurement.checks` is left to be written, and so are the dates.
Expected<Carried> import_openslo(std::string_view text, const std::string& file_name);

}  // namespace nines::sla
