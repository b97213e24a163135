// SPDX-License-Identifier: Apache-2.0
// Free texts of statements, which may speak of persons. Nothing leaves the log, so such a text is
// not in it: in its place stands the SHA-256 of a random salt and the text. Who has both can show
// that this was said; who has neither learns nothing, and where both are destroyed nobody can tell
// what was said, while digests, signatures and proofs stay as they are. The same for who speaks,
// who keeps it and who verifies it.
#pragma once

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"

namespace nines::proto {

inline constexpr std::string_view kTextDomain = "nines text 1\n";

// What opens a sealed text. The salt is drawn for each text: words that can be guessed cannot be
// tried against the digest.
struct OpenText {
  std::array<std::uint8_t, 32> salt{};
  std::string text;
};

using OpenTexts = std::map<std::string, OpenText>;  // by key of the event

// Whether this key of a statement of this type holds a free text that no figure and no report
// depends on. What they depend on stays in the clear.
bool is_personal(std::string_view type, std::string_view key);

// "sha256:" and the digest of domain, salt and text.
std::string text_digest(const OpenText& open);

// What stands in the event: {"sealed":"sha256:…"}.
nlohmann::json sealed_value(const OpenText& open);

// The digest in such a value; empty where it is none.
std::string sealed_digest(const nlohmann::json& value);

// Seals every personal text of the event that is in the clear, each with a salt that is drawn;
// answers what opens them. Nothing else is touched.
OpenTexts seal_texts(nlohmann::json& event);

// Of an entry that says an erasure: the positions of the entries whose texts it took.
std::vector<std::uint64_t> erased_entries(const nlohmann::json& entry);

// {"salt":"…","text":"…"}, 64 hexadecimal digits and the text.
nlohmann::json open_text_json(const OpenText& open);
Expected<OpenText> read_open_text(const nlohmann::json& json);

}  // namespace nines::proto
