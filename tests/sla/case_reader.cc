// SPDX-License-Identifier: Apache-2.0
#include "case_reader.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/time.h"

namespace nines::sla {

std::optional<WallTime> instant(std::string text, const std::string& day) {
  if (text.find('T') == std::string::npos) text = day + "T" + text;
  bool next = false;
  if (const auto at = text.find("T24:00"); at != std::string::npos) {
    text.replace(at, 6, "T00:00");
    next = true;
  }
  constexpr std::size_t kToMinutes = 16;
  if (text.size() == kToMinutes) text += ":00";
  if (!text.ends_with('Z')) text += "Z";
  const auto out = parse_rfc3339(text);
  if (!out) return std::nullopt;
  return next ? *out + hours(24) : *out;
}

namespace {

constexpr std::size_t kMaxResultsOfACase = 200'000;

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\n");
  if (from == std::string::npos) return "";
  return text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(separator, from), text.size());
    if (const auto part = trimmed(text.substr(from, to - from)); !part.empty()) out.push_back(part);
    from = to + separator.size();
  }
  return out;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

// One key of a case with its value; further lines are indented.
struct Entry {
  std::string key, value;
  int line = 0;
};

// The differences of one version from the stated default agreement.
struct Fragment {
  std::map<std::string, std::string> parts;
  std::string others;  // whole sections of `spec`, by four spaces
};

// "{a: b}" is a: b.
std::string inner(const std::string& flow) {
  const std::string text = trimmed(flow);
  if (!text.starts_with('{') || !text.ends_with('}')) return text;
  return trimmed(text.substr(1, text.size() - 2));
}

Fragment fragment_of(const std::string& block) {
  constexpr const char* kOwn[] = {"version",     "effective", "services",   "check",   "checks",
                                  "measurement", "objective", "objectives", "metadata"};
  Fragment out;
  std::istringstream in(block);
  std::string own;
  for (std::string line; std::getline(in, line);) {
    const bool begins = line.size() > 2 && line[2] != ' ';
    const std::string key = begins ? line.substr(2, line.find(':') - 2) : "";
    if (begins) {
      const bool is_own = std::find(std::begin(kOwn), std::end(kOwn), key) != std::end(kOwn);
      own = is_own ? key : "";
      if (is_own) {
        out.parts[own] = line.substr(line.find(':') + 1) + "\n";
        continue;
      }
    }
    if (own.empty()) {
      out.others += line + "\n";
    } else {
      out.parts[own] += "      " + line + "\n";
    }
  }
  return out;
}

std::string agreement_yaml(const Fragment& fragment, std::size_t number) {
  const auto part = [&](const std::string& key, const std::string& otherwise) {
    const auto found = fragment.parts.find(key);
    return found == fragment.parts.end() ? otherwise : found->second;
  };
  const auto more = [&](const std::string& key) {
    const std::string text = inner(part(key, ""));
    return text.empty() ? text : ", " + text;
  };
  const std::string check =
      "[{name: web, tcp: {address: \"shop.example:443\"}" +
      (fragment.parts.contains("check") ? more("check") : std::string(", every: 30s")) + "}]";
  const std::string objective =
      "[{name: availability" +
      (fragment.parts.contains("objective") ? more("objective") : ", target: \"99\"") + "}]";
  return "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: acme, version: \"" +
         trimmed(part("version", std::to_string(number))) + "\"" + more("metadata") + "}\nspec:\n" +
         "  effective: " + part("effective", "{from: \"2026-01-01T00:00:00\", timeZone: UTC}\n") +
         "  scope: {services: " + trimmed(part("services", "[{name: shop}]")) + "}\n" +
         "  measurement: {checks: " + trimmed(part("checks", check)) + more("measurement") + "}\n" +
         "  objectives: " + part("objectives", objective) + "\n" + fragment.others;
}

class Reader {
 public:
  Reader(std::string name, Case& out) : name_(std::move(name)), out_(out) {}

  Expected<void> read(const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
      if (entry.key == "day") out_.day = entry.value;
    }
    std::vector<Fragment> fragments;
    for (const Entry& entry : entries) {
      entry_ = &entry;
      if (entry.key == "agreement") {
        fragments.push_back(fragment_of(entry.value));
      } else {
        TRY_VOID(read_one(entry));
      }
    }
    if (fragments.empty()) fragments.emplace_back();
    for (std::size_t i = 0; i < fragments.size(); ++i) {
      out_.agreements.push_back(agreement_yaml(fragments[i], i + 1));
    }
    entry_ = nullptr;
    if (out_.period.empty() && out_.as_of.empty()) return wrong("no `ask`");
    if (out_.expected.empty() && out_.refused.empty()) return wrong("nothing is expected");
    return {};
  }

 private:
  Unexpected<Error> wrong(const std::string& why) const {
    const std::string at = entry_ != nullptr ? name_ + ":" + std::to_string(entry_->line) : "";
    return fail((at.empty() ? out_.place : at) + ": " + out_.id + ": " + why);
  }

  Expected<void> read_one(const Entry& entry) {
    if (entry.key == "day") return {};
    if (entry.key == "ask") return read_question(entry.value);
    if (entry.key == "event") return read_words(entry.value, true);
    if (entry.key == "line") return read_words(entry.value, false);
    if (entry.key == "expect") return read_expected(entry.value);
    if (entry.key == "refused") {
      out_.refused.push_back(entry.value);
      return {};
    }
    return read_results(entry);
  }

  // "10:00/10:30", "2026-03", "as-of 10:20", "2026-03 as-of 10:20"
  Expected<void> read_question(const std::string& text) {
    const auto parts = words(text);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i] == "as-of" && i + 1 < parts.size()) {
        const auto t = instant(parts[++i], out_.day);
        if (!t) return wrong("'" + parts[i] + "' is no instant");
        out_.as_of = format_rfc3339(*t);
      } else if (const auto ends = split(parts[i], "/"); ends.size() == 2) {
        const auto from = instant(ends[0], out_.day);
        const auto to = instant(ends[1], out_.day);
        if (!from || !to) return wrong("'" + parts[i] + "' is no period");
        out_.period = format_rfc3339(*from) + "/" + format_rfc3339(*to);
      } else {
        out_.period = parts[i];
      }
    }
    return {};
  }

  // "exclusion id=M1 kind=maintenance from=10:00": an event, or a whole result.
  Expected<void> read_words(const std::string& text, bool event) {
    constexpr const char* kInstants[] = {"from",        "to",      "at",       "announced",
                                         "approved_at", "started", "received", "said"};
    nlohmann::ordered_json out = nlohmann::ordered_json::object();
    for (const std::string& word : words(text)) {
      const auto equals = word.find('=');
      if (equals == std::string::npos) {
        out["type"] = word;
        continue;
      }
      const std::string key = word.substr(0, equals);
      const std::string value = word.substr(equals + 1);
      if (std::find(std::begin(kInstants), std::end(kInstants), key) != std::end(kInstants)) {
        const auto t = instant(value, out_.day);
        if (!t) return wrong("'" + value + "' is no instant");
        out[key] = format_rfc3339(*t);
      } else if (key == "version") {  // a text, whatever it is made of
        out[key] = value;
      } else if (is_number(value) || (value.starts_with('-') && is_number(value.substr(1)))) {
        out[key] = std::stoll(value);
      } else {
        out[key] = value;
      }
    }
    (event ? out_.events : out_.results) += out.dump() + "\n";
    return {};
  }

  // "up 2576995, down 4378, verdict BREACHED"
  Expected<void> read_expected(const std::string& text) {
    for (const std::string& each : split(text, ",")) {
      const auto space = each.find(' ');
      if (space == std::string::npos) return wrong("'" + each + "' has no value");
      out_.expected.push_back({each.substr(0, space), trimmed(each.substr(space))});
    }
    return {};
  }

  // "web@edge: 10:00 up every 30s until 10:05, down x3, silent until 10:20, up 150ms until 10:30"
  Expected<void> read_results(const Entry& entry) {
    const auto at = entry.key.rfind('@');
    const std::string check = entry.key.substr(0, at);
    const std::string vantage = at == std::string::npos ? "edge" : entry.key.substr(at + 1);
    std::optional<WallTime> now;
    Duration step = seconds(30);
    for (const std::string& clause : split(entry.value, ",")) {
      TRY_VOID(read_clause(clause, check, vantage, now, step));
    }
    return {};
  }

  Expected<void> read_clause(const std::string& clause,
                             const std::string& check,
                             const std::string& vantage,
                             std::optional<WallTime>& now,
                             Duration& step) {
    std::string outcome;
    std::optional<Duration> latency;
    std::optional<WallTime> until;
    std::size_t count = 1;
    const auto parts = words(clause);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string& word = parts[i];
      const bool more = i + 1 < parts.size();
      if (word == "up" || word == "down" || word == "unknown" || word == "silent") {
        outcome = word;
      } else if (word == "every" && more) {
        const auto d = parse_duration(parts[++i]);
        if (!d) return wrong(d.error().message);
        step = *d;
      } else if (word == "until" && more) {
        until = instant(parts[++i], out_.day);
        if (!until) return wrong("'" + parts[i] + "' is no instant");
      } else if (word.starts_with('x') && is_number(word.substr(1))) {
        count = std::stoul(word.substr(1));
      } else if (const auto t = instant(word, out_.day); t && word.find(':') != std::string::npos) {
        now = t;
      } else if (const auto d = parse_duration(word)) {
        latency = *d;
      } else {
        return wrong("'" + word + "' is not understood in '" + clause + "'");
      }
    }
    if (!now) return wrong("'" + clause + "' does not say when it begins");
    if (outcome.empty()) return wrong("'" + clause + "' says neither up, down, unknown nor silent");
    std::size_t made = 0;
    for (; until ? *now < *until : made < count; *now += step, ++made) {
      if (made > kMaxResultsOfACase) return wrong("too many results");
      if (outcome == "silent") continue;
      nlohmann::ordered_json line{{"check", check},
                                  {"vantage", vantage},
                                  {"started", format_rfc3339(*now)},
                                  {"outcome", outcome}};
      if (latency) line["total_us"] = to_us(*latency);
      out_.results += line.dump() + "\n";
    }
    if (until) now = until;
    return {};
  }

  std::string name_;
  Case& out_;
  const Entry* entry_ = nullptr;
};

// "### C017 · S24 S26 · Title"
bool read_heading(const std::string& line, Case& out) {
  const auto parts = split(line.substr(3), "·");
  if (parts.size() != 3) return false;
  out.id = parts[0];
  out.rules = words(parts[1]);
  out.title = parts[2];
  return true;
}

}  // namespace

Expected<std::vector<Case>> read_cases(const std::string& text, const std::string& name) {
  std::vector<Case> out;
  std::vector<Entry> entries;
  bool inside = false;
  bool open = false;  // a heading without its case yet
  std::istringstream in(text);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::string place = name + ":" + std::to_string(number);
    if (inside && line != "```") {
      if (line.starts_with("  ") && !entries.empty()) {
        entries.back().value += (entries.back().value.empty() ? "" : "\n") + line;
        continue;
      }
      if (trimmed(line).empty()) continue;
      const auto colon = line.ends_with(':') ? line.size() - 1 : line.find(": ");
      if (colon == std::string::npos) return fail(place + ": no 'key: value'");
      entries.push_back({line.substr(0, colon), trimmed(line.substr(colon + 1)), number});
    } else if (inside) {
      inside = open = false;
      TRY_VOID(Reader(name, out.back()).read(entries));
    } else if (line == "```case") {
      if (!open) return fail(place + ": a case without a heading of its own");
      inside = true;
      entries.clear();
    } else if (line.starts_with("### ")) {
      if (open) return fail(place + ": the case before this one has no ```case");
      Case next;
      next.place = place;
      if (!read_heading(line, next)) return fail(place + ": not '### C001 · S6 · Title'");
      out.push_back(std::move(next));
      open = true;
    }
  }
  if (inside || open) return fail(name + ": the last case does not end");
  return out;
}

}  // namespace nines::sla
