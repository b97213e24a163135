// SPDX-License-Identifier: Apache-2.0
// Members of an evidence bundle: a POSIX tar in which each member is a zstd frame of its own, so
// that a damaged byte is the damage of one member, and `zstd -d FILE | tar x` reads the whole
// (docs/formats/bundle.md). No times, no owners: the same members give the same tar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace nines::proto {

struct Member {
  std::string name;  // 1 to 100 bytes, as check_member_name() takes it
  std::string content;
};

inline constexpr std::uint64_t kMaxMember = std::uint64_t{1} << 30;  // bytes of content

// Letters, digits and "._-@" in parts between '/'; no part is empty, "." or "..".
Expected<void> check_member_name(std::string_view name);

// With zeros before it, so that the order of names is the order of numbers.
std::string numbered(std::uint64_t number, std::size_t width);
// Of the member that holds the `number`-th part of the results, from 1.
std::string results_member(std::uint64_t number);

// Header, content and padding as one frame with a checksum. Asserts that the name is good.
std::string pack_member(const Member& member);
// The same without compression: its bytes depend on nothing but the member. For content up to 512
// bytes.
std::string pack_small_member(const Member& member);
// Two empty blocks, as a tar ends.
std::string archive_end();

// The first frame of `bytes`: how long it is, packed.
Expected<std::size_t> frame_size(std::string_view bytes);
// A whole frame.
Expected<Member> unpack_member(std::string_view frame);

}  // namespace nines::proto
