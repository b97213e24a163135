// SPDX-License-Identifier: Apache-2.0
#include "cli/recorded_history.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "config/yaml.h"

namespace nines::cli {
namespace {

using Labels = std::map<std::string, std::string>;

constexpr std::string_view kLatencyMetric = "probe_duration_seconds";
constexpr std::size_t kMaxLabels = 64;

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "1761955200", "1761955200.781" as a count of 1/10^`places`; later digits are cut off.
std::optional<std::int64_t> scaled(std::string_view text, unsigned places) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  constexpr std::size_t kMaxWhole = 15;
  if (!digits(whole) || whole.size() > kMaxWhole) return std::nullopt;
  if (point != std::string_view::npos && !digits(fraction)) return std::nullopt;
  std::int64_t out = 0;
  for (const char c : whole) out = out * 10 + (c - '0');
  for (unsigned i = 0; i < places; ++i) {
    const std::int64_t digit = i < fraction.size() ? fraction[i] - '0' : 0;
    if (__builtin_mul_overflow(out, std::int64_t{10}, &out) ||
        __builtin_add_overflow(out, digit, &out)) {
      return std::nullopt;
    }
  }
  return out;
}

constexpr std::int64_t kFirstNs = 0;                         // 1970
constexpr std::int64_t kLastNs = 7'258'118'400'000'000'000;  // 2200

std::optional<WallTime> instant(std::string_view text, unsigned places_to_ns) {
  const auto ns = scaled(text, places_to_ns);
  if (!ns || *ns < kFirstNs || *ns >= kLastNs) return std::nullopt;
  return WallTime{*ns};
}

// Seconds since 1970 with a fraction, or RFC 3339.
std::optional<WallTime> instant_of(std::string_view text) {
  if (const auto t = instant(text, 9)) return t;
  const auto t = parse_rfc3339(text);
  return t ? std::optional(*t) : std::nullopt;
}

// NaN is what a scrape that failed leaves: nothing is known of the target.
std::optional<Outcome> outcome_of(std::string_view value) {
  if (value == "1" || value == "1.0" || value == "up") return Outcome::up;
  if (value == "0" || value == "0.0" || value == "down") return Outcome::down;
  if (value == "NaN" || value == "unknown") return Outcome::unknown;
  return std::nullopt;
}

// Gathers samples of both metrics; a latency joins the outcome of the same labels and instant.
class Collected {
 public:
  explicit Collected(std::string metric) : metric_(std::move(metric)) {}

  // What is wrong with the sample, empty when nothing is.
  std::string add(std::string metric, Labels labels, WallTime t, std::string_view value) {
    if (metric == kLatencyMetric && metric != metric_) {
      const auto us = scaled(value, 6);
      if (us) latencies_[std::move(labels)][t.ns] = *us;
      return {};
    }
    if (metric != metric_) {
      ++skipped_;
      return {};
    }
    const auto outcome = outcome_of(value);
    if (!outcome) {
      return config::shown(value) + " is neither 1 (up), 0 (down) nor NaN (not known)";
    }
    return add({t, *outcome, std::nullopt}, std::move(labels));
  }

  std::string add(const Observation& observation, Labels labels) {
    if (++count_ > kMaxObservations) return "more than 10 million observations";
    series_[std::move(labels)].push_back(observation);
    return {};
  }

  Expected<std::vector<RecordedSeries>> take(const std::string& name) {
    if (series_.empty()) {
      return fail(name + ": no sample of " + metric_ +
                  (skipped_ > 0 ? " (only of other metrics)" : ""));
    }
    std::vector<RecordedSeries> out;
    for (auto& [labels, observations] : series_) {
      if (const auto found = latencies_.find(labels); found != latencies_.end()) {
        for (Observation& each : observations) {
          const auto at = found->second.find(each.t.ns);
          if (at != found->second.end()) each.total_us = at->second;
        }
      }
      out.push_back({labels, std::move(observations)});
    }
    return out;
  }

 private:
  std::string metric_;
  std::map<Labels, std::vector<Observation>> series_;
  std::map<Labels, std::map<std::int64_t, std::int64_t>> latencies_;
  std::size_t count_ = 0;
  std::size_t skipped_ = 0;
};

Expected<void> add_matrix_row(const nlohmann::json& row, const std::string& where, Collected& out) {
  Labels labels;
  std::string metric;
  if (!row.is_object() || !row.contains("metric") || !row["metric"].is_object() ||
      !row.contains("values") || !row["values"].is_array()) {
    return fail(where + ": no 'metric' with 'values' (is it the answer of query_range?)");
  }
  for (const auto& [key, value] : row["metric"].items()) {
    if (!value.is_string() || labels.size() == kMaxLabels) return fail(where + ": bad labels");
    if (key == "__name__") {
      metric = value.get<std::string>();
    } else {
      labels[key] = value.get<std::string>();
    }
  }
  for (const nlohmann::json& pair : row["values"]) {
    const bool shaped =
        pair.is_array() && pair.size() == 2 && pair[0].is_number() && pair[1].is_string();
    // The number is printed with as few digits as it was written with: milliseconds stay exact.
    const auto t = shaped ? instant(pair[0].dump(), 9) : std::nullopt;
    if (!t) return fail(where + ": a value is no [seconds, \"value\"]: " + pair.dump());
    const std::string wrong = out.add(metric, labels, *t, pair[1].get_ref<const std::string&>());
    if (!wrong.empty()) return fail(where + ": " + wrong);
  }
  return {};
}

Expected<void> read_matrix(std::string_view text, const std::string& name, Collected& out) {
  const nlohmann::json root = nlohmann::json::parse(text, nullptr, false);
  if (root.is_discarded() || !root.is_object()) return fail(name + ": not JSON");
  const auto result = root.value(nlohmann::json::json_pointer("/data/result"), nlohmann::json());
  const auto type = root.value(nlohmann::json::json_pointer("/data/resultType"), nlohmann::json());
  if (type != "matrix" || !result.is_array()) {
    return fail(name + ": no matrix (ask /api/v1/query for probe_success[30d], or query_range)");
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    TRY_VOID(add_matrix_row(result[i], name + ": series " + std::to_string(i + 1), out));
  }
  return {};
}

// Reads a text from left to right; each step says whether it fitted.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view word() {
    blanks();
    const std::size_t from = at_;
    while (at_ < text_.size() &&
           std::string_view(" \t{}=,\"").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    return text_.substr(from, at_ - from);
  }

  std::optional<std::string> quoted() {
    if (!take('"')) return std::nullopt;
    std::string out;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        out += text_[at_] == 'n' ? '\n' : text_[at_];
      } else {
        out += text_[at_];
      }
    }
    if (!take('"')) return std::nullopt;
    return out;
  }

  bool done() {
    blanks();
    return at_ == text_.size();
  }

 private:
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// name{label="value",…} value milliseconds
Expected<void> add_sample_line(std::string_view line, Collected& out) {
  Cursor cursor(line);
  std::string metric(cursor.word());
  Labels labels;
  if (cursor.take('{')) {
    while (!cursor.take('}')) {
      const std::string label(cursor.word());
      if (label.empty() || !cursor.take('=')) return fail("the labels do not parse");
      auto value = cursor.quoted();
      if (!value || labels.size() == kMaxLabels) return fail("the labels do not parse");
      if (label == "__name__") {
        metric = *value;
      } else {
        labels[label] = *std::move(value);
      }
      cursor.take(',');
    }
  }
  const std::string_view value = cursor.word();
  const std::string_view stamp = cursor.word();
  const auto t = instant(stamp, 6);
  if (!t || stamp.find('.') != std::string_view::npos || !cursor.done()) {
    return fail("no sample with a value and a time in milliseconds");
  }
  const std::string wrong = out.add(std::move(metric), std::move(labels), *t, value);
  if (!wrong.empty()) return fail(wrong);
  return {};
}

std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> out(1);
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (inside && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += '"';
      ++i;
    } else if (c == '"') {
      inside = !inside;
    } else if (c == ',' && !inside) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

class CsvReader {
 public:
  static bool is_header(std::string_view line) {
    const auto names = csv_fields(line);
    return column(names, {"time", "timestamp", "started", "t"}).has_value() &&
           column(names, {"value", "outcome", "success", "probe_success", "up"}).has_value();
  }

  explicit CsvReader(std::string_view header) : names_(csv_fields(header)) {
    time_ = *column(names_, {"time", "timestamp", "started", "t"});
    value_ = *column(names_, {"value", "outcome", "success", "probe_success", "up"});
    latency_ = column(names_, {"total_us"});
  }

  Expected<void> add(std::string_view line, Collected& out) const {
    const auto fields = csv_fields(line);
    if (fields.size() != names_.size()) {
      return fail(std::to_string(fields.size()) + " fields, but the header has " +
                  std::to_string(names_.size()));
    }
    Observation observation;
    const auto t = instant_of(fields[time_]);
    if (!t) return fail(config::shown(fields[time_]) + " is no time (RFC 3339 or seconds)");
    const auto outcome = outcome_of(fields[value_]);
    if (!outcome) return fail(config::shown(fields[value_]) + " is not 1, 0, up, down or unknown");
    observation = {*t, *outcome, std::nullopt};
    if (latency_ && !fields[*latency_].empty()) {
      observation.total_us = scaled(fields[*latency_], 0);
      if (!observation.total_us) return fail("'total_us' is no whole number");
    }
    Labels labels;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i != time_ && i != value_ && i != latency_) labels[names_[i]] = fields[i];
    }
    const std::string wrong = out.add(observation, std::move(labels));
    if (!wrong.empty()) return fail(wrong);
    return {};
  }

 private:
  static std::optional<std::size_t> column(const std::vector<std::string>& names,
                                           const std::vector<std::string_view>& wanted) {
    for (const std::string_view each : wanted) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == each) return i;
      }
    }
    return std::nullopt;
  }

  std::vector<std::string> names_;
  std::size_t time_ = 0;
  std::size_t value_ = 0;
  std::optional<std::size_t> latency_;
};

Expected<void> read_lines(std::string_view text, const std::string& name, Collected& out) {
  std::optional<CsvReader> csv;
  bool first = true;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.starts_with('#')) continue;
    if (first && CsvReader::is_header(line)) {
      csv.emplace(line);
      first = false;
      continue;
    }
    first = false;
    const auto added = csv ? csv->add(line, out) : add_sample_line(line, out);
    if (!added) return fail(name + ":" + std::to_string(number) + ": " + added.error().message);
  }
  return {};
}

}  // namespace

Expected<std::vector<RecordedSeries>> read_history(std::string_view text,
                                                   const std::string& name,
                                                   const std::string& metric) {
  Collected out(metric);
  const auto begin = text.find_first_not_of(" \t\r\n");
  const auto next =
      begin == std::string_view::npos ? begin : text.find_first_not_of(" \t\r\n", begin + 1);
  const bool json = next != std::string_view::npos && text[begin] == '{' && text[next] == '"';
  if (json) {
    TRY_VOID(read_matrix(text, name, out));
  } else {
    TRY_VOID(read_lines(text, name, out));
  }
  return out.take(name);
}

}  // namespace nines::cli
