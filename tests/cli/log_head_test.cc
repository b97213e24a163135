// SPDX-License-Identifier: Apache-2.0
// A kept head against a later one: whatever was changed before it must show, and nothing else.
#include "cli/log_head.h"

#include <gtest/gtest.h>

#include <map>

#include "base/merkle.h"
#include "base/sign.h"

namespace nines::cli::log_head_test {
namespace {

// A log, and its heads as a collector signs them.
class FakeLog {
 public:
  explicit FakeLog(SigningKey key, char id = 'a') : key_(std::move(key)), id_(32, id) {}

  void add(const std::string& entry) {
    merkle_append(size_++, merkle_leaf(as_bytes(entry)), nodes(),
                  [this](unsigned level, std::uint64_t index, const Digest& hash) {
                    nodes_[{level, index}] = hash;
                  });
  }

  std::string head() const {
    const auto text = proto::canonical_text({{"at", "2026-11-02T06:00:00Z"},
                                             {"log", id_},
                                             {"root", hex(merkle_root(size_, nodes()))},
                                             {"size", size_}});
    const auto signature = key_.sign(as_bytes(std::string(proto::kHeadDomain) + text));
    return "{\"head\":" + text + ",\"key\":\"" + to_hex(key_.public_key()) + "\",\"signature\":\"" +
           to_hex(signature) + "\"}\n";
  }

  std::vector<Digest> proof(std::uint64_t old) const {
    return consistency_proof(old, size_, nodes());
  }

 private:
  MerkleNodes nodes() const {
    return [this](unsigned level, std::uint64_t index) { return nodes_.at({level, index}); };
  }

  SigningKey key_;
  std::string id_;
  std::uint64_t size_ = 0;
  std::map<MerklePlace, Digest> nodes_;
};

std::string difference(const FakeLog& then, const FakeLog& now) {
  const auto kept = read_kept_head(then.head());
  const auto later = read_kept_head(now.head());
  EXPECT_TRUE(kept && later);
  if (!kept || !later) return "";
  const auto proof = needs_proof(*kept, *later) ? now.proof(kept->size) : std::vector<Digest>();
  return difference_of(*kept, *later, proof);
}

TEST(KeptHead, IsTheBeginningOfEveryLaterLog) {
  const auto key = SigningKey::generate();
  FakeLog log(key);
  std::vector<FakeLog> before{log};
  for (int i = 0; i < 20; ++i) {
    log.add("entry " + std::to_string(i));
    before.push_back(log);
    for (const auto& each : before) EXPECT_EQ(difference(each, log), "");
  }
}

TEST(KeptHead, ShowsWhatWasChangedBeforeIt) {
  const auto key = SigningKey::generate();
  FakeLog log(key), changed(key);
  for (int i = 0; i < 7; ++i) log.add("entry " + std::to_string(i));
  for (int i = 0; i < 12; ++i) changed.add(i == 3 ? "another" : "entry " + std::to_string(i));
  EXPECT_NE(difference(log, changed).find("what was in it was changed"), std::string::npos);
  FakeLog same_size(key);
  for (int i = 0; i < 7; ++i) same_size.add(i == 3 ? "another" : "entry " + std::to_string(i));
  EXPECT_NE(difference(log, same_size).find("what was in it was changed"), std::string::npos);
  FakeLog shorter(key);
  shorter.add("entry 0");
  EXPECT_NE(difference(log, shorter).find("only 1 entries"), std::string::npos);
  EXPECT_NE(difference(log, FakeLog(SigningKey::generate())).find("another key"),
            std::string::npos);
  EXPECT_NE(difference(log, FakeLog(key, 'b')).find("another log"), std::string::npos);
}

TEST(KeptHead, IsFoundInAMessageAndInALetter) {
  FakeLog log(SigningKey::generate());
  log.add("entry");
  const auto head = log.head();
  for (const auto& text : {head, "{\"version\":1,\"log_head\":" + head + "}",
                           "From: nines\n\nKeep this.\n\nsize 1\n" + head + "\nRegards\n"}) {
    const auto read = read_kept_head(text);
    ASSERT_TRUE(read) << read.error().message << "\n" << text;
    EXPECT_EQ(read->size, 1U);
  }
  auto forged = head;
  forged.replace(forged.find("\"size\":1"), 8, "\"size\":2");
  for (const auto& text : {std::string(), std::string("a letter"), std::string("{}"), forged}) {
    EXPECT_FALSE(read_kept_head(text)) << text;
  }
}

}  // namespace
}  // namespace nines::cli::log_head_test
