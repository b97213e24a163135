// SPDX-License-Identifier: Apache-2.0
#include "probes/grpc_message.h"

#include <array>

namespace nines::probes {
namespace {

constexpr std::size_t kFrame = 5;  // compressed flag and length

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

bool take_varint(std::string_view& bytes, std::uint64_t& value) {
  constexpr int kLongest = 10;
  value = 0;
  for (int i = 0; i < kLongest && !bytes.empty(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if (byte < 0x80) return true;
  }
  return false;
}

bool skip(std::string_view& bytes, std::uint64_t size) {
  if (size > bytes.size()) return false;
  bytes.remove_prefix(static_cast<std::size_t>(size));
  return true;
}

// The value behind a tag that is not wanted.
bool skip_field(std::string_view& bytes, std::uint64_t wire_type) {
  std::uint64_t value = 0;
  switch (wire_type) {
    case 0:
      return take_varint(bytes, value);
    case 1:
      return skip(bytes, 8);
    case 2:
      return take_varint(bytes, value) && skip(bytes, value);
    case 5:
      return skip(bytes, 4);
    default:
      return false;
  }
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string encode_health_request(std::string_view service) {
  std::string message;
  if (!service.empty()) message = '\x0A' + varint(service.size()) + std::string(service);
  std::string out(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(message.size() >> shift);
  }
  return out + message;
}

std::optional<std::uint64_t> decode_health_answer(std::string_view body) {
  if (body.size() < kFrame || body[0] != '\0') return std::nullopt;
  std::uint32_t size = 0;
  for (std::size_t i = 1; i < kFrame; ++i) {
    size = size << 8 | static_cast<unsigned char>(body[i]);
  }
  body.remove_prefix(kFrame);
  if (size != body.size()) return std::nullopt;
  std::uint64_t status = 0;  // a field that is 0 is left out
  while (!body.empty()) {
    std::uint64_t tag = 0;
    if (!take_varint(body, tag) || tag < 8) return std::nullopt;
    const bool wanted = tag == 8;  // field 1, a varint
    if (!(wanted ? take_varint(body, status) : skip_field(body, tag & 7))) return std::nullopt;
  }
  return status;
}

std::string health_name(std::uint64_t status) {
  constexpr std::array<const char*, 4> kNames{"UNKNOWN", "SERVING", "NOT_SERVING",
                                              "SERVICE_UNKNOWN"};
  return status < kNames.size() ? kNames[status] : "STATUS " + std::to_string(status);
}

std::string grpc_code_name(std::uint32_t code) {
  constexpr std::array<const char*, 17> kNames{"OK",
                                               "CANCELLED",
                                               "UNKNOWN",
                                               "INVALID_ARGUMENT",
                                               "DEADLINE_EXCEEDED",
                                               "NOT_FOUND",
                                               "ALREADY_EXISTS",
                                               "PERMISSION_DENIED",
                                               "RESOURCE_EXHAUSTED",
                                               "FAILED_PRECONDITION",
                                               "ABORTED",
                                               "OUT_OF_RANGE",
                                               "UNIMPLEMENTED",
                                               "INTERNAL",
                                               "UNAVAILABLE",
                                               "DATA_LOSS",
                                               "UNAUTHENTICATED"};
  return code < kNames.size() ? kNames[code] : "CODE " + std::to_string(code);
}

std::string decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
    out += low ? static_cast<char>(*high << 4 | *low) : text[i];
    if (low) i += 2;
  }
  return out;
}

}  // namespace nines::probes
