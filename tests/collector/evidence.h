// SPDX-License-Identifier: Apache-2.0
// A store with some hours of results and a signed claim, what it makes bundles of, and what a
// verifier finds in them.
#pragma once

#include <functional>

#include "cli/bundle.h"
#include "collector/bundle.h"
#include "net/certificate.h"
#include "proto/archive.h"
#include "tests/collector/sealing.h"

namespace nines::collector::test {

class Evidence : public SealingTest {
 protected:
  void SetUp() override {
    SealingTest::SetUp();
    auto agent = agent_of();
    settle(agent.results(kStart, 360));
    settle(agent.results(kStart + hours(1), 30, Outcome::down));
    settle(agent.results(kStart + hours(1) + minutes(5), 100));
    settle(agent.results(kStart + hours(2), 1, Outcome::unknown, 90));
    EXPECT_EQ(claim(), "");
  }

  // Signed, as the command line signs.
  std::string claim() {
    return say_signed(ca.issue_client("nines:actor:alice", "alice"), kAlice,
                      {{"type", "exclusion"},
                       {"action", "claim"},
                       {"id", "f1"},
                       {"kind", "force_majeure"},
                       {"from", "2026-11-02T01:00:00Z"},
                       {"to", "2026-11-02T01:01:00Z"}});
  }

  std::string say_signed(const nines::test::PemFiles& files, const Actor& actor, json event) {
    const auto texts = proto::seal_texts(event);
    net::Peer peer;
    peer.certificate = *net::read_certificate(files.certificate);
    const auto signature =
        *net::sign_with_key(files.key, as_bytes(proto::statement_text("shop", event)));
    const auto said = write_statement(*store, actor, peer, {"shop", event, signature, texts, ""},
                                      *agreements->find("shop"), kStart + hours(3));
    return said ? "" : said.error().message;
  }

  static json signature_of(const sla::Agreement& version, const Actor& actor) {
    return {{"type", "signature"},
            {"version", version.version},
            {"digest", "sha256:" + hex(version.digest)},
            {"party", name(actor.party)}};
  }

  // As `nines signature sign` does; with a certificate that is issued for it.
  std::string sign(const Actor& actor, const sla::Agreement& version, bool ed25519 = false) {
    nines::test::Leaf leaf;
    leaf.name = actor.name + "-signs";
    leaf.uris = {"nines:actor:" + actor.name};
    leaf.server = false;
    leaf.ed25519 = ed25519;
    return say_signed(ca.issue(leaf), actor, signature_of(version, actor));
  }

  // An entry as only the collector itself can make it.
  void log_event(json body) {
    EXPECT_TRUE(store->write([&](Database& to) -> Expected<void> {
      append_entry(to, {"event", "shop", "shop/1", kStart + hours(4), std::move(body)});
      return {};
    }));
  }

  Expected<std::string> made(const BundleBounds& bounds,
                             bool with_batches = true,
                             WallTime now = at("2026-12-04T00:00:00Z")) {
    return make_bundle(db(), *agreements, {"shop", "2026-11", 0, with_batches},
                       store->incarnation(), store->log_key(), now, bounds);
  }

  std::string bundle(bool with_batches = true, WallTime now = at("2026-12-04T00:00:00Z")) {
    const auto made_of_it = made({}, with_batches, now);
    EXPECT_TRUE(made_of_it) << (made_of_it ? "" : made_of_it.error().message);
    return made_of_it ? *made_of_it : "";
  }

  static cli::Bundle verified(const std::string& bytes) {
    auto opened = cli::open_bundle(bytes);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    if (!opened) return {};
    if (opened->findings.empty()) verify_log(*opened);
    if (opened->findings.empty()) verify_statements(*opened);
    if (opened->findings.empty()) verify_texts(*opened);
    if (opened->findings.empty()) verify_batches(*opened);
    if (opened->findings.empty()) {
      const auto again = recompute(*opened);
      EXPECT_TRUE(again) << (again ? "" : again.error().message);
    }
    return *std::move(opened);
  }

  static std::string found(const std::string& bytes) {
    std::string out;
    for (const auto& finding : verified(bytes).findings) out += finding + "\n";
    return out;
  }

  static bool holds(const std::string& bytes) {
    const auto bundle = verified(bytes);
    for (const auto& finding : bundle.findings) ADD_FAILURE() << finding;
    return std::any_of(bundle.good.begin(), bundle.good.end(), [](const std::string& good) {
      return good.find("byte for byte") != std::string::npos;
    });
  }

  using Contents = std::map<std::string, std::string>;

  // Of each member, by its name.
  static Contents contents_of(const cli::Bundle& opened) {
    Contents out;
    for (const auto& name : opened.members_of("")) out.emplace(name, opened.member(name));
    return out;
  }

  // What a collector could do that holds the key: other content, packed and signed anew.
  std::string forged(const std::string& bytes,
                     const std::function<void(Contents&)>& change,
                     const std::string& format = "nines-bundle/2") {
    auto opened = *cli::open_bundle(bytes);
    auto members = contents_of(opened);
    change(members);
    std::string packed;
    auto list = json::array();
    for (const auto& [name, content] : members) {
      const auto frame = proto::pack_member({name, content});
      list.push_back({{"name", name},
                      {"size", content.size()},
                      {"packed", frame.size()},
                      {"sha256", hex(sha256(as_bytes(frame)))}});
      packed += frame;
    }
    opened.manifest["format"] = format;
    opened.manifest["members"] = list;
    const auto first =
        proto::pack_member({"manifest.json", canonical_text(opened.manifest) + "\n"});
    const auto text = std::string(proto::kBundleDomain) + hex(sha256(as_bytes(first)));
    const auto second = proto::pack_small_member(
        {"manifest.sig", to_hex(store->log_key().sign(as_bytes(text))) + "\n"});
    return first + second + packed + proto::archive_end();
  }

  static void flip_last(std::string& text) { text.back() = static_cast<char>(text.back() ^ 1); }

  static void replace(std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }

  nines::test::CertificateAuthority ca{directory.path()};
};

// Where each frame of a bundle ends, and of which member it is.
using FrameEnds = std::vector<std::pair<std::size_t, std::string>>;

inline FrameEnds frame_ends_of(const std::string& bytes) {
  FrameEnds ends;
  std::size_t end = *proto::frame_size(bytes);
  ends.emplace_back(end, "manifest.json");
  end += *proto::frame_size(std::string_view(bytes).substr(end));
  ends.emplace_back(end, "manifest.sig");
  const auto opened = cli::open_bundle(bytes);
  EXPECT_TRUE(opened);
  for (const auto& entry : opened->manifest["members"]) {
    end += entry["packed"].get<std::size_t>();
    ends.emplace_back(end, entry["name"].get<std::string>());
  }
  ends.emplace_back(bytes.size(), "the end of the archive");
  return ends;
}

}  // namespace nines::collector::test
