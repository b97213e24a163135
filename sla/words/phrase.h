// SPDX-License-Identifier: Apache-2.0
// A sentence in every language that we speak, with places for values. One that lacks a language, or
// whose languages have different places, does not compile.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace nines::sla {

enum class Language { en, zh };

// "zh", "zh-CN", "zh_Hans" are Chinese; everything else is English.
Language language_of(std::string_view tag);
std::string_view tag(Language language);  // of HTML: "en", "zh-CN"

class Phrase {
 public:
  consteval Phrase(std::string_view en, std::string_view zh) : texts_{en, zh} {
    if (en.empty() || zh.empty() || places(en) != places(zh)) the_languages_differ();
  }

  constexpr std::string_view in(Language language) const {
    return texts_[static_cast<std::size_t>(language)];
  }

 private:
  static void the_languages_differ();  // no constant expression, hence an error of the compiler

  // How often each of {0} to {9} stands in the text.
  static consteval std::array<int, 10> places(std::string_view text) {
    std::array<int, 10> out{};
    for (std::size_t i = 0; i + 2 < text.size(); ++i) {
      const char digit = text[i + 1];
      const bool place = text[i] == '{' && text[i + 2] == '}' && digit >= '0' && digit <= '9';
      if (place) ++out[static_cast<std::size_t>(digit - '0')];
    }
    return out;
  }

  std::array<std::string_view, 2> texts_;
};

// The phrase with its values in their places.
std::string say(Language language,
                const Phrase& phrase,
                std::initializer_list<std::string_view> values = {});
std::string say_with(Language language,
                     const Phrase& phrase,
                     const std::vector<std::string>& values);

}  // namespace nines::sla
