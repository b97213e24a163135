// SPDX-License-Identifier: Apache-2.0
// `nines import results`: what another monitor recorded becomes a results file, so that a past
// quarter can be judged before the first agent runs. Only what was recorded is written: where
// nothing was, nothing is said, and the judge calls that time unknown.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/disk.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/import_commands.h"
#include "cli/recorded_history.h"
#include "cli/terminal.h"
#include "sla/text/agreement_decoder.h"

namespace nines::cli {
namespace {

struct ResultsOptions {
  std::vector<std::string> files;
  std::string metric = "probe_success";
  std::string agreement;
  std::vector<std::string> checks;  // "OLD=CHECK"
  std::string vantage;
  std::string vantage_label;
};

// A target without what another tool may leave out: "tcp://db:5432" is "db:5432" to blackbox.
std::string bare(std::string target) {
  for (const std::string_view scheme : {"tcp://", "icmp://", "tls://", "dns://", "grpc://"}) {
    if (target.starts_with(scheme)) target.erase(0, scheme.size());
  }
  while (target.ends_with('/')) target.pop_back();
  return target;
}

class Naming {
 public:
  Expected<void> learn(const ResultsOptions& options) {
    for (const std::string& each : options.checks) {
      const auto split = each.rfind('=');
      if (split == std::string::npos || split == 0 || split + 1 == each.size()) {
        return fail("--check " + each + ": write OLD=CHECK");
      }
      checks_[each.substr(0, split)] = each.substr(split + 1);
    }
    if (options.agreement.empty()) return {};
    TRY(agreement, sla::read_agreement_file(options.agreement));
    for (const auto& each : agreement.checks) {
      checks_.emplace(each.check.name, each.check.name);
      targets_.emplace(bare(each.check.target()), each.check.name);
    }
    return {};
  }

  // Under which check a series is filed: a `check` or `instance` or `target` label, as mapped.
  std::string check_of(const RecordedSeries& series) const {
    for (const char* label : {"check", "instance", "target", "name"}) {
      const auto found = series.labels.find(label);
      if (found == series.labels.end() || found->second.empty()) continue;
      const auto named = checks_.find(found->second);
      if (named != checks_.end()) return named->second;
      const auto target = targets_.find(bare(found->second));
      return target != targets_.end() ? target->second : found->second;
    }
    return {};
  }

  bool knows(const std::string& check) const {
    if (checks_.empty() && targets_.empty()) return true;  // nothing to compare with
    return std::any_of(checks_.begin(), checks_.end(),
                       [&](const auto& each) { return each.second == check; });
  }

 private:
  std::map<std::string, std::string> checks_;
  std::map<std::string, std::string> targets_;
};

std::string vantage_of(const ResultsOptions& options, const RecordedSeries& series) {
  const auto label = series.labels.find(options.vantage_label.empty() ? std::string("vantage")
                                                                      : options.vantage_label);
  if (label != series.labels.end() && !label->second.empty()) return label->second;
  return options.vantage;
}

struct Line {
  WallTime t;
  std::string check;
  std::string vantage;
  Outcome outcome = Outcome::unknown;
  std::optional<std::int64_t> total_us;
};

struct Summary {
  std::size_t results = 0;
  Duration longest_gap{0};
};

// The longest stretch between two neighbours: what belief will not bridge.
std::map<std::string, Summary> summaries(const std::vector<Line>& lines) {
  std::map<std::string, Summary> out;
  std::map<std::string, WallTime> last;
  for (const Line& line : lines) {
    const std::string key = line.check + " from " + line.vantage;
    Summary& summary = out[key];
    if (summary.results++ > 0) {
      summary.longest_gap = std::max(summary.longest_gap, line.t - last[key]);
    }
    last[key] = line.t;
  }
  return out;
}

Expected<std::vector<Line>> read_all(const ResultsOptions& options, const Naming& naming) {
  std::vector<Line> lines;
  for (const std::string& file : options.files) {
    TRY(text, read_file(file, kMaxHistoryBytes));
    TRY(history, read_history(text, file, options.metric));
    for (const RecordedSeries& series : history) {
      const std::string check = naming.check_of(series);
      const std::string vantage = vantage_of(options, series);
      if (check.empty()) {
        return fail(file + ": a series has no label check, instance, target or name");
      }
      if (vantage.empty()) {
        return fail(file + ": from where was it measured? Say --vantage NAME or --vantage-label");
      }
      for (const Observation& each : series.observations) {
        lines.push_back({each.t, check, vantage, each.outcome, each.total_us});
      }
    }
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.t, a.check, a.vantage) < std::tie(b.t, b.check, b.vantage);
  });
  return lines;
}

int run_import_results(const ResultsOptions& options) {
  Naming naming;
  const auto learned = naming.learn(options);
  if (!learned) return complain("import results", learned.error().message);
  const auto lines = read_all(options, naming);
  if (!lines) return complain("import results", lines.error().message);
  for (const Line& line : *lines) {
    nlohmann::ordered_json out{{"check", line.check},
                               {"vantage", line.vantage},
                               {"started", format_rfc3339(line.t)},
                               {"outcome", name(line.outcome)}};
    if (line.total_us) out["total_us"] = *line.total_us;
    std::cout << out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
  for (const auto& [key, summary] : summaries(*lines)) {
    std::cerr << printable(key) << ": " << summary.results << " results, longest gap "
              << format_duration(summary.longest_gap) << "\n";
    const std::string check = key.substr(0, key.rfind(" from "));
    if (!naming.knows(check)) {
      std::cerr << "  no check of that name or target: it is kept under its own name\n";
    }
  }
  return kOk;
}

}  // namespace

void add_import_results(CLI::App& group, int& exit_code) {
  auto options = std::make_shared<ResultsOptions>();
  auto* command =
      group.add_subcommand("results", "Recorded probe_success history as a results file");
  command
      ->add_option("FILE", options->files,
                   "a Prometheus matrix (JSON), sample lines with timestamps, or CSV")
      ->required();
  command->add_option("--agreement", options->agreement,
                      "file whose checks give series their names, by target");
  command->add_option("--check", options->checks, "OLD=CHECK: an instance and the check it is")
      ->allow_extra_args(false);
  command->add_option("--vantage", options->vantage, "from where it was measured");
  command->add_option("--vantage-label", options->vantage_label, "label that says so");
  command->add_option("--metric", options->metric, "what is 1 when up")->capture_default_str();
  command->footer(
      "Results go to standard output, what was found to standard error. Where nothing was\n"
      "recorded nothing is written, and that time is judged as unknown. A query_range repeats\n"
      "the last value for up to five minutes; ask for the samples themselves:\n"
      "  curl -G $PROMETHEUS/api/v1/query --data-urlencode 'query=probe_success[90d]' \\\n"
      "    --data-urlencode time=2026-10-01T00:00:00Z > q3.json\n"
      "  nines import results q3.json --agreement shop.yaml --vantage prometheus > q3.jsonl\n"
      "  nines sla eval --agreement shop.yaml --results q3.jsonl --period 2026-Q3");
  command->callback([options, &exit_code] { exit_code = run_import_results(*options); });
}

}  // namespace nines::cli
