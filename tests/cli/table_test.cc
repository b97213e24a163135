// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

namespace nines::cli::table_test {
namespace {

TEST(Table, AlignsAndLeavesNoTrailingSpace) {
  Table table({{"NAME"}, {"N", true}, {"WHY"}});
  table.add({{"a"}, {"7"}, {""}});
  table.add({{"上海"}, {"100"}, {"x"}});
  EXPECT_EQ(table.render({false, 80}),
            "NAME    N  WHY\n"
            "a       7\n"
            "上海  100  x\n");
}

TEST(Table, TheWidestColumnThatMayShrinkGivesWay) {
  Table table({{"NAME", false, 4}, {"N", true}, {"WHY", false, 6}});
  table.add({{"a-long-name"}, {"123456"}, {"a reason that is too long by far"}});
  EXPECT_EQ(table.render({false, 40}),
            "NAME              N  WHY\n"
            "a-long-name  123456  a reason that is t…\n");
  EXPECT_EQ(table.render({false, 20}),
            "NAME       N  WHY\n"
            "a-l…  123456  a rea…\n");
}

TEST(Table, ColourDoesNotChangeTheLayout) {
  Table table({{"A"}, {"B"}});
  table.add({{"x", Paint::good}, {"y", Paint::bad}});
  EXPECT_EQ(table.render({true, 80}), "\x1b[2mA  B\x1b[0m\n\x1b[32mx\x1b[0m  \x1b[1;31my\x1b[0m\n");
}

TEST(Table, ANoteHasALineOfItsOwn) {
  Table table({{"A"}, {"B"}});
  table.add({{"x"}, {"y"}});
  table.note("a note that is longer than the table, yet not than the terminal is\nwide");
  table.add({{"z"}, {""}});
  EXPECT_EQ(table.render({false, 40}), "A  B\nx  y\n     a note that is longer than the tab…\nz\n");
}

TEST(Table, NothingInACellBreaksTheLine) {
  Table table({{"A"}, {"B"}});
  table.add({{"x\ny"}, {"\x1b[2J"}});
  EXPECT_EQ(table.render({false, 80}), "A    B\nx y   [2J\n");
}

}  // namespace
}  // namespace nines::cli::table_test
