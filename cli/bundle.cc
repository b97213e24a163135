// SPDX-License-Identifier: Apache-2.0
#include "cli/bundle.h"

#include <algorithm>

#include "proto/archive.h"
#include "proto/event_lines.h"
#include "proto/proof.h"

namespace nines::cli {
namespace {

using Json = nlohmann::json;
using proto::text_member;

// Bundles of the first have all results in one member.
constexpr const char* kFormats[] = {"nines-bundle/1", "nines-bundle/2"};

// The key in log/head.json, whose signature over the head is verified later.
std::optional<PublicKey> key_in(const std::string& head) {
  const auto json = Json::parse(head, nullptr, false);
  const auto bytes = from_hex(text_member(json, "key"));
  PublicKey key{};
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

class Opener {
 public:
  explicit Opener(std::string file) { bundle_.file = std::move(file); }

  Expected<Bundle> open() {
    const std::string_view all = bundle_.file;
    const auto first = proto::frame_size(all);
    auto manifest = first ? proto::unpack_member(all.substr(0, *first))
                          : Expected<proto::Member>(Unexpected(first.error()));
    if (!manifest || manifest->name != "manifest.json") {
      if (!all.ends_with(proto::archive_end())) return fail("this is no evidence bundle");
      bundle_.find("manifest.json", "damaged, at the beginning of the file");
      return std::move(bundle_);
    }
    bundle_.manifest = Json::parse(manifest->content, nullptr, false);
    const auto& members = bundle_.manifest;
    if (!members.is_object() || !members.contains("members") || !members["members"].is_array()) {
      bundle_.find("manifest.json", "no manifest");
      return std::move(bundle_);
    }
    const auto format = text_member(bundle_.manifest, "format");
    if (std::ranges::find(kFormats, format) == std::end(kFormats)) {
      return fail("the bundle is of format '" + format + "', and this nines reads " + kFormats[0] +
                  " and " + kFormats[1] +
                  "; verify it with the version that made it or a later one");
    }
    at_ = *first;
    whole_ = proto::pack_member(*manifest) == all.substr(0, *first);
    const auto signed_text =
        std::string(proto::kBundleDomain) + hex(sha256(as_bytes(all.substr(0, *first))));
    const auto signature = take_signature();
    for (const auto& entry : bundle_.manifest["members"]) take_member(entry);
    check_numbers();
    if (all.substr(std::min(at_, all.size())) != proto::archive_end()) {
      bundle_.find("the end of the archive", "not the two empty blocks that belong there");
    }
    check_signature(signed_text, signature);
    return std::move(bundle_);
  }

 private:
  std::string take_signature() {
    // Its frame is not compressed: it can be made again from what it holds.
    const std::string_view rest = std::string_view(bundle_.file).substr(at_);
    const auto whole = proto::pack_small_member({"manifest.sig", std::string(129, '0')}).size();
    const auto size = std::min(whole, rest.size());
    const auto frame = rest.substr(0, size);
    at_ += size;
    const auto member = proto::unpack_member(frame);
    if (!member || member->name != "manifest.sig" || member->content.size() > 512 ||
        proto::pack_small_member(*member) != frame) {
      // A manifest whose frame was changed may end elsewhere.
      bundle_.find(whole_ ? "manifest.sig" : "manifest.json",
                   "damaged, before byte " + std::to_string(at_));
      return {};
    }
    return member->content.substr(0, member->content.find('\n'));
  }

  void take_member(const Json& entry) {
    const auto name = text_member(entry, "name");
    const auto packed = proto::count_member(entry, "packed").value_or(0);
    if (!proto::check_member_name(name) || packed == 0 || packed > bundle_.file.size() - at_) {
      bundle_.find(name.empty() ? "manifest.json" : name, "is cut off");
      return;
    }
    const Frame place{at_, packed};
    const auto frame = std::string_view(bundle_.file).substr(place.at, place.size);
    at_ += packed;
    const bool same = hex(sha256(as_bytes(frame))) == text_member(entry, "sha256");
    const auto member = proto::unpack_member(frame);
    if (!same || !member || member->name != name) {
      bundle_.find(name, "altered, in bytes " + std::to_string(place.at) + " to " +
                             std::to_string(place.at + place.size));
      return;
    }
    if (!bundle_.members.emplace(name, place).second) {
      bundle_.find(name, "stands twice");
    }
    const auto what = text_member(entry, "what");
    if (!what.empty()) bundle_.what.emplace(name, what);
  }

  // One that the manifest leaves out leaves a hole in the numbers.
  void check_numbers() {
    std::uint64_t number = 0;
    for (const auto& name : bundle_.members_of("results/")) {
      const auto due = proto::results_member(++number);
      if (name == due) continue;
      if (bundle_.findings.empty()) bundle_.find(due, "is missing, and " + name + " is here");
      return;
    }
  }

  void check_signature(const std::string& text, const std::string& signature) {
    const auto key = key_in(bundle_.member("log/head.json"));
    const auto bytes = from_hex(signature);
    if (!key) {
      bundle_.find("log/head.json", "no head of a log");
      return;
    }
    bundle_.key = *key;
    if (!bytes || !verify_signature(*key, as_bytes(text), as_bytes(*bytes))) {
      // Which of the two is at fault shows where the manifest's frame is none that we would make.
      bundle_.find(whole_ ? "manifest.sig" : "manifest.json",
                   "the collector's key did not sign this manifest");
      return;
    }
    bundle_.good.push_back(std::to_string(bundle_.members.size()) +
                           " members are as the collector's key " + to_hex(*key) + " signed them");
  }

  Bundle bundle_;
  std::size_t at_ = 0;
  bool whole_ = false;  // the manifest's frame
};

}  // namespace

std::string Bundle::member(const std::string& name) const {
  const auto found = members.find(name);
  if (found == members.end()) return {};
  auto member =
      proto::unpack_member(std::string_view(file).substr(found->second.at, found->second.size));
  return member ? std::move(member->content) : std::string();
}

std::vector<std::string> Bundle::members_of(const std::string& prefix) const {
  std::vector<std::string> out;
  for (auto i = members.lower_bound(prefix); i != members.end() && i->first.starts_with(prefix);
       ++i) {
    out.push_back(i->first);
  }
  return out;
}

std::vector<std::string> Bundle::results() const {
  return members_of(text_member(manifest, "format") == kFormats[0] ? "results.jsonl" : "results/");
}

void Bundle::find(const std::string& member, const std::string& why) {
  const auto said = what.find(member);
  findings.push_back(member + (said == what.end() ? "" : " (" + said->second + ")") + ": " + why);
}

Expected<Bundle> open_bundle(std::string file) { return Opener(std::move(file)).open(); }

}  // namespace nines::cli
