// SPDX-License-Identifier: Apache-2.0
// Events from a file: each line is one value, or the file is refused with its place.
#include <gtest/gtest.h>

#include <sstream>

#include "sla/input/events_file.h"
#include "support.h"

namespace nines::sla::events_test {
namespace {

std::string fault(const std::string& text) {
  std::istringstream in(text);
  const auto out = read_events(in, "e.jsonl");
  return out ? "" : out.error().message;
}

Events events(const std::string& text) {
  std::istringstream in(text);
  const auto out = read_events(in, "e.jsonl");
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? *out : Events{};
}

std::string exclusion(const std::string& more) {
  return R"({"type":"exclusion","id":"x","kind":"maintenance","from":"2026-03-02T00:00:00Z",)"
         R"("to":"2026-03-02T02:00:00Z",)" +
         more + "}\n";
}

std::string signature(const std::string& more) {
  return R"({"type":"signature","version":"2","actor":"bob","at":"2026-03-02T00:00:00Z",)" + more +
         "}\n";
}

TEST(EventsFile, ReadsASignatureUnderAVersion) {
  const Events all =
      events(signature(R"("party":"customer","digest":"sha256:)" + std::string(64, 'a') + "\""));
  ASSERT_EQ(all.signatures.size(), 1U);
  const SignatureEvent& one = all.signatures[0];
  EXPECT_EQ(one.side, SignatureEvent::Side::customer);
  EXPECT_EQ(one.version, "2");
  EXPECT_EQ(hex(one.digest), std::string(64, 'a'));
  EXPECT_EQ(one.actor, "bob");
  EXPECT_TRUE(known_events(all, WallTime{at("2026-03-01T23:59:59Z")}).signatures.empty());
  EXPECT_EQ(known_events(all, WallTime{at("2026-03-02T00:00:00Z")}).signatures.size(), 1U);
}

std::string duty(const std::string& more) {
  return R"({"type":"duty","id":"d","actor":"alice","at":"2026-03-02T00:00:00Z",)" + more + "}\n";
}

TEST(EventsFile, ReadsADutyThatWasDoneAndOneThatWasNot) {
  const Events all =
      events(duty(R"("event":"done","duty":"training/1","due":"2026-03-31","evidence":"list 7")") +
             duty(R"("event":"withdrawn","duty":"training/1","due":"2026-03-31")"));
  ASSERT_EQ(all.duties.size(), 2U);
  EXPECT_TRUE(all.duties[0].done);
  EXPECT_EQ(all.duties[0].duty, "training/1");
  EXPECT_EQ(all.duties[0].due, (LocalDate{2026, 3, 31}));
  EXPECT_EQ(all.duties[0].actor, "alice");
  EXPECT_EQ(all.duties[0].evidence, "list 7");
  EXPECT_FALSE(all.duties[1].done);
  EXPECT_TRUE(known_events(all, WallTime{at("2026-03-01T23:59:59Z")}).duties.empty());
  EXPECT_EQ(known_events(all, WallTime{at("2026-03-02T00:00:00Z")}).duties.size(), 2U);
}

TEST(EventsFile, ReadsEveryKindOfEvent) {
  const Events all = events(
      exclusion(R"("state":"approved","announced":"2026-02-27T00:00:00Z","approved_by":"acme",)"
                R"("approved_at":"2026-02-28T00:00:00Z","evidence":"mail 7","service":"shop")") +
      R"({"type":"incident","id":"i","event":"paused","at":"2026-03-02T00:00:00Z","actor":"li",)"
      R"("priority":"high","reason":"waiting-for-customer","service":"shop"})"
      "\n\n"
      R"({"type":"vantage","name":"sh","event":"joined","at":"2026-03-02T00:00:00Z"})"
      "\n"
      R"({"type":"check","name":"web","event":"retired","at":"2026-03-02T00:00:00Z"})"
      "\n");
  ASSERT_EQ(all.exclusions.size(), 1U);
  const ExclusionEvent& x = all.exclusions[0];
  EXPECT_EQ(x.kind, "maintenance");
  EXPECT_EQ(x.span.to - x.span.from, 7200 * kSecondNs);
  EXPECT_EQ(x.state, ExclusionEvent::State::approved);
  EXPECT_EQ(x.approved_by, "acme");
  EXPECT_EQ(x.evidence, "mail 7");
  EXPECT_EQ(x.known_at()->ns, at("2026-02-28T00:00:00Z"));
  ASSERT_EQ(all.incidents.size(), 1U);
  EXPECT_EQ(all.incidents[0].step, IncidentEvent::Step::paused);
  EXPECT_EQ(all.incidents[0].reason, "waiting-for-customer");
  ASSERT_EQ(all.memberships.size(), 2U);
  EXPECT_TRUE(all.memberships[0].joined);
  EXPECT_EQ(all.memberships[1].of, MembershipEvent::Of::check);
  EXPECT_FALSE(all.memberships[1].joined);
}

TEST(EventsFile, RefusesALineThatIsNoEvent) {
  struct Row {
    std::string line, expected;
  };

  const std::vector<Row> rows{
      {"{", "e.jsonl:1: the line is not JSON"},
      {R"({"type":"surprise"})",
       "e.jsonl:1: 'type' is not exclusion, incident, vantage, check, signature or duty"},
      {signature(R"("party":"auditor","digest":"sha256:)" + std::string(64, 'a') + "\""),
       "e.jsonl:1: signature: 'party' is not provider or customer"},
      {signature(R"("party":"customer","digest":"sha256:abc")"),
       "e.jsonl:1: signature: 'digest' is not sha256: and 64 hexadecimal digits"},
      {signature(R"("party":"customer","digest":")" + std::string(64, 'a') + "\""),
       "e.jsonl:1: signature: 'digest' is not sha256: and 64 hexadecimal digits"},
      {duty(R"("event":"begun","duty":"x","due":"2026-03-31")"),
       "e.jsonl:1: duty: 'event' is not done or withdrawn"},
      {duty(R"("event":"done","duty":"x","due":"2026-02-30")"),
       "e.jsonl:1: duty: 'due' is no date (write \"2026-03-31\")"},
      {duty(R"("event":"done","due":"2026-03-31")"), "e.jsonl:1: duty: needs 'duty'"},
      {exclusion(R"("state":"maybe")"),
       "e.jsonl:1: exclusion: 'state' is not claimed, approved, rejected or withdrawn"},
      {exclusion(R"("state":"claimed","evidence":7)"),
       "e.jsonl:1: exclusion: 'evidence' is no text"},
      {exclusion(R"("state":"claimed","announced":"soon")"),
       "e.jsonl:1: exclusion: 'announced' is no RFC 3339 instant of the years 1970 to 2199"},
      {R"({"type":"exclusion","id":"x","kind":"k","state":"claimed","to":"2026-03-02T00:00:00Z"})",
       "e.jsonl:1: exclusion: needs the instant 'from'"},
      {R"({"type":"exclusion","id":"x","kind":"k","state":"claimed","from":"2026-03-02T00:00:00Z",)"
       R"("to":"2026-03-02T00:00:00Z"})",
       "e.jsonl:1: exclusion: must end after it begins"},
      {R"({"type":"incident","id":"i","event":"opened"})",
       "e.jsonl:1: incident: needs the instant 'at'"},
      {R"({"type":"incident","id":"i","event":"wakes","at":"2026-03-02T00:00:00Z"})",
       "e.jsonl:1: incident: 'event' is not opened,"},
      {R"({"type":"vantage","event":"joined","at":"2026-03-02T00:00:00Z"})",
       "e.jsonl:1: vantage: needs 'name'"},
      {R"({"type":"check","name":"web","event":"moved","at":"2026-03-02T00:00:00Z"})",
       "e.jsonl:1: check: 'event' is not joined or retired"},
  };
  for (const Row& row : rows) EXPECT_EQ(fault(row.line).find(row.expected), 0U) << fault(row.line);
}

TEST(EventsFile, SaysWhichFileItCannotOpen) {
  const auto out = read_events_file("/nonexistent/events.jsonl");
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().message.find("/nonexistent/events.jsonl: No such file"), std::string::npos);
}

TEST(Events, ALaterLineAboutTheSameExclusionSupersedes) {
  const Events known = known_events(
      events(exclusion(R"("state":"claimed")") + exclusion(R"("state":"rejected")")), std::nullopt);
  ASSERT_EQ(known.exclusions.size(), 1U);
  EXPECT_EQ(known.exclusions[0].state, ExclusionEvent::State::rejected);
}

TEST(Events, WhatWasSaidAfterTheQuestionIsNotKnown) {
  const std::string all =
      exclusion(R"("state":"claimed","announced":"2026-02-27T00:00:00Z")") +
      exclusion(R"("state":"approved","approved_by":"acme","approved_at":"2026-03-05T00:00:00Z")") +
      R"({"type":"check","name":"web","event":"retired","at":"2026-03-06T00:00:00Z"})"
      "\n";
  const Events before = known_events(events(all), WallTime{at("2026-03-04T00:00:00Z")});
  ASSERT_EQ(before.exclusions.size(), 1U);
  EXPECT_EQ(before.exclusions[0].state, ExclusionEvent::State::claimed);
  EXPECT_TRUE(before.memberships.empty());
  const Events after = known_events(events(all), WallTime{at("2026-03-06T00:00:00Z")});
  EXPECT_EQ(after.exclusions[0].state, ExclusionEvent::State::approved);
  EXPECT_EQ(after.memberships.size(), 1U);
}

}  // namespace
}  // namespace nines::sla::events_test
