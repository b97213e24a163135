// SPDX-License-Identifier: Apache-2.0
#include "base/prometheus.h"

namespace nines {
namespace {

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

void PrometheusPage::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " +
           std::string(type) + "\n";
}

void PrometheusPage::sample(Labels labels, std::string_view value) {
  text_ += name_;
  char separator = '{';
  for (const auto& [key, label] : labels) {
    text_ += separator + std::string(key) + "=" + quoted(label);
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  text_ += " " + std::string(value) + "\n";
}

}  // namespace nines
