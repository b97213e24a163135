// SPDX-License-Identifier: Apache-2.0
// The `grpc:` mapping of a check.
#include <algorithm>
#include <array>

#include "config/kind_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxService = 255;
constexpr std::size_t kMaxMetadata = 32;
constexpr std::size_t kMaxValue = 4096;

// Names of the protocol itself, and of what this probe sets.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 5> kReserved{"content-type", "te", "host", "user-agent",
                                                      "content-length"};
  return name.starts_with("grpc-") ||
         std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

bool is_name(std::string_view name) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), legal);
}

// Values may be secrets: complaints do not repeat them.
void take_metadata(const Node& node,
                   const KindContext& context,
                   GrpcSpec& spec,
                   Complaints& complaints) {
  const Mapping unused(node, complaints, "metadata of " + context.check);
  if (node.entries().size() > kMaxMetadata) {
    return complaints.add(node.place(), "more than 32 entries of metadata");
  }
  for (const auto& [key, value] : node.entries()) {
    if (!is_name(key.text())) {
      complaints.add(key.place(), shown(key.text()) +
                                      " is no name of metadata (lower case letters, digits, '-', "
                                      "'_', '.')");
    } else if (is_reserved(key.text())) {
      complaints.add(key.place(), shown(key.text()) + " is set by nines");
    }
    const auto text = as_text(value, complaints);
    if (!text) continue;
    const auto visible = [](char c) { return c >= 0x20 && c <= 0x7E; };
    if (text->size() > kMaxValue || !std::all_of(text->begin(), text->end(), visible)) {
      complaints.add(value.place(), "a value of metadata is at most 4KiB of visible ASCII");
    }
    spec.metadata.emplace_back(key.text(), *text);
  }
}

}  // namespace

GrpcSpec decode_grpc(const Node& node, const KindContext& context, Complaints& complaints) {
  GrpcSpec spec;
  Mapping mapping(node, complaints, "grpc of " + context.check);
  auto address = take_endpoint(mapping, "address", 0, complaints);
  spec.host = std::move(address.host);
  spec.port = address.port;
  if (const auto service = mapping.take_text("service")) {
    if (service->size() > kMaxService) {
      complaints.add(node.find("service")->place(), "the name is longer than 255 bytes");
    }
    spec.service = *service;
  }
  if (const Node* metadata = mapping.take("metadata")) {
    take_metadata(*metadata, context, spec, complaints);
  }
  if (const Node* tls = mapping.take("tls")) spec.tls = decode_tls(*tls, context, complaints);
  const bool secure = spec.tls.has_value();
  spec.expect = decode_limits(mapping, "expect", context, secure, complaints);
  spec.warn = decode_limits(mapping, "warn", context, secure, complaints);
  take_path(mapping, spec, complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
