// SPDX-License-Identifier: Apache-2.0
#include "sla/render/html.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/utf8.h"

namespace nines::sla {
namespace {

// Stand inside a line, where a newline would be a space.
constexpr std::array<std::string_view, 7> kInline = {"b",    "bdi",  "code", "small",
                                                     "span", "time", "a"};

bool is_inline(std::string_view element) {
  return std::find(kInline.begin(), kInline.end(), element) != kInline.end();
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void Html::start(std::string_view element, Attributes attributes) {
  out_ += "<";
  out_ += element;
  for (const auto& [name, value] : attributes) {
    out_ += " ";
    out_ += name;
    out_ += "=\"" + escaped(value) + "\"";
  }
}

Html& Html::open(std::string_view element, Attributes attributes) {
  start(element, attributes);
  out_ += ">";
  open_.emplace_back(element);
  return *this;
}

Html& Html::close() {
  ASSERT(!open_.empty());
  out_ += "</" + open_.back() + ">";
  if (!is_inline(open_.back())) out_ += "\n";
  open_.pop_back();
  return *this;
}

Html& Html::text(std::string_view text) {
  out_ += escaped(text);
  return *this;
}

Html& Html::leaf(std::string_view element, Attributes attributes, std::string_view text) {
  return open(element, attributes).text(text).close();
}

Html& Html::empty(std::string_view element, Attributes attributes) {
  start(element, attributes);
  out_ += "/>\n";
  return *this;
}

Html& Html::verbatim(std::string_view element, std::string_view text) {
  ASSERT(text.find_first_of("<&") == std::string_view::npos);
  open(element);
  out_ += text;
  return close();
}

Html& Html::style(std::string_view css) { return verbatim("style", css); }

Html& Html::script(std::string_view code) { return verbatim("script", code); }

std::string Html::page() && {
  ASSERT(open_.empty());
  return std::move(out_);
}

}  // namespace nines::sla
