// SPDX-License-Identifier: Apache-2.0
// Format 1 as bytes on disk: every later version must open them, and as long as the format is 1 it
// must seal the same header and body. To write the file anew after a deliberate change of format:
//   NINES_WRITE_GOLDEN=1 build/dev/tests/proto/proto_test --gtest_filter='Golden.*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "proto/codec.h"
#include "tests/proto/random_batch.h"

namespace nines::proto::golden_test {
namespace {

struct Golden {
  std::string file;
  MadeBatch made;
};

std::vector<Golden> goldens() {
  Random random(2026);
  return {{"batch-v1-small.bin", small_batch()}, {"batch-v1-gap.bin", random_gap_batch(random)}};
}

std::string path_of(const std::string& file) {
  return std::string(NINES_SOURCE_DIR) + "/tests/data/wire/" + file;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

TEST(Golden, OpensWhatTheFirstVersionSealed) {
  for (const auto& [file, made] : goldens()) {
    const auto sealed = seal(made.header, made.body, test_key());
    if (std::getenv("NINES_WRITE_GOLDEN") != nullptr) {
      std::ofstream(path_of(file), std::ios::binary) << sealed.bytes;
    }
    const auto bytes = read(path_of(file));
    ASSERT_FALSE(bytes.empty()) << file;
    const auto opened = open_header(as_bytes(bytes));
    ASSERT_TRUE(opened) << file << ": " << opened.error().message;
    const auto body = open_body(as_bytes(bytes), *opened);
    ASSERT_TRUE(body) << file << ": " << body.error().message;
    EXPECT_EQ(body->series, made.body.series) << file;
    EXPECT_EQ(body->events, made.body.events) << file;
    EXPECT_EQ(body->gap, made.body.gap) << file;
    EXPECT_EQ(body->table, made.body.table) << file;
    EXPECT_EQ(opened->header.agent, made.header.agent) << file;
  }
}

// Independent of the zstd version, which may choose other bytes for the same content.
TEST(Golden, StillEncodesTheSameContent) {
  for (const auto& [file, made] : goldens()) {
    const auto bytes = read(path_of(file));
    const auto opened = open_header(as_bytes(bytes));
    ASSERT_TRUE(opened) << file;
    const auto sealed = seal(made.header, made.body, test_key());
    const auto now = open_header(as_bytes(sealed.bytes));
    ASSERT_TRUE(now);
    EXPECT_EQ(now->body_size, opened->body_size) << file;
    EXPECT_EQ(hex(now->header.table_digest), hex(opened->header.table_digest)) << file;
  }
}

}  // namespace
}  // namespace nines::proto::golden_test
