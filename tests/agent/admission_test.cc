// SPDX-License-Identifier: Apache-2.0
// At stake: a set that this host cannot run is refused with numbers before its first slot, and what
// is shed at run time is what matters least.
#include "agent/admission.h"

#include <gtest/gtest.h>

#include "agent/probe_budget.h"

namespace nines::agent::admission_test {
namespace {

Check check_of(decltype(Check::spec) spec, Duration every, Duration timeout) {
  Check check;
  check.spec = std::move(spec);
  check.every = every;
  check.timeout = timeout;
  return check;
}

HttpSpec page(std::string url) {
  HttpSpec spec;
  spec.url = std::move(url);
  return spec;
}

Settings with(const Check& check, std::size_t count) {
  Settings settings;
  settings.files = {"agent.yaml"};
  settings.checks.assign(count, check);
  return settings;
}

TEST(Admission, AddsUpWhatTheChecksAsk) {
  auto settings = with(check_of(page("http://a/"), seconds(1), milliseconds(500)), 3);
  settings.checks.push_back(check_of(page("https://a/"), seconds(30), seconds(5)));
  settings.canaries.push_back(check_of(IcmpSpec{}, seconds(10), seconds(5)));
  const auto demand = demand_of(settings);
  EXPECT_EQ(demand.probes_per_1000_s, 3000U + 33U + 100U);
  EXPECT_EQ(demand.cpu_us_per_s, (3000U * 250U + 33U * 1450U + 100U * 140U) / 1000U);
  EXPECT_EQ(demand.silent_in_flight, 3U) << "1.5 + 0.17 + 0.5, rounded up";
}

TEST(Admission, SaysNothingOfAModestSet) {
  const auto admission =
      admit(with(check_of(page("https://a/"), seconds(30), seconds(5)), 100), {1024});
  EXPECT_TRUE(admission.refusals.empty());
  EXPECT_TRUE(admission.warnings.empty());
  EXPECT_EQ(admission.summary(),
            "3.3 probes a second, about 0.4 % of one core; 17 at once while all targets are "
            "silent, of 480 that this host allows");
}

TEST(Admission, RefusesWhatOneCoreCannotDo) {
  const auto fast = check_of(page("https://a/"), milliseconds(100), milliseconds(100));
  EXPECT_EQ(admit(with(fast, 34), {65536}).warnings.size(), 0U);
  EXPECT_EQ(admit(with(fast, 35), {65536}).warnings.size(), 1U);
  EXPECT_TRUE(admit(with(fast, 68), {65536}).refusals.empty());
  const auto admission = admit(with(fast, 69), {65536});
  ASSERT_EQ(admission.refusals.size(), 1U);
  EXPECT_NE(admission.refusals[0].find("100.0 % of one core"), std::string::npos)
      << admission.refusals[0];
}

TEST(Admission, WarnsOfTheDayWhenEveryTargetIsSilent) {
  const auto slow = check_of(TcpSpec{}, seconds(10), seconds(10));
  EXPECT_TRUE(admit(with(slow, 480), {1024}).warnings.empty());
  const auto admission = admit(with(slow, 481), {1024});
  ASSERT_EQ(admission.warnings.size(), 1U);
  EXPECT_NE(admission.warnings[0].find("481 probes would wait at once and this host allows 480"),
            std::string::npos);
}

TEST(ProbeBudget, LeavesDescriptorsForTheRest) {
  EXPECT_EQ(ProbeBudget::limit_for(1024), 480U);
  EXPECT_EQ(ProbeBudget::limit_for(70), 8U);
  EXPECT_EQ(ProbeBudget::limit_for(0), 8U);
  EXPECT_EQ(ProbeBudget::limit_for(1U << 20), ProbeBudget::kMost);
}

Check of_host(int number) {
  return check_of(page("http://host-" + std::to_string(number) + "/x"), seconds(1), seconds(1));
}

TEST(ProbeBudget, ShedsWhatMattersLeastFirst) {
  ProbeBudget budget(16);
  std::vector<ProbeBudget::Place> places;
  std::string why;
  const auto fill = [&](int priority) {
    for (;;) {
      const auto target = budget.target_of(of_host(static_cast<int>(places.size())));
      auto place = budget.enter(priority, target, why);
      if (!place) return places.size();
      places.push_back(std::move(place));
    }
  };
  EXPECT_EQ(fill(9), 8U);
  EXPECT_EQ(fill(5), 12U);
  EXPECT_EQ(why, "12 probes run at once; priority 5 may be one of 12");
  EXPECT_EQ(fill(1), 16U);
  EXPECT_EQ(budget.in_flight(), 16U);
  EXPECT_EQ(budget.shed(), 3U);
  places.clear();
  EXPECT_EQ(budget.in_flight(), 0U);
  EXPECT_EQ(fill(9), 8U) << "places come back";
}

TEST(ProbeBudget, DoesNotOverrunOneTarget) {
  ProbeBudget budget(512);
  std::vector<ProbeBudget::Place> places;
  std::string why;
  const auto target = budget.target_of(of_host(0));
  ASSERT_EQ(target, budget.target_of(of_host(0))) << "two checks of one host have one";
  for (;;) {
    auto place = budget.enter(1, target, why);
    if (!place) break;
    places.push_back(std::move(place));
  }
  EXPECT_EQ(places.size(), ProbeBudget::kMostForTarget);
  EXPECT_EQ(why, "64 probes of http://host-0 run at once");
  EXPECT_TRUE(budget.enter(1, budget.target_of(of_host(1)), why)) << "another target has room";
}

TEST(ProbeBudget, KnowsTargetsByTheirHost) {
  EXPECT_EQ(target_host(check_of(page("https://shop.example/a?b"), seconds(1), seconds(1))),
            "https://shop.example");
  TcpSpec tcp;
  tcp.host = "::1";
  tcp.port = 25;
  EXPECT_EQ(target_host(check_of(tcp, seconds(1), seconds(1))), "tcp://[::1]:25");
  tcp.unix_path = "/run/x.sock";
  EXPECT_EQ(target_host(check_of(tcp, seconds(1), seconds(1))), "unix:/run/x.sock");
}

}  // namespace
}  // namespace nines::agent::admission_test
