// SPDX-License-Identifier: Apache-2.0
#include "proto/archive.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "base/bytes.h"

namespace nines::proto {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMaxMemberName = 100;
constexpr int kLevel = 3;

void put_text(std::string& block, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
}

void put_octal(std::string& block, std::size_t at, int digits, std::uint64_t value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*llo", digits, static_cast<unsigned long long>(value));
  put_text(block, at, text.data());
}

// POSIX.1-1988 ustar: a regular file of nobody, mode 0644, of 1970.
std::string tar_header(const std::string& name, std::size_t size) {
  std::string block(kBlock, '\0');
  put_text(block, 0, name);
  put_octal(block, 100, 7, 0644);
  put_octal(block, 108, 7, 0);
  put_octal(block, 116, 7, 0);
  put_octal(block, 124, 11, size);
  put_octal(block, 136, 11, 0);
  put_text(block, 148, "        ");
  block[156] = '0';
  put_text(block, 257,
           std::string_view("ustar\0"
                            "00",
                            8));
  std::uint64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put_octal(block, 148, 6, sum);
  block[154] = '\0';
  return block;
}

std::string tar_of(const Member& member) {
  std::string out = tar_header(member.name, member.content.size());
  out += member.content;
  out.resize((out.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return out;
}

// RFC 8878: one segment of a known size (256 to 65,791 bytes), one block, not compressed.
std::string raw_frame(const std::string& content) {
  ASSERT(content.size() >= 256 && content.size() < 256 + 65'536);
  std::string out("\x28\xB5\x2F\xFD\x60", 5);
  const auto put = [&out](std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
  };
  put(content.size() - 256, 2);
  put(1 | content.size() << 3, 3);
  return out + content;
}

}  // namespace

Expected<void> check_member_name(std::string_view name) {
  constexpr std::string_view kKnown =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@/";
  bool good = !name.empty() && name.size() <= kMaxMemberName &&
              name.find_first_not_of(kKnown) == std::string_view::npos;
  for (std::size_t at = 0; good && at <= name.size();) {
    const auto end = std::min(name.find('/', at), name.size());
    const auto part = name.substr(at, end - at);
    good = !part.empty() && part != "." && part != "..";
    at = end + 1;
  }
  if (good) return {};
  return fail("not a member's name: " + std::string(name.substr(0, kMaxMemberName)));
}

std::string numbered(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.insert(0, text.size() < width ? width - text.size() : 0, '0');
}

std::string results_member(std::uint64_t number) {
  return "results/" + numbered(number, 6) + ".jsonl";
}

std::string pack_member(const Member& member) {
  ASSERT(check_member_name(member.name) && member.content.size() <= kMaxMember);
  const std::string tar = tar_of(member);
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  ASSERT(context);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(tar.size()), '\0');
  const auto size = ZSTD_compress2(context.get(), out.data(), out.size(), tar.data(), tar.size());
  ASSERT(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

std::string pack_small_member(const Member& member) {
  ASSERT(check_member_name(member.name) && member.content.size() <= kBlock);
  return raw_frame(tar_of(member));
}

std::string archive_end() { return raw_frame(std::string(2 * kBlock, '\0')); }

Expected<std::size_t> frame_size(std::string_view bytes) {
  const auto size = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) return fail("no whole zstd frame");
  return size;
}

Expected<Member> unpack_member(std::string_view frame) {
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
      size > kMaxMember + 2 * kBlock || size < kBlock) {
    return fail("no frame of a member");
  }
  // A block of 128 KiB takes four bytes at least: so a small file cannot ask for a gigabyte.
  if (size > (std::uint64_t{frame.size()} + 1) * 40'000) return fail("no frame of a member");
  std::string tar(size, '\0');
  const auto got = ZSTD_decompress(tar.data(), tar.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != size) return fail("the frame does not unpack");
  Member member;
  member.name = tar.substr(0, std::min(tar.find('\0'), kMaxMemberName));
  TRY_VOID(check_member_name(member.name));
  std::uint64_t length = 0;
  for (std::size_t i = 124; i < 135; ++i) {
    if (tar[i] < '0' || tar[i] > '7') return fail("the member's header is none of ours");
    length = length * 8 + static_cast<std::uint64_t>(tar[i] - '0');
  }
  if (length > tar.size() - kBlock) return fail("the member is cut");
  member.content = tar.substr(kBlock, length);
  if (tar_of(member) != tar) return fail("the member's header or padding is none of ours");
  return member;
}

}  // namespace nines::proto
