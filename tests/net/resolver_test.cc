// SPDX-License-Identifier: Apache-2.0
// At stake: an outage report blames the right party. NXDOMAIN, SERVFAIL, REFUSED, silence, nonsense
// and our own dead network must stay apart, within the deadline. A scripted name server on loopback
// plays each part.
#include "net/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/post.hpp>
#include <fstream>

#include "net/hosts_file.h"
#include "tests/support/certificates.h"
#include "tests/support/dns_server.h"
#include "tests/support/loop.h"

namespace nines::net::resolver_test {
namespace {

using asio::ip::make_address;
using test::DnsQuery;
using test::DnsReply;
using test::DnsServer;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using Kind = DnsReply::Kind;

DnsReply answer(std::initializer_list<const char*> addresses) {
  DnsReply reply;
  for (const char* address : addresses) reply.addresses.push_back(make_address(address));
  return reply;
}

DnsReply of(Kind kind) {
  DnsReply reply;
  reply.kind = kind;
  return reply;
}

DnsReply code(int value) {
  DnsReply reply = of(Kind::code);
  reply.code = value;
  return reply;
}

DnsReply late(DnsReply reply, milliseconds delay) {
  reply.delay = delay;
  return reply;
}

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    files_.hosts = directory_ / "hosts";
    files_.resolv_conf = directory_ / "resolv.conf";
    write(files_.hosts, "");
    write(files_.resolv_conf, "search .\n");
  }

  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }

  void serve(DnsServer::Script script) {
    servers_.push_back(std::make_unique<DnsServer>(io_, std::move(script)));
    use(servers_.back()->address());
  }

  void use(const std::string& address) {
    addresses_ += (addresses_.empty() ? "" : ",") + address;
    resolver_.emplace(io_, clock_, addresses_, files_);
  }

  Resolution resolve(const std::string& name,
                     Family family = Family::any,
                     Duration limit = seconds(10)) {
    if (!resolver_) resolver_.emplace(io_, clock_, addresses_, files_);
    return test::run(io_, resolver_->resolve(name, family, clock_.boot() + limit, stop_));
  }

  asio::io_context io_{1};
  SystemClock clock_;
  Stop stop_;
  test::TemporaryDirectory directory_;
  ResolverFiles files_;
  std::string addresses_;
  std::vector<std::unique_ptr<DnsServer>> servers_;
  std::optional<Resolver> resolver_;
};

TEST_F(ResolverTest, AnswersAddressesOfBothFamilies) {
  serve([](const DnsQuery&) { return answer({"192.0.2.1", "192.0.2.2", "2001:db8::1"}); });
  const auto got = resolve("shop.example");
  EXPECT_EQ(got.status, ResolveStatus::ok);
  EXPECT_THAT(got.addresses,
              UnorderedElementsAre(make_address("192.0.2.1"), make_address("192.0.2.2"),
                                   make_address("2001:db8::1")));
  EXPECT_THAT(servers_[0]->queries(), SizeIs(2));
}

TEST_F(ResolverTest, AsksOnlyForTheFamilyWanted) {
  serve([](const DnsQuery&) { return answer({"192.0.2.1", "2001:db8::1"}); });
  EXPECT_THAT(resolve("shop.example", Family::ipv4).addresses,
              ElementsAre(make_address("192.0.2.1")));
  EXPECT_THAT(resolve("shop.example", Family::ipv6).addresses,
              ElementsAre(make_address("2001:db8::1")));
  ASSERT_THAT(servers_[0]->queries(), SizeIs(2));
  EXPECT_EQ(servers_[0]->queries()[0].type, 1);
  EXPECT_EQ(servers_[0]->queries()[1].type, 28);
}

TEST_F(ResolverTest, LiteralsNeverReachAServer) {
  serve([](const DnsQuery&) { return code(2); });
  EXPECT_THAT(resolve("192.0.2.7").addresses, ElementsAre(make_address("192.0.2.7")));
  EXPECT_THAT(resolve("2001:db8::7").addresses, ElementsAre(make_address("2001:db8::7")));
  EXPECT_THAT(resolve("[2001:db8::7]").addresses, ElementsAre(make_address("2001:db8::7")));
  EXPECT_EQ(resolve("192.0.2.7", Family::ipv6).status, ResolveStatus::no_address);
  EXPECT_EQ(resolve("2001:db8::7", Family::ipv4).status, ResolveStatus::no_address);
  EXPECT_THAT(servers_[0]->queries(), IsEmpty());
}

TEST_F(ResolverTest, LocalhostIsLoopbackWithoutAServer) {
  serve([](const DnsQuery&) { return answer({"192.0.2.66"}); });
  const auto got = resolve("localhost", Family::ipv4);
  EXPECT_THAT(got.addresses, ElementsAre(make_address("127.0.0.1")));
  EXPECT_THAT(resolve("LocalHost.", Family::ipv6).addresses, ElementsAre(make_address("::1")));
  EXPECT_THAT(resolve("db.localhost").addresses,
              UnorderedElementsAre(make_address("127.0.0.1"), make_address("::1")));
  EXPECT_THAT(servers_[0]->queries(), IsEmpty());
}

TEST_F(ResolverTest, NameThatOnlyEndsLikeLocalhostIsAsked) {
  serve([](const DnsQuery&) { return answer({"192.0.2.66"}); });
  EXPECT_THAT(resolve("notlocalhost", Family::ipv4).addresses,
              ElementsAre(make_address("192.0.2.66")));
}

TEST_F(ResolverTest, HostsFileComesFirstAndIsReadAgainWhenItChanges) {
  serve([](const DnsQuery&) { return answer({"192.0.2.66"}); });
  write(files_.hosts, "198.51.100.1  Shop.Example alias # note\n");
  EXPECT_THAT(resolve("shop.example").addresses, ElementsAre(make_address("198.51.100.1")));
  EXPECT_THAT(resolve("ALIAS.").addresses, ElementsAre(make_address("198.51.100.1")));
  EXPECT_THAT(servers_[0]->queries(), IsEmpty());
  write(files_.hosts, "198.51.100.23 shop.example\n");
  EXPECT_THAT(resolve("shop.example").addresses, ElementsAre(make_address("198.51.100.23")));
  EXPECT_THAT(resolve("note", Family::ipv4).addresses, ElementsAre(make_address("192.0.2.66")));
}

TEST_F(ResolverTest, HostsFileWithoutTheFamilyLeavesTheQuestionToServers) {
  serve([](const DnsQuery&) { return answer({"2001:db8::9"}); });
  write(files_.hosts, "198.51.100.1 shop.example\n");
  EXPECT_THAT(resolve("shop.example", Family::ipv6).addresses,
              ElementsAre(make_address("2001:db8::9")));
}

TEST_F(ResolverTest, TellsNxdomainFromANameWithoutAddresses) {
  serve([](const DnsQuery& q) { return q.name == "gone.example" ? code(3) : answer({}); });
  EXPECT_EQ(resolve("gone.example").status, ResolveStatus::not_found);
  EXPECT_EQ(resolve("empty.example").status, ResolveStatus::no_address);
}

TEST_F(ResolverTest, TellsServfailAndRefusedFromSilence) {
  int rcode = 2;
  serve([&](const DnsQuery&) { return code(rcode); });
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::servfail);
  EXPECT_THAT(resolve("shop.example").detail, HasSubstr("SERVFAIL"));
  rcode = 5;
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::refused);
  rcode = 4;
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::servfail);
  EXPECT_THAT(resolve("shop.example").detail, HasSubstr("NOTIMP"));
  rcode = 1;
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::servfail);
}

TEST_F(ResolverTest, SilenceEndsAtTheDeadline) {
  int questions = 0;
  serve([&](const DnsQuery& q) {
    if (q.name == "shop.example") ++questions;
    return of(Kind::silent);
  });
  const BootTime start = clock_.boot();
  EXPECT_EQ(resolve("shop.example", Family::any, milliseconds(80)).status, ResolveStatus::silent);
  const Duration took = clock_.boot() - start;
  EXPECT_GE(took, milliseconds(80));
  EXPECT_LE(questions, 2) << "it ended before the first repetition";
}

TEST_F(ResolverTest, DeadlineInThePastStillAnswers) {
  serve([](const DnsQuery&) { return of(Kind::silent); });
  EXPECT_EQ(resolve("shop.example", Family::any, seconds(-5)).status, ResolveStatus::silent);
}

TEST_F(ResolverTest, AnswersThatComeTooLateAreHarmless) {
  serve([](const DnsQuery& q) {
    return q.name == "slow.example" ? late(answer({"192.0.2.1"}), milliseconds(60))
                                    : answer({"192.0.2.2"});
  });
  const auto cut = resolve("slow.example", Family::ipv4, milliseconds(20));
  EXPECT_TRUE(cut.addresses.empty());
  // Silent where this host was too late to hear that the server is alive.
  EXPECT_THAT(cut.status, AnyOf(ResolveStatus::timed_out, ResolveStatus::silent));
  // The loop turns on while the late packet comes in.
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(resolve("quick.example", Family::ipv4).addresses,
                ElementsAre(make_address("192.0.2.2")));
    io_.restart();
    io_.run_for(milliseconds(5));
  }
}

TEST_F(ResolverTest, SilenceAboutOneNameIsNotSilence) {
  // Whether the server answers for the root, or another question meanwhile: it is alive.
  serve([](const DnsQuery& q) {
    return q.name == "dead.example" ? of(Kind::silent) : answer({"192.0.2.2"});
  });
  EXPECT_EQ(resolve("dead.example", Family::any, milliseconds(400)).status,
            ResolveStatus::timed_out);
}

TEST_F(ResolverTest, AsksForTheRootOnlyInDoubt) {
  int roots = 0;
  serve([&](const DnsQuery& q) {
    if (q.type == 2) ++roots;
    return q.type == 1 ? answer({"192.0.2.1"}) : of(Kind::silent);
  });
  EXPECT_EQ(resolve("shop.example", Family::any, milliseconds(300)).status, ResolveStatus::ok);
  EXPECT_EQ(roots, 0);
}

TEST_F(ResolverTest, DestroyedWhileQuestionsAreOpen) {
  serve([](const DnsQuery&) { return of(Kind::silent); });
  EXPECT_EQ(resolve("shop.example", Family::any, milliseconds(10)).status, ResolveStatus::silent);
  resolver_.reset();
  io_.restart();
  io_.run_for(milliseconds(20));
}

TEST_F(ResolverTest, AsksAgainWhenAPacketIsLost) {
  int seen = 0;
  serve([&](const DnsQuery&) { return ++seen == 1 ? of(Kind::silent) : answer({"192.0.2.1"}); });
  EXPECT_EQ(resolve("shop.example", Family::ipv4, seconds(5)).status, ResolveStatus::ok);
  EXPECT_EQ(seen, 2);
}

TEST_F(ResolverTest, NextServerHelpsWhenTheFirstFails) {
  serve([](const DnsQuery&) { return code(2); });
  serve([](const DnsQuery&) { return answer({"192.0.2.1"}); });
  EXPECT_EQ(resolve("shop.example", Family::ipv4).status, ResolveStatus::ok);
  EXPECT_THAT(servers_[0]->queries(), SizeIs(1));
}

TEST_F(ResolverTest, NextServerHelpsWhenNobodyListensAtTheFirst) {
  use(test::dead_dns_address());
  serve([](const DnsQuery&) { return answer({"192.0.2.1"}); });
  EXPECT_EQ(resolve("shop.example", Family::ipv4).status, ResolveStatus::ok);
}

TEST_F(ResolverTest, NobodyListeningAtAllIsOurOwnTrouble) {
  use(test::dead_dns_address());
  const auto got = resolve("shop.example");
  EXPECT_EQ(got.status, ResolveStatus::no_resolver);
  EXPECT_THAT(got.detail, HasSubstr("Connection refused"));
}

TEST_F(ResolverTest, OneServerFailingAndAnotherSilentIsAFailureOfTheServer) {
  serve([](const DnsQuery&) { return code(2); });
  serve([](const DnsQuery&) { return of(Kind::silent); });
  EXPECT_EQ(resolve("shop.example", Family::ipv4, milliseconds(100)).status,
            ResolveStatus::servfail);
}

TEST_F(ResolverTest, AnswerThatDoesNotParseIsMalformed) {
  serve([](const DnsQuery&) { return of(Kind::malformed); });
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::malformed);
}

TEST_F(ResolverTest, ForgeriesAndGarbageAreIgnored) {
  Kind kind = Kind::garbage;
  serve([&](const DnsQuery&) {
    DnsReply reply = answer({"192.0.2.66"});
    reply.kind = kind;
    return reply;
  });
  EXPECT_EQ(resolve("shop.example", Family::ipv4, milliseconds(50)).status, ResolveStatus::silent);
  kind = Kind::forged;
  EXPECT_EQ(resolve("shop.example", Family::ipv4, milliseconds(50)).status, ResolveStatus::silent);
}

TEST_F(ResolverTest, AddressesOfOneFamilyDoNotWaitLongForTheOther) {
  serve([](const DnsQuery& q) { return q.type == 1 ? answer({"192.0.2.1"}) : of(Kind::silent); });
  const BootTime start = clock_.boot();
  const auto got = resolve("shop.example");
  EXPECT_EQ(got.status, ResolveStatus::ok);
  EXPECT_THAT(got.addresses, SizeIs(1));
  EXPECT_LT(clock_.boot() - start, seconds(5));
}

TEST_F(ResolverTest, TellsWhenAnAnswerArrivedHoweverLateTheLoopIs) {
  BootTime free_again;
  serve([&](const DnsQuery&) {
    asio::post(io_, [&] {  // runs when the answer has left and nobody has read it
      const auto begin = clock_.boot();
      while ((free_again = clock_.boot()) < begin + milliseconds(30)) {
      }
    });
    return answer({"192.0.2.1"});
  });
  const auto begin = clock_.boot();
  const auto got = resolve("shop.example", Family::ipv4);
  EXPECT_TRUE(got.asked);
  ASSERT_TRUE(got.arrived);
  EXPECT_GE(*got.arrived, begin);
  EXPECT_LT(*got.arrived, free_again);
}

TEST_F(ResolverTest, NoArrivalIsToldOfWhatDidNotCome) {
  serve([](const DnsQuery& query) {
    return query.type == 1 ? answer({"192.0.2.1"}) : of(Kind::silent);
  });
  const auto got = resolve("shop.example");
  EXPECT_EQ(got.status, ResolveStatus::ok);
  EXPECT_TRUE(got.asked);
  EXPECT_FALSE(got.arrived) << "half a second was waited for the other family";
  const auto known = resolve("localhost");
  EXPECT_FALSE(known.asked);
  EXPECT_FALSE(known.arrived);
}

TEST_F(ResolverTest, FailureOfOneFamilyDoesNotHideTheOther) {
  serve([](const DnsQuery& q) { return q.type == 28 ? code(2) : answer({"192.0.2.1"}); });
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::ok);
}

TEST_F(ResolverTest, EmptyAnswerBesideAFailureProvesNothing) {
  serve([](const DnsQuery& q) { return q.type == 28 ? code(2) : answer({}); });
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::servfail);
}

TEST_F(ResolverTest, NamesThatCannotBeAreNotAsked) {
  serve([](const DnsQuery&) { return answer({"192.0.2.1"}); });
  for (const std::string& name :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"),
        std::string("a\0b", 3), std::string("a\nb"), std::string("b\xc3\xbc"), std::string("a/b"),
        std::string(64, 'a') + ".example", std::string(254, 'a'), std::string("256.1.1.1:80"),
        std::string("[::1")}) {
    EXPECT_EQ(resolve(name).status, ResolveStatus::not_found) << name;
  }
  EXPECT_THAT(servers_[0]->queries(), IsEmpty());
  EXPECT_EQ(resolve(std::string(63, 'a') + ".example").status, ResolveStatus::ok);
}

TEST_F(ResolverTest, KeepsAtMostSixteenAddresses) {
  serve([](const DnsQuery&) {
    DnsReply reply;
    for (int i = 0; i < 24; ++i) {
      reply.addresses.push_back(make_address("192.0.2." + std::to_string(i)));
    }
    return reply;
  });
  EXPECT_THAT(resolve("many.example", Family::ipv4).addresses, SizeIs(16));
}

TEST_F(ResolverTest, ShortNamesGoThroughTheSearchList) {
  write(files_.resolv_conf, "search first.example second.example\noptions ndots:1\n");
  serve([](const DnsQuery& q) {
    return q.name == "db.second.example" ? answer({"192.0.2.1"}) : code(3);
  });
  EXPECT_EQ(resolve("db", Family::ipv4).status, ResolveStatus::ok);
  EXPECT_EQ(servers_[0]->asked("db.first.example"), 1U);
  EXPECT_EQ(servers_[0]->asked("db"), 0U);
}

TEST_F(ResolverTest, NamesWithDotsAreTriedAsTheyAreFirst) {
  write(files_.resolv_conf, "search corp.example\n");
  serve([](const DnsQuery& q) { return q.name == "shop.test" ? answer({"192.0.2.1"}) : code(3); });
  EXPECT_EQ(resolve("shop.test", Family::ipv4).status, ResolveStatus::ok);
  EXPECT_THAT(servers_[0]->queries(), SizeIs(1));
  EXPECT_EQ(resolve("other.test", Family::ipv4).status, ResolveStatus::not_found);
  EXPECT_EQ(servers_[0]->asked("other.test.corp.example"), 1U);
}

TEST_F(ResolverTest, AbsoluteNamesSkipTheSearchList) {
  write(files_.resolv_conf, "search corp.example\n");
  serve([](const DnsQuery&) { return code(3); });
  EXPECT_EQ(resolve("db.", Family::ipv4).status, ResolveStatus::not_found);
  ASSERT_THAT(servers_[0]->queries(), SizeIs(1));
  EXPECT_EQ(servers_[0]->queries()[0].name, "db");
}

TEST_F(ResolverTest, ChangedConfigurationIsReadAgain) {
  serve([](const DnsQuery&) { return code(3); });
  write(files_.resolv_conf, "search one.example\n");
  resolve("db", Family::ipv4);
  write(files_.resolv_conf, "search other.example\n");
  resolve("db", Family::ipv4);
  EXPECT_EQ(servers_[0]->asked("db.one.example"), 1U);
  EXPECT_EQ(servers_[0]->asked("db.other.example"), 1U);
}

TEST_F(ResolverTest, StopEndsALookupAtOnce) {
  serve([this](const DnsQuery&) {
    stop_.request();
    return of(Kind::silent);
  });
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::stopped);
  EXPECT_EQ(resolve("shop.example").status, ResolveStatus::stopped);
  EXPECT_EQ(resolve("192.0.2.1").status, ResolveStatus::stopped);
}

TEST_F(ResolverTest, SilentServerDoesNotPileUpQuestions) {
  int rounds = 0;
  serve([&](const DnsQuery&) { return of(Kind::silent); });
  for (; rounds < 200; ++rounds) {
    ASSERT_EQ(resolve("shop.example", Family::any, milliseconds(1)).status, ResolveStatus::silent);
  }
}

Task<void> expect_status(Resolver& resolver,
                         BootTime deadline,
                         Stop& stop,
                         std::string name,
                         ResolveStatus expected,
                         std::size_t& count) {
  auto task = resolver.resolve(name, Family::any, deadline, stop);
  const Resolution got = co_await std::move(task);
  EXPECT_EQ(got.status, expected) << name;
  ++count;
}

TEST_F(ResolverTest, ManyLookupsAtOnce) {
  serve([](const DnsQuery& q) {
    return q.name.starts_with("bad") ? code(2) : answer({"192.0.2.1"});
  });
  std::size_t done = 0;
  TaskSet tasks(io_);
  const BootTime deadline = clock_.boot() + seconds(10);
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    tasks.spawn("good", expect_status(*resolver_, deadline, stop_, "good" + number + ".example",
                                      ResolveStatus::ok, done));
    tasks.spawn("bad", expect_status(*resolver_, deadline, stop_, "bad" + number + ".example",
                                     ResolveStatus::servfail, done));
  }
  test::run(io_, tasks.join());
  EXPECT_EQ(done, 100U);
}

TEST(ParseHosts, SkipsWhatDoesNotParse) {
  const auto names = parse_hosts(
      "# comment\n\n127.0.0.1\tlocalhost\r\nnonsense name\n1.2.3 short\n"
      "192.0.2.1 a b\n192.0.2.1 a\n::1 a#b\n192.0.2.3");
  EXPECT_THAT(names, SizeIs(3));
  EXPECT_THAT(names.at("a"), ElementsAre(make_address("192.0.2.1"), make_address("::1")));
  EXPECT_THAT(names.at("b"), ElementsAre(make_address("192.0.2.1")));
}

TEST(HostsFile, MissingFileIsEmpty) {
  HostsFile hosts("/nonexistent/hosts");
  EXPECT_EQ(hosts.find("localhost"), nullptr);
}

}  // namespace
}  // namespace nines::net::resolver_test
