// SPDX-License-Identifier: Apache-2.0
#include "probes/dns_message.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/probes/dns_bytes.h"

namespace nines::probes::dns_message_test {
namespace {

using test::Message;
using namespace std::string_literals;

DnsQuery asked(std::uint16_t type = 1, const std::string& name = "shop.example") {
  DnsQuery query;
  query.name = name;
  query.type = type;
  query.id = 0x1234;
  return query;
}

std::vector<std::string> records(const Message& message, std::uint16_t type) {
  const auto bytes = message.bytes();
  EXPECT_TRUE(answers(as_bytes(bytes), asked(type)));
  const auto answer = decode_answer(as_bytes(bytes), asked(type));
  return answer ? answer->records : std::vector<std::string>{"does not parse"};
}

// One record of a type, with its data, rendered.
std::string rendered(std::uint16_t type, const std::string& data) {
  const auto lines = records(Message(asked(type)).answer(type, data), type);
  constexpr std::string_view kStart = "shop.example. 300 IN ";
  if (lines.size() != 1 || !lines[0].starts_with(kStart)) return lines.at(0);
  return lines[0].substr(kStart.size());
}

TEST(DnsMessage, AsksAsRfc1035And6891Say) {
  auto query = asked(28, "shop.example.");
  query.want_authenticated = true;
  const std::string expected(
      "\x12\x34\x01\x20\x00\x01\x00\x00\x00\x00\x00\x01"
      "\x04shop\x07"
      "example\x00\x00\x1c\x00\x01"
      "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00",
      41);
  EXPECT_EQ(as_text(encode_query(query)), expected);
  const std::string root(as_text(encode_query(asked(2, "."))));
  EXPECT_EQ(root.substr(12, 5), std::string("\0\0\x02\0\x01", 5));
}

TEST(DnsMessage, RendersEveryTypeThatItKnows) {
  using test::dns_name;
  using test::u16;
  using test::u32;
  EXPECT_EQ(rendered(1, "\xC0\x00\x02\x01"s), "A 192.0.2.1");
  EXPECT_EQ(rendered(28, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"), "AAAA 2001:db8::1");
  EXPECT_EQ(rendered(2, dns_name("ns.example")), "NS ns.example.");
  EXPECT_EQ(rendered(5, dns_name("a.example")), "CNAME a.example.");
  EXPECT_EQ(rendered(12, dns_name("")), "PTR .");
  EXPECT_EQ(rendered(6, dns_name("ns.example") + dns_name("root.example") + u32(2026) + u32(2) +
                            u32(3) + u32(4) + u32(5)),
            "SOA ns.example. root.example. 2026 2 3 4 5");
  EXPECT_EQ(rendered(15, u16(10) + dns_name("mx.example")), "MX 10 mx.example.");
  EXPECT_EQ(rendered(16, "\x05v=\"a\\\x03\xc3\xbc!"s), R"(TXT "v=\"a\\" "\195\188!")");
  EXPECT_EQ(rendered(33, u16(1) + u16(2) + u16(5060) + dns_name("sip.example")),
            "SRV 1 2 5060 sip.example.");
  EXPECT_EQ(rendered(257, "\x00\x05issueca.example"s), "CAA 0 issue \"ca.example\"");
  EXPECT_EQ(rendered(43, u16(60485) + "\x05\x01\x2b\xb1"s), "DS 60485 5 1 2bb1");
  EXPECT_EQ(rendered(48, u16(257) + "\x03\x0d" + "abcd"), "DNSKEY 257 3 13 YWJjZA==");
  EXPECT_EQ(rendered(52, "\x03\x01\x01\xab"s), "TLSA 3 1 1 ab");
  EXPECT_EQ(rendered(44, "\x04\x02\xab"s), "SSHFP 4 2 ab");
  EXPECT_EQ(rendered(35, u16(100) + u16(10) + "\x01S\x07SIP+D2U\x00"s + dns_name("a.example")),
            "NAPTR 100 10 \"S\" \"SIP+D2U\" \"\" a.example.");
  EXPECT_EQ(rendered(65, u16(1) + dns_name("") + u16(1) + u16(6) + "\x02h2\x02h3"s + u16(3) +
                             u16(2) + u16(8443) + u16(4) + u16(4) + "\xC0\x00\x02\x01"s),
            "HTTPS 1 . alpn=\"h2,h3\" port=8443 ipv4hint=192.0.2.1");
  EXPECT_EQ(rendered(64, u16(0) + dns_name("svc.example")), "SVCB 0 svc.example.");
  EXPECT_EQ(rendered(46, u16(1) + "\x0d\x02"s + u32(300) + u32(1'800'000'000) + u32(0) + u16(7) +
                             dns_name("example") + "sig"),
            "RRSIG A 13 2 300 20270115080000 19700101000000 7 example. c2ln");
  EXPECT_EQ(rendered(47, dns_name("b.example") + "\x00\x01\x42\x01\x01\x40"s),
            "NSEC b.example. A SOA CAA");
  EXPECT_EQ(rendered(256, u16(1) + u16(2) + "https://a/"), "URI 1 2 \"https://a/\"");
  EXPECT_EQ(rendered(65280, "\x01\x02\x03"s), "TYPE65280 \\# 3 010203");
  EXPECT_EQ(rendered(65280, ""), "TYPE65280 \\# 0");
}

TEST(DnsMessage, DataThatDoesNotFitItsTypeDoesNotParse) {
  using test::dns_name;
  using test::u16;
  for (const auto& [type, data] : std::vector<std::pair<std::uint16_t, std::string>>{
           {1, "\x01\x02\x03"s},
           {1, "\x01\x02\x03\x04\x05"s},
           {28, "\x01"s},
           {2, ""},
           {2, dns_name("a") + "x"},
           {15, "\x00"s},
           {16, ""},
           {16,
            "\x05"
            "ab"s},
           {6, dns_name("a")},
           {33, u16(1)},
           {257, "\x00\x09"s},
           {257, "\x00\x01\xff"s},
           {47, dns_name("a") + "\x00\x21"s},
           {47, dns_name("a") + "\x00\x00"s},
           {65, u16(1) + dns_name("") + u16(3) + u16(9)},
           {65, u16(1) + dns_name("") + u16(3) + u16(3) + "\x01\x02\x03"s},
       }) {
    EXPECT_EQ(rendered(type, data), "does not parse") << type << " " << to_hex(as_bytes(data));
  }
}

TEST(DnsMessage, EscapesWhatHasAMeaningInZoneFiles) {
  EXPECT_EQ(rendered(5,
                     "\x05"
                     "a.\"\\;"
                     "\x02\x00\xff\x00"s),
            "CNAME a\\.\\\"\\\\\\;.\\000\\255.");
}

TEST(DnsMessage, FollowsPointersBackwardsOnly) {
  auto query = asked(5);
  const auto after = [&](const std::string& data) {
    return records(Message(query).answer(5, data), 5).at(0);
  };
  EXPECT_EQ(after("\xc0\x0c"s), "shop.example. 300 IN CNAME shop.example.");
  EXPECT_EQ(after("\x03www\xc0\x0c"s), "shop.example. 300 IN CNAME www.shop.example.");
  // The data begins behind the header (12), the question (18) and the record's head (12).
  EXPECT_EQ(after("\xc0\x2a"s), "does not parse") << "to itself";
  EXPECT_EQ(after("\x01x\xc0\x2a"s), "does not parse") << "to its own beginning";
  EXPECT_EQ(after("\xc0\xff"s), "does not parse") << "beyond the end";
  EXPECT_EQ(after("\xc0"s), "does not parse") << "half a pointer";
  EXPECT_EQ(after("\x80\x01"s), "does not parse") << "a reserved kind of label";
}

TEST(DnsMessage, BoundsNamesAndChainsOfPointers) {
  // Data of an unknown type: a chain of pointers, each to the one before, then a name at its end.
  auto query = asked(5);
  Message message(query);
  std::string chain("\x01z\x00", 3);
  const std::size_t start = message.size() + 12;
  for (int i = 0; i < 300; ++i) {
    const auto to = i == 0 ? start : start + 3 + static_cast<std::size_t>(i - 1) * 2;
    chain += test::u16(static_cast<unsigned>(0xC000 | to));
  }
  message.answer(65280, chain);
  const auto target = [&](int link) {
    return test::u16(
        static_cast<unsigned>(0xC000 | (start + 3 + static_cast<std::size_t>(link) * 2)));
  };
  auto far = message;
  EXPECT_EQ(records(message.answer(5, target(100)), 5).at(1), "shop.example. 300 IN CNAME z.");
  EXPECT_EQ(records(far.answer(5, target(250)), 5).at(0), "does not parse");

  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "\x01x";
  EXPECT_EQ(rendered(5, longest + '\0').size(), 6U + 254U) << "255 bytes on the wire";
  EXPECT_EQ(rendered(5, longest + "\x01x" + '\0'), "does not parse");
}

TEST(DnsMessage, KnowsItsOwnAnswer) {
  const auto query = asked();
  const auto good = Message(query).answer(1, "\x01\x02\x03\x04"s).bytes();
  EXPECT_TRUE(answers(as_bytes(good), query));
  const auto spoiled = [&](std::size_t at, char value) {
    auto bytes = good;
    bytes[at] = value;
    return answers(as_bytes(bytes), query);
  };
  EXPECT_FALSE(spoiled(0, 0x13)) << "another identifier";
  EXPECT_FALSE(spoiled(2, 0x01)) << "a question";
  EXPECT_FALSE(spoiled(2, '\x89')) << "another operation";
  EXPECT_FALSE(spoiled(5, 2)) << "two questions";
  EXPECT_FALSE(spoiled(13, 'x')) << "another name";
  EXPECT_TRUE(spoiled(13, 'S')) << "case does not count";
  EXPECT_FALSE(spoiled(27, 2)) << "another type";
  EXPECT_FALSE(spoiled(29, 3)) << "another class";
  for (std::size_t size = 0; size < 30; ++size) {
    EXPECT_FALSE(answers(as_bytes(good).first(size), query)) << size;
  }
  // Servers that fail may leave the question out; an answer may not.
  Message bare(query, false);
  EXPECT_FALSE(answers(as_bytes(bare.bytes()), query));
  EXPECT_TRUE(answers(as_bytes(bare.rcode(5).bytes()), query));
  EXPECT_FALSE(answers(as_bytes(bare.rcode(3).bytes()), query));
}

TEST(DnsMessage, ReadsFlagsAndExtendedCodes) {
  const auto query = asked();
  const auto decoded = [&](const Message& message) {
    return decode_answer(as_bytes(message.bytes()), query).value_or(DnsAnswer{});
  };
  EXPECT_TRUE(decoded(Message(query).flags(0x8400)).authoritative);
  EXPECT_TRUE(decoded(Message(query).flags(0x8020)).authenticated);
  EXPECT_TRUE(decoded(Message(query).flags(0x8200)).truncated);
  EXPECT_EQ(decoded(Message(query).rcode(3)).rcode, 3);
  const auto bad_version = decoded(Message(query).opt(1, ""));
  EXPECT_EQ(bad_version.rcode, 16) << "BADVERS has its upper bits in OPT";
  const auto bogus = decoded(
      Message(query).rcode(2).opt(0, test::u16(15) + test::u16(8) + test::u16(6) + "no sig"));
  EXPECT_EQ(bogus.rcode, 2);
  EXPECT_EQ(bogus.extended_error, "6 (DNSSEC bogus): no sig");
  EXPECT_FALSE(decode_answer(
      as_bytes(Message(query).opt(0, test::u16(15) + test::u16(9) + "x").bytes()), query));
}

TEST(DnsMessage, SurvivesEveryCutAndAnyBytes) {
  const auto query = asked(65);
  const auto good = Message(query)
                        .answer(65, test::u16(1) + test::dns_name("a.b") + test::u16(1) +
                                        test::u16(3) + "\x02h2"s)
                        .answer(16,
                                "\x03"
                                "abc"s)
                        .opt(0, "")
                        .bytes();
  ASSERT_TRUE(decode_answer(as_bytes(good), query));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_answer(as_bytes(good).first(size), query)) << size;
  }
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = good;
    for (int j = 0; j < 4; ++j) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    static_cast<void>(answers(as_bytes(bytes), query));
    static_cast<void>(decode_answer(as_bytes(bytes), query).has_value());
  }
}

TEST(DnsMessage, TheLargestMessageIsReadInTime) {
  // 64 KiB of records whose owner and data are the longest names that pointers can make.
  auto query = asked(5);
  Message message(query);
  std::string longest;
  for (int i = 0; i < 100; ++i) longest += "\x01\xff";
  message.answer(5, longest + '\0');
  const auto pointer =
      test::u16(static_cast<unsigned>(0xC000 | (message.size() - longest.size() - 1)));
  while (message.size() < 65'000) message.record(pointer, 5, pointer);
  const auto answer = decode_answer(as_bytes(message.bytes()), query);
  ASSERT_TRUE(answer);
  EXPECT_GT(answer->records.size(), 4000U);
}

}  // namespace
}  // namespace nines::probes::dns_message_test
