// SPDX-License-Identifier: Apache-2.0
// Recorded results (JSON lines) become series. A line that is no result fails the whole file:
// leaving a failure out could hide downtime. Unknown keys are ignored. At most 20 million of a
// file; bounds of lines and files are those of sla/input/lines.h.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "base/expected.h"
#include "sla/input/samples.h"
#include "sla/words/warning.h"

namespace nines::sla {

struct Results {
  std::vector<Series> series;
  std::vector<Warning> warnings;  // "results.jsonl:17: …"
  std::uint64_t count = 0;        // results kept
  std::uint64_t duplicates = 0;   // delivered again with equal content
  std::uint64_t conflicts = 0;    // same identity, other content: the first stays
};

// Identity of a result is (check, vantage, epoch, seq), or (check, vantage, started) without the
// two.
Expected<Results> read_results(std::istream& in, const std::string& name);
Expected<Results> read_results_file(const std::string& path);

// Texts of several names, as if one followed the other. The lines of one (check, vantage) must
// stand together, so that beside the series nothing is held but one text and the rows of one
// (check, vantage). Of warnings the lines are numbered through.
Expected<Results> read_results_in_parts(
    const std::vector<std::string>& names,
    const std::function<std::string(const std::string& name)>& text_of);

}  // namespace nines::sla
