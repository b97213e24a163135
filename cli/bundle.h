// SPDX-License-Identifier: Apache-2.0
// An evidence bundle, opened and verified without a network (docs/formats/bundle.md). Each step
// says what it found good, or names the member that is not what it should be. Members stay packed;
// each is unpacked where it is read.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/merkle.h"
#include "base/sign.h"
#include "base/time.h"
#include "sla/text/agreement.h"

namespace nines::cli {

struct LoggedEntry {
  std::uint64_t position = 0;
  nlohmann::json json;
  WallTime at;
};

struct Frame {  // of a member, in the file
  std::size_t at = 0, size = 0;
};

struct Bundle {
  std::string file;
  nlohmann::json manifest;
  PublicKey key{};                       // of the collector's log: signed the manifest and the head
  std::map<std::string, Frame> members;  // those that are as the manifest says
  std::map<std::string, std::string> what;  // of members that say it: "edge/EPOCH/17"
  std::vector<LoggedEntry> entries;         // proved to be in the log, in order
  // By member, as verify_log() read them; an error where this version cannot.
  std::map<std::string, Expected<sla::Agreement>> agreements;
  std::vector<std::string> findings;  // what is altered; each begins with a member's name
  std::vector<std::string> good;      // what was verified
  std::string gone;                   // what was dropped, so that nobody can judge again

  std::string member(const std::string& name) const;  // its content; empty where there is none
  std::vector<std::string> members_of(const std::string& prefix) const;  // names in order

  std::vector<std::string> results() const;  // those members that hold them

  void find(const std::string& member, const std::string& why);
};

// Reads every frame against the manifest. An error where the file is no bundle at all.
Expected<Bundle> open_bundle(std::string file);

// The head's signature and the entries within it; agreements, statements and the report against
// their entries.
void verify_log(Bundle& bundle);
void verify_statements(Bundle& bundle);

// Personal texts that are here, against what the statements seal; how many are erased or left out.
void verify_texts(Bundle& bundle);

// The batches' signatures, their chain, and the results line by line against what was signed.
void verify_batches(Bundle& bundle);

// What the collector's log says was dropped of the time, before anybody asks why it is not here.
void verify_dropped(Bundle& bundle);

// Judges again; nothing where that could not be done here, with the reason.
Expected<void> recompute(Bundle& bundle);

}  // namespace nines::cli
