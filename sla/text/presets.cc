// SPDX-License-Identifier: Apache-2.0
#include "sla/text/presets.h"

#include <algorithm>
#include <map>

#include "base/assert.h"
#include "config/node_path.h"
#include "config/overlay.h"

namespace nines::sla {

using config::Complaints;
using config::Node;

const Preset* find_preset(std::string_view name) {
  for (const Preset& each : presets()) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::string no_such_preset(std::string_view name) {
  std::vector<std::string> known;
  std::string undated;  // the newest of that name, where only the date is missing or another
  const std::string_view bare = name.substr(0, name.find('@'));
  for (const Preset& each : presets()) {
    known.emplace_back(each.name);
    if (each.name.substr(0, each.name.find('@')) == bare) undated = std::string(each.name);
  }
  std::string near = undated.empty() ? config::nearest(name, known) : undated;
  std::string out = "no preset " + config::shown(std::string(name));
  if (!near.empty()) return out + " (did you mean '" + near + "'?)";
  out += "; there are";
  for (const std::string& each : known) out += (each == known.front() ? " " : ", ") + each;
  return out;
}

namespace {

Node parsed(const Preset& preset) {
  std::string text = "apiVersion: nines/v1\nkind: Agreement\nmetadata: {annotations: {";
  text += std::string(kPresetAnnotation) + ": \"" + std::string(preset.name) + "\"}}\nspec:\n";
  text += preset.text;
  Complaints complaints;
  auto out =
      config::parse_yaml(text, std::string(kPresetPrefix) + std::string(preset.name), complaints);
  ASSERT(out && complaints.empty());  // tests parse every one of them
  return *std::move(out);
}

const Node& kept_tree(const Preset& preset) {
  static const std::map<std::string_view, Node> kTrees = [] {
    std::map<std::string_view, Node> out;
    for (const Preset& each : presets()) out.emplace(each.name, parsed(each));
    return out;
  }();
  return kTrees.at(preset.name);
}

void gather(const Node& node,
            const std::string& path,
            std::vector<std::pair<std::string, std::string>>& out) {
  const std::string under = path.empty() ? "" : path + "/";
  if (node.kind() == Node::Kind::scalar) out.emplace_back(path, node.text());
  for (const auto& [key, value] : node.entries()) gather(value, under + key.text(), out);
  for (std::size_t i = 0; i < node.items().size(); ++i) {
    gather(node.items()[i], under + config::entry_name(node.items()[i], i + 1), out);
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> values_of(const Node& text) {
  std::vector<std::pair<std::string, std::string>> out;
  gather(text, "", out);
  return out;
}

Node tree_of(const Preset& preset) { return kept_tree(preset); }

std::optional<Node> resolve_preset(const Node& file, Complaints& complaints) {
  const Node* overlay = file.find("overlay");
  const Node* base = overlay != nullptr ? overlay->find("base") : nullptr;
  if (base == nullptr || !base->text().starts_with(kPresetPrefix)) return file;
  const std::size_t before = complaints.size();
  config::Mapping mapping(*overlay, complaints, "overlay");
  const std::string name = mapping.require_text("base").value_or("").substr(kPresetPrefix.size());
  const auto removed = mapping.take_texts("remove").value_or(std::vector<std::string>{});
  mapping.finish();
  const Preset* preset = find_preset(name);
  if (preset == nullptr) complaints.add(base->place(), no_such_preset(name));
  if (complaints.size() != before) return std::nullopt;
  return config::overlaid(kept_tree(*preset), config::without(file, "overlay"), removed,
                          overlay->place(), complaints);
}

const Preset* preset_under(const Node& file) {
  const Node* annotations = config::node_at(file, "metadata/annotations");
  const Node* name = annotations != nullptr ? annotations->find(kPresetAnnotation) : nullptr;
  return name != nullptr ? find_preset(name->text()) : nullptr;
}

const Node* preset_part(const Node& named, std::string_view path, Complaints& complaints) {
  const auto name = config::as_text(named, complaints);
  if (!name) return nullptr;
  const Preset* preset = find_preset(*name);
  if (preset == nullptr) {
    complaints.add(named.place(), no_such_preset(*name));
    return nullptr;
  }
  const Node* found = config::node_at(kept_tree(*preset), path);
  if (found != nullptr) return found;
  complaints.add(named.place(), "preset '" + *name + "' has no " + std::string(path) +
                                    "; take the whole of it: overlay: {base: \"preset:" + *name +
                                    "\"}");
  return nullptr;
}

}  // namespace nines::sla
