// SPDX-License-Identifier: Apache-2.0
// The pictures of a report's page, as SVG inside it. Colours come from the page's style sheet
// (sla/render/report_style.h) and are never the only sign: downtime is the tallest and solid,
// unmeasured time is hatched, excluded time dotted. Each picture says in words what it shows.
#pragma once

#include <string>

#include "sla/judge/report.h"
#include "sla/render/html.h"
#include "sla/render/report_words.h"

namespace nines::sla {

// The hatches that the other pictures refer to; once in a page, before them.
void plot_patterns(Html& html);

// A small box that looks as `phase` does in the pictures.
void plot_swatch(Html& html, Phase phase);

// What every instant of the period was. `id` is unique in the page.
void plot_course(Html& html,
                 Language language,
                 const ObjectiveReport& objective,
                 const std::string& id);

// The seconds of the period as one bar.
void plot_seconds(Html& html,
                  Language language,
                  const ObjectiveReport& objective,
                  const std::string& id);

// What was left of the budget at every instant, beside even consumption; nothing where the
// objective has no budget.
void plot_budget(Html& html,
                 Language language,
                 const ObjectiveReport& objective,
                 const std::string& id);

// The response times within which shares of the results were answered; nothing where none are
// known.
void plot_latency(Html& html,
                  Language language,
                  const ObjectiveReport& objective,
                  const std::string& id);

// The length of each phase, in the order in which pages name them.
std::vector<std::pair<Phase, std::int64_t>> lengths_by_phase(const Seconds& seconds);

}  // namespace nines::sla
