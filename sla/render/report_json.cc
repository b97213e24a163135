// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_json.h"

#include <nlohmann/json.hpp>

#include "sla/render/report_sentences.h"

namespace nines::sla {
namespace {

using Json = nlohmann::ordered_json;

// A whole number of seconds, or a string "26748/10".
Json seconds_json(const Rational& ns) {
  const Rational value = in_seconds(ns);
  if (value.floor() == value.ceil() && value.floor().fits_int64()) {
    return value.floor().to_int64();
  }
  return tenths_text(value);
}

Json instant(std::int64_t ns) { return format_rfc3339(WallTime{ns}); }

Json ratio(const ObjectiveReport& o, const std::optional<Rational>& value) {
  if (!value) return nullptr;
  const Unit unit = unit_of(o);
  if (unit == Unit::time_share) return ratio_text(*value);
  if (unit == Unit::nanoseconds) {
    const Rational length = in_seconds(*value).reduced();
    return length.numerator().text() + "/" + length.denominator().text();
  }
  return value->numerator().text() + "/" + value->denominator().text();
}

// Percent of a share; milliseconds of a latency in µs; seconds of an outage. Rounded down.
Json shown(const ObjectiveReport& o, const std::optional<Rational>& value) {
  if (!value) return nullptr;
  switch (unit_of(o)) {
    case Unit::microseconds:
      return floor_text(*value * Rational(Integer(1), Integer(1000)), o.decimals);
    case Unit::nanoseconds:
      return floor_text(in_seconds(*value), o.decimals);
    default:
      return floor_text(*value * Rational(100), o.decimals);
  }
}

Json percent(const ObjectiveReport& o, const std::optional<Rational>& share) {
  if (!share) return nullptr;
  return floor_text(*share * Rational(100), o.decimals);
}

Json seconds_json(const Seconds& s) {
  return Json{{"not_in_force", seconds_json(s.not_in_force)},
              {"out_of_hours", seconds_json(s.out_of_hours)},
              {"future", seconds_json(s.future)},
              {"excluded", seconds_json(s.excluded)},
              {"unknown", seconds_json(s.unknown)},
              {"down", seconds_json(s.down)},
              {"up", seconds_json(s.up)}};
}

// In order of name; what took no time is left out.
Json causes_json(const CauseLengths& lengths) {
  std::map<std::string, std::int64_t> by_name;
  for (const auto& [cause, length] : lengths) by_name[std::string(name(cause))] += length;
  Json out = Json::object();
  for (const auto& [cause, length] : by_name) out[cause] = seconds_json(length);
  return out;
}

Json lengths_json(const std::vector<std::pair<std::string, std::int64_t>>& lengths) {
  Json out = Json::object();
  for (const auto& [name, length] : lengths) out[name] = seconds_json(length);
  return out;
}

Json outages_json(const std::vector<Outage>& outages) {
  Json out = Json::array();
  for (const Outage& outage : outages) {
    out.push_back(Json{{"from", instant(outage.whole.from)},
                       {"to", instant(outage.whole.to)},
                       {"down_s", seconds_json(outage.down_ns)},
                       {"whole_down_s", seconds_json(outage.whole_down_ns)},
                       {"min_s", seconds_json(outage.least_ns)},
                       {"max_s", seconds_json(outage.most_ns)},
                       {"counted", outage.counted},
                       {"cause", outage.cause.empty() ? Json(nullptr) : Json(outage.cause)}});
  }
  return out;
}

Json budget_json(const std::optional<Budget>& budget) {
  if (!budget) return nullptr;
  return Json{{"total_s", seconds_json(budget->total_ns)},
              {"used_s", seconds_json(budget->used_ns)},
              {"left_s", seconds_json(budget->left_ns())}};
}

// An estimate: a decimal of seconds, rounded up to milliseconds.
Json seconds_up(const std::optional<Rational>& ns) {
  if (!ns) return nullptr;
  constexpr unsigned kMilliseconds = 3;
  return ceil_text(in_seconds(*ns), kMilliseconds);
}

Json forecast_json(const std::optional<Forecast>& forecast) {
  if (!forecast) return nullptr;
  const Rational projected = in_seconds(forecast->projected_ns);
  Json out{{"burn", reduced_text(forecast->burn)},
           {"projected_down_s", reduced_text(projected)},
           {"exhausted_at", nullptr}};
  if (forecast->exhausted_at) out["exhausted_at"] = instant(forecast->exhausted_at->ns);
  out["recent_projected_down_s"] = seconds_up(forecast->recent_projected_ns);
  out["resample"] = nullptr;
  if (const auto& drawn = forecast->resampled) {
    out["resample"] = Json{{"draws", drawn->draws},
                           {"seed", drawn->seed},
                           {"days", drawn->days},
                           {"breaches", drawn->breaches},
                           {"projected_down_s", seconds_up(drawn->projected_ns)}};
  }
  out["back_test"] = nullptr;
  if (const auto& back = forecast->back_test) {
    out["back_test"] = Json{{"periods", back->periods},
                            {"to_date_error_s", seconds_up(back->to_date_ns)},
                            {"recent_error_s", seconds_up(back->recent_ns)},
                            {"resample_error_s", seconds_up(back->resampled_ns)}};
  }
  return out;
}

Json versions_json(const ObjectiveReport& o) {
  Json out = Json::array();
  for (const VersionPart& part : o.versions) {
    out.push_back(Json{{"version", part.version},
                       {"seconds", seconds_json(part.seconds)},
                       {"nominal", ratio(o, part.nominal)},
                       {"verdict", name(part.verdict)}});
  }
  return out;
}

Json slices_json(const std::optional<Slices>& slices) {
  if (!slices) return nullptr;
  return Json{{"good", slices->good}, {"with_data", slices->with_data}, {"empty", slices->empty}};
}

Json interval_json(const std::optional<Interval95>& interval) {
  if (!interval) return nullptr;
  constexpr unsigned kDecimals = 15;
  Json out{{"low", floor_text(interval->low, kDecimals)},
           {"high", floor_text(interval->high, kDecimals)},
           {"failure_upper", nullptr}};
  if (interval->failure_upper) {
    out["failure_upper"] = floor_text(*interval->failure_upper, kDecimals);
  }
  return out;
}

Json percentiles_json(const std::vector<std::pair<std::string, std::int64_t>>& percentiles) {
  if (percentiles.empty()) return nullptr;
  Json out = Json::object();
  for (const auto& [name, us] : percentiles) out[name] = us;
  return out;
}

Json burn_json(const std::vector<BurnAlert>& burn) {
  Json out = Json::array();
  for (const BurnAlert& each : burn) {
    Json alert{{"severity", each.severity},
               {"long_s", seconds_json(each.long_window.count())},
               {"short_s", seconds_json(each.short_window.count())},
               {"threshold", reduced_text(each.threshold)},
               {"long", reduced_text(each.long_burn)},
               {"short", reduced_text(each.short_burn)},
               {"bad_results", each.bad_results},
               {"frozen", each.frozen},
               {"fires", each.fires},
               {"exhausts_in_s", nullptr}};
    if (each.exhausts_in_ns) {
      const Rational seconds = in_seconds(*each.exhausts_in_ns);
      alert["exhausts_in_s"] = reduced_text(seconds);
    }
    out.push_back(std::move(alert));
  }
  return out;
}

void put_figures(const ObjectiveReport& o, Json& out) {
  out["target"] = o.target;
  out["value"] = shown(o, o.nominal);
  out["nominal"] = ratio(o, o.nominal);
  out["worst"] = ratio(o, o.worst);
  out["best"] = ratio(o, o.best);
  out["coverage"] = o.coverage ? Json(ratio_text(*o.coverage)) : Json(nullptr);
  out["verdict"] = name(o.verdict);
  out["certain"] = o.certain ? Json(*o.certain) : Json(nullptr);
  out["budget"] = budget_json(o.budget);
  out["outlook"] = o.outlook ? Json(name(*o.outlook)) : Json(nullptr);
  out["forecast"] = forecast_json(o.forecast);
  out["burn"] = burn_json(o.burn);
  out["resolution_s"] = seconds_json(o.resolution_ns);
  out["believed_s"] = seconds_json(o.believed_ns);
  out["unseen_down_s95"] = seconds_up(o.unseen_down_95_ns);
  out["worst_value"] = shown(o, o.worst);
  out["best_value"] = shown(o, o.best);
  out["coverage_value"] = percent(o, o.coverage);
  out["sampling"] = Json{{"down_min_s", seconds_json(o.least_down_ns)},
                         {"down_max_s", seconds_json(o.most_down_ns)}};
  out["slices"] = slices_json(o.slices);
  out["samples"] = o.samples;
  out["percentiles_us"] = percentiles_json(o.percentiles_us);
  out["sketch_us"] = percentiles_json(o.sketch_us);
  out["interval95"] = interval_json(o.interval95);
}

Json disputed_json(const std::vector<Dispute>& disputes) {
  Json out = Json::array();
  for (const Dispute& each : disputes) {
    out.push_back(Json{{"id", each.claim.id},
                       {"kind", each.claim.kind},
                       {"from", instant(each.claim.span.from)},
                       {"to", instant(each.claim.span.to)},
                       {"down_s", seconds_json(each.down_ns)}});
  }
  return out;
}

Json accepted_json(const ObjectiveReport& o) {
  if (!o.if_accepted) return nullptr;
  const IfAccepted& other = *o.if_accepted;
  return Json{{"seconds", seconds_json(other.seconds)},
              {"value", shown(o, other.nominal)},
              {"nominal", ratio(o, other.nominal)},
              {"worst", ratio(o, other.worst)},
              {"best", ratio(o, other.best)},
              {"coverage", other.coverage ? Json(ratio_text(*other.coverage)) : Json(nullptr)},
              {"verdict", name(other.verdict)}};
}

Json objective_json(const ObjectiveReport& o) {
  Json out;
  out["name"] = o.name;
  out["service"] = o.service;
  out["statistic"] = name(o.statistic);
  const bool method = o.statistic == Objective::Statistic::availability;
  out["method"] = method ? Json(name(o.method)) : Json(nullptr);
  out["period"] = Json{{"from", instant(o.period.from)},
                       {"to", instant(o.period.to)},
                       {"zone", o.zone.name()},
                       {"length_s", seconds_json(o.period.to - o.period.from)}};
  out["seconds"] = seconds_json(o.seconds);
  out["blip_s"] = seconds_json(o.blip_ns);
  out["blips"] = o.blips;
  out["partial_s"] = seconds_json(o.partial_ns);
  out["forgiven_short_s"] = seconds_json(o.forgiven_short_ns);
  out["forgiven_excluded_s"] = seconds_json(o.forgiven_excluded_ns);
  out["excluded_by"] = lengths_json(o.excluded_by);
  out["down_by"] = lengths_json(o.down_by);
  out["unknown_by"] = causes_json(o.unknown_by);
  out["outages"] = outages_json(o.outages);
  out["disputed"] = disputed_json(o.disputed);
  out["if_accepted"] = accepted_json(o);
  put_figures(o, out);
  out["versions"] = versions_json(o);
  out["blended_target"] = o.blended_target
                              ? Json(floor_text(*o.blended_target * Rational(100), o.decimals))
                              : Json(nullptr);
  out["blended_verdict"] = o.blended_verdict ? Json(name(*o.blended_verdict)) : Json(nullptr);
  out["also_report"] = Json::array();
  for (const ObjectiveReport& each : o.also) out["also_report"].push_back(objective_json(each));
  return out;
}

Json rational_seconds(const std::optional<Rational>& ns) {
  if (!ns) return nullptr;
  return reduced_text(in_seconds(*ns));
}

Json support_json(const SupportReport& line) {
  Json clocks = Json::array();
  for (const SupportClock& each : line.clocks) {
    clocks.push_back(Json{{"incident", each.incident},
                          {"clock", each.clock},
                          {"opened", instant(each.opened.ns)},
                          {"limit_s", seconds_json(each.limit_ns)},
                          {"elapsed_s", seconds_json(each.elapsed_ns)},
                          {"due", each.due ? instant(each.due->ns) : Json(nullptr)},
                          {"verdict", each.verdict ? Json(name(*each.verdict)) : Json(nullptr)}});
  }
  return Json{{"priority", line.priority},
              {"incidents", line.incidents},
              {"responded_in_time", line.responded_in_time},
              {"resolved_in_time", line.resolved_in_time},
              {"mtta_s", rational_seconds(line.mtta_ns)},
              {"mttr_s", rational_seconds(line.mttr_ns)},
              {"mtbf_s", rational_seconds(line.mtbf_ns)},
              {"clocks", clocks}};
}

Json notices_json(const NoticeReport& notices) {
  Json clocks = Json::array();
  for (const NoticeClock& each : notices.clocks) {
    clocks.push_back(Json{{"incident", each.incident},
                          {"service", each.service},
                          {"clock", each.clock},
                          {"from", instant(each.from.ns)},
                          {"to", each.to ? instant(each.to->ns) : Json(nullptr)},
                          {"limit_s", seconds_json(each.limit_ns)},
                          {"elapsed_s", seconds_json(each.elapsed_ns)},
                          {"due", each.due ? instant(each.due->ns) : Json(nullptr)},
                          {"verdict", each.verdict ? Json(name(*each.verdict)) : Json(nullptr)}});
  }
  return Json{{"incidents", notices.incidents},
              {"met", notices.count(Verdict::met)},
              {"breached", notices.count(Verdict::breached)},
              {"clocks", clocks}};
}

// A decimal where it ends within 12 places, else rounded down there.
std::string percent_text(const Rational& percent) {
  constexpr unsigned kPlaces = 12;
  std::string text = floor_text(percent, kPlaces);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

Json credits_json(const std::optional<Credits>& credits) {
  if (!credits) return nullptr;
  Json lines = Json::array();
  for (const CreditLine& each : credits->lines) {
    lines.push_back(Json{{"objective", each.objective},
                         {"version", each.version},
                         {"verdict", name(each.verdict)},
                         {"percent", percent_text(each.percent)},
                         {"amount", floor_text(each.amount, credits->minor_digits)}});
  }
  return Json{
      {"currency", credits->currency},
      {"fee", floor_text(credits->fee, credits->minor_digits)},
      {"percent", percent_text(credits->percent)},
      {"amount", floor_text(credits->amount, credits->minor_digits)},
      {"claim_until", credits->claim_until ? instant(credits->claim_until->ns) : Json(nullptr)},
      {"lines", lines}};
}

Json supplier_json(const SupplierReport& supplier) {
  Json objectives = Json::array();
  for (const ObjectiveReport& each : supplier.objectives) {
    objectives.push_back(objective_json(each));
  }
  Json backs = Json::array();
  for (const Backing& each : supplier.backs) {
    Json back{{"objective", each.objective}, {"promise", each.promise},
              {"verdict", name(each.ours)},  {"supplier_verdict", name(each.theirs)},
              {"caused_s", nullptr},         {"covered_s", nullptr},
              {"uncovered_s", nullptr}};
    if (each.caused_ns && each.covered_ns) {
      back["caused_s"] = seconds_json(*each.caused_ns);
      back["covered_s"] = seconds_json(*each.covered_ns);
      back["uncovered_s"] = seconds_json(*each.caused_ns - *each.covered_ns);
    }
    backs.push_back(std::move(back));
  }
  return Json{{"name", supplier.name},
              {"agreement", supplier.agreement},
              {"preset", supplier.preset},
              {"objectives", objectives},
              {"credits", credits_json(supplier.credits)},
              {"backs", backs}};
}

Json uncovered_json(const std::optional<Uncovered>& uncovered) {
  if (!uncovered) return nullptr;
  const unsigned digits = uncovered->minor_digits;
  return Json{{"currency", uncovered->currency},
              {"owed", floor_text(uncovered->owed, digits)},
              {"claimable", floor_text(uncovered->claimable, digits)},
              {"amount", floor_text(uncovered->amount(), digits)}};
}

Json hand_json(const SignedVersion::Hand& hand) {
  if (hand.actor.empty()) return nullptr;
  return Json{{"actor", hand.actor}, {"at", instant(hand.at.ns)}};
}

Json signatures_json(const std::vector<SignedVersion>& versions) {
  Json out = Json::array();
  for (const SignedVersion& each : versions) {
    Json missing = Json::array();
    if (each.provider.missing()) missing.push_back("provider");
    if (each.customer.missing()) missing.push_back("customer");
    out.push_back(Json{{"version", each.version},
                       {"digest", "sha256:" + hex(each.digest)},
                       {"provider", hand_json(each.provider)},
                       {"customer", hand_json(each.customer)},
                       {"missing", missing}});
  }
  return out;
}

}  // namespace

std::string report_json(const Report& report) {
  Json out;
  out["apiVersion"] = "nines/v1";
  out["agreement"] = report.agreement;
  out["version"] = report.version;
  out["as_of"] = instant(report.as_of.ns);
  out["state"] = report.seal ? "sealed" : "provisional";
  if (report.seal) {
    out["revision"] = report.seal->revision;
    out["cut"] = instant(report.seal->cut.ns);
  }
  out["zone_data"] = report.zone_data;
  out["warnings"] = Json::array();
  for (const Warning& each : report.warnings) out["warnings"].push_back(warning_text(each));
  out["objectives"] = Json::array();
  for (const ObjectiveReport& each : report.objectives) {
    out["objectives"].push_back(objective_json(each));
  }
  out["support"] = Json::array();
  for (const SupportReport& each : report.support) out["support"].push_back(support_json(each));
  if (report.notices) out["notices"] = notices_json(*report.notices);
  out["credits"] = credits_json(report.credits);
  out["suppliers"] = Json::array();
  for (const SupplierReport& each : report.suppliers) {
    out["suppliers"].push_back(supplier_json(each));
  }
  out["uncovered"] = uncovered_json(report.uncovered);
  out["signatures"] = signatures_json(report.signatures);
  // Names come from outside: what is not UTF-8 is shown as U+FFFD, never an exception.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nines::sla
