// SPDX-License-Identifier: Apache-2.0
// The figures of a report as words and numbers for people: what the text and the page both say.
// Availability is rounded down and downtime up, so that no display is better than the truth.
#pragma once

#include <string>
#include <vector>

#include "sla/judge/report.h"
#include "sla/render/report_words.h"

namespace nines::sla {

// "provisional, as of …" or "sealed, revision 2, cut …"
std::string state_text(Language language, const Report& report);

// Groups of three digits: "2 592 000".
std::string grouped(const Integer& value);

// Lengths in nanoseconds as whole seconds: "1 786 s".
std::string seconds_up(Language language, const Rational& ns);
std::string seconds_down(Language language, const Rational& ns);

Rational in_seconds(const Rational& ns);

// "29 d 19 h 49 min 55 s"
std::string duration_text(Language language, std::int64_t seconds);
std::string interval_text(Language language, std::int64_t ns);  // "30 s", "1m", "500ms"

// The number alone of a nominal, worst or best: "99.830", "120.000", "1500.000".
std::string shown_number(const ObjectiveReport& objective, const Rational& value);
// The same with its unit (`unit_of`): "99.830 %", "120.000 ms", "1 500 s".
std::string value_text(Language language, const ObjectiveReport& objective, const Rational& value);
// "target 99.9 %", "at most 2000 ms"
std::string target_text(Language language,
                        const ObjectiveReport& objective,
                        std::string_view target);
// The same where its heading says that it is the target: "99.9 %", "at most 2000 ms".
std::string target_value(Language language,
                         const ObjectiveReport& objective,
                         std::string_view target);
bool is_share(const ObjectiveReport& objective);

// Percent of a share, rounded down: "99.830".
std::string percent(const Rational& share, unsigned decimals);
// `part` of the accountable time, in percent.
std::string share_text(const ObjectiveReport& objective, std::int64_t part_ns, bool round_up);

std::string verdict_text(Language language, const ObjectiveReport& objective);
// "0.41 % unmeasured"
std::string unmeasured_text(Language language, const ObjectiveReport& objective);
// S38, "99.826–99.833"; empty where the outages are exact.
std::string sampling_bounds(const ObjectiveReport& objective);
// "99.826–99.833 by 30 s sampling; 0.41 % unmeasured: 99.421–99.831", or nothing.
std::string bounds_text(Language language, const ObjectiveReport& objective);
// "1 786 s over budget", or nothing.
std::string margin_text(Language language, const ObjectiveReport& objective);
// Where the period is heading, while it runs; or nothing.
std::string outlook_text(Language language, const ObjectiveReport& objective);

// The other forecasts beside the outlook, and how far each was off in the past.
std::vector<std::string> forecast_sentences(Language language, const ObjectiveReport& objective);

// S26: what is claimed and not accepted, and what would be if it were.
std::vector<std::string> dispute_sentences(Language language, const ObjectiveReport& objective);

// What the sampling of an objective cannot see.
// S54: who the supplier is, and by which text; what of ours it covers; what is left in money.
std::string supplier_name(const SupplierReport& supplier);
std::vector<std::string> supplier_sentences(Language language, const SupplierReport& supplier);
std::string uncovered_text(Language language, const Uncovered& uncovered);

// What was told to the customer: how many promises of notices were kept; "first notice"; "…Z – …Z".
std::string notices_text(Language language, const NoticeReport& notices);
std::string promise_text(Language language, const NoticeClock& clock);
std::string span_text(Language language, const NoticeClock& clock);

// Who signed a version, and when: "provider alice (2026-11-02T00:00:00Z), customer none".
std::string hands_text(Language language, const SignedVersion& version);

std::string unseen_text(Language language, const ObjectiveReport& objective);
std::string alert_text(Language language, const BurnAlert& alert);  // "fires", "quiet"
std::string speed_text(const Rational& burn);                       // "14.40"
std::string money_text(const Credits& credits, const Rational& amount);
// "2026-11-01 00:00:00 to 2026-12-01 00:00:00 Asia/Shanghai"
std::string period_text(Language language, const ObjectiveReport& objective);

// One objective in one line: value, target, verdict, bounds, margin.
std::string report_line(const ObjectiveReport& objective, Language language = Language::en);

}  // namespace nines::sla
