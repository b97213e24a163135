// SPDX-License-Identifier: Apache-2.0
#include "ledger/verify.h"

#include <algorithm>
#include <set>

#include "ledger/survey.h"

namespace nines::ledger {
namespace {

std::string range(std::uint64_t first, std::uint64_t last) {
  if (first == last) return "record " + std::to_string(first);
  return "records " + std::to_string(first) + " to " + std::to_string(last) + " (" +
         std::to_string(last - first + 1) + ")";
}

class Verifier {
 public:
  explicit Verifier(const Survey& survey) : survey_(survey) {}

  Report run() {
    superblock();
    if (!survey_.usable) return std::move(report_);
    report_.geometry = survey_.superblock.geometry;
    files();
    const auto tail = find_tail(survey_);
    if (!tail) {
      add(Severity::damage, "no group can be read: the ledger is lost; the next open starts anew");
      return std::move(report_);
    }
    report_.readable = true;
    report_.clean = tail->proven;
    report_.next_record = tail->next_record;
    report_.head = tail->head;
    report_.damage = tail->damage;
    groups(*tail);
    damage();
    return std::move(report_);
  }

 private:
  void add(Severity severity, std::string text) {
    report_.findings.push_back({severity, std::move(text)});
  }

  void superblock() {
    switch (survey_.superblock_found) {
      case SuperblockFound::valid:
        if (survey_.superblock_slots < 2) {
          add(Severity::warning, "superblock: one of the two slots is damaged; open repairs it");
        }
        return;
      case SuperblockFound::newer:
        add(Severity::damage, "superblock: format " + std::to_string(survey_.newer_version) +
                                  " is newer than this program's " +
                                  std::to_string(kFormatVersion));
        return;
      case SuperblockFound::unreadable:
        add(Severity::damage, "the disk cannot be read: " + survey_.trouble.message);
        return;
      case SuperblockFound::absent:
      case SuperblockFound::bad:
        break;
    }
    if (survey_.usable) {
      add(Severity::warning, "superblock: lost; open rebuilds it from the groups");
    } else if (survey_.superblock_found == SuperblockFound::absent && survey_.blank) {
      add(Severity::damage, "superblock: none, and no data: this is no ledger, or a half-made one");
    } else {
      add(Severity::damage, "superblock: lost, and no group can be read: the ledger is lost");
    }
  }

  void files() {
    for (std::uint32_t i = 0; i < survey_.files.size(); ++i) {
      const FileFound& f = survey_.files[i];
      const std::string name = segment_name(i);
      if (f.file == nullptr) {
        add(Severity::warning, name + ": missing; open makes it anew");
      } else if (f.size < survey_.superblock.geometry.segment_size) {
        add(Severity::warning, name + ": only " + std::to_string(f.size) + " bytes long");
      }
      if (f.read_error) add(Severity::warning, name + ": parts cannot be read");
      const auto bad = std::count_if(f.scan.marks.begin(), f.scan.marks.end(),
                                     [](const auto& m) { return m.state == PageState::bad; });
      if (bad > 0) {
        add(Severity::warning, name + ": " + std::to_string(bad) + " pages do not check");
      }
    }
  }

  void groups(const Tail& tail) {
    const auto& accepted = survey_.linked.accepted;
    std::set<std::uint64_t> segments;
    for (const auto& g : accepted) {
      segments.insert(g.header.segment);
      report_.records += g.header.record_count;
    }
    report_.groups = accepted.size();
    report_.live_segments = segments.size();
    report_.first_record = accepted.empty() ? tail.last_end
                                            : std::min(survey_.linked.floor_record,
                                                       accepted.front().header.first_record);
    for (const auto& g : survey_.linked.rejected) {
      add(Severity::warning, segment_name(g.header.file) + ": the group at page " +
                                 std::to_string(g.header.page) +
                                 " is whole but belongs to another chain");
    }
  }

  void damage() {
    for (const auto& d : report_.damage) {
      if (d.kind == DamageKind::media) {
        add(Severity::damage, range(d.first, d.last) + " were durable and cannot be read");
      } else {
        add(Severity::warning,
            "numbers of " + range(d.first, d.last) + " were given up at an unclean end");
      }
    }
  }

  const Survey& survey_;
  Report report_;
};

}  // namespace

bool Report::sound() const {
  return readable && std::none_of(findings.begin(), findings.end(),
                                  [](const Finding& f) { return f.severity == Severity::damage; });
}

Expected<Report> verify(Directory& directory) {
  TRY(found, survey(directory, Geometry{}));
  return Verifier(found).run();
}

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::damage:
      return "damage";
  }
  return "damage";
}

}  // namespace nines::ledger
