// SPDX-License-Identifier: Apache-2.0
// Agreements and results in few words, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sla/judge/judge.h"
#include "sla/text/agreement_decoder.h"

namespace nines::sla {

constexpr Outcome kUp = Outcome::up;
constexpr Outcome kDown = Outcome::down;
constexpr Outcome kUnknown = Outcome::unknown;

inline std::int64_t at(const std::string& instant) {
  const auto t = parse_rfc3339(instant);
  EXPECT_TRUE(t) << instant;
  return t ? t->ns : 0;
}

// The parts of a small agreement that tests vary; each holds whole YAML lines of its section.
struct Words {
  std::string name = "acme";
  std::string version = "\"1.0.0\"";
  std::string metadata;  // further lines
  std::string effective = "{from: \"2026-01-01T00:00:00\", timeZone: UTC}";
  std::string services = "[{name: shop}]";
  std::string checks = "      - {name: web, every: 30s, http: {url: \"https://shop.example/\"}}\n";
  std::string measurement;  // further lines, indented by four
  std::string objectives = "    - {name: availability, target: \"99.9\"}\n";
  std::string spec;  // further lines, indented by two
};

inline std::string yaml(const Words& w) {
  return "apiVersion: nines/v1\nkind: Agreement\nmetadata:\n  name: " + w.name +
         "\n  version: " + w.version + "\n" + w.metadata + "spec:\n  effective: " + w.effective +
         "\n  scope:\n    services: " + w.services + "\n  measurement:\n    checks:\n" + w.checks +
         w.measurement + "  objectives:\n" + w.objectives + w.spec;
}

inline Agreement agreement(const Words& words) {
  auto out = read_agreement(yaml(words), "agreement.yaml");
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? *out : Agreement{};
}

inline config::Node tree(const std::string& text) {
  config::Complaints complaints;
  auto out = config::parse_yaml(text, "agreement.yaml", complaints);
  EXPECT_TRUE(out && complaints.empty()) << complaints.text();
  return out.value_or(config::Node());
}

// What the reader says of a text that it must refuse.
inline std::string complaint(const Words& words) {
  const auto out = read_agreement(yaml(words), "agreement.yaml");
  return out ? "" : out.error().message;
}

// A result every `step` seconds in [from, to), all alike.
inline void add(Series& series,
                std::int64_t from,
                std::int64_t to,
                std::int64_t step_s,
                Outcome outcome,
                std::optional<std::int64_t> total_us = std::nullopt) {
  for (std::int64_t t = from; t < to; t += step_s * kSecondNs) {
    series.samples.push_back({t, outcome, {}, total_us});
  }
}

// The samples of a series as a list that can be changed at any place.
inline std::vector<Sample> unpacked(const PackedSamples& samples) {
  std::vector<Sample> out;
  for (const Sample& each : samples) out.push_back(each);
  return out;
}

template <class Change>
void edit(Series& series, Change&& change) {
  std::vector<Sample> samples = unpacked(series.samples);
  change(samples);
  series.samples = PackedSamples(samples);
}

inline Series series(const std::string& vantage = "edge", const std::string& check = "web") {
  return {check, vantage, std::nullopt, {}};
}

inline Report judged(const std::vector<Agreement>& versions,
                     std::vector<Series> all,
                     const Question& question) {
  auto report = judge(versions, std::move(all), question);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *report : Report{};
}

inline Report judged(const Words& words, std::vector<Series> all, const std::string& period) {
  return judged({agreement(words)}, std::move(all), Question{period, std::nullopt});
}

inline Report judged_as_of(const Words& words, std::vector<Series> all, const std::string& as_of) {
  return judged({agreement(words)}, std::move(all), Question{std::nullopt, WallTime{at(as_of)}});
}

}  // namespace nines::sla
