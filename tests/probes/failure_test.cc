// SPDX-License-Identifier: Apache-2.0
#include "probes/failure.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "probes/run.h"

namespace nines::probes::failure_test {
namespace {

TEST(Failure, OfThisHostNeverBlamesTheService) {
  const std::pair<int, Reason> table[] = {
      {EMFILE, Reason::agent_no_descriptor},    {ENFILE, Reason::agent_no_descriptor},
      {ENOBUFS, Reason::agent_no_memory},       {ENOMEM, Reason::agent_no_memory},
      {ENETUNREACH, Reason::agent_no_route},    {EHOSTUNREACH, Reason::agent_no_route},
      {EACCES, Reason::agent_no_permission},    {EPERM, Reason::agent_no_permission},
      {EADDRNOTAVAIL, Reason::agent_no_source}, {EAFNOSUPPORT, Reason::agent_no_route},
      {EXDEV, Reason::agent_internal},
  };
  for (const auto& [error_number, reason] : table) {
    const auto failure = local_failure(error_number, "open a socket");
    EXPECT_EQ(failure.reason, reason) << error_number;
    EXPECT_EQ(outcome_of(failure.reason), Outcome::unknown);
    EXPECT_NE(failure.detail.find("open a socket: "), std::string::npos);
  }
}

TEST(Failure, TellsARouteThatIsMissingFromAHostThatIsUnreachable) {
  EXPECT_EQ(connect_failure(EHOSTUNREACH, true, "a").reason, Reason::agent_no_route);
  EXPECT_EQ(connect_failure(EHOSTUNREACH, false, "a").reason, Reason::connect_unreachable);
  EXPECT_EQ(connect_failure(ENETUNREACH, true, "a").reason, Reason::agent_no_route);
  EXPECT_EQ(connect_failure(ENETUNREACH, false, "a").reason, Reason::connect_unreachable);
  EXPECT_EQ(connect_failure(EACCES, true, "a").reason, Reason::agent_no_permission);
  EXPECT_EQ(connect_failure(EACCES, false, "a").reason, Reason::connect_unreachable);
}

TEST(Failure, OfAConnectionIsTheSameAtOnceAndLater) {
  for (const bool at_once : {true, false}) {
    EXPECT_EQ(connect_failure(ECONNREFUSED, at_once, "a").reason, Reason::connect_refused);
    EXPECT_EQ(connect_failure(ECONNRESET, at_once, "a").reason, Reason::connect_reset);
    EXPECT_EQ(connect_failure(ETIMEDOUT, at_once, "a").reason, Reason::connect_timeout);
    EXPECT_EQ(connect_failure(ENOBUFS, at_once, "a").reason, Reason::agent_no_memory);
    EXPECT_EQ(connect_failure(EADDRNOTAVAIL, at_once, "a").reason, Reason::agent_no_source);
  }
}

TEST(Failure, CoversEveryResolverStatus) {
  using net::ResolveStatus;
  const std::pair<ResolveStatus, Reason> table[] = {
      {ResolveStatus::not_found, Reason::dns_nxdomain},
      {ResolveStatus::no_address, Reason::dns_no_address},
      {ResolveStatus::servfail, Reason::dns_servfail},
      {ResolveStatus::refused, Reason::dns_refused},
      {ResolveStatus::timed_out, Reason::dns_timeout},
      {ResolveStatus::silent, Reason::agent_no_resolver},
      {ResolveStatus::malformed, Reason::dns_malformed},
      {ResolveStatus::no_resolver, Reason::agent_no_resolver},
      {ResolveStatus::stopped, Reason::agent_stopped},
  };
  net::Resolution resolution;
  for (const auto& [status, reason] : table) {
    resolution.status = status;
    EXPECT_EQ(resolve_failure(resolution, "shop.example").reason, reason);
  }
  resolution.status = ResolveStatus::ok;
  EXPECT_EQ(resolve_failure(resolution, "shop.example").reason, Reason::dns_no_address);
  resolution.addresses.push_back(asio::ip::make_address("192.0.2.1"));
  EXPECT_FALSE(resolve_failure(resolution, "shop.example"));
}

TEST(Text, OfAPeerBecomesValidUtf8) {
  EXPECT_EQ(valid_text("plain"), "plain");
  EXPECT_EQ(valid_text("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
  EXPECT_EQ(valid_text("\xE4\xB8\xAD\xF0\x9F\x98\x80"), "\xE4\xB8\xAD\xF0\x9F\x98\x80");
  EXPECT_EQ(valid_text("\xFF\xFE"), "??");
  EXPECT_EQ(valid_text("\xC3"), "?");                 // cut short
  EXPECT_EQ(valid_text("\xC0\xAF"), "??");            // overlong
  EXPECT_EQ(valid_text("\xE0\x80\x80"), "???");       // overlong
  EXPECT_EQ(valid_text("\xED\xA0\x80"), "???");       // a surrogate
  EXPECT_EQ(valid_text("\xF4\x90\x80\x80"), "????");  // beyond U+10FFFF
  EXPECT_EQ(valid_text("a\xE4\xB8z"), "a??z");
}

TEST(Text, OfAnAddressBracketsIpv6) {
  EXPECT_EQ(address_text(asio::ip::make_address("192.0.2.10"), 443), "192.0.2.10:443");
  EXPECT_EQ(address_text(asio::ip::make_address("2001:db8::1"), 443), "[2001:db8::1]:443");
  for (std::uint8_t byte = 0; byte < 255; ++byte) {
    const asio::ip::address_v4 address({byte, 10, static_cast<std::uint8_t>(255 - byte), byte});
    EXPECT_EQ(address_text(address), address.to_string());
  }
}

}  // namespace
}  // namespace nines::probes::failure_test
