// SPDX-License-Identifier: Apache-2.0
#include "cli/log_head.h"

#include <sstream>

#include "base/merkle.h"

namespace nines::cli {

Expected<proto::LogHead> read_kept_head(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_object() && json.contains("log_head")) {
    return proto::read_log_head(proto::canonical_text(json["log_head"]));
  }
  if (json.is_object()) return proto::read_log_head(text);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("{\"head\":")) return proto::read_log_head(line);
  }
  return fail("no head of a log, and no line that begins with {\"head\":");
}

bool needs_proof(const proto::LogHead& kept, const proto::LogHead& now) {
  return now.key == kept.key && now.log == kept.log && kept.size > 0 && kept.size < now.size;
}

std::string difference_of(const proto::LogHead& kept,
                          const proto::LogHead& now,
                          const std::vector<Digest>& proof) {
  if (now.key != kept.key) return "the log is signed by another key now, " + to_hex(now.key);
  if (now.log != kept.log) return "it is another log now, " + now.log;
  if (now.size < kept.size) {
    return "the log has only " + std::to_string(now.size) + " entries now: later ones are gone";
  }
  if (verify_consistency(kept.size, kept.root, now.size, now.root, proof)) return "";
  return "the log does not begin with the one you kept: what was in it was changed";
}

}  // namespace nines::cli
