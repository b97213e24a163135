// SPDX-License-Identifier: Apache-2.0
#include "sla/tools/difference.h"

#include <algorithm>

#include "config/node_path.h"
#include "sla/text/canonical.h"

namespace nines::sla {
namespace {

using config::Node;

bool named_list(const Node& node) {
  return node.kind() == Node::Kind::sequence && !node.items().empty() &&
         std::all_of(node.items().begin(), node.items().end(),
                     [](const Node& each) { return config::entry_name(each, 0) != "0"; });
}

std::string shown(const Node& node) {
  if (node.kind() == Node::Kind::scalar) return node.text();
  std::string out;
  for (const Node& item : node.items()) out += (out.empty() ? "" : ", ") + shown(item);
  for (const auto& [key, value] : node.entries()) {
    out += (out.empty() ? "" : ", ") + key.text() + ": " + shown(value);
  }
  return out;
}

class Comparison {
 public:
  void compare(const Node& before, const Node& after, const std::string& path) {
    if (path == "metadata/version" || path == "metadata/supersedes") return;
    if (before.kind() == Node::Kind::mapping && after.kind() == Node::Kind::mapping) {
      compare_mappings(before, after, path);
    } else if (named_list(before) && named_list(after)) {
      compare_lists(before, after, path);
    } else if (canonical_json(before) != canonical_json(after)) {
      list_.push_back({TextChange::Kind::changed, path, shown(before), shown(after), {}});
    }
  }

  std::vector<TextChange> take() { return std::move(list_); }

 private:
  static std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "/" + name;
  }

  void removed(const Node& node, const std::string& path) {
    list_.push_back({TextChange::Kind::removed, path, shown(node), {}, {}});
  }

  void added(const Node& node, const std::string& path) {
    if (path == "metadata/supersedes") return;
    list_.push_back({TextChange::Kind::added, path, {}, shown(node), {}});
  }

  void compare_mappings(const Node& before, const Node& after, const std::string& path) {
    for (const auto& [key, value] : before.entries()) {
      const Node* other = after.find(key.text());
      const std::string at = below(path, key.text());
      if (other != nullptr) {
        compare(value, *other, at);
      } else if (at != "metadata/supersedes") {
        removed(value, at);
      }
    }
    for (const auto& [key, value] : after.entries()) {
      if (before.find(key.text()) == nullptr) added(value, below(path, key.text()));
    }
  }

  void compare_lists(const Node& before, const Node& after, const std::string& path) {
    for (const Node& item : before.items()) {
      const std::string name = config::entry_name(item, 0);
      const Node* other = entry(after, name);
      if (other != nullptr) {
        compare(item, *other, below(path, name));
      } else {
        removed(item, below(path, name));
      }
    }
    for (const Node& item : after.items()) {
      const std::string name = config::entry_name(item, 0);
      if (entry(before, name) == nullptr) added(item, below(path, name));
    }
  }

  static const Node* entry(const Node& list, const std::string& name) {
    for (const Node& each : list.items()) {
      if (config::entry_name(each, 0) == name) return &each;
    }
    return nullptr;
  }

  std::vector<TextChange> list_;
};

const Objective* find(const Agreement& a, const std::string& name) {
  for (const Objective& each : a.objectives) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::string promise(const Agreement& a, const Objective& o, Language language) {
  if (o.statistic == Objective::Statistic::availability) return allowance(a, o, language);
  if (o.max.count() > 0) return spoken(Rational(o.max.count()), language);
  return o.target_text + " %";
}

}  // namespace

std::vector<TextChange> difference(const Node& before, const Node& after) {
  Comparison comparison;
  comparison.compare(before, after, "");
  return comparison.take();
}

void add_meanings(std::vector<TextChange>& changes,
                  const Agreement& before,
                  const Agreement& after,
                  Language language) {
  constexpr std::string_view kObjectives = "spec/objectives/";
  for (TextChange& each : changes) {
    if (!each.path.starts_with(kObjectives)) continue;
    const std::string rest = each.path.substr(kObjectives.size());
    const std::string objective = rest.substr(0, rest.find('/'));
    const std::string key = rest.substr(std::min(rest.size(), objective.size() + 1));
    const bool tells =
        key == "target" || key.starts_with("period") || key == "hours" || key == "max";
    const Objective* was = find(before, objective);
    const Objective* is = find(after, objective);
    if (!tells || was == nullptr || is == nullptr) continue;
    const bool zh = language == Language::zh;
    each.means = (zh ? "原允许 " : "allowed before: ") + promise(before, *was, language) +
                 (zh ? ";现允许 " : "; now: ") + promise(after, *is, language);
  }
}

}  // namespace nines::sla
