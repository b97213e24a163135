// SPDX-License-Identifier: Apache-2.0
// The sections that people act on: what they say becomes values, and every slip has its place.
#include <gtest/gtest.h>

#include "sla/judge/duties.h"
#include "support.h"

namespace nines::sla::sections_test {
namespace {

TEST(Parties, NameAPublicKeyOnlyWithAllItsDigits) {
  const auto key_of = [](const std::string& written) {
    Party party;
    party.signing_key = written;
    return public_key_of(party);
  };
  const std::string digits = "00ff" + std::string(60, 'a');
  ASSERT_TRUE(key_of("ed25519:" + digits));
  EXPECT_EQ(to_hex(*key_of("ed25519:" + digits)), digits);
  EXPECT_FALSE(key_of("ed25519:harbour-1")) << "a name, by which no key can be told";
  EXPECT_FALSE(key_of("ed25519:" + digits + "00"));
  EXPECT_FALSE(key_of("ed25519:" + digits.substr(2)));
  EXPECT_FALSE(key_of(""));
}

Agreement with(const std::string& spec) {
  Words w;
  w.spec = spec;
  return agreement(w);
}

const Duty* duty(const Agreement& a, const std::string& id) {
  for (const Duty& each : a.duties) {
    if (each.id == id) return &each;
  }
  return nullptr;
}

TEST(Sections, KeepWhoIsBoundAndWhatEachOwes) {
  const Agreement a = with(
      "  languages: {prevailing: zh, also: [en]}\n"
      "  parties:\n"
      "    provider: {name: P, contact: p@x, signs: {role: Head, key: \"ed25519:p\"}}\n"
      "    customer: {name: C}\n"
      "  obligations:\n"
      "    provider: [keep the probes running]\n"
      "    customer: [{what: confirm contacts, every: 1Q, within: 5d, evidence: mail, owner: "
      "CIO}]\n");
  EXPECT_EQ(a.languages.prevailing, "zh");
  ASSERT_EQ(a.parties.size(), 2U);
  EXPECT_EQ(a.parties[0].signing_key, "ed25519:p");
  ASSERT_EQ(a.duties.size(), 2U);
  EXPECT_FALSE(a.duties[0].dated());
  EXPECT_EQ(a.duties[0].owner, "provider");
  EXPECT_EQ(a.duties[1].owner, "CIO");
  EXPECT_EQ(text_of(*a.duties[1].every), "1Q");
  EXPECT_EQ(a.duties[1].evidence, "mail");
}

TEST(Sections, TurnEveryPromiseWithADateIntoADuty) {
  const Agreement a = with(
      "  reliability:\n"
      "    backup: {every: 24h, keep: 30d, restoreTest: {every: 1Q, evidence: required}}\n"
      "    disasterRecovery: {rto: 4h, rpo: 15m, drill: {every: 2Q, evidence: required}}\n"
      "  capability: {capacity: {peak: \"3000/s\", reviewEvery: 1Q}}\n"
      "  risks: [{id: R1, kind: technical, what: flood, review: 1Y, owner: COO}]\n"
      "  guarantee: {insurance: {type: liability, sum: \"2.50\", validUntil: \"2027-06-30\"}}\n"
      "  legal: {reviews: [{clause: data protection, every: 1Y, owner: counsel}]}\n"
      "  communication: {meetings: [{name: service review, every: 1M}]}\n"
      "  training: [{what: tickets, for: desk, every: 1Y, proof: list}]\n"
      "  feedback: {survey: {every: 1Q, target: \"4.0\"}, improvements: {reviewedIn: service "
      "review}}\n"
      "  improvement: {technology: {reviewEvery: 2Q}}\n");
  for (const char* id : {"reliability/backup/restoreTest", "reliability/disasterRecovery/drill",
                         "capability/capacity", "risks/R1", "guarantee/insurance",
                         "legal/reviews/data protection", "communication/meetings/service review",
                         "training/1", "feedback/survey", "improvement/technology"}) {
    ASSERT_NE(duty(a, id), nullptr) << id;
    EXPECT_TRUE(duty(a, id)->dated()) << id;
  }
  EXPECT_EQ(duty(a, "guarantee/insurance")->until, (LocalDate{2027, 6, 30}));
  EXPECT_EQ(duty(a, "training/1")->evidence, "list");
  EXPECT_EQ(a.terms.guarantee.insurance->sum, Rational(Integer(5), Integer(2)));
}

TEST(Sections, KeepConditionsAndLadders) {
  const Agreement a = with(
      "  guarantee: {deposit: {amount: \"500.00\", drawnWhen: availability below 99.0, "
      "refillWithin: "
      "30d}}\n"
      "  legal: {disputes: [{step: negotiation, within: 15d}, {step: litigation, court: here}]}\n"
      "  suppliers: [{name: isp, type: underpinning, promise: \"99.95\"}]\n"
      "  communication:\n"
      "    contacts: {duty: \"+1\"}\n"
      "    emergency: [{via: phone, to: duty, ackWithin: 5m}]\n"
      "  revision: {mayPropose: [provider, customer], notice: 30d, onChangeMidPeriod: split}\n");
  EXPECT_EQ(a.terms.guarantee.deposit->objective, "availability");
  EXPECT_EQ(a.terms.guarantee.deposit->below, Rational(Integer(99), Integer(100)));
  ASSERT_EQ(a.terms.legal.disputes.size(), 2U);
  EXPECT_EQ(a.terms.legal.disputes[0].within, hours(15 * 24));
  EXPECT_EQ(a.safeguards.suppliers[0].promise_text, "99.95");
  EXPECT_EQ(a.conduct.communication.emergency[0].ack_within, minutes(5));
  EXPECT_EQ(a.terms.revision.notice, hours(30 * 24));
}

struct Slip {
  std::string spec;
  std::string expected;
};

// Line 15 is the first of `spec` in the small agreement.
const Slip kSlips[] = {
    {"  languages: {also: [en]}\n", "15:14: error: languages has no 'prevailing'"},
    {"  languages: {prevailing: zh, also: [zh]}\n", "'also' lists the prevailing language"},
    {"  parties: {provider: {nam: P}, customer: {name: C}}\n", "did you mean 'name'?"},
    {"  parties: {provider: {name: P, signs: {key: x}}, customer: {name: C}}\n",
     "a signing key begins with ed25519:"},
    {"  obligations: {provider: []}\n", "15:27: error: the obligations of a party are a list"},
    {"  obligations: {provider: [{what: x, every: 1X}]}\n", "15:45: error: '1X' is not a length"},
    {"  obligations: {vendor: [x]}\n", "unknown key 'vendor' in obligations"},
    {"  needs: [{id: N1}]\n", "an entry of 'needs' has no 'need'"},
    {"  needs: [{id: N1, need: a}, {id: N1, need: b}]\n",
     "15:35: error: a second need with the id 'N1'"},
    {"  needs: [{id: N1, need: a, priority: 0}]\n", "out of range (1 to 9)"},
    {"  reliability: {redundancy: {minimumNodes: two}}\n", "'two' is not a whole number"},
    {"  capability: {roster: {calendar: night}}\n",
     "15:35: error: 'night' is none of the calendars"},
    {"  risks: [{id: R1, kind: financial, what: x}]\n",
     "'financial' is none of technical, operational, environmental"},
    {"  risks: [{id: R1, what: x, likelihood: 6}]\n", "out of range (1 to 5)"},
    {"  risks: []\n", "'risks' must be a list with at least one entry"},
    {"  suppliers: [{name: isp, promise: 99}]\n", "write the percentage in quotes"},
    {"  guarantee: {deposit: {amount: 5, drawnWhen: availability below 99}}\n",
     "write the number in quotes: \"5\""},
    {"  guarantee: {deposit: {amount: \"5\", drawnWhen: when bad}}\n",
     "'when bad' is no condition"},
    {"  guarantee: {deposit: {amount: \"5\", drawnWhen: avaliability below 99}}\n",
     "'avaliability' is no objective (did you mean 'availability'?)"},
    {"  guarantee: {insurance: {validUntil: \"2027-02-30\"}}\n",
     "is no date (write \"2027-06-30\")"},
    {"  legal: {disputes: [{step: duel}]}\n", "'duel' is none of negotiation, mediation"},
    {"  legal: {disputes: [{within: 5d}]}\n", "an entry of 'disputes' has no 'step'"},
    {"  communication: {emergency: [{via: phone, to: duty, ackWithin: 5m}]}\n",
     "15:48: error: 'duty' is not among the 'contacts'"},
    {"  communication: {portal: {url: sla.example}}\n", "is no http:// or https:// address"},
    {"  training: [{for: desk}]\n", "an entry of 'training' has no 'what'"},
    {"  training: [{what: \"\"}]\n", "the text is empty"},
    {"  feedback: {improvements: {reviewedIn: board}}\n",
     "'board' is none of the meetings of 'communication'"},
    {"  feedback: {survey: {every: never}}\n", "'never' is not a length"},
    {"  improvement: {prediction: {methods: [oracle]}}\n", "'oracle' is none of linear"},
    {"  improvement: {prediction: {publishError: yes}}\n", "'yes' is not true or false"},
    {"  revision: {mayPropose: [provider, auditor]}\n", "'auditor' is none of provider, customer"},
    {"  revision: {notice: 1M}\n", "'1M' is not a duration"},
};

TEST(Sections, RefuseEverySlipAtItsPlace) {
  for (const Slip& slip : kSlips) {
    Words w;
    w.spec = slip.spec;
    const std::string said = complaint(w);
    EXPECT_NE(said.find(slip.expected), std::string::npos) << slip.spec << said;
  }
}

TEST(Sections, RefuseAnEmergencyChainThatNobodyWouldReachTheEndOf) {
  const std::string step = "{via: phone, to: duty, ackWithin: 5m}";
  std::string steps = step;
  for (std::size_t i = 1; i < kMostEmergencySteps; ++i) steps += ", " + step;
  Words w;
  w.spec = "  communication: {contacts: {duty: \"1\"}, emergency: [" + steps + "]}\n";
  EXPECT_EQ(complaint(w), "");
  w.spec = "  communication: {contacts: {duty: \"1\"}, emergency: [" + steps + ", " + step + "]}\n";
  EXPECT_NE(complaint(w).find("at most 16 steps"), std::string::npos) << complaint(w);
}

TEST(Sections, RefuseWordsInNoLanguageAndEndpointsThatNobodyCouldProbe) {
  Words w;
  w.services = "[{name: shop, description: {chinese: x}}]";
  EXPECT_NE(complaint(w).find("'chinese' is no language"), std::string::npos) << complaint(w);
  w.services = "[{name: shop, endpoints: [shop.example]}]";
  EXPECT_NE(complaint(w).find("shop.example"), std::string::npos) << complaint(w);
  w.services = "[{name: shop}]";
  w.metadata = "  supersedes: {version: \"0.9\", digest: abc}\n";
  EXPECT_NE(complaint(w).find("a digest is written sha256:"), std::string::npos) << complaint(w);
}

TEST(Span, CountsCalendarMonthsFromTheFirstDay) {
  const auto month = *parse_span("1M");
  EXPECT_EQ(after({2026, 1, 31}, month, 1), (LocalDate{2026, 2, 28}));
  EXPECT_EQ(after({2026, 1, 31}, month, 2), (LocalDate{2026, 3, 31}));
  EXPECT_EQ(after({2026, 11, 15}, *parse_span("1Q"), 1), (LocalDate{2027, 2, 15}));
  EXPECT_EQ(after({2024, 2, 29}, *parse_span("1Y"), 1), (LocalDate{2025, 2, 28}));
  EXPECT_EQ(after({2026, 12, 31}, *parse_span("36h"), 1), (LocalDate{2027, 1, 2}));
  for (const char* bad : {"", "0M", "M", "-1M", "1.5M", "1201M", "99999M", "0s", "1"}) {
    EXPECT_FALSE(parse_span(bad)) << bad;
  }
  EXPECT_EQ(text_of(*parse_span("12M")), "1Y");
  EXPECT_EQ(text_of(*parse_span("6M")), "2Q");
  EXPECT_EQ(text_of(*parse_span("7d")), "7d");
}

std::vector<Duty> duties(std::optional<Span> every, std::optional<LocalDate> until) {
  Duty out;
  out.what = "x";
  out.every = every;
  out.until = until;
  return {out};
}

TEST(Duty, IsDueAgainAndAgainUntilTheAgreementEnds) {
  const auto quarterly = duties(parse_span("1Q"), std::nullopt);
  const LocalDate begin{2026, 7, 1};
  const LocalDate end{2027, 7, 1};
  auto due = due_around(quarterly, begin, end, {2026, 11, 25}, true);
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].on, (LocalDate{2026, 10, 1}));
  EXPECT_EQ(due[1].on, (LocalDate{2027, 1, 1}));
  EXPECT_EQ(due[1].remind_from, (LocalDate{2026, 12, 18}));
  EXPECT_EQ(due[1].number, 2U);
  due = due_around(quarterly, begin, end, {2026, 10, 1}, false);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].on, (LocalDate{2026, 10, 1})) << "a duty is due on its day, not after it";
  EXPECT_TRUE(due_around(quarterly, begin, end, {2027, 7, 2}, false).empty());
}

TEST(Duty, IsListedFromItsFirstDayToTheNextOneAndWhatIsWorthARemindingOf) {
  auto weekly = duties(Span{0, hours(24 * 7)}, std::nullopt);
  const auto days = [&](const LocalDate& day) {
    std::string out;
    for (const Due& each : due_until(weekly, {2026, 7, 1}, LocalDate{2026, 8, 5}, day)) {
      out += iso_date(each.on).substr(5) + " ";
    }
    return out;
  };
  EXPECT_EQ(days({2026, 7, 10}), "07-08 07-15 07-22 ") << "14 days of notice: two lie ahead";
  weekly[0].remind = Span{0, hours(24)};
  EXPECT_EQ(days({2026, 7, 10}), "07-08 07-15 ");
  EXPECT_EQ(days({2026, 7, 8}), "07-08 ");
  EXPECT_EQ(days({2027, 1, 1}), "07-08 07-15 07-22 07-29 08-05 ") << "and never after the end";
}

TEST(Duty, IsDoneForTheDayThatWasSaidUntilItIsWithdrawn) {
  Agreement a;
  a.effective_from = WallTime{at("2026-07-01T00:00:00Z")};
  a.effective_to = WallTime{at("2027-07-01T00:00:00Z")};
  a.duties = duties(parse_span("1Q"), std::nullopt);
  a.duties[0].id = "training/1";
  const std::vector<Agreement> versions{a};
  const auto ordered = order_versions(versions);
  ASSERT_TRUE(ordered);
  std::vector<DutyEvent> said;
  const auto states = [&](const LocalDate& day) {
    std::string out;
    for (const DutyDay& each : duty_days(ordered->front(), said, day)) {
      out += iso_date(each.due.on) + " " + std::string(name(each.state)) + " ";
    }
    return out;
  };
  EXPECT_EQ(states({2026, 10, 1}), "2026-10-01 open ") << "its day is not over";
  EXPECT_EQ(states({2026, 10, 2}), "2026-10-01 missed 2027-01-01 open ");
  said.push_back({true, "training/1", {2026, 10, 1}, "alice", "list 7", a.effective_from});
  EXPECT_EQ(states({2026, 10, 2}), "2026-10-01 done 2027-01-01 open ");
  EXPECT_EQ(duty_days(ordered->front(), said, {2026, 10, 2})[0].said.evidence, "list 7");
  said.push_back({true, "training/2", {2027, 1, 1}, "alice", "", a.effective_from});
  EXPECT_EQ(states({2026, 10, 2}), "2026-10-01 done 2027-01-01 open ") << "another duty";
  said.push_back({false, "training/1", {2026, 10, 1}, "alice", "", a.effective_from});
  EXPECT_EQ(states({2026, 10, 2}), "2026-10-01 missed 2027-01-01 open ");
}

TEST(Duty, WithOneDateIsDueOnce) {
  const auto once = duties(std::nullopt, LocalDate{2027, 6, 30});
  EXPECT_EQ(due_around(once, {2026, 7, 1}, std::nullopt, {2027, 6, 30}, false).size(), 1U);
  EXPECT_TRUE(due_around(once, {2026, 7, 1}, std::nullopt, {2027, 7, 1}, false).empty());
  EXPECT_EQ(due_around(once, {2026, 7, 1}, std::nullopt, {2027, 7, 1}, true).size(), 1U);
  EXPECT_TRUE(
      due_around(duties(std::nullopt, std::nullopt), {2026, 7, 1}, std::nullopt, {2027, 7, 1}, true)
          .empty());
}

}  // namespace
}  // namespace nines::sla::sections_test
