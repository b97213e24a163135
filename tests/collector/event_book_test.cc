// SPDX-License-Identifier: Apache-2.0
// Who may say what, when: each rule of the book by itself.
#include "collector/event_book.h"

#include <gtest/gtest.h>

#include "tests/collector/rig.h"

namespace nines::collector::event_book_test {
namespace {

using nlohmann::json;
using test::kStart;

const Actor kAlice{"alice", Party::provider, true, {}, false};
const Actor kAnna{"anna", Party::provider, true, {}, false};
const Actor kBob{"bob", Party::customer, true, {}, false};
const Actor kOlga{"olga", Party::auditor, true, {}, false};

class Book : public ::testing::Test {
 protected:
  Book() {
    sla::Agreement agreement;
    agreement.name = "shop";
    agreement.services = {"shop"};
    versions = {agreement};
  }

  // "" where it was said, else why not.
  std::string say(const Actor& actor, json event) {
    const auto admitted = book.admit(actor, event, versions, now);
    if (!admitted) return admitted.error().message;
    const json entry{{"actor", actor.name}, {"party", name(actor.party)}, {"event", event}};
    book.take({position++, "event", "shop", "", now, entry.dump()});
    now += seconds(60);
    return "";
  }

  std::string exclusion(const Actor& actor, const std::string& action, const std::string& id) {
    return say(actor, {{"type", "exclusion"}, {"action", action}, {"id", id}});
  }

  std::string announce(const Actor& actor, const std::string& id, WallTime from) {
    return say(actor, {{"type", "exclusion"},
                       {"action", "announce"},
                       {"id", id},
                       {"kind", "maintenance"},
                       {"from", format_rfc3339(from)},
                       {"to", format_rfc3339(from + hours(2))}});
  }

  std::string claim(const Actor& actor, const std::string& id) {
    return say(actor, {{"type", "exclusion"},
                       {"action", "claim"},
                       {"id", id},
                       {"kind", "force_majeure"},
                       {"from", "2026-11-01T00:00:00Z"},
                       {"to", "2026-11-01T01:00:00Z"},
                       {"evidence", "flood"}});
  }

  std::string incident(const Actor& actor, const std::string& event, const std::string& more = "") {
    json said{{"type", "incident"}, {"event", event}, {"id", "i1"}};
    if (event == "opened") said["service"] = "shop";
    if (!more.empty()) said[event == "paused" ? "reason" : "priority"] = more;
    return say(actor, said);
  }

  json last_line() {
    auto lines = book.lines();
    lines.pop_back();
    const auto at = lines.rfind('\n');
    return json::parse(at == std::string::npos ? lines : lines.substr(at + 1));
  }

  std::vector<sla::Agreement> versions;
  EventBook book;
  WallTime now = kStart;
  std::uint64_t position = 0;
};

TEST_F(Book, TakesAnAnnouncementAndItsApprovalByTheOtherParty) {
  EXPECT_EQ(announce(kAlice, "m1", kStart + hours(72)), "");
  EXPECT_EQ(last_line()["state"], "claimed");
  EXPECT_EQ(last_line()["announced"], "2026-11-02T00:00:00Z") << "when it was said";
  EXPECT_EQ(exclusion(kBob, "approve", "m1"), "");
  const auto line = last_line();
  EXPECT_EQ(line["state"], "approved");
  EXPECT_EQ(line["approved_by"], "bob");
  EXPECT_EQ(line["approved_at"], "2026-11-02T00:01:00Z");
  EXPECT_EQ(line["kind"], "maintenance");
  EXPECT_EQ(line["announced"], "2026-11-02T00:00:00Z");
}

TEST_F(Book, LetsNobodyApproveWhatTheirOwnPartyClaimed) {
  EXPECT_EQ(claim(kAlice, "f1"), "");
  EXPECT_NE(exclusion(kAlice, "approve", "f1").find("themselves"), std::string::npos);
  EXPECT_NE(exclusion(kAnna, "approve", "f1").find("by the customer"), std::string::npos);
  EXPECT_NE(exclusion(kOlga, "approve", "f1").find("auditor"), std::string::npos);
  EXPECT_EQ(exclusion(kBob, "approve", "f1"), "");
  EXPECT_EQ(claim(kBob, "f2"), "");
  EXPECT_NE(exclusion(kBob, "approve", "f2").find("themselves"), std::string::npos);
  EXPECT_EQ(exclusion(kAnna, "approve", "f2"), "");
}

TEST_F(Book, LetsThePartyDecideWhoseAcceptanceTheTextWants) {
  sla::ExclusionKind kind;
  kind.name = "force_majeure";
  kind.accepted_by = "customer";
  versions.front().exclusions.kinds = {kind};
  EXPECT_EQ(decider_of(versions, "force_majeure", Party::provider), Party::customer);
  EXPECT_EQ(decider_of(versions, "force_majeure", Party::auditor), Party::customer);
  EXPECT_EQ(decider_of(versions, "force_majeure", Party::customer), Party::provider)
      << "never who claimed it";
  auto newer = versions.front();
  newer.effective_from = versions.front().effective_from + hours(1);
  newer.exclusions.kinds.front().accepted_by = "provider";
  versions.insert(versions.begin(), newer);
  EXPECT_EQ(decider_of(versions, "force_majeure", Party::auditor), Party::provider)
      << "the newest text decides";
}

TEST_F(Book, AnnouncesNothingThatHasBegun) {
  EXPECT_NE(announce(kAlice, "m1", kStart).find("begun"), std::string::npos);
  EXPECT_EQ(claim(kAlice, "f1"), "");
  EXPECT_FALSE(last_line().contains("announced")) << "a claim afterwards announced nothing";
}

TEST_F(Book, KeepsADisputedClaimClaimed) {
  EXPECT_EQ(claim(kAlice, "f1"), "");
  EXPECT_EQ(exclusion(kBob, "dispute", "f1"), "");
  EXPECT_EQ(book.exclusions().at("f1").state, ExclusionCase::State::disputed);
  EXPECT_EQ(last_line()["state"], "claimed");
  EXPECT_NE(exclusion(kBob, "dispute", "f1").find("disputed"), std::string::npos);
  EXPECT_EQ(exclusion(kBob, "reject", "f1"), "");
  EXPECT_EQ(last_line()["state"], "rejected");
  EXPECT_NE(exclusion(kBob, "reject", "f1").find("rejected"), std::string::npos);
  EXPECT_EQ(exclusion(kBob, "approve", "f1"), "") << "who rejected may think again";
}

TEST_F(Book, LetsThePartyWithdrawThatClaimed) {
  EXPECT_EQ(claim(kAlice, "f1"), "");
  EXPECT_NE(exclusion(kBob, "withdraw", "f1").find("may not"), std::string::npos);
  EXPECT_EQ(exclusion(kAnna, "withdraw", "f1"), "");
  EXPECT_EQ(last_line()["state"], "withdrawn");
  EXPECT_FALSE(last_line().contains("approved_by"));
  EXPECT_NE(exclusion(kBob, "approve", "f1").find("withdrawn"), std::string::npos);
  EXPECT_NE(exclusion(kAnna, "withdraw", "f1").find("already"), std::string::npos);
}

TEST_F(Book, KnowsNoIdTwiceAndNoneThatWasNeverSaid) {
  EXPECT_EQ(claim(kAlice, "f1"), "");
  EXPECT_NE(claim(kBob, "f1").find("already"), std::string::npos);
  EXPECT_NE(exclusion(kBob, "approve", "f9").find("no exclusion 'f9'"), std::string::npos);
  EXPECT_NE(incident(kAlice, "resolved").find("no incident"), std::string::npos);
}

TEST_F(Book, WalksAnIncidentThroughItsStates) {
  EXPECT_EQ(incident(kBob, "opened", "high"), "");
  EXPECT_EQ(last_line()["actor"], "bob");
  EXPECT_EQ(last_line()["priority"], "high");
  EXPECT_NE(incident(kBob, "acknowledged").find("customer"), std::string::npos);
  EXPECT_EQ(incident(kAlice, "acknowledged"), "");
  EXPECT_EQ(incident(kAlice, "responded"), "");
  EXPECT_EQ(incident(kAlice, "paused", "waiting-for-customer"), "");
  EXPECT_EQ(last_line()["reason"], "waiting-for-customer");
  EXPECT_NE(incident(kAlice, "paused", "again").find("paused"), std::string::npos);
  EXPECT_EQ(incident(kBob, "resumed"), "");
  EXPECT_NE(incident(kBob, "closed").find("open"), std::string::npos);
  EXPECT_EQ(incident(kAlice, "resolved"), "");
  EXPECT_EQ(last_line()["service"], "shop");
  EXPECT_EQ(incident(kBob, "reopened"), "");
  EXPECT_EQ(incident(kAlice, "resolved"), "");
  EXPECT_EQ(incident(kBob, "closed"), "");
  EXPECT_NE(incident(kAlice, "acknowledged").find("closed"), std::string::npos);
}

TEST_F(Book, DatesBackTheOpeningAlone) {
  const json opened{{"type", "incident"},
                    {"event", "opened"},
                    {"id", "i2"},
                    {"at", "2026-11-01T23:00:00Z"},
                    {"service", "shop"}};
  EXPECT_EQ(say(kBob, opened), "");
  EXPECT_EQ(last_line()["at"], "2026-11-01T23:00:00Z");
  auto future = opened;
  future["id"] = "i3";
  future["at"] = "2026-11-03T00:00:00Z";
  EXPECT_NE(say(kBob, future).find("future"), std::string::npos);
}

TEST_F(Book, KnowsTheServicesOfTheAgreement) {
  EXPECT_NE(say(kBob, {{"type", "incident"}, {"event", "opened"}, {"id", "i"}, {"service", "vpn"}})
                .find("no service 'vpn'"),
            std::string::npos);
}

TEST_F(Book, LetsTheProviderRetireAVantageFromNowOn) {
  json retired{{"type", "vantage"}, {"event", "retired"}, {"id", "v1"}, {"name", "edge"}};
  EXPECT_NE(say(kBob, retired).find("may not"), std::string::npos);
  retired["at"] = "2026-11-01T00:00:00Z";
  EXPECT_NE(say(kAlice, retired).find("past"), std::string::npos);
  retired["at"] = "2026-11-03T00:00:00Z";
  EXPECT_EQ(say(kAlice, retired), "");
  EXPECT_EQ(last_line(), (json{{"type", "vantage"},
                               {"name", "edge"},
                               {"event", "retired"},
                               {"at", "2026-11-03T00:00:00Z"}}));
}

TEST_F(Book, TellsTheJudgeNothingOfAnnotationsAndObservations) {
  EXPECT_EQ(say(kOlga, {{"type", "annotation"}, {"id", "a1"}, {"text", "a storm"}}), "");
  EXPECT_EQ(say(kBob, {{"type", "observation"},
                       {"id", "o1"},
                       {"service", "shop"},
                       {"outcome", "down"},
                       {"from", "2026-11-02T00:00:00Z"},
                       {"to", "2026-11-02T00:10:00Z"},
                       {"text", "the page was white"}}),
            "");
  EXPECT_EQ(book.lines(), "");
  EXPECT_NE(say(kOlga, {{"type", "annotation"}, {"id", "a1"}, {"text", "again"}}).find("taken"),
            std::string::npos);
}

TEST_F(Book, TakesOneSignatureOfEachPartyOverTheTextThatIsLoaded) {
  versions.front().version = "1";
  versions.front().digest.fill(0xab);
  const auto signature = [](const std::string& party, const std::string& digest) {
    return json{{"type", "signature"}, {"version", "1"}, {"party", party}, {"digest", digest}};
  };
  const auto good = "sha256:" + hex(versions.front().digest);
  const auto other = "sha256:" + std::string(64, '0');
  EXPECT_NE(say(kOlga, signature("auditor", good)).find("not for the auditor"), std::string::npos);
  EXPECT_NE(say(kOlga, signature("customer", good)).find("may not"), std::string::npos);
  EXPECT_EQ(say(kBob, signature("provider", good)),
            "may not: bob is of the customer and signs for no other party");
  const auto differs = say(kBob, signature("customer", other));
  EXPECT_NE(differs.find(good), std::string::npos) << differs;
  EXPECT_NE(differs.find(other), std::string::npos) << differs;
  auto unknown = signature("customer", good);
  unknown["version"] = "2";
  EXPECT_EQ(say(kBob, unknown), "no version '2' is loaded here; there is 1");
  EXPECT_EQ(book.lines(), "");
  EXPECT_EQ(say(kAlice, signature("provider", good)), "");
  EXPECT_EQ(last_line(), (json{{"type", "signature"},
                               {"version", "1"},
                               {"digest", good},
                               {"party", "provider"},
                               {"actor", "alice"},
                               {"at", "2026-11-02T00:00:00Z"}}));
  EXPECT_EQ(say(kAnna, signature("provider", good)),
            "the provider signed version 1 (alice, 2026-11-02T00:00:00Z) already; the first "
            "signature counts");
  EXPECT_EQ(say(kBob, signature("customer", good)), "");
  EXPECT_EQ(book.signatures().size(), 2u);
}

TEST_F(Book, TakesNoSignatureUnderATextThatWasChangedUnderItsOldVersion) {
  versions.front().version = "1";
  versions.front().digest.fill(1);
  const auto sign = [&](const Actor& actor) {
    return say(actor, {{"type", "signature"},
                       {"version", "1"},
                       {"party", name(actor.party)},
                       {"digest", "sha256:" + hex(versions.front().digest)}});
  };
  EXPECT_EQ(sign(kAlice), "");
  versions.front().digest.fill(2);
  for (const auto* actor : {&kAlice, &kBob}) {
    const auto refused = sign(*actor);
    EXPECT_NE(refused.find("a version of its own"), std::string::npos) << refused;
  }
}

// Training that the provider owes and an exercise that a role owes, each quarter.
sla::Agreement with_duties() {
  sla::Agreement agreement;
  agreement.name = "shop";
  agreement.version = "1";
  agreement.effective_from = *parse_rfc3339("2026-07-01T00:00:00Z");
  sla::Duty duty;
  duty.id = "training/1";
  duty.owner = "provider";
  duty.every = sla::parse_span("1Q");
  agreement.duties.push_back(duty);
  duty.id = "drill/1";
  duty.owner = "head of operations";
  agreement.duties.push_back(duty);
  return agreement;
}

json done(const std::string& id, const std::string& duty, const std::string& due) {
  return {{"type", "duty"}, {"event", "done"}, {"id", id},
          {"duty", duty},   {"due", due},      {"evidence", "list 7"}};
}

json withdrawn(const std::string& id) {
  return {{"type", "duty"}, {"event", "withdrawn"}, {"id", id}};
}

TEST_F(Book, TakesADutyAsDoneFromThePartyThatOwesIt) {
  versions = {with_duties()};
  EXPECT_EQ(say(kBob, done("d1", "training/1", "2026-10-01")),
            "may not: duty 'training/1' is the provider's");
  EXPECT_EQ(say(kOlga, done("d1", "drill/1", "2026-10-01")),
            "may not: a duty is not for the auditor");
  EXPECT_EQ(book.lines(), "");
  EXPECT_EQ(say(kAlice, done("d1", "training/1", "2026-10-01")), "");
  EXPECT_EQ(last_line(), (json{{"type", "duty"},
                               {"id", "d1"},
                               {"event", "done"},
                               {"duty", "training/1"},
                               {"due", "2026-10-01"},
                               {"evidence", "list 7"},
                               {"actor", "alice"},
                               {"at", "2026-11-02T00:00:00Z"}}));
  EXPECT_EQ(say(kBob, done("d2", "drill/1", "2026-10-01")), "") << "a role's is either party's";
}

TEST_F(Book, TakesADutyOnlyForADayOnWhichItIsDue) {
  versions = {with_duties()};
  EXPECT_EQ(say(kAlice, done("d1", "training/9", "2026-10-01")),
            "no version that is loaded has a dated duty 'training/9' until then: nines sla "
            "obligations FILE --json lists their ids");
  EXPECT_EQ(say(kAlice, done("d1", "training/1", "2026-10-02")),
            "duty 'training/1' is not due on 2026-10-02; days nearby: 2026-10-01, 2027-01-01");
  EXPECT_EQ(say(kAlice, done("d1", "training/1", "2027-01-01")), "") << "ahead of its day";
  auto next = with_duties();
  next.version = "2";
  next.effective_from = *parse_rfc3339("2026-11-01T00:00:00Z");
  versions.push_back(next);
  EXPECT_EQ(say(kAlice, done("d2", "drill/1", "2027-01-01")),
            "duty 'drill/1' is not due on 2027-01-01; days nearby: 2026-10-01, 2027-02-01")
      << "the next version counts from its own first day";
  EXPECT_EQ(say(kAlice, done("d2", "drill/1", "2026-10-01")), "") << "due while the first ran";
}

TEST_F(Book, TakesADutyOnceForEachDayUntilItsPartyWithdrawsIt) {
  versions = {with_duties()};
  EXPECT_EQ(say(kAlice, withdrawn("d1")), "nothing was said to be done as 'd1'");
  EXPECT_EQ(say(kBob, done("d1", "drill/1", "2026-10-01")), "");
  EXPECT_EQ(say(kBob, done("d1", "drill/1", "2027-01-01")), "this id is taken");
  EXPECT_EQ(say(kAlice, done("d2", "drill/1", "2026-10-01")),
            "duty 'drill/1' of 2026-10-01 is done already: bob said so as 'd1'");
  EXPECT_EQ(say(kAlice, withdrawn("d1")),
            "may not: withdrawing what the other party said is not for the provider");
  EXPECT_EQ(say(kBob, withdrawn("d1")), "");
  EXPECT_EQ(last_line()["event"], "withdrawn");
  EXPECT_EQ(last_line()["duty"], "drill/1") << "the line says of what";
  EXPECT_EQ(last_line()["due"], "2026-10-01");
  EXPECT_EQ(say(kBob, withdrawn("d1")), "it is withdrawn already");
  EXPECT_EQ(say(kAlice, done("d2", "drill/1", "2026-10-01")), "");
}

TEST_F(Book, WantsBothPartiesForARestatement) {
  const json proposal{{"type", "restatement"},
                      {"action", "propose"},
                      {"id", "r1"},
                      {"period", "2026-10"},
                      {"reason", "late data"}};
  const json approval{{"type", "restatement"}, {"action", "approve"}, {"id", "r1"}};
  EXPECT_NE(say(kOlga, proposal).find("may not"), std::string::npos);
  EXPECT_EQ(say(kAlice, proposal), "");
  EXPECT_NE(say(kAnna, approval).find("other party"), std::string::npos);
  EXPECT_EQ(say(kBob, approval), "");
  EXPECT_EQ(book.restatements().at("r1").state, RestatementCase::State::approved);
  EXPECT_EQ(book.restatements().at("r1").proposed_at, kStart);
  EXPECT_NE(say(kBob, approval).find("approved"), std::string::npos);
}

}  // namespace
}  // namespace nines::collector::event_book_test
