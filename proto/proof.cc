// SPDX-License-Identifier: Apache-2.0
#include "proto/proof.h"

#include <algorithm>
#include <optional>

#include "base/hash.h"

namespace nines::proto {
namespace {

using Json = nlohmann::json;

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> hex_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const auto bytes = from_hex(found->get<std::string>());
  std::array<std::uint8_t, N> out{};
  if (!bytes || bytes->size() != N) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

}  // namespace

std::string canonical_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string statement_text(const std::string& agreement, const Json& event) {
  return std::string(kStatementDomain) +
         canonical_text({{"agreement", agreement}, {"event", event}});
}

Expected<LogHead> read_log_head(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("head") || !json["head"].is_object()) {
    return fail("no head of a log");
  }
  const auto& said = json["head"];
  const auto key = hex_member<32>(json, "key");
  const auto signature = hex_member<64>(json, "signature");
  const auto root = hex_member<32>(said, "root");
  const auto log = hex_member<16>(said, "log");
  const auto size = said.find("size");
  if (!key || !signature || !root || !log || size == said.end() || !size->is_number_unsigned()) {
    return fail("a head of a log without log, root, size, key and signature");
  }
  LogHead head;
  head.text = canonical_text(said);
  head.log = to_hex(*log);
  head.size = size->get<std::uint64_t>();
  head.root = *root;
  head.key = *key;
  if (!verify_signature(head.key, as_bytes(std::string(kHeadDomain) + head.text), *signature)) {
    return fail("the signature of the log's head does not verify");
  }
  return head;
}

}  // namespace nines::proto
