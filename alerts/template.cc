// SPDX-License-Identifier: Apache-2.0
#include "alerts/template.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/yaml.h"
#include "net/url.h"

namespace nines::alerts {
namespace {

std::string escaped(const std::string& value, Template::Escape escape) {
  if (escape == Template::Escape::form) return net::percent_encode(value);
  if (escape == Template::Escape::json) {
    const auto quoted =
        nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
  }
  auto out = value;
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') c = ' ';
  }
  return out;
}

}  // namespace

Template::Escape Template::escape_of(std::string_view content_type) {
  if (content_type.find("json") != content_type.npos) return Escape::json;
  if (content_type.find("x-www-form-urlencoded") != content_type.npos) return Escape::form;
  return Escape::plain;
}

const std::vector<std::string>& Template::names() {
  static const std::vector<std::string> all = {"title",    "text",      "status",  "reason",
                                               "severity", "agreement", "service", "dedup_key",
                                               "at",       "count",     "to",      "json"};
  return all;
}

Expected<Template> Template::parse(std::string text, Escape escape) {
  if (text.size() > kMaxTemplate) return fail("a body has at most 64 KiB");
  Template out;
  out.escape_ = escape;
  std::size_t at = 0;
  std::size_t places = 0;
  while (at < text.size()) {
    const auto open = text.find("{{", at);
    if (open == text.npos) break;
    const auto close = text.find("}}", open);
    if (close == text.npos) return fail("'{{' without '}}'");
    out.pieces_.push_back({text.substr(at, open - at), false});
    std::string name = text.substr(open + 2, close - open - 2);
    std::erase(name, ' ');
    if (std::find(names().begin(), names().end(), name) == names().end()) {
      const auto near = config::nearest(name, names());
      return fail("nothing is named {{" + config::shown(name) + "}}" +
                  (near.empty() ? "" : "; did you mean {{" + near + "}}?"));
    }
    if (++places > kMaxPlaces) return fail("a body names at most 256 values");
    out.pieces_.push_back({name, true});
    at = close + 2;
  }
  out.pieces_.push_back({text.substr(at), false});
  out.text_ = std::move(text);
  return out;
}

std::string Template::fill(const std::map<std::string, std::string>& values) const {
  std::string out;
  for (const auto& piece : pieces_) {
    if (!piece.name) {
      out += piece.text;
      continue;
    }
    const auto value = values.find(piece.text);
    if (value == values.end()) continue;
    const auto said = piece.text == "json" ? value->second : escaped(value->second, escape_);
    if (out.size() + said.size() <= kMaxBody) out += said;
  }
  return out;
}

}  // namespace nines::alerts
