// SPDX-License-Identifier: Apache-2.0
// Verdicts on a whole answer: pure functions, each with a truth table in the tests. The same
// expectations decide an outcome (`expect`) or only warn (`warn`).
#pragma once

#include <vector>

#include "probes/http_answer.h"
#include "probes/patterns.h"

namespace nines::probes {

Failure judge_status(const HttpExpect& expect, int status);
Failure judge_version(const HttpExpect& expect, const std::string& version);

// Each line of a header counts: `matches` needs one that matches, `not_matches` none. A header that
// is absent fails unless it may be missing.
Failure judge_header(const HeaderExpect& expect, const HttpAnswer& answer, Patterns& patterns);

// Last-Modified against this host's clock. A date in the future has no age.
Failure judge_age(const HttpExpect& expect, const HttpAnswer& answer, WallTime now);

// What was asked for must be what came; what was not asked for cannot be read.
Failure judge_coding(Compression asked, bool body_is_read, const HttpAnswer& answer);

Failure judge_body(const PatternSpec& body, const HttpAnswer& answer, Patterns& patterns);
Failure judge_json(const std::vector<JsonExpect>& json, const HttpAnswer& answer);

// All that is not as expected, in the order above. For an outcome the first one counts.
std::vector<Failure> judge_answer(const HttpExpect& expect,
                                  Compression asked,
                                  const HttpAnswer& answer,
                                  WallTime now,
                                  Patterns& patterns);

}  // namespace nines::probes
