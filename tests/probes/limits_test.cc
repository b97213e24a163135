// SPDX-License-Identifier: Apache-2.0
#include "probes/limits.h"

#include <gtest/gtest.h>

namespace nines::probes::limits_test {
namespace {

constexpr std::int64_t kDay = 86'400LL * 1'000'000'000;
constexpr WallTime kNow{1'800'000'000LL * 1'000'000'000};

ProbeResult answered() {
  ProbeResult result;
  result.reason = Reason::ok;
  result.total_us = 50'000;
  result.phases.connect_us = 1'000;
  result.phases.first_byte_us = 2'000;
  return result;
}

ProbeResult with_certificate(std::int64_t leaf_days, std::optional<std::int64_t> chain_days) {
  auto result = answered();
  result.tls.emplace();
  result.tls->verified = true;
  result.tls->expires = WallTime{kNow.ns + leaf_days * kDay};
  if (chain_days) result.tls->chain_expires = WallTime{kNow.ns + *chain_days * kDay};
  return result;
}

Check expecting(Limits limits) {
  Check check;
  HandshakeSpec spec;
  spec.expect = limits;
  check.spec = spec;
  return check;
}

Check warning(Limits limits) {
  Check check;
  HandshakeSpec spec;
  spec.warn = limits;
  check.spec = spec;
  return check;
}

TEST(Limits, LatencyIsWhatTheServiceTookAndNotThisHostsWaiting) {
  const auto result = answered();
  EXPECT_EQ(latency_of(result), microseconds(3'000));
  EXPECT_FALSE(judge_limits({microseconds(3'000), {}}, result, kNow));
  EXPECT_EQ(judge_limits({microseconds(2'999), {}}, result, kNow).reason, Reason::latency_above);
}

TEST(Limits, LatencyIsTheWholeRunWhereThereAreNoPhases) {
  auto result = answered();
  result.phases = {};
  EXPECT_EQ(latency_of(result), microseconds(50'000));
  result.total_us.reset();
  EXPECT_EQ(latency_of(result), std::nullopt);
  EXPECT_FALSE(judge_limits({microseconds(1), {}}, result, kNow));
}

TEST(Limits, LatencyOfEchoesIsTheirMean) {
  auto result = answered();
  result.icmp.emplace();
  EXPECT_EQ(latency_of(result), std::nullopt);
  result.icmp->rtt_us = {1'000, 4'000};
  EXPECT_EQ(latency_of(result), microseconds(2'500));
}

TEST(Limits, TheCertificateThatExpiresFirstCounts) {
  const Limits ten{{}, 10};
  EXPECT_FALSE(judge_limits(ten, with_certificate(10, {}), kNow));
  EXPECT_EQ(judge_limits(ten, with_certificate(9, {}), kNow).reason, Reason::tls_certificate_days);
  EXPECT_EQ(judge_limits(ten, with_certificate(90, 9), kNow).reason, Reason::tls_certificate_days);
  EXPECT_EQ(judge_limits(ten, with_certificate(90, 9), kNow).detail,
            "a certificate expires 2027-01-24, in 9 days, wanted 10");
  EXPECT_FALSE(judge_limits(ten, answered(), kNow));
}

TEST(Limits, AnExpectationFailsAndAWarningOnlyWarns) {
  const Limits both{microseconds(1), 100};
  auto result = with_certificate(5, {});
  apply_limits(expecting(both), result, kNow);
  EXPECT_EQ(result.reason, Reason::latency_above);
  EXPECT_TRUE(result.warnings.empty());

  result = with_certificate(5, {});
  apply_limits(warning(both), result, kNow);
  EXPECT_EQ(result.reason, Reason::ok);
  ASSERT_EQ(result.warnings.size(), 2U);
  EXPECT_EQ(result.warnings[0].substr(0, 14), "latency_above:");
  EXPECT_EQ(result.warnings[1].substr(0, 21), "tls_certificate_days:");
}

TEST(Limits, SayNothingMoreOfWhatFailedAlready) {
  auto result = with_certificate(5, {});
  result.reason = Reason::http_status;
  apply_limits(expecting({microseconds(1), 100}), result, kNow);
  EXPECT_EQ(result.reason, Reason::http_status);
}

TEST(Limits, ASkippedVerificationIsSaidLoudly) {
  auto result = with_certificate(50, {});
  result.tls->verified = false;
  apply_limits(expecting({}), result, kNow);
  EXPECT_EQ(result.reason, Reason::ok);
  EXPECT_EQ(result.warnings,
            std::vector<std::string>{"the certificate is not verified (skip_verify)"});
}

TEST(Limits, WarningsAreBoundedInNumberAndLength) {
  ProbeResult result;
  for (int i = 0; i < 20; ++i) add_warning(result, std::string(1000, 'w') + "\n\xff");
  EXPECT_EQ(result.warnings.size(), kMaxWarnings);
  for (const auto& warning : result.warnings) EXPECT_EQ(warning.size(), kMaxText);
}

}  // namespace
}  // namespace nines::probes::limits_test
