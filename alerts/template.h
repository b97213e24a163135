// SPDX-License-Identifier: Apache-2.0
// A body for a URL that wants its own: a text in which {{name}} stands for a value. Values are
// escaped for the form that the body has, so that what a check or an agent says cannot break out of
// it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace nines::alerts {

inline constexpr std::size_t kMaxTemplate = 64 << 10;
inline constexpr std::size_t kMaxPlaces = 256;    // of names in one template
inline constexpr std::size_t kMaxBody = 1 << 20;  // of what is filled in: more is cut off values

class Template {
 public:
  // json: the insides of a JSON text; form: as in a URL's query; plain: control bytes are blanks.
  enum class Escape { json, form, plain };

  static Escape escape_of(std::string_view content_type);

  // The names that may stand in it: what values() of a notification has.
  static const std::vector<std::string>& names();

  static Expected<Template> parse(std::string text, Escape escape);

  // `{{json}}` alone is put in as it is.
  std::string fill(const std::map<std::string, std::string>& values) const;

  const std::string& text() const { return text_; }

 private:
  struct Piece {
    std::string text;
    bool name = false;
  };

  std::string text_;
  Escape escape_ = Escape::json;
  std::vector<Piece> pieces_;
};

}  // namespace nines::alerts
