// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/check_decoder.h"
#include "config/check_printer.h"

namespace nines::config::printer_test {
namespace {

Check decoded(const std::string& text) {
  Complaints complaints;
  const auto root = parse_yaml(text, "f", complaints);
  auto check = decode_check(*root, {}, "", {}, complaints);
  EXPECT_TRUE(check) << complaints.text();
  return check.value_or(Check{});
}

Check printed_and_decoded(const Check& check) {
  Complaints complaints;
  const auto root = parse_yaml("checks:\n" + print_check(check), "f", complaints);
  EXPECT_TRUE(root) << complaints.text() << print_check(check);
  auto again = decode_check(root->find("checks")->items().at(0), {}, "", {}, complaints);
  EXPECT_TRUE(again) << complaints.text() << print_check(check);
  return again.value_or(Check{});
}

TEST(Printer, WhatHoldsNoSecretDecodesToTheSame) {
  for (const auto* text :
       {"name: a\nhttp: {url: 'https://a/?q=%20', headers: {Accept: 'x: \"y\"'}, expect:"
        " {status: '200-299,404', body: {matches: ['\\d+', \"caf\\u00e9\"], not_matches: x},"
        " latency: 1s}, tls: {server_name: b, skip_verify: true}}\n",
        "name: a\nhttp: {url: 'https://a/', compression: br, family: prefer_ipv6, source: eth0, "
        "addresses: all,"
        " tls: {min_version: '1.3'}, expect: {version: ['1.1', '2'], modified_within: 1h, "
        "certificate_days: 0,"
        " headers: [{name: A, matches: 'x\"', allow_missing: true}, {name: B}],"
        " json: [{pointer: '/a~1\"', equals: 'x\"'}, {pointer: /b, below: 1e400}, {pointer: /c, "
        "exists: false}]},"
        " warn: {status: '200', body: {not_matches: x}, latency: 1s}}\n",
        "name: a\nhttp: {url: 'https://a/', resolve: '2001:db8::1', expect: {json: [{pointer: '', "
        "equals: '5'}]}}\n",
        "name: a\ninvert: true\npriority: 9\nlabels: {a: 'b \"c\"', d: e}\n"
        "tcp: {address: '[::1]:1', tls: {}, steps: [{expect: '^220'}], expect: {latency: 5ms}}\n",
        "name: a\nicmp: {host: a, count: 1, expect: {loss: '1/3', latency: 1ms}}\n",
        "name: a\ntcp: {address: 'unix:/run/x', steps: [{expect: a}, {expect_hex: '00ff'}]}\n",
        "name: a\ntcp: {address: 'a:25', starttls: smtp, family: ipv4, warn: {latency: 1s}}\n",
        "name: a\ntcp: {address: 'a:25', steps: [{expect: a}, {starttls: true}],"
        " expect: {certificate_days: 3}}\n",
        "name: a\ndns: {server: '[::1]', name: shop.example, type: MX, transport: tls, tls:"
        " {server_name: b}, expect: {rcode: NXDOMAIN, answer: {matches: [a, b], not_matches: c},"
        " authoritative: true, authenticated: false, latency: 1s}, source: lo}\n",
        "name: a\ntls: {address: 'a:1', server_name: b, skip_verify: true, expect:"
        " {certificate_days: 7}, warn: {certificate_days: 21}}\n",
        "name: a\ngrpc: {address: 'a:1', service: b.C, tls: {}, expect: {latency: 1s}}\n",
        "name: a\nexec: {command: [/bin/true], max_output: 1KiB, max_memory: 32MiB}\n"}) {
    const auto check = decoded(text);
    const auto again = printed_and_decoded(check);
    EXPECT_EQ(canonical_text(again), canonical_text(check));
    EXPECT_EQ(again.labels, check.labels);
    EXPECT_EQ(again.priority, check.priority);
  }
}

TEST(Printer, HidesTheSecretOfAnOAuth2Client) {
  const auto http = print_check(
      decoded("name: a\nhttp: {url: 'https://a/', oauth2: {token_url: 'https://id/', client_id: me,"
              " client_secret: hunter2, scopes: read}}\n"));
  EXPECT_EQ(http.find("hunter2"), std::string::npos) << http;
  EXPECT_NE(http.find("\"https://id/\""), std::string::npos) << http;
}

TEST(Printer, HidesWhatMayBeASecret) {
  const auto http = print_check(decoded(
      "name: a\nhttp: {url: 'https://a/', bearer: hunter2, headers: {X-Key: hunter2}, body: "
      "hunter2, proxy: 'http://u:hunter2@p:1'}\n"));
  EXPECT_EQ(http.find("hunter2"), std::string::npos) << http;
  const auto tcp =
      print_check(decoded("name: a\ntcp: {address: 'a:1', steps: [{send: hunter2}]}\n"));
  EXPECT_EQ(tcp.find("hunter2"), std::string::npos) << tcp;
  for (const auto* secret :
       {"udp: {address: 'a:1', send: hunter2}", "exec: {command: [/bin/true, hunter2]}",
        "grpc: {address: 'a:1', metadata: {authorization: hunter2}}"}) {
    const auto text = print_check(decoded("name: a\n" + std::string(secret) + "\n"));
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace nines::config::printer_test
