// SPDX-License-Identifier: Apache-2.0
#include "cli/import_nagios_options.h"

#include <re2/re2.h>

#include <algorithm>

namespace nines::cli {

PluginOptions::PluginOptions(const std::vector<std::string>& words,
                             std::span<const PluginOption> table,
                             Draft& draft)
    : words_(words), table_(table) {
  for (std::size_t at = 1; at < words.size(); ++at) {
    const auto& word = words[at];
    if (word == "--") {
      others_.insert(others_.end(), words.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                     words.end());
      break;
    }
    if (word.starts_with("--")) {
      long_option(word, at, draft);
    } else if (word.size() > 1 && word[0] == '-') {
      letters(word, at, draft);
    } else {
      others_.push_back(word);
    }
  }
}

void PluginOptions::long_option(const std::string& word, std::size_t& at, Draft& draft) {
  const auto equals = std::min(word.find('='), word.size());
  const auto name = word.substr(2, equals - 2);
  const auto found = std::find_if(table_.begin(), table_.end(),
                                  [&](const auto& option) { return option.name == name; });
  if (found == table_.end()) {
    return draft.note(draft.place, "the option --" + name + " is not carried over");
  }
  auto value = equals < word.size() ? word.substr(equals + 1) : std::string();
  const bool next = found->value == PluginOption::wanted && equals == word.size();
  if (next && at + 1 < words_.size()) value = words_[++at];
  given_.emplace_back(found->letter, std::move(value));
}

void PluginOptions::letters(const std::string& word, std::size_t& at, Draft& draft) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto found = std::find_if(table_.begin(), table_.end(),
                                    [&](const auto& option) { return option.letter == word[i]; });
    if (found == table_.end()) {
      return draft.note(draft.place, "the option -" + word.substr(i) + " is not carried over");
    }
    if (found->value == PluginOption::none) {
      given_.emplace_back(found->letter, "");
      continue;
    }
    auto value = word.substr(i + 1);
    const bool next = value.empty() && found->value == PluginOption::wanted;
    if (next && at + 1 < words_.size()) value = words_[++at];
    given_.emplace_back(found->letter, std::move(value));
    return;
  }
}

bool PluginOptions::has(char letter) const {
  return std::any_of(given_.begin(), given_.end(),
                     [&](const auto& one) { return one.first == letter; });
}

std::string PluginOptions::last(char letter) const {
  const auto values = all(letter);
  return values.empty() ? std::string() : values.back();
}

std::vector<std::string> PluginOptions::all(char letter) const {
  std::vector<std::string> out;
  for (const auto& [given, value] : given_) {
    if (given == letter) out.push_back(value);
  }
  return out;
}

std::optional<Duration> plugin_seconds(const std::string& text, Duration unit, Draft& draft) {
  const bool bare = !text.empty() && text.find_first_not_of("0123456789.") == text.npos;
  const auto suffix = unit == milliseconds(1) ? "ms" : "s";
  const auto parsed = parse_foreign_duration(bare ? text + suffix : text);
  if (parsed && parsed->count() > 0) return parsed;
  draft.note(draft.place, "the threshold " + config::shown(text) + " is not carried over");
  return std::nullopt;
}

void put_latency(const PluginOptions& options, Draft& draft, Flow& expect, Flow& warn) {
  for (const auto& [letter, flow] : {std::pair{'c', &expect}, std::pair{'w', &warn}}) {
    if (!options.has(letter)) continue;
    const auto limit = plugin_seconds(options.last(letter), seconds(1), draft);
    if (!limit) continue;
    if (*limit > std::min(draft.timeout, draft.every)) {
      draft.note(draft.place, "the threshold " + config::shown(options.last(letter)) +
                                  " is longer than the timeout, and left out");
    } else {
      flow->raw("latency", format_duration(*limit));
    }
  }
}

Duration plugin_timeout(const PluginOptions& options) {
  const auto given = parse_foreign_duration(options.last('t') + "s");
  return given && given->count() > 0 ? *given : seconds(10);
}

std::string host_and_port(const std::string& host, const std::string& port) {
  const bool v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return (v6 ? "[" + host + "]" : host) + (port.empty() ? "" : ":" + port);
}

void put_plugin_family(const PluginOptions& options, const std::string& host, Draft& draft) {
  if (is_ip_address(host)) return;
  if (options.has('4')) draft.spec.raw("family", "ipv4");
  if (options.has('6') && !options.has('4')) draft.spec.raw("family", "ipv6");
}

void put_days(const std::string& text, Draft& draft, Flow& expect, Flow& warn) {
  const auto comma = std::min(text.find(','), text.size());
  const auto warning = text.substr(0, comma);
  const auto critical = text.substr(std::min(comma + 1, text.size()));
  const auto whole = [](const std::string& days) {
    return !days.empty() && days.size() < 5 &&
           days.find_first_not_of("0123456789") == std::string::npos &&
           (days == "0" || days[0] != '0');
  };
  if (!whole(warning) || (!critical.empty() && !whole(critical))) {
    return draft.note(draft.place, "the days " + config::shown(text) + " are not carried over");
  }
  warn.raw("certificate_days", warning);
  expect.raw("certificate_days", critical.empty() ? "0" : critical);
}

void note_unverified(Draft& draft) {
  draft.note(draft.place,
             "the plugin verifies no certificate, hence skip_verify; leave it out to have it "
             "verified");
}

std::string quoted_pattern(const std::string& text) {
  return RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

}  // namespace nines::cli
