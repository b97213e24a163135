// SPDX-License-Identifier: Apache-2.0
// Free texts of people: read back by who may, nowhere in the clear, and gone when they are erased,
// while the log, the signatures and the proofs stay as they are.
#include "collector/personal.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "collector/event_book.h"
#include "tests/collector/sealing.h"

namespace nines::collector::personal_test {
namespace {

using test::json;
using test::kAlice;
using test::kBob;
using test::kStart;

const Actor kOlga{"olga", Party::auditor, true, {}, false};

const WallTime kNow = kStart + hours(3);
constexpr const char* kText = "Ms Li at the till saw error 5";

class Personal : public test::SealingTest {
 protected:
  // As a client seals it.
  static Statement sealed(json event, const std::string& about = "") {
    Statement out{"shop", std::move(event), "", {}, about};
    out.texts = proto::seal_texts(out.event);
    return out;
  }

  std::string annotate(const Actor& actor,
                       const std::string& id,
                       const std::string& text,
                       const std::string& about = "") {
    return say_statement(actor, sealed({{"type", "annotation"}, {"id", id}, {"text", text}}, about),
                         kNow);
  }

  std::string erase(const Actor& actor, const std::string& subject) {
    return say_statement(actor, sealed({{"type", "erasure"}, {"subject", subject}}),
                         kNow + hours(1));
  }

  SubjectKeys keys() {
    auto read = SubjectKeys::read(folder());
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return read ? *std::move(read) : SubjectKeys();
  }

  json events() {
    const auto text = events_json(db(), keys(), "shop");
    EXPECT_TRUE(text) << (text ? "" : text.error().message);
    return text ? json::parse(*text) : json();
  }

  // What the view shows of the last entry.
  json shown() { return events()["entries"].back().value("texts", json()); }

  // Whether any file of the state folder holds these bytes.
  bool on_disk(const std::string& bytes) {
    for (const auto& each : std::filesystem::directory_iterator(folder())) {
      std::ifstream file(each.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(file), {}};
      if (content.find(bytes) != std::string::npos) return true;
    }
    return false;
  }

  // The log is what its nodes say, entry by entry.
  bool log_holds() {
    std::map<MerklePlace, Digest> nodes;
    std::uint64_t size = 0;
    read_entries(db(), 0, [&](const LogEntry& entry) {
      merkle_append(
          size++, merkle_leaf(as_bytes(entry.text)),
          [&](unsigned level, std::uint64_t place) {
            return nodes[{level, place}];
          },
          [&](unsigned level, std::uint64_t place, const Digest& hash) {
            nodes[{level, place}] = hash;
          });
      return true;
    });
    const auto root = merkle_root(size, [&](unsigned level, std::uint64_t place) {
      return nodes[{level, place}];
    });
    return size == log_size(db()) && root == merkle_root(size, log_nodes(db()));
  }

  std::string last_entry() {
    std::string out;
    read_entries(db(), 0, [&](const LogEntry& entry) {
      out = entry.text;
      return true;
    });
    return out;
  }
};

TEST_F(Personal, TextsAreReadBackAndStandInTheClearNowhere) {
  EXPECT_EQ(annotate(kBob, "a1", kText), "");
  EXPECT_EQ(shown()["text"], kText);
  EXPECT_EQ(last_entry().find("till"), std::string::npos);
  EXPECT_NE(last_entry().find(R"("text":{"sealed":"sha256:)"), std::string::npos);
  EXPECT_FALSE(on_disk("till")) << "neither in the database nor in its log";
  EXPECT_TRUE(on_disk(R"("id":"a1")")) << "so that this test would find it";
  reopen();
  EXPECT_EQ(shown()["text"], kText);
}

TEST_F(Personal, TextsOfAClientThatSealsNothingAreSealedHere) {
  EXPECT_EQ(say(kBob, {{"type", "annotation"}, {"id", "a1"}, {"text", kText}}, kNow), "");
  EXPECT_EQ(shown()["text"], kText);
  EXPECT_FALSE(on_disk("till"));
}

TEST_F(Personal, TextsThatWereSignedInTheClearAreRefused) {
  const Statement statement{"shop", {{"type", "annotation"}, {"id", "a1"}, {"text", kText}}, "s"};
  EXPECT_NE(say_statement(kBob, statement, kNow).find("seal it before you sign"),
            std::string::npos);
}

TEST_F(Personal, ReasonsOfExclusionsAreAmongThem) {
  const json claim{{"type", "exclusion"},
                   {"action", "claim"},
                   {"id", "f1"},
                   {"kind", "force_majeure"},
                   {"from", "2026-11-02T01:00:00Z"},
                   {"to", "2026-11-02T01:01:00Z"},
                   {"evidence", "report 7"},
                   {"reason", kText}};
  EXPECT_EQ(say_statement(kAlice, sealed(claim), kNow), "");
  EXPECT_EQ(events()["exclusions"][0]["reason"], kText);
  EXPECT_EQ(events()["exclusions"][0]["evidence"], "report 7") << "which the judge is told";
  EXPECT_EQ(erase(kBob, "alice"), "");
  EXPECT_EQ(events()["exclusions"][0]["reason"]["erased"], "2026-11-02T04:00:00Z");
}

TEST_F(Personal, ErasureTakesTheKeyAndTheTextAndNothingElse) {
  EXPECT_EQ(annotate(kBob, "a1", kText), "");
  EXPECT_EQ(annotate(kAlice, "a2", "of another"), "");
  const auto before = last_entry();
  const auto id = *keys().find("shop", "bob");
  const auto key = *keys().find(id);
  EXPECT_TRUE(on_disk(to_hex(key)));
  const auto position = log_size(db()) - 2;

  EXPECT_EQ(erase(kBob, "bob"), "");
  EXPECT_FALSE(on_disk(to_hex(key)));
  EXPECT_EQ(count("personal"), 1);
  const auto entry = json::parse(last_entry());
  EXPECT_EQ(entry["type"], "event");
  EXPECT_EQ(entry["event"]["type"], "erasure");
  EXPECT_EQ(entry["actor"], "bob");
  EXPECT_EQ(entry["entries"], json::array({position}));
  EXPECT_FALSE(proto::sealed_digest(entry["event"]["subject"]).empty())
      << "the name would stay for ever";
  const auto entries = events()["entries"];
  EXPECT_EQ(entries[1]["texts"]["text"], json({{"erased", "2026-11-02T04:00:00Z"}}));
  EXPECT_EQ(entries[2]["texts"]["text"], "of another");
  EXPECT_EQ(canonical_text(entries[2]["entry"]), before);
  EXPECT_TRUE(log_holds());
  EXPECT_NE(erase(kBob, "bob").find("no texts of 'bob' are kept"), std::string::npos);
}

TEST_F(Personal, WhatIsSaidAfterAnErasureHasANewKey) {
  EXPECT_EQ(annotate(kBob, "a1", "first"), "");
  const auto before = *keys().find("shop", "bob");
  EXPECT_EQ(erase(kAlice, "bob"), "");
  EXPECT_EQ(annotate(kBob, "a2", "second"), "");
  EXPECT_NE(*keys().find("shop", "bob"), before);
  EXPECT_EQ(shown()["text"], "second");
  EXPECT_TRUE(events()["entries"][1]["texts"]["text"].contains("erased"));
}

TEST_F(Personal, TextsAboutSomebodyElseAreTheirs) {
  EXPECT_EQ(annotate(kBob, "a1", "the visitor fell", "visitor-17"), "");
  EXPECT_EQ(annotate(kBob, "a2", "I was there"), "");
  EXPECT_NE(erase(kOlga, "visitor-17").find("may not"), std::string::npos);
  EXPECT_EQ(erase(kAlice, "visitor-17"), "");
  EXPECT_FALSE(on_disk("visitor-17"));
  EXPECT_TRUE(events()["entries"][1]["texts"]["text"].contains("erased"));
  EXPECT_EQ(events()["entries"][2]["texts"]["text"], "I was there");
}

TEST_F(Personal, AnAuditorErasesItsOwnTextsAlone) {
  EXPECT_EQ(annotate(kOlga, "a1", "mine"), "");
  EXPECT_EQ(annotate(kBob, "a2", "his"), "");
  EXPECT_NE(erase(kOlga, "bob").find("may not"), std::string::npos);
  EXPECT_EQ(erase(kOlga, "olga"), "");
}

TEST_F(Personal, AboutWantsATextToBeAbout) {
  EXPECT_NE(
      say_statement(
          kAlice,
          sealed({{"type", "incident"}, {"event", "opened"}, {"id", "i1"}, {"service", "shop"}},
                 "visitor-17"),
          kNow)
          .find("'about'"),
      std::string::npos);
}

TEST_F(Personal, EntriesFromBeforeTextsWereSealedAreReadAsTheyAre) {
  EXPECT_TRUE(store->write([&](Database& to) -> Expected<void> {
    append_entry(to, {"event",
                      "shop",
                      "shop/a1",
                      kNow,
                      {{"agreement", "shop"},
                       {"actor", "bob"},
                       {"party", "customer"},
                       {"event", {{"type", "annotation"}, {"id", "a1"}, {"text", "old"}}}}});
    return {};
  }));
  const auto last = events()["entries"].back();
  EXPECT_EQ(last["entry"]["event"]["text"], "old");
  EXPECT_FALSE(last.contains("texts"));
}

TEST_F(Personal, TextsAreUnreadableWithoutTheFileOfKeysAndTheRestIsNot) {
  EXPECT_EQ(annotate(kBob, "a1", kText), "");
  store.reset();
  const auto file = std::filesystem::path(folder()) / kSubjectKeyFile;
  std::filesystem::rename(file, directory / "kept");
  open();
  EXPECT_FALSE(proto::sealed_digest(shown()["text"]).empty()) << "not known, and not erased";
  EXPECT_TRUE(log_holds());
  EXPECT_EQ(annotate(kBob, "a2", "again"), "");
  store.reset();
  std::filesystem::rename(directory / "kept", file);
  open();
  EXPECT_EQ(events()["entries"][1]["texts"]["text"], kText);
}

TEST_F(Personal, AKeyThatIsDrawnForAStatementThatNeverCameIsTheNextOnes) {
  const auto written = store->write([&](Database& to) -> Expected<void> {
    TRY(said, record_statement(to, store->subject_keys(), kBob, {},
                               sealed({{"type", "annotation"}, {"id", "a1"}, {"text", kText}}),
                               *agreements->find("shop"), kNow));
    return fail("the power went before entry " + std::to_string(said.position));
  });
  EXPECT_EQ(written.error().message, "the power went before entry 1");
  const auto drawn = *keys().find("shop", "bob");
  reopen();
  EXPECT_EQ(count("personal"), 0);
  EXPECT_EQ(annotate(kBob, "a1", kText), "");
  EXPECT_EQ(*keys().find("shop", "bob"), drawn);
  EXPECT_EQ(shown()["text"], kText);
}

// Killed when the log tells of the erasure, and before the key is overwritten.
TEST_F(Personal, AnErasureThatWasKilledInTheMiddleIsDoneAtTheNextStart) {
  EXPECT_EQ(annotate(kBob, "a1", kText), "");
  const auto key = *keys().find(*keys().find("shop", "bob"));
  store.reset();
  const auto child = ::fork();
  if (child == 0) {
    auto opened = Store::open(folder());
    if (!opened) ::_exit(3);
    const auto said = (*opened)->write([&](Database& to) -> Expected<void> {
      TRY(erased, record_statement(to, (*opened)->subject_keys(), kAlice, {},
                                   sealed({{"type", "erasure"}, {"subject", "bob"}}),
                                   *agreements->find("shop"), kNow));
      return erased.erased ? Expected<void>() : fail("nothing to destroy");
    });
    if (!said) ::_exit(4);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  EXPECT_TRUE(on_disk(to_hex(key)));
  open();
  EXPECT_FALSE(on_disk(to_hex(key)));
  EXPECT_TRUE(events()["entries"][1]["texts"]["text"].contains("erased"));
  EXPECT_TRUE(log_holds());
}

TEST_F(Personal, AFileOfKeysFromABackupDoesNotBringBackWhatWasErased) {
  EXPECT_EQ(annotate(kBob, "a1", kText), "");
  EXPECT_EQ(annotate(kAlice, "a2", "hers"), "");
  const auto key = *keys().find(*keys().find("shop", "bob"));
  const auto file = std::filesystem::path(folder()) / kSubjectKeyFile;
  std::filesystem::copy(file, directory / "backup");
  EXPECT_EQ(erase(kBob, "bob"), "");
  store.reset();
  std::filesystem::copy(directory / "backup", file,
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(on_disk(to_hex(key)));
  open();
  EXPECT_FALSE(on_disk(to_hex(key)));
  EXPECT_EQ(shown(), json()) << "of the erasure itself";
  EXPECT_EQ(events()["entries"][2]["texts"]["text"], "hers");
}

TEST_F(Personal, ADamagedTextIsNotShown) {
  EXPECT_EQ(annotate(kBob, "a1", kText), "");
  db().run("UPDATE personal SET ciphertext = zeroblob(80)");
  EXPECT_FALSE(proto::sealed_digest(shown()["text"]).empty());
  // Nor one that another entry seals.
  EXPECT_EQ(annotate(kBob, "a2", "hers"), "");
  db().run(
      "UPDATE personal SET ciphertext = (SELECT ciphertext FROM personal ORDER BY position DESC)");
  EXPECT_FALSE(proto::sealed_digest(events()["entries"][1]["texts"]["text"]).empty());
  EXPECT_EQ(events()["entries"][2]["texts"]["text"], "hers");
}

}  // namespace
}  // namespace nines::collector::personal_test
