// SPDX-License-Identifier: Apache-2.0
// Which published text an agreement follows, what that expands to, and how it reads what the text
// leaves open.
#include "sla/text/presets.h"
#include "sla/tools/explain_parts.h"

namespace nines::sla {
namespace {

// A value that belongs to the promise, not to the form of a file.
bool is_frame(const std::string& path) {
  return path == "apiVersion" || path == "kind" || path.starts_with("metadata/");
}

void explain_preset(const Preset& preset, std::string_view only, Page& page) {
  const std::string name(preset.name);
  const std::string title(preset.title);
  page.say(name + ": " + title + ", " + std::string(preset.source.in(Language::en)) + ".",
           name + "：" + title + "，" + std::string(preset.source.in(Language::zh)) + "。");
  const auto item = [&](const char* en, const char* zh, const Phrase& phrase) {
    page.item(std::string(en) + ": " + std::string(phrase.in(Language::en)) + ".",
              std::string(zh) + "：" + std::string(phrase.in(Language::zh)) + "。");
  };
  if (only.empty()) item("It is about", "测量对象", preset.measures);
  item("Silence", "无数据时段", preset.silence);
  item("Minutes", "分钟的计法", preset.partial);
  if (only.empty()) item("Left out", "未纳入的内容", preset.left_out);
  page.say("It expands to:", "展开为：");
  for (const auto& [path, value] : values_of(tree_of(preset))) {
    if (is_frame(path) || !path.starts_with(only)) continue;
    page.item(path + ": " + value, path + ": " + value);
  }
}

}  // namespace

void explain_presets(Page& page) {
  page.heading("The published text that it follows", "所依据的公开文本");
  if (const Preset* preset = preset_under(page.file())) explain_preset(*preset, "", page);
  constexpr const char* kRule = "spec/measurement/outageRule";
  const Preset* rule = find_preset(page.at(std::string(kRule) + "/preset"));
  if (rule != nullptr) explain_preset(*rule, kRule, page);
}

std::vector<Sentence> explain(const Preset& preset, Language language) {
  const Agreement none;
  const config::Node file = tree_of(preset);
  Page page(none, file, language);
  page.title(std::string(preset.title));
  explain_presets(page);
  return page.take();
}

}  // namespace nines::sla
