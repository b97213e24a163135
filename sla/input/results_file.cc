// SPDX-License-Identifier: Apache-2.0
#include "sla/input/results_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "base/bytes.h"
#include "sla/input/lines.h"
#include "sla/time/zone.h"

namespace nines::sla {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxConflictNotes = 20;  // said one by one
constexpr std::size_t kMostRows = 20'000'000;  // of 80 bytes: they are put in order here
constexpr std::size_t kMaxNameBytes = 1000;    // a canary's check name is its URI

// Texts that repeat on every line, as small numbers.
class Names {
 public:
  std::uint32_t number(const std::string& text) {
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    return numbers_.emplace(text, next).first->second;
  }

  const std::map<std::string, std::uint32_t>& all() const { return numbers_; }

 private:
  std::map<std::string, std::uint32_t> numbers_;
};

struct ResultsRow {
  std::uint32_t source;  // (check, vantage)
  std::uint32_t digest;  // of the check; 0: none given
  std::uint32_t epoch;   // 0: identity is `started`
  Outcome outcome;
  Cause cause;            // of an unknown one
  std::int64_t identity;  // seq, or started
  std::int64_t started;
  std::int64_t at;        // started, corrected
  std::int64_t total_us;  // −1: none
  std::int64_t received;  // kNotReceived: not stated
  std::uint64_t line;

  auto key() const { return std::tie(source, epoch, identity); }

  auto content() const { return std::tie(digest, outcome, cause, started, at, total_us); }
};

class ResultsReader {
 public:
  // `together`: the lines of each source stand together, and are settled when the next one begins.
  explicit ResultsReader(std::string name, bool together = false)
      : name_(std::move(name)), together_(together) {
    digests_.number("");
    epochs_.number("");
  }

  Expected<void> read(std::istream& in, const std::string& name);
  Results results();

 private:
  Expected<ResultsRow> row_of(const json& line);
  Expected<void> take(ResultsRow row);
  void drop_repeats();
  void settle();  // rows become series

  std::string name_;
  bool together_;
  Names sources_;
  Names digests_;
  Names epochs_;
  std::vector<ResultsRow> rows_;
  std::set<std::uint32_t> settled_;  // sources
  std::uint64_t lines_before_ = 0;   // in what was read before
  Results out_;
};

Expected<std::int64_t> whole_number(
    const json& line, const char* key, std::int64_t low, std::int64_t high, std::int64_t absent) {
  const json* value = member(line, key);
  if (value == nullptr) return absent;
  const bool fits = value->is_number_unsigned()
                        ? value->get<std::uint64_t>() <= std::uint64_t{INT64_MAX}
                        : value->is_number_integer();
  if (!fits || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high) {
    return fail(std::string("'") + key + "' is not a whole number from " + std::to_string(low) +
                " to " + std::to_string(high));
  }
  return value->get<std::int64_t>();
}

Expected<std::string> required_text(const json& line, const char* key) {
  const auto text = text_member(line, key);
  if (!text) return fail(std::string("no text '") + key + "'");
  if (text->empty() || text->size() > kMaxNameBytes) {
    return fail(std::string("'") + key + "' is empty or longer than 1000 bytes");
  }
  return *text;
}

Expected<WallTime> start_of(const json& line) {
  TRY(text, required_text(line, "started"));
  TRY(started, parse_rfc3339(text));
  if (!valid(Zone().date_at(started))) {
    return fail("'started' lies outside the years 1970 to 2199");
  }
  return started;
}

// Not part of what a result says, so it may differ between deliveries.
Expected<std::int64_t> arrival_of(const json& line) {
  if (member(line, "received") == nullptr) return kNotReceived;
  TRY(text, required_text(line, "received"));
  const auto received = parse_rfc3339(text);
  if (!received) return fail("'received' is no RFC 3339 instant");
  return received->ns;
}

Expected<std::string> digest_text(const json& line) {
  if (member(line, "check_digest") == nullptr) return std::string();
  TRY(text, required_text(line, "check_digest"));
  constexpr std::string_view kPrefix = "sha256:";
  const bool prefixed = text.starts_with(kPrefix);
  const auto bytes = from_hex(prefixed ? std::string_view(text).substr(kPrefix.size()) : text);
  if (!bytes || bytes->size() != sizeof(Digest)) {
    return fail("'check_digest' is not sha256: and 64 hexadecimal digits");
  }
  return *bytes;
}

// A reason of a newer agent is no reason to refuse its result.
Cause cause_in(const json& line, Outcome outcome) {
  const auto text = text_member(line, "reason");
  const auto reason = text ? parse_reason(*text) : std::nullopt;
  if (reason) return cause_of(outcome, *reason);
  const bool failed = text && outcome == Outcome::down;
  return failed ? Cause::answered : Cause::unstated;
}

Expected<ResultsRow> ResultsReader::row_of(const json& line) {
  constexpr std::int64_t kMaxOffset = std::int64_t{1} << 53;  // µs, 285 years
  TRY(check, required_text(line, "check"));
  TRY(vantage, required_text(line, "vantage"));
  TRY(outcome_text, required_text(line, "outcome"));
  const auto outcome = parse_outcome(outcome_text);
  if (!outcome) return fail("'outcome' is not up, down or unknown");
  TRY(started, start_of(line));
  TRY(total, whole_number(line, "total_us", 0, kMaxTotalUs, -1));
  TRY(ahead, whole_number(line, "clock_ahead_us", -kMaxOffset, kMaxOffset, 0));
  TRY(bound, whole_number(line, "clock_bound_us", 0, kMaxOffset, 0));
  TRY(seq, whole_number(line, "seq", 0, std::numeric_limits<std::int64_t>::max(), -1));
  TRY(digest, digest_text(line));
  TRY(received, arrival_of(line));
  const json* epoch = member(line, "epoch");
  const bool identified = epoch != nullptr && seq >= 0;
  ResultsRow row{};
  row.source = sources_.number(check + '\0' + vantage);
  row.digest = digests_.number(digest);
  row.epoch =
      identified ? epochs_.number(epoch->dump(-1, ' ', true, json::error_handler_t::replace)) : 0;
  row.outcome = *outcome;
  row.cause = cause_in(line, row.outcome);
  row.identity = identified ? seq : started.ns;
  row.started = started.ns;
  row.at = corrected_start(started, ahead, bound).ns;
  row.total_us = total;
  row.received = received;
  return row;
}

Expected<void> ResultsReader::take(ResultsRow row) {
  if (together_ && !rows_.empty() && rows_.back().source != row.source) {
    settled_.insert(rows_.back().source);
    settle();
  }
  if (rows_.size() == kMostRows || out_.count + rows_.size() == kMostResults) {
    return fail("more than " + std::to_string((out_.count + rows_.size()) / 1'000'000) +
                " million results; judge shorter periods");
  }
  if (settled_.contains(row.source)) {
    return fail("its check and vantage had results before, and then came others");
  }
  rows_.push_back(row);
  return {};
}

Expected<void> ResultsReader::read(std::istream& in, const std::string& name) {
  JsonLines lines(in, name);
  LineNotes bad;
  for (bool done = false;;) {
    auto line = lines.next(done);
    if (done && line) break;
    if (!line) {
      bad.add(line.error().message);
      if (done) break;
      continue;
    }
    auto row = row_of(*line);
    if (!row) {
      bad.add(lines.place() + ": " + row.error().message);
      continue;
    }
    row->line = lines_before_ + lines.line();
    if (const auto taken = take(*row); !taken) {
      return fail(lines.place() + ": " + taken.error().message);
    }
  }
  lines_before_ += lines.line();
  if (bad.empty()) return {};
  std::string text;
  for (const std::string& each : bad.lines()) text += (text.empty() ? "" : "\n") + each;
  return fail(std::move(text));
}

// Of each identity the first line stays.
void ResultsReader::drop_repeats() {
  std::sort(rows_.begin(), rows_.end(), [](const ResultsRow& a, const ResultsRow& b) {
    return std::tuple_cat(a.key(), std::tie(a.line)) < std::tuple_cat(b.key(), std::tie(b.line));
  });
  std::vector<std::pair<std::uint64_t, std::uint64_t>> conflicts;  // line, the line that stays
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (kept > 0 && rows_[kept - 1].key() == rows_[i].key()) {
      const bool equal = rows_[kept - 1].content() == rows_[i].content();
      ++(equal ? out_.duplicates : out_.conflicts);
      if (!equal) {
        conflicts.emplace_back(rows_[i].line, rows_[kept - 1].line);
      } else {  // what came twice was there when it first came
        rows_[kept - 1].received = std::min(rows_[kept - 1].received, rows_[i].received);
      }
    } else {
      rows_[kept++] = rows_[i];
    }
  }
  rows_.resize(kept);
  std::sort(conflicts.begin(), conflicts.end());
  static constexpr Phrase kConflict{
      "{0}: same identity as line {1} with other content; the first stays",
      "{0}：与第 {1} 行标识相同而内容不同；保留先出现的一行"};
  for (const auto& [line, first] : conflicts) {
    if (out_.warnings.size() == kMaxConflictNotes) break;
    out_.warnings.push_back(
        {kConflict, {name_ + ":" + std::to_string(line), std::to_string(first)}, {}});
  }
}

void ResultsReader::settle() {
  drop_repeats();
  out_.count += rows_.size();
  std::map<std::pair<std::uint32_t, std::uint32_t>, Series> series;
  for (const ResultsRow& row : rows_) {
    Sample sample{row.at, row.outcome, row.cause, std::nullopt};
    if (row.total_us >= 0) sample.total_us = row.total_us;
    sample.received_ns = row.received;
    series[{row.source, row.digest}].samples.push_back(sample);
  }
  rows_ = {};
  std::vector<const std::string*> sources(sources_.all().size());
  for (const auto& [text, number] : sources_.all()) sources[number] = &text;
  std::vector<const std::string*> digests(digests_.all().size());
  for (const auto& [text, number] : digests_.all()) digests[number] = &text;
  for (auto& [key, each] : series) {
    const std::string& source = *sources[key.first];
    const std::size_t split = source.find('\0');
    each.check = source.substr(0, split);
    each.vantage = source.substr(split + 1);
    each.check_digest = digest_from(as_bytes(*digests[key.second]));
    out_.series.push_back(std::move(each));
  }
}

Results ResultsReader::results() {
  settle();
  static constexpr Phrase kMore{"and {0} more", "另有 {0} 处"};
  const std::size_t rest = out_.conflicts - out_.warnings.size();
  if (rest > 0) out_.warnings.push_back({kMore, {std::to_string(rest)}, {}});
  return std::move(out_);
}

}  // namespace

Expected<Results> read_results(std::istream& in, const std::string& name) {
  ResultsReader reader(name);
  TRY_VOID(reader.read(in, name));
  return reader.results();
}

Expected<Results> read_results_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_errno("results " + path, errno);
  return read_results(file, path);
}

Expected<Results> read_results_in_parts(
    const std::vector<std::string>& names,
    const std::function<std::string(const std::string& name)>& text_of) {
  ResultsReader reader("results", true);
  for (const std::string& name : names) {
    std::istringstream text(text_of(name));
    TRY_VOID(reader.read(text, name));
  }
  return reader.results();
}

}  // namespace nines::sla
