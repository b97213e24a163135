// SPDX-License-Identifier: Apache-2.0
#include "collector/judge.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "base/disk.h"
#include "collector/event_book.h"
#include "collector/pruned.h"
#include "collector/recorded.h"
#include "config/file_set.h"
#include "sla/input/events_file.h"
#include "sla/text/agreement_decoder.h"

namespace nines::collector {
namespace {

constexpr std::size_t kMaxAgreementFiles = 10'000;
constexpr sla::Phrase kDropped{
    "results up to {0} are no longer kept (retention); time without them is unmeasured",
    "{0} 之前的结果已不再保存（保留期限已过）；没有结果的时间视为未测量"};

Expected<std::vector<std::string>> yaml_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) return fail("agreements folder " + folder + ": " + error.message(), error.value());
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (error) return fail("agreements folder " + folder + ": " + error.message(), error.value());
    const auto path = entries->path();
    if (path.extension() == ".yaml" && path.filename().string().front() != '.') {
      files.push_back(path.string());
    }
    if (files.size() > kMaxAgreementFiles) {
      return fail("agreements folder " + folder + ": more than " +
                  std::to_string(kMaxAgreementFiles) + " files");
    }
  }
  if (error) return fail("agreements folder " + folder + ": " + error.message(), error.value());
  std::sort(files.begin(), files.end());
  return files;
}

// Exactly as `nines sla eval --events` does with the same lines.
Expected<sla::Report> judge_with(const std::string& lines,
                                 const std::vector<sla::Agreement>& versions,
                                 std::vector<sla::Series> series,
                                 const sla::Question& question) {
  std::istringstream in(lines);
  TRY(events, sla::read_events(in, "events.jsonl"));
  return sla::judge(versions, std::move(series), question, events);
}

void complain(std::string& complaints, const std::string& message) {
  complaints += (complaints.empty() ? "" : "\n") + message;
}

// The text that is judged is the text that is kept: the file is read once.
Expected<sla::Agreement> decode(const std::string& text, const std::string& file) {
  config::Complaints complaints;
  const auto node = config::parse_yaml(text, file, complaints);
  std::optional<sla::Agreement> agreement;
  if (node) agreement = sla::decode_agreement(*node, complaints);
  if (agreement && complaints.empty()) return *std::move(agreement);
  std::string said = complaints.text();
  while (said.ends_with('\n')) said.pop_back();
  return fail(std::move(said));
}

}  // namespace

Expected<std::shared_ptr<const Agreements>> Agreements::load(const std::string& folder) {
  auto agreements = std::make_shared<Agreements>();
  if (folder.empty()) return std::shared_ptr<const Agreements>(agreements);
  TRY(files, yaml_files(folder));
  std::string complaints;
  for (const auto& file : files) {
    const auto text = read_file(file, config::kMaxFileBytes);
    if (!text) {
      complain(complaints, text.error().message);
      continue;
    }
    auto agreement = decode(*text, file);
    if (!agreement) {
      complain(complaints, agreement.error().message);
      continue;
    }
    agreements->sources_.push_back({agreement->name, agreement->version, agreement->digest, *text});
    auto& versions = agreements->by_name_[agreement->name];
    const bool twice = std::any_of(versions.begin(), versions.end(), [&](const auto& known) {
      return known.version == agreement->version;
    });
    if (twice) {
      complain(complaints, file + ": error: agreement '" + agreement->name + "' version '" +
                               agreement->version + "' stands in another file too");
    }
    versions.push_back(*std::move(agreement));
  }
  // Versions that contradict each other are refused here, not in the middle of a report.
  for (const auto& [name, versions] : agreements->by_name_) {
    const auto fits =
        sla::samples_needed(versions, {{}, versions.front().effective_from + hours(24)});
    if (!fits) complain(complaints, "agreement '" + name + "': " + fits.error().message);
  }
  if (!complaints.empty()) return fail(std::move(complaints));
  return std::shared_ptr<const Agreements>(agreements);
}

const std::vector<sla::Agreement>* Agreements::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

Expected<sla::Question> question_for(const std::vector<sla::Agreement>& versions,
                                     std::optional<std::string> period,
                                     std::optional<WallTime> as_of,
                                     WallTime now) {
  if (!period || as_of) return sla::Question{std::move(period), as_of ? as_of : now, true};
  sla::Question question{period, {}, true};
  TRY(interval, sla::parse_period(*period, versions.back().zone));
  if (interval.to > now.ns) question.as_of = now;
  return question;
}

Expected<Needed> results_needed(Database& db,
                                const std::vector<sla::Agreement>& versions,
                                const sla::Question& question) {
  TRY(interval, sla::samples_needed(versions, question));
  std::set<std::string> checks;
  std::set<std::string> vantages;
  bool any_vantage = false;
  for (const auto& version : versions) {
    for (const auto& measured : version.checks) checks.insert(measured.check.name);
    vantages.insert(version.vantages.begin(), version.vantages.end());
    any_vantage = any_vantage || version.vantages.empty();
  }
  if (any_vantage) {
    for (const auto& check : checks) {
      TRY(agents, agents_of(db, check));
      vantages.insert(agents.begin(), agents.end());
      // And those of which nothing is left: that it was dropped must be said.
      auto rows = db.rows("SELECT agent FROM pruned_checks WHERE check_name = ?1", check);
      while (rows.next()) vantages.insert(rows.text(0));
    }
  }
  // An agent's clock may be off: what it puts right later (S5) must be read to be put right.
  constexpr Duration kOffset = hours(24);
  // Canaries only speak beside the checks: who measures nothing else is no vantage.
  for (const auto& version : versions) {
    if (version.canaries) checks.insert(version.canaries->begin(), version.canaries->end());
  }
  return Needed{{checks.begin(), checks.end()},
                {vantages.begin(), vantages.end()},
                WallTime{interval.from} - kOffset,
                WallTime{interval.to} + kOffset};
}

Expected<std::vector<sla::Series>> read_series(Database& db,
                                               const Needed& needed,
                                               const std::optional<Cut>& cut) {
  std::vector<sla::Series> series;
  RecordReader reader(db, cut.has_value());
  std::size_t samples = 0;
  for (const auto& check : needed.checks) {
    for (const auto& vantage : needed.vantages) {
      // One series for each definition, since results of another check must not count as this
      // one's.
      std::map<Digest, sla::Series> by_digest;
      const auto take = [&](const Definition& d, const BatchClock& batch, const Recorded& r) {
        if (cut && !cut->counts(batch.received, batch.position)) return true;
        auto [place, fresh] = by_digest.try_emplace(d.check_digest);
        if (fresh) place->second = {check, vantage, d.check_digest, {}};
        auto total = r.piece.total_us;
        if (total && *total > sla::kMaxTotalUs) total.reset();
        const auto at = sla::corrected_start(r.started, batch.ahead_us, batch.bound_us);
        const auto cause = sla::cause_of(r.piece.outcome, r.piece.reason);
        place->second.samples.push_back({at.ns, r.piece.outcome, cause, total});
        return ++samples <= sla::kMostResults;
      };
      TRY_VOID(reader.read(vantage, check, needed.from, needed.to, take));
      if (samples > sla::kMostResults) {
        return fail("more than " + std::to_string(sla::kMostResults / 1'000'000) +
                    " million results in one report; ask for a shorter period, or agree service by "
                    "service");
      }
      for (auto& [digest, each] : by_digest) series.push_back(std::move(each));
    }
  }
  return series;
}

Expected<sla::Report> judge_agreement(Database& db,
                                      const std::vector<sla::Agreement>& versions,
                                      const sla::Question& question,
                                      const std::optional<Cut>& cut) {
  TRY(book, EventBook::read(db, versions.front().name, cut));
  TRY(needed, results_needed(db, versions, question));
  TRY(series, read_series(db, needed, cut));
  TRY(report, judge_with(book.lines(), versions, std::move(series), question));
  const auto dropped = dropped_until(db, needed.checks, needed.vantages);
  if (dropped && *dropped >= needed.from) {
    report.warnings.push_back({kDropped, {format_rfc3339(*dropped)}, {}});
  }
  return report;
}

}  // namespace nines::collector
