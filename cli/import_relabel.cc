// SPDX-License-Identifier: Apache-2.0
#include "cli/import_relabel.h"

#include <algorithm>
#include <array>
#include <optional>

namespace nines::cli {
namespace {

constexpr std::size_t kMaxRules = 1000;
constexpr std::size_t kMaxLabel = 64 << 10;  // bytes of a value; more is cut: no list can grow it
constexpr std::size_t kMaxRelabelled = 1000;
constexpr std::int64_t kPatternMemory = 1 << 20;

// Groups 0, 1, … of a match of the whole text; nothing where it does not match.
std::optional<std::vector<std::string_view>> match(const RE2& pattern, std::string_view text) {
  std::vector<re2::StringPiece> pieces(static_cast<std::size_t>(pattern.NumberOfCapturingGroups()) +
                                       1);
  const re2::StringPiece whole(text.data(), text.size());
  if (!pattern.Match(whole, 0, text.size(), RE2::ANCHOR_BOTH, pieces.data(),
                     static_cast<int>(pieces.size()))) {
    return std::nullopt;
  }
  std::vector<std::string_view> groups;
  for (const auto& piece : pieces) groups.emplace_back(piece.data(), piece.size());
  return groups;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The value of one group by number or name; empty where there is none.
std::string_view group_of(const RE2& pattern,
                          const std::vector<std::string_view>& groups,
                          const std::string& name) {
  std::size_t number = groups.size();
  if (!name.empty() && name.size() < 4 && name.find_first_not_of("0123456789") == name.npos) {
    number = static_cast<std::size_t>(std::stoi(name));
  } else if (const auto& names = pattern.NamedCapturingGroups(); names.contains(name)) {
    number = static_cast<std::size_t>(names.at(name));
  }
  return number < groups.size() ? groups[number] : std::string_view();
}

std::string changed_case(std::string text, bool upper) {
  for (char& c : text) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void set(LabelMap& labels, const std::string& name, std::string value) {
  if (value.empty()) {
    labels.erase(name);
    return;
  }
  if (value.size() > kMaxLabel) value.resize(kMaxLabel);
  if (labels.size() < kMaxRelabelled || labels.contains(name)) labels[name] = std::move(value);
}

}  // namespace

std::string expand_go(const RE2& pattern,
                      const std::vector<std::string_view>& groups,
                      std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const bool braces = text.starts_with('{');
    const std::size_t from = braces ? 1 : 0;
    std::size_t end = from;
    while (end < text.size() && is_word(text[end])) ++end;
    const bool good = end > from && (!braces || (end < text.size() && text[end] == '}'));
    if (!good) {
      out += '$';  // as it stands
      continue;
    }
    out += group_of(pattern, groups, std::string(text.substr(from, end - from)));
    text.remove_prefix(end + from);
    if (out.size() > kMaxLabel) break;
  }
  return out;
}

Relabelling::Relabelling(const config::Node* list, Draft& notes) {
  if (list == nullptr) return;
  if (list->items().size() > kMaxRules) {
    notes.note(list->place(), "more than 1000 rules of relabelling: none is applied");
    return;
  }
  for (const auto& item : list->items()) add(item, notes);
}

void Relabelling::add(const config::Node& node, Draft& notes) {
  ForeignKeys keys(&node, "a rule of relabel_configs", notes);
  Rule rule;
  rule.action = changed_case(keys.text("action").value_or("replace"), false);
  rule.source = keys.texts("source_labels");
  rule.separator = keys.text("separator").value_or(";");
  rule.target = keys.text("target_label").value_or("");
  rule.replacement = keys.text("replacement").value_or("$1");
  const auto regex = keys.text("regex").value_or("(.*)");
  keys.ignore({"modulus"});
  keys.note_rest();
  constexpr std::array<std::string_view, 10> kKnown{
      "replace",  "keep",      "drop",      "keepequal", "dropequal",
      "labelmap", "labeldrop", "labelkeep", "lowercase", "uppercase"};
  if (std::find(kKnown.begin(), kKnown.end(), rule.action) == kKnown.end()) {
    return notes.note(node.place(), "the action " + config::shown(rule.action) +
                                        " of relabel_configs is not applied");
  }
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(kPatternMemory);
  options.set_dot_nl(true);
  rule.pattern = std::make_shared<const RE2>(regex, options);
  if (!rule.pattern->ok()) {
    return notes.note(keys.place("regex"),
                      "this rule is not applied: " + config::shown(rule.pattern->error()));
  }
  rules_.push_back(std::move(rule));
}

bool Relabelling::apply(LabelMap& labels) const {
  return std::all_of(rules_.begin(), rules_.end(),
                     [&](const Rule& rule) { return apply(rule, labels); });
}

bool Relabelling::apply(const Rule& rule, LabelMap& labels) {
  std::string joined;
  for (const auto& name : rule.source) {
    if (&name != &rule.source.front()) joined += rule.separator;
    const auto found = labels.find(name);
    if (found != labels.end()) joined += found->second;
  }
  const auto& pattern = *rule.pattern;
  if (rule.action == "keep") return match(pattern, joined).has_value();
  if (rule.action == "drop") return !match(pattern, joined).has_value();
  const auto of_target = labels.find(rule.target);
  const auto target_value = of_target == labels.end() ? std::string() : of_target->second;
  if (rule.action == "keepequal") return joined == target_value;
  if (rule.action == "dropequal") return joined != target_value;
  if (rule.action == "lowercase" || rule.action == "uppercase") {
    set(labels, rule.target, changed_case(joined, rule.action == "uppercase"));
    return true;
  }
  if (rule.action == "replace") {
    const auto groups = match(pattern, joined);
    if (!groups) return true;
    set(labels, expand_go(pattern, *groups, rule.target),
        expand_go(pattern, *groups, rule.replacement));
    return true;
  }
  const LabelMap before = labels;
  for (const auto& [name, value] : before) {
    const auto groups = match(pattern, name);
    if (rule.action == "labelmap" && groups) {
      set(labels, expand_go(pattern, *groups, rule.replacement), value);
    }
    if (rule.action == "labeldrop" && groups) labels.erase(name);
    if (rule.action == "labelkeep" && !groups) labels.erase(name);
  }
  return true;
}

}  // namespace nines::cli
