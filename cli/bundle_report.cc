// SPDX-License-Identifier: Apache-2.0
// The report, computed again from what the bundle holds.
#include <sstream>

#include "base/version.h"
#include "cli/bundle.h"
#include "proto/event_lines.h"
#include "sla/input/events_file.h"
#include "sla/input/results_file.h"
#include "sla/judge/judge.h"
#include "sla/render/report_json.h"
#include "sla/text/agreement_decoder.h"

namespace nines::cli {
namespace {

using proto::text_member;

Expected<sla::Report> judged(const Bundle& bundle) {
  std::vector<sla::Agreement> versions;
  for (const auto& [name, version] : bundle.agreements) {
    if (!version) return Unexpected(version.error());
    versions.push_back(*version);
  }
  std::istringstream events(bundle.member("events.jsonl"));
  TRY(said, sla::read_events(events, "events.jsonl"));
  TRY(results, sla::read_results_in_parts(
                   bundle.results(), [&](const std::string& name) { return bundle.member(name); }));
  const sla::Question question{text_member(bundle.manifest, "period"),
                               proto::instant_member(bundle.manifest, "as_of"),
                               bundle.manifest.value("sketches", nlohmann::json()) == true};
  TRY(report, sla::judge(versions, std::move(results.series), question, said));
  const auto cut = proto::instant_member(bundle.manifest, "cut");
  if (text_member(bundle.manifest, "state") == "sealed" && cut) {
    report.seal = sla::Seal{
        static_cast<unsigned>(proto::count_member(bundle.manifest, "revision").value_or(0)), *cut};
  }
  return report;
}

}  // namespace

Expected<void> recompute(Bundle& bundle) {
  TRY(report, judged(bundle));
  const auto given = bundle.member("report.json");
  const auto zone_data = report.zone_data;
  const auto sealed_with = text_member(nlohmann::json::parse(given, nullptr, false), "zone_data");
  report.zone_data = sealed_with;
  const bool same = sla::report_json(report) == given;
  const std::string zones = zone_data == sealed_with ? std::string()
                                                     : "; time-zone data here is '" + zone_data +
                                                           "', there it was '" + sealed_with + "'";
  if (same) {
    bundle.good.push_back("the report, computed again, is the same byte for byte" + zones);
    return {};
  }
  const auto code = text_member(bundle.manifest, "code");
  if (code != kVersion || !zones.empty()) {
    return fail("the report comes out otherwise here, but it was made by nines " + code +
                " and this is " + std::string(kVersion) + zones);
  }
  bundle.find("report.json", "computed again it comes out otherwise");
  return {};
}

}  // namespace nines::cli
