// SPDX-License-Identifier: Apache-2.0
// The two messages of grpc.health.v1.Health/Check as bytes: protobuf by hand, one field each, in
// the frame that gRPC puts around a message (compressed flag, length). Reads are bounded by the
// frame; fields of other numbers are skipped, as protobuf asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nines::probes {

inline constexpr std::size_t kMaxHealthAnswer = 4096;

// HealthCheckRequest{service = 1}, framed.
std::string encode_health_request(std::string_view service);

// HealthCheckResponse{status = 1} of a whole body that is one uncompressed frame; nothing where it
// is anything else.
std::optional<std::uint64_t> decode_health_answer(std::string_view body);

// "SERVING", "STATUS 7".
std::string health_name(std::uint64_t status);

// "NOT_FOUND", "CODE 99" (the codes of gRPC).
std::string grpc_code_name(std::uint32_t code);

// grpc-message is percent-encoded; what is not stays as it is.
std::string decode_percent(std::string_view text);

}  // namespace nines::probes
