// SPDX-License-Identifier: Apache-2.0
// Everything that is wrong, collected, and said once in the order in which a person reads the
// files.
#include <algorithm>

#include "config/yaml.h"
#include "model/result.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxListed = 100;   // complaints that text() shows
constexpr std::size_t kMaxKept = 10'000;  // more than that only repeats itself

}  // namespace

std::string text_of(const Place& place) {
  if (place.line <= 0) return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::string out(text);
  const bool cut = out.size() > kMost;
  if (cut) {
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out.resize(end);
  }
  return "'" + cut_text(std::move(out)) + (cut ? "…'" : "'");
}

void Complaints::add(const Place& place, std::string message) {
  for (auto& c : message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  if (list_.size() < kMaxKept) list_.emplace_back(place, std::move(message));
}

std::string Complaints::text() const {
  auto sorted = list_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string out;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMaxListed); ++i) {
    out += text_of(sorted[i].first) + ": error: " + sorted[i].second + "\n";
  }
  if (sorted.size() > kMaxListed) {
    out += "and " + std::to_string(sorted.size() - kMaxListed) + " more errors\n";
  }
  return out;
}

}  // namespace nines::config
