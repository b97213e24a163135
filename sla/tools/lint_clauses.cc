// SPDX-License-Identifier: Apache-2.0
// What lint says of the clauses that people act on.
#include <algorithm>
#include <set>

#include "sla/tools/lint_parts.h"

namespace nines::sla {
namespace {

constexpr std::size_t kMostSkipped = 5;  // dates that are named

std::string iso(const LocalDate& date) {
  std::string out = std::to_string(date.year);
  for (const unsigned part : {date.month, date.day}) {
    out += (part < 10 ? "-0" : "-") + std::to_string(part);
  }
  return out;
}

// An agreement between named parties must say how they settle a quarrel; a text that only measures
// binds nobody yet.
void look_at_disputes(const Agreement& a, Findings& out) {
  const auto& disputes = a.terms.legal.disputes;
  if (disputes.empty()) {
    if (a.parties.empty()) return;
    out.error("spec/legal",
              "no 'disputes' in 'legal': the parties are named, but nothing says how they settle a "
              "dispute (negotiation, mediation, arbitration, litigation, each with 'within')");
    return;
  }
  for (std::size_t i = 0; i + 1 < disputes.size(); ++i) {
    const bool last_resort = disputes[i].step == "arbitration" || disputes[i].step == "litigation";
    if (disputes[i].within || last_resort) continue;
    out.warning("spec/legal/disputes/" + disputes[i].step,
                "dispute step '" + disputes[i].step +
                    "' has no 'within', so nothing says when the next one may begin");
  }
  for (const DisputeStep& each : disputes) {
    if (each.step == "arbitration" && each.body.empty()) {
      out.warning("spec/legal/disputes/arbitration", "arbitration names no 'body' to submit to");
    }
  }
  if (a.terms.legal.governing_law.empty()) {
    out.warning("spec/legal", "'legal' has disputes but no 'governingLaw'");
  }
}

void look_at_notice(const Agreement& a, const LintOptions& options, Findings& out) {
  const auto& notice = a.terms.revision.notice;
  if (!notice || !options.as_of || !a.supersedes_version) return;
  const LocalDate first = a.zone.date_at(a.effective_from);
  const LocalDate earliest = after(*options.as_of, {0, *notice}, 1);
  if (first >= earliest) return;
  out.error("spec/effective/from", "version " + a.version + " takes effect on " + iso(first) +
                                       ", but signed on " + iso(*options.as_of) +
                                       " the notice of " + format_duration(*notice) +
                                       " lets it begin on " + iso(earliest) + " at the earliest");
}

void look_at_guarantee(const Agreement& a, Findings& out) {
  const auto& insurance = a.terms.guarantee.insurance;
  if (!insurance || !insurance->valid_until || !a.effective_to) return;
  const LocalDate last = a.zone.date_at(*a.effective_to - Duration(1));
  if (*insurance->valid_until >= last) return;
  out.warning("spec/guarantee/insurance/validUntil",
              "the insurance ends on " + iso(*insurance->valid_until) +
                  ", before the agreement does on " + iso(last));
}

void look_at_risks(const Agreement& a, Findings& out) {
  for (const Risk& risk : a.safeguards.risks) {
    const std::string path = "spec/risks/" + risk.id;
    if (risk.what.empty()) out.warning(path, "risk '" + risk.id + "' does not say 'what' it is");
    if (risk.owner.empty()) out.warning(path, "risk '" + risk.id + "' has no owner");
    if (risk.answer.empty()) out.warning(path, "risk '" + risk.id + "' has no answer");
    const std::string duty = "risks/" + risk.id;
    const bool reviewed = std::any_of(a.duties.begin(), a.duties.end(),
                                      [&](const Duty& each) { return each.id == duty; });
    if (!reviewed) out.warning(path, "risk '" + risk.id + "' is never reviewed ('review: 1Q')");
  }
}

void look_at_duties(const Agreement& a, Findings& out) {
  for (const Duty& each : a.duties) {
    const bool plain = each.kind == Duty::Kind::obligation;
    if (plain || each.dated()) continue;
    out.warning("spec/" + each.id, "the " + std::string(name(each.kind)) + " '" + each.what +
                                       "' has no date ('every' or 'until')");
  }
}

void look_at_parties(const Agreement& a, Findings& out) {
  if (a.parties.empty()) return;
  for (const char* id : {"provider", "customer"}) {
    const bool named = std::any_of(a.parties.begin(), a.parties.end(),
                                   [&](const Party& each) { return each.id == id; });
    if (!named) out.error("spec/parties", "'parties' names no " + std::string(id));
  }
  for (const Party& each : a.parties) {
    if (each.id == "auditor" || !each.signing_role.empty() || !each.signing_key.empty()) continue;
    out.warning(
        "spec/parties/" + each.id,
        "nobody signs for the " + each.id + " ('signs'): who accepted this text cannot be shown");
  }
  if (!a.terms.revision.notice) {
    out.warning("spec/revision", "no 'notice' in 'revision': a new version could begin at once");
  }
}

// S29: such instances are ignored, which nobody means.
void look_at_windows(const Agreement& a, Findings& out) {
  const LocalDate first = a.zone.date_at(a.effective_from);
  const LocalDate last = a.effective_to ? a.zone.date_at(*a.effective_to)
                                        : LocalDate{std::min(first.year + 2, kLastYear), 12, 30};
  for (const ExclusionKind& kind : a.exclusions.kinds) {
    for (const Window& window : kind.windows) {
      const auto skipped = skipped_dates(window, first, last, kMostSkipped);
      if (skipped.empty()) continue;
      std::string dates;
      for (const LocalDate& each : skipped) dates += (dates.empty() ? "" : ", ") + iso(each);
      out.warning("spec/exclusions/kinds/" + kind.name + "/windows/" + window.name,
                  "window '" + window.name + "' would begin at a time that the clock of " +
                      window.zone.name() + " skips on " + dates +
                      "; no window is counted on such a day");
    }
  }
}

// A promise to the customer that the suppliers together do not make.
void look_at_suppliers(const Agreement& a, Findings& out) {
  for (const Supplier& each : a.safeguards.suppliers) {
    if (each.promise || each.response || each.terms) continue;
    out.warning("spec/suppliers/" + each.name, "supplier '" + each.name +
                                                   "' promises nothing: write 'promise' or "
                                                   "'response'");
  }
  const auto product = supplier_product(a);
  if (!product) return;
  for (const Objective& each : a.objectives) {
    if (each.statistic != Objective::Statistic::availability || *product >= each.target) continue;
    out.warning("spec/objectives/" + each.name + "/target",
                "objective '" + each.name + "' promises " + each.target_text +
                    " %, but the suppliers together only " +
                    floor_text(*product * Rational(100), 3) +
                    " % (independent; those that cover the same stand in for each other)");
  }
}

}  // namespace

std::optional<Rational> supplier_product(const Agreement& a) {
  std::optional<Rational> product;
  std::set<std::vector<std::string>> seen;
  for (const Supplier& each : a.safeguards.suppliers) {
    if (!each.promise || !seen.insert(each.covers).second) continue;
    Rational fails(1);
    for (const Supplier& other : a.safeguards.suppliers) {
      if (other.promise && other.covers == each.covers) {
        fails = (fails * (Rational(1) - *other.promise)).reduced();
      }
    }
    product = (product.value_or(Rational(1)) * (Rational(1) - fails)).reduced();
  }
  return product;
}

void look_at_clauses(const Agreement& agreement, const LintOptions& options, Findings& out) {
  look_at_disputes(agreement, out);
  look_at_notice(agreement, options, out);
  look_at_guarantee(agreement, out);
  look_at_risks(agreement, out);
  look_at_duties(agreement, out);
  look_at_parties(agreement, out);
  look_at_suppliers(agreement, out);
  look_at_windows(agreement, out);
}

}  // namespace nines::sla
