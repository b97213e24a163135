// SPDX-License-Identifier: Apache-2.0
// At stake: the state folder. Files have the modes promised, links are not followed, writes replace
// as a whole, and every failure names its file. A real directory.
#include "base/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/certificates.h"

namespace nines::disk_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DiskTest : public testing::Test {
 protected:
  static unsigned mode_of(const std::string& path) {
    struct stat s = {};
    EXPECT_EQ(::stat(path.c_str(), &s), 0) << path;
    return s.st_mode & 07777;
  }

  test::TemporaryDirectory root_;
};

TEST_F(DiskTest, FilesAreReadAndWrittenInPlaces) {
  const auto directory = open_directory(root_.path());
  ASSERT_TRUE(directory);
  const auto file = (*directory)->open("a", true);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(10, as_bytes("hello")));
  EXPECT_EQ(*(*file)->size(), 15U);
  std::array<std::uint8_t, 5> out{};
  ASSERT_TRUE((*file)->read_at(10, out));
  EXPECT_EQ(as_text(out), "hello");
  ASSERT_TRUE((*file)->read_at(0, out));
  EXPECT_EQ(out[0], 0);
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ(mode_of(root_ / "a"), 0600U);
  const auto beyond = (*file)->read_at(11, out);
  ASSERT_FALSE(beyond);
  EXPECT_THAT(beyond.error().message, HasSubstr(root_ / "a"));
}

TEST_F(DiskTest, OpenRefusesLinksFoldersAndWhatIsMissing) {
  const auto directory = open_directory(root_.path());
  std::ofstream(root_ / "real") << "x";
  ASSERT_EQ(::symlink("real", (root_ / "link").c_str()), 0);
  ASSERT_EQ(::mkdir((root_ / "folder").c_str(), 0700), 0);
  ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0600), 0);
  for (const char* bad : {"link", "folder", "pipe", "missing"}) {
    const auto file = (*directory)->open(bad, false);
    ASSERT_FALSE(file) << bad;
    EXPECT_THAT(file.error().message, HasSubstr(root_ / bad));
  }
  EXPECT_FALSE((*directory)->open("link", true));
  EXPECT_THAT(*(*directory)->list(), ElementsAre("real")) << "regular files only";
}

TEST_F(DiskTest, RenameReplaces) {
  const auto directory = open_directory(root_.path());
  ASSERT_TRUE((*directory)->open("b", true));
  ASSERT_TRUE((*directory)->open("a", true));
  ASSERT_TRUE((*directory)->rename("a", "b"));
  EXPECT_THAT(*(*directory)->list(), ElementsAre("b"));
  EXPECT_FALSE((*directory)->rename("a", "c"));
  EXPECT_TRUE((*directory)->sync());
}

TEST_F(DiskTest, WholeFilesAreReplacedWithTheirModes) {
  const std::string path = root_ / "key";
  ASSERT_TRUE(write_file_durably(path, as_bytes("one")));
  EXPECT_EQ(mode_of(path), 0600U);
  ASSERT_TRUE(write_file_durably(path, as_bytes("two!"), 0640));
  EXPECT_EQ(mode_of(path), 0640U);
  EXPECT_EQ(*read_file(path, 4), "two!");
  EXPECT_FALSE(read_file(path, 3)) << "more than the limit is an error, not a part";
  EXPECT_THAT(*(*open_directory(root_.path()))->list(), ElementsAre("key"));
}

TEST_F(DiskTest, LeftoverOfACrashIsNoObstacle) {
  std::ofstream(root_ / "key.new") << "half";
  ASSERT_TRUE(write_file_durably(root_ / "key", as_bytes("whole")));
  EXPECT_EQ(*read_file(root_ / "key", 100), "whole");
}

TEST_F(DiskTest, PlantedLinkIsNotWrittenThrough) {
  std::ofstream(root_ / "victim") << "precious";
  ASSERT_EQ(::symlink("victim", (root_ / "key.new").c_str()), 0);
  ASSERT_TRUE(write_file_durably(root_ / "key", as_bytes("secret")));
  EXPECT_EQ(*read_file(root_ / "victim", 100), "precious");
}

TEST_F(DiskTest, ErrorsNameTheFile) {
  const std::string missing = root_ / "no/such/file";
  EXPECT_THAT(read_file(missing, 10).error().message, HasSubstr(missing));
  EXPECT_EQ(read_file(missing, 10).error().code, ENOENT);
  EXPECT_FALSE(write_file_durably(missing, as_bytes("x")));
  EXPECT_FALSE(open_directory(missing));
  EXPECT_FALSE(read_file(root_.path(), 10)) << "a folder";
}

TEST_F(DiskTest, DirectoriesAreMadeWithTheirParents) {
  const std::string path = root_ / "a/b/c";
  ASSERT_TRUE(make_directories(path));
  EXPECT_EQ(mode_of(root_ / "a"), 0700U);
  EXPECT_EQ(mode_of(path), 0700U);
  ASSERT_TRUE(make_directories(path)) << "again";
  ASSERT_TRUE(make_directories(path + "/"));
  std::ofstream(root_ / "file") << "x";
  EXPECT_FALSE(make_directories(root_ / "file"));
  EXPECT_FALSE(make_directories(root_ / "file/below"));
}

TEST_F(DiskTest, LockIsHeldOnceAndFreedWithItsOwner) {
  const std::string path = root_ / "lock";
  {
    const auto first = FileLock::acquire(path);
    ASSERT_TRUE(first);
    const auto second = FileLock::acquire(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EWOULDBLOCK);
    EXPECT_THAT(second.error().message, HasSubstr(path));
  }
  EXPECT_TRUE(FileLock::acquire(path));
}

TEST_F(DiskTest, LockMovesWithItsOwner) {
  const std::string path = root_ / "lock";
  FileLock kept;
  {
    auto taken = FileLock::acquire(path);
    ASSERT_TRUE(taken);
    kept = *std::move(taken);
  }
  EXPECT_FALSE(FileLock::acquire(path));
}

}  // namespace
}  // namespace nines::disk_test
