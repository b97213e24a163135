// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace nines::cli::terminal_test {
namespace {

TEST(Terminal, WidthIsWhatTheEyeSees) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("e\u0301"), 1U);  // combining acute
  EXPECT_EQ(display_width("上海"), 4U);
  EXPECT_EQ(display_width("✓"), 1U);
  EXPECT_EQ(display_width("🙂"), 2U);
}

TEST(Terminal, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(fitted("shop-http", 9), "shop-http");
  EXPECT_EQ(fitted("shop-http", 8), "shop-ht…");
  EXPECT_EQ(fitted("上海浦东", 5), "上海…");
  EXPECT_EQ(fitted("上海浦东", 4), "上…");
  EXPECT_EQ(fitted("abc", 1), "…");
  EXPECT_EQ(fitted("abc", 0), "");
}

TEST(Terminal, WrapsAtSpacesAndCutsWhatIsLongerThanALine) {
  EXPECT_EQ(wrapped("one two three", 8, 2), "one two\n  three\n");
  EXPECT_EQ(wrapped("abcdefghij", 4, 0), "abcd\nefgh\nij\n");
  EXPECT_EQ(wrapped("上海浦东", 5, 0), "上海\n浦东\n");
  EXPECT_EQ(wrapped("", 5, 0), "\n");
  EXPECT_EQ(wrapped("a\nb", 5, 0), "a b\n");
}

TEST(Terminal, PadsToColumnsNotBytes) {
  EXPECT_EQ(padded("é", 3), "é  ");
  EXPECT_EQ(padded("7", 3, true), "  7");
  EXPECT_EQ(padded("上", 3), "上 ");
}

TEST(Terminal, NothingFromOutsideReachesItAsACommand) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a [31mb");
  EXPECT_EQ(printable("a\nb\tc\x7f"), "a b c ");
  EXPECT_EQ(printable("a\u009b1mb"), "a 1mb");       // C1 CSI
  EXPECT_EQ(printable("a\u202Eb\u2066c"), "a b c");  // bidirectional controls
  EXPECT_EQ(printable("a\xffz"), "a\uFFFDz");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(printable("\xe2\x82"), "\uFFFD\uFFFD");            // cut in the middle
}

TEST(Terminal, PaintsOnlyWhereAsked) {
  EXPECT_EQ(painted({false, 80}, Paint::bad, "down"), "down");
  EXPECT_EQ(painted({true, 80}, Paint::bad, "down"), "\x1b[1;31mdown\x1b[0m");
  EXPECT_EQ(painted({true, 80}, Paint::plain, "x"), "x");
}

TEST(Terminal, EveryOutcomeHasAMarkOfItsOwn) {
  EXPECT_EQ(mark_of("up"), "✓");
  EXPECT_EQ(mark_of("down"), "✗");
  EXPECT_EQ(mark_of("unknown"), "?");
  EXPECT_EQ(mark_of("pending"), "·");
}

}  // namespace
}  // namespace nines::cli::terminal_test
