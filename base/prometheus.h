// SPDX-License-Identifier: Apache-2.0
// A page in the Prometheus text format, version 0.0.4.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace nines {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

class PrometheusPage {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a family; the samples that follow are of it. A family is begun once on a page.
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(Labels labels, std::string_view value);

  void sample(std::string_view value) { sample({}, value); }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string name_;
};

}  // namespace nines
