// SPDX-License-Identifier: Apache-2.0
// What the log vouches for: agreement texts, statements and the report.
#include <algorithm>
#include <sstream>

#include "cli/bundle.h"
#include "net/certificate.h"
#include "proto/event_lines.h"
#include "proto/proof.h"
#include "sla/text/agreement_decoder.h"

namespace nines::cli {
namespace {

using Json = nlohmann::json;
using proto::count_member;
using proto::text_member;

std::string digest_text(std::string_view content) {
  return "sha256:" + hex(sha256(as_bytes(content)));
}

// {"position":7,"entry":{…}}: the leaf is of the entry's text as it is.
std::optional<LoggedEntry> read_entry(const std::string& line, Digest& leaf) {
  constexpr std::string_view kEntry = ",\"entry\":";
  LoggedEntry out;
  const auto json = Json::parse(line, nullptr, false);
  const auto position = count_member(json, "position");
  const auto at = line.find(kEntry);
  if (!position || at == std::string::npos || !line.ends_with('}')) return std::nullopt;
  out.position = *position;
  const auto text = line.substr(at + kEntry.size(), line.size() - at - kEntry.size() - 1);
  leaf = merkle_leaf(as_bytes(text));
  out.json = Json::parse(text, nullptr, false);
  const auto instant = proto::instant_member(out.json, "at");
  if (!instant) return std::nullopt;
  out.at = *instant;
  return out;
}

bool read_entries(Bundle& bundle, std::map<std::uint64_t, Digest>& leaves) {
  std::istringstream lines(bundle.member("log/entries.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    Digest leaf{};
    auto entry = read_entry(line, leaf);
    if (!entry || !leaves.emplace(entry->position, leaf).second) {
      bundle.find("log/entries.jsonl", "holds what is no entry, or one twice");
      return false;
    }
    bundle.entries.push_back(*std::move(entry));
  }
  std::sort(bundle.entries.begin(), bundle.entries.end(),
            [](const auto& a, const auto& b) { return a.position < b.position; });
  return true;
}

std::optional<MerklePart> read_nodes(const std::string& text) {
  MerklePart part;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto json = Json::parse(line, nullptr, false);
    const auto level = count_member(json, "level");
    const auto index = count_member(json, "index");
    const auto bytes = from_hex(text_member(json, "hash"));
    const auto hash = bytes ? digest_from(as_bytes(*bytes)) : std::nullopt;
    if (!level || *level > 62 || !index || !hash) return std::nullopt;
    part.emplace(MerklePlace(static_cast<unsigned>(*level), *index), *hash);
  }
  return part;
}

const LoggedEntry* find_entry(const Bundle& bundle,
                              const std::string& type,
                              const std::string& key,
                              const std::string& value) {
  for (const auto& entry : bundle.entries) {
    if (text_member(entry.json, "type") == type && text_member(entry.json, key.c_str()) == value) {
      return &entry;
    }
  }
  return nullptr;
}

void verify_agreements(Bundle& bundle, Json& digests) {
  std::size_t count = 0;
  for (const auto& name : bundle.members_of("agreements/")) {
    const auto text = bundle.member(name);
    const auto* entry = find_entry(bundle, "agreement", "text", digest_text(text));
    const auto& agreement =
        bundle.agreements.emplace(name, sla::read_agreement(text, name)).first->second;
    if (entry == nullptr) {
      bundle.find(name, "no such text is in the log");
    } else if (agreement &&
               text_member(entry->json, "digest") != "sha256:" + hex(agreement->digest)) {
      bundle.find(name, "its digest is not the one in the log");
    } else {
      digests.push_back(text_member(entry->json, "digest"));
      ++count;
    }
  }
  bundle.good.push_back(std::to_string(count) + " agreement texts are in the log");
}

void verify_report_entry(Bundle& bundle, const Json& digests) {
  if (text_member(bundle.manifest, "state") != "sealed") return;
  const auto* entry =
      find_entry(bundle, "report", "report", digest_text(bundle.member("report.json")));
  if (entry == nullptr) {
    bundle.find("report.json", "no such report is in the log");
    return;
  }
  const auto& json = entry->json;
  for (const char* key : {"agreement", "period", "revision", "cut", "log_size"}) {
    if (json.value(key, Json()) != bundle.manifest.value(key, Json())) {
      bundle.find("manifest.json", std::string("its ") + key + " is not the sealed report's");
    }
  }
  if (text_member(json, "events") != digest_text(bundle.member("events.jsonl"))) {
    bundle.find("events.jsonl", "not the events that the report was sealed with");
  }
  if (json.value("agreements", Json()) != digests) {
    bundle.find("agreements", "not the texts that the report was sealed with");
  }
  bundle.good.push_back("the report is entry " + std::to_string(entry->position) +
                        " of the log, of " + text_member(json, "at"));
}

const sla::Agreement* agreement_of(const Bundle& bundle, const std::string& digest) {
  for (const auto& [name, agreement] : bundle.agreements) {
    if (agreement && "sha256:" + hex(agreement->digest) == digest) return &*agreement;
  }
  return nullptr;
}

// Of an entry in which a party signs a version: what makes it more than the collector's word. Empty
// where all of it holds.
std::string flaw_of_signature(const Bundle& bundle,
                              const LoggedEntry& entry,
                              const std::string& certificate) {
  const auto& event = entry.json["event"];
  const auto party = text_member(event, "party");
  if (!entry.json.contains("signature")) return "signs a version and bears no signature";
  if (text_member(entry.json, "party") != party) return "signs for the " + party + " by another";
  const auto* agreement = agreement_of(bundle, text_member(event, "digest"));
  if (agreement == nullptr) return "";  // of a text that is not judged by
  const auto named = sla::signing_key_of(agreement->parties, party);
  if (!named || net::ed25519_key_of(certificate) == named) return "";
  return "was not signed by ed25519:" + to_hex(*named) + ", which the agreement names";
}

}  // namespace

void verify_log(Bundle& bundle) {
  const auto head = proto::read_log_head(bundle.member("log/head.json"));
  if (!head) {
    bundle.find("log/head.json", head.error().message);
    return;
  }
  std::map<std::uint64_t, Digest> leaves;
  if (!read_entries(bundle, leaves)) return;
  const auto part = read_nodes(bundle.member("log/nodes.jsonl"));
  if (!part) {
    bundle.find("log/nodes.jsonl", "holds what is no node");
    return;
  }
  if (merkle_root_of_part(leaves, head->size, *part) != head->root) {
    bundle.find("log/entries.jsonl", "the entries are not those of the signed head");
    return;
  }
  bundle.good.push_back(std::to_string(leaves.size()) + " entries are in the log of " +
                        std::to_string(head->size) + " with root " + hex(head->root));
  Json digests = Json::array();
  verify_agreements(bundle, digests);
  verify_report_entry(bundle, digests);
}

// Statements become the events, and those that carry a signature were signed by who said them.
void verify_statements(Bundle& bundle) {
  proto::EventLines lines;
  std::size_t count = 0;
  std::size_t with_signature = 0;
  std::size_t versions_signed = 0;
  for (const auto& entry : bundle.entries) {
    if (text_member(entry.json, "type") != "event") continue;
    lines.take(entry.json, entry.at);
    ++count;
    const auto signature = from_hex(text_member(entry.json, "signature"));
    const auto fingerprint = text_member(entry.json, "certificate");
    const auto name =
        "certificates/" + fingerprint.substr(std::min<std::size_t>(7, fingerprint.size())) + ".der";
    const bool is_signed = entry.json.contains("signature");
    const auto certificate = is_signed ? bundle.member(name) : std::string();
    if (text_member(entry.json.value("event", Json()), "type") == "signature") {
      const auto flaw = flaw_of_signature(bundle, entry, certificate);
      if (!flaw.empty()) {
        bundle.find("log/entries.jsonl", "entry " + std::to_string(entry.position) + " " + flaw);
      }
      ++versions_signed;
    }
    if (!is_signed) continue;
    const auto text = proto::statement_text(text_member(entry.json, "agreement"),
                                            entry.json.value("event", Json()));
    const auto uris = net::uris_of_certificate(certificate);
    const auto speaker = "nines:actor:" + text_member(entry.json, "actor");
    if (digest_text(certificate) != fingerprint ||
        std::find(uris.begin(), uris.end(), speaker) == uris.end()) {
      bundle.find(name,
                  "not the certificate of who spoke in entry " + std::to_string(entry.position));
    } else if (!signature || !net::signed_by(certificate, as_bytes(text), as_bytes(*signature))) {
      bundle.find("log/entries.jsonl",
                  "entry " + std::to_string(entry.position) + " was not signed by " + speaker);
    } else {
      ++with_signature;
    }
  }
  if (lines.text() != bundle.member("events.jsonl")) {
    bundle.find("events.jsonl", "not what the statements in the log say");
    return;
  }
  bundle.good.push_back(std::to_string(count) + " statements, " + std::to_string(with_signature) +
                        " of them signed by who made them");
  if (versions_signed > 0) {
    bundle.good.push_back(std::to_string(versions_signed) +
                          " signatures under versions of the agreement, by the parties' keys");
  }
}

}  // namespace nines::cli
