// SPDX-License-Identifier: Apache-2.0
// Personal texts: those that are here against their digests in the log.
#include <set>
#include <sstream>

#include "cli/bundle.h"
#include "proto/event_lines.h"
#include "proto/sealed_text.h"

namespace nines::cli {
namespace {

using Json = nlohmann::json;

using TextPlace = std::pair<std::uint64_t, std::string>;  // position of the entry, key of its event

// {"key":"note","position":7,"salt":"…","text":"…"}: what is wrong with it; empty where nothing is,
// and then its place is taken out of `sealed`.
std::string flaw_of_text(const std::string& line, std::map<TextPlace, std::string>& sealed) {
  auto json = Json::parse(line, nullptr, false);
  const auto position = proto::count_member(json, "position");
  const auto key = proto::text_member(json, "key");
  if (!position || key.empty()) return "holds a line without position or key";
  json.erase("position");
  json.erase("key");
  const auto what = "'" + key + "' of entry " + std::to_string(*position);
  const auto open = proto::read_open_text(json);
  if (!open) return what + " " + open.error().message;
  const auto found = sealed.find({*position, key});
  if (found == sealed.end()) return what + " is sealed by no entry, or opened twice";
  if (proto::text_digest(*open) != found->second) return what + " is not the text that was sealed";
  sealed.erase(found);
  return "";
}

std::string text_counts(std::size_t here, std::size_t erased, std::size_t withheld) {
  std::string out = std::to_string(here) + " personal texts are as they were sealed";
  if (erased > 0) out += "; " + std::to_string(erased) + " were erased, as the log says";
  if (withheld > 0) out += "; " + std::to_string(withheld) + " are not here";
  return out;
}

}  // namespace

void verify_texts(Bundle& bundle) {
  std::map<TextPlace, std::string> sealed;
  std::set<std::uint64_t> erased;
  for (const auto& entry : bundle.entries) {
    const auto event = entry.json.value("event", Json());
    for (const auto position : proto::erased_entries(entry.json)) erased.insert(position);
    // Whose texts were erased is kept nowhere.
    if (proto::text_member(event, "type") == "erasure") continue;
    for (const auto& [key, value] : event.items()) {
      const auto digest = proto::sealed_digest(value);
      if (!digest.empty()) sealed.emplace(TextPlace(entry.position, key), digest);
    }
  }
  const auto total = sealed.size();
  std::istringstream lines(bundle.member("texts.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto flaw = flaw_of_text(line, sealed);
    if (flaw.empty()) continue;
    bundle.find("texts.jsonl", flaw);
    return;
  }
  if (total == 0) return;
  const auto here = total - sealed.size();
  const auto gone = std::erase_if(
      sealed, [&erased](const auto& each) { return erased.contains(each.first.first); });
  bundle.good.push_back(text_counts(here, gone, sealed.size()));
}

}  // namespace nines::cli
