// SPDX-License-Identifier: Apache-2.0
#include "sla/words/phrase.h"

#include "base/assert.h"

namespace nines::sla {
namespace {

template <class Values>
std::string filled(std::string_view text, const Values& values) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool place = text[i] == '{' && i + 2 < text.size() && text[i + 2] == '}';
    if (!place) {
      out += text[i];
      continue;
    }
    const auto index = static_cast<std::size_t>(text[i + 1] - '0');
    ASSERT(index < values.size());
    out += *(values.begin() + static_cast<std::ptrdiff_t>(index));
    i += 2;
  }
  return out;
}

}  // namespace

Language language_of(std::string_view tag) {
  const std::string_view first = tag.substr(0, tag.find_first_of("-_"));
  return first == "zh" ? Language::zh : Language::en;
}

std::string_view tag(Language language) { return language == Language::zh ? "zh-CN" : "en"; }

std::string say(Language language,
                const Phrase& phrase,
                std::initializer_list<std::string_view> values) {
  return filled(phrase.in(language), values);
}

std::string say_with(Language language,
                     const Phrase& phrase,
                     const std::vector<std::string>& values) {
  return filled(phrase.in(language), values);
}

}  // namespace nines::sla
