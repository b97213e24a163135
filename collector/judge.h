// SPDX-License-Identifier: Apache-2.0
// Agreements from files, and their judgement over the store. The arithmetic is sla::judge's alone:
// `nines sla eval` over the exported results gives the same report.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "collector/database.h"
#include "collector/recorded.h"
#include "sla/judge/judge.h"
#include "sla/judge/report.h"
#include "sla/text/agreement.h"

namespace nines::collector {

// All agreements of a folder, each with all its versions. Immutable; a reload makes another.
class Agreements {
 public:
  // A text as its file holds it.
  struct Source {
    std::string name, version;
    Digest digest{};  // of the agreement: of its canonical form
    std::string text;
  };

  // Every *.yaml of `folder`, in name order; an empty `folder` has none. One bad file refuses all:
  // the error holds every complaint. Two files of one name and version are a complaint.
  static Expected<std::shared_ptr<const Agreements>> load(const std::string& folder);

  const std::vector<sla::Agreement>* find(const std::string& name) const;

  const std::map<std::string, std::vector<sla::Agreement>>& all() const { return by_name_; }

  const std::vector<Source>& sources() const { return sources_; }

 private:
  std::map<std::string, std::vector<sla::Agreement>> by_name_;
  std::vector<Source> sources_;
};

// Checks, canaries among them, and vantages whose results an agreement needs, and when from and
// until.
struct Needed {
  std::vector<std::string> checks;
  std::vector<std::string> vantages;
  WallTime from, to;
};

Expected<Needed> results_needed(Database& db,
                                const std::vector<sla::Agreement>& versions,
                                const sla::Question& question);

// What is asked where a period is given, or none: time after `now` is future, never unknown.
// Response times are estimated by sketches beside what is exact.
Expected<sla::Question> question_for(const std::vector<sla::Agreement>& versions,
                                     std::optional<std::string> period,
                                     std::optional<WallTime> as_of,
                                     WallTime now);

// What the judge takes of them; what a cut lets count.
Expected<std::vector<sla::Series>> read_series(Database& db,
                                               const Needed& needed,
                                               const std::optional<Cut>& cut = {});

// With all that is stored, results and statements, or what a cut lets count.
Expected<sla::Report> judge_agreement(Database& db,
                                      const std::vector<sla::Agreement>& versions,
                                      const sla::Question& question,
                                      const std::optional<Cut>& cut = {});

}  // namespace nines::collector
