// SPDX-License-Identifier: Apache-2.0
#include "proto/sealed_text.h"

#include <algorithm>

#include "base/hash.h"
#include "base/random.h"
#include "proto/event_lines.h"

namespace nines::proto {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kDigestPrefix = "sha256:";

}  // namespace

bool is_personal(std::string_view type, std::string_view key) {
  // The reason of a restatement stands in the entry of the report that it leads to, that of a pause
  // and the evidence of an exclusion in the events that the judge takes.
  if (key == "reason") return type == "exclusion";
  if (key == "evidence") return type == "observation";
  if (key == "subject") return type == "erasure";
  return key == "note" || key == "text";
}

std::string text_digest(const OpenText& open) {
  return std::string(kDigestPrefix) +
         hex(sha256({as_bytes(kTextDomain), open.salt, as_bytes(open.text)}));
}

Json sealed_value(const OpenText& open) { return {{"sealed", text_digest(open)}}; }

std::string sealed_digest(const Json& value) {
  auto digest = value.size() == 1 ? text_member(value, "sealed") : std::string();
  const bool good =
      digest.starts_with(kDigestPrefix) && digest.size() == kDigestPrefix.size() + 64 &&
      digest.find_first_not_of("0123456789abcdef", kDigestPrefix.size()) == std::string::npos;
  return good ? digest : std::string();
}

OpenTexts seal_texts(Json& event) {
  OpenTexts out;
  const auto type = text_member(event, "type");
  for (auto& [key, value] : event.items()) {
    if (!value.is_string() || !is_personal(type, key)) continue;
    auto& open = out[key];
    fill_entropy(open.salt);
    open.text = value.get<std::string>();
    value = sealed_value(open);
  }
  return out;
}

std::vector<std::uint64_t> erased_entries(const Json& entry) {
  std::vector<std::uint64_t> out;
  if (text_member(entry.value("event", Json()), "type") != "erasure") return out;
  for (const auto& each : entry.value("entries", Json::array())) {
    if (each.is_number_unsigned()) out.push_back(each.get<std::uint64_t>());
  }
  return out;
}

Json open_text_json(const OpenText& open) {
  return {{"salt", to_hex(open.salt)}, {"text", open.text}};
}

Expected<OpenText> read_open_text(const Json& json) {
  OpenText out;
  const auto salt = from_hex(text_member(json, "salt"));
  if (!json.is_object() || json.size() != 2 || !json.contains("text") ||
      !json["text"].is_string() || !salt || salt->size() != out.salt.size()) {
    return fail("is not {\"salt\":64 hexadecimal digits,\"text\":TEXT}");
  }
  std::copy(salt->begin(), salt->end(), out.salt.begin());
  out.text = json["text"].get<std::string>();
  return out;
}

}  // namespace nines::proto
