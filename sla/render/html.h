// SPDX-License-Identifier: Apache-2.0
// Writes HTML that is also well-formed XML: every element is closed, every attribute quoted, every
// text escaped. There is no way to put a text in unescaped but `style` and `script`, which take our
// own.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nines::sla {

// Names are ours, values come from anywhere.
using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Printable (base/utf8.h), and without what means something in HTML.
std::string escaped(std::string_view text);

class Html {
 public:
  Html& open(std::string_view element, Attributes attributes = {});
  Html& close();  // the innermost one
  Html& text(std::string_view text);

  Html& leaf(std::string_view element, std::string_view text) { return leaf(element, {}, text); }

  Html& leaf(std::string_view element, Attributes attributes, std::string_view text);
  Html& empty(std::string_view element, Attributes attributes);  // <meta …/>
  // Our own, without '<' and '&', which XML would read.
  Html& style(std::string_view css);
  Html& script(std::string_view code);

  std::string page() &&;  // the document, all closed

 private:
  void start(std::string_view element, Attributes attributes);
  Html& verbatim(std::string_view element, std::string_view text);

  std::string out_ = "<!DOCTYPE html>\n";
  std::vector<std::string> open_;
};

}  // namespace nines::sla
