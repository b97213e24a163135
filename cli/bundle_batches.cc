// SPDX-License-Identifier: Apache-2.0
// Results line by line against the batches that the agents signed.
#include <algorithm>
#include <deque>
#include <sstream>
#include <tuple>

#include "cli/bundle.h"
#include "proto/codec.h"
#include "proto/event_lines.h"
#include "sla/input/samples.h"

namespace nines::cli {
namespace {

using Json = nlohmann::json;
using proto::text_member;

constexpr std::int64_t kMaxOffsetUs = std::int64_t{1} << 53;
constexpr std::int64_t kMaxLateUs = 3'600'000'000;  // later results are in no timeline

// What a batch says to a judge of all its results.
struct Arrival {
  std::int64_t received_ns = 0, ahead_us = 0, bound_us = 0;

  bool operator==(const Arrival&) const = default;
};

// A result that is to be in the bundle. Small, since those of all batches are held at once.
struct Told {
  std::uint64_t seq = 0;  // 0: a slot of a range, which shares its number and has its start
  std::int64_t started_ns = 0;
  std::int64_t total_us = -1;  // −1: none
  std::uint32_t arrival = 0;   // in Batches::arrivals_
  Outcome outcome = Outcome::unknown;
  Reason reason = Reason::ok;
  bool met = false;  // a line says it

  auto identity() const { return std::pair(seq, seq == 0 ? started_ns : 0); }

  bool says(const Told& other) const {
    return started_ns == other.started_ns && total_us == other.total_us &&
           outcome == other.outcome && reason == other.reason;
  }
};

static_assert(sizeof(Told) == 32, "docs/formats/bundle.md says so");

struct Line {
  Told told;
  Arrival arrival;
  std::string check, vantage, digest, epoch;
};

// Results of one definition of a check from one epoch: check, vantage, digest, epoch.
using Source = std::tuple<std::string, std::string, std::string, std::string>;
// A deque grows without a copy, and without room for as many again.
using Expecting = std::map<Source, std::deque<Told>>;

using Places = std::map<std::string, std::size_t>;

Places places_in(const Json& manifest, const char* list) {
  Places out;
  const auto names = manifest.find(list);
  if (names == manifest.end() || !names->is_array()) return out;
  for (const auto& name : *names) {
    if (name.is_string()) out.emplace(name.get<std::string>(), out.size());
  }
  return out;
}

struct Epoch {
  std::map<std::string, CheckTable> tables;  // by digest
  std::uint64_t last_seq = 0;
  std::optional<std::uint64_t> last_number;
  Digest chain_hash{};
  bool began = false;  // has brought results of the time
  std::optional<PublicKey> key;
};

class Batches {
 public:
  explicit Batches(Bundle& bundle) : bundle_(bundle) {
    from_ = proto::instant_member(bundle.manifest, "from").value_or(WallTime{0});
    to_ = proto::instant_member(bundle.manifest, "to").value_or(WallTime{0});
    checks_ = places_in(bundle.manifest, "checks");
    vantages_ = places_in(bundle.manifest, "vantages");
    for (const auto& entry : bundle.entries) {
      if (text_member(entry.json, "type") != "batch") continue;
      entries_.emplace(text_member(entry.json, "hash"), &entry);
    }
  }

  void verify() {
    const auto names = bundle_.members_of("batches/");
    for (const auto& name : names) take(name, bundle_.member(name));
    bundle_.good.push_back(std::to_string(names.size()) + " batches of " +
                           std::to_string(epochs_.size()) +
                           " epochs, signed by their agents and chained");
    if (count_ > sla::kMostResults) {
      return bundle_.find("batches",
                          "hold more results than this nines judges, " + std::to_string(count_));
    }
    const auto lines = compare();
    if (lines) {
      bundle_.good.push_back(std::to_string(*lines) +
                             " results are those that the agents signed, and none is missing");
    }
  }

 private:
  void take(const std::string& name, const std::string& bytes) {
    const auto opened = proto::open_header(as_bytes(bytes));
    if (!opened) return bundle_.find(name, opened.error().message);
    const auto entry = entries_.find(hex(opened->hash));
    if (entry == entries_.end()) return bundle_.find(name, "no such batch is in the log");
    const auto& logged = *entry->second;
    const auto& header = opened->header;
    const auto epoch_text = to_hex(header.epoch);
    if (text_member(logged.json, "agent") != header.agent ||
        text_member(logged.json, "epoch") != epoch_text) {
      return bundle_.find(name, "is logged under another agent or epoch");
    }
    if (const auto why = too_late(logged); !why.empty()) return bundle_.find(name, why);
    auto& epoch = epochs_[{header.agent, epoch_text}];
    check_chain(name, logged, *opened, epoch);
    const auto body = proto::open_body(as_bytes(bytes), *opened);
    if (body) take_body(header, *body, logged, epoch);
  }

  std::string too_late(const LoggedEntry& entry) const {
    const auto cut = proto::instant_member(bundle_.manifest, "cut");
    const auto size = proto::count_member(bundle_.manifest, "log_size").value_or(0);
    const bool counts = cut && entry.at <= *cut && entry.position < size;
    return counts ? "" : "came after the cut";
  }

  void check_chain(const std::string& name,
                   const LoggedEntry& logged,
                   const proto::OpenedHeader& opened,
                   Epoch& epoch) {
    const auto number = proto::count_member(logged.json, "number").value_or(0);
    if (epoch.key && *epoch.key != opened.header.public_key) {
      bundle_.find(name, "is signed by another key than its epoch");
    }
    epoch.key = opened.header.public_key;
    // Before the time begins only the batches that brought a check table are here.
    if (epoch.began && epoch.last_number) {
      if (number != *epoch.last_number + 1) {
        bundle_.find(name, "the batches before it are missing");
      } else if (text_member(logged.json, "previous_hash") != hex(epoch.chain_hash)) {
        bundle_.find(name, "does not follow the batch before it");
      }
    }
    epoch.last_number = proto::count_member(logged.json, "last_number").value_or(number);
    epoch.chain_hash = opened.chain_hash;
  }

  void take_body(const BatchHeader& header,
                 const BatchBody& body,
                 const LoggedEntry& logged,
                 Epoch& epoch) {
    const std::string digest(as_text(header.table_digest));
    if (body.table) {
      if (auto table = proto::decode_table(as_bytes(*body.table))) {
        epoch.tables[digest] = *std::move(table);
      }
    }
    const auto table = table_of(epoch, header.table_digest);
    // Sequence numbers that were used before: the first batch that used them stays.
    if (header.result_count > 0) {
      if (header.first_seq <= epoch.last_seq) return;
      epoch.last_seq = header.first_seq + header.result_count - 1;
    }
    if (table == nullptr) return;
    arrivals_.push_back(arrival_of(header, logged));
    for (const auto& series : body.series) {
      if (series.check >= table->checks.size()) continue;
      const auto& check = table->checks[series.check];
      auto* expected = checks_.contains(check.name) ? &expected_of(header, check) : nullptr;
      for (const auto& result : series.results) expect(check, result, expected, epoch);
    }
  }

  std::deque<Told>& expected_of(const BatchHeader& header, const CheckEntry& check) {
    return expected_[{check.name, header.agent, "sha256:" + hex(sha256(as_bytes(check.canonical))),
                      to_hex(header.epoch)}];
  }

  static Arrival arrival_of(const BatchHeader& header, const LoggedEntry& logged) {
    const auto ahead = header.clock_ahead.count() / 1000;
    const auto bound = header.clock_bound.count() / 1000;
    const bool nonsense =
        ahead > kMaxOffsetUs || ahead < -kMaxOffsetUs || bound < 0 || bound > kMaxOffsetUs;
    return nonsense ? Arrival{logged.at.ns, 0, 0} : Arrival{logged.at.ns, ahead, bound};
  }

  // As a batch brought it; or, where that batch was dropped, as the digest vouches for it.
  const CheckTable* table_of(Epoch& epoch, const Digest& digest) {
    const std::string key(as_text(digest));
    const auto known = epoch.tables.find(key);
    if (known != epoch.tables.end()) return &known->second;
    const auto bytes = bundle_.member("tables/" + hex(digest));
    if (bytes.empty() || sha256(as_bytes(bytes)) != digest) return nullptr;
    auto table = proto::decode_table(as_bytes(bytes));
    return table ? &epoch.tables.emplace(key, *std::move(table)).first->second : nullptr;
  }

  void expect(const CheckEntry& check,
              const Result& result,
              std::deque<Told>* expected,
              Epoch& epoch) {
    if (result.late_us < 0 || result.late_us > kMaxLateUs) return;
    Told told;
    told.outcome = result.probe.outcome;
    told.reason = result.probe.reason;
    const auto total = result.probe.total_us.value_or(-1);
    if (total >= 0 && total <= sla::kMaxTotalUs) told.total_us = total;
    told.arrival = static_cast<std::uint32_t>(arrivals_.size() - 1);
    const bool range = result.span > 1;
    if (!range) told.seq = result.seq;
    for (std::int64_t i = 0; i < result.span; ++i) {
      const auto started = check.grid.at(result.slot + i) + microseconds(result.late_us);
      if (started >= to_) break;
      if (started < from_) {
        // A long range is entered where the time begins.
        const auto first = check.grid.slot_at(from_ - microseconds(result.late_us));
        i = std::max(i, first - result.slot - 1);
        continue;
      }
      epoch.began = true;
      if (expected == nullptr) continue;
      if (count_ > sla::kMostResults) return;
      ++count_;
      told.started_ns = started.ns;
      expected->push_back(told);
    }
  }

  static std::optional<Line> read_line(const std::string& text) {
    const auto json = Json::parse(text, nullptr, false);
    const auto started = proto::instant_member(json, "started");
    const auto outcome = parse_outcome(text_member(json, "outcome"));
    const auto reason = parse_reason(text_member(json, "reason"));
    const auto received = proto::instant_member(json, "received");
    if (!started || !outcome || !reason || !received) return std::nullopt;
    Line line;
    line.told.seq = proto::count_member(json, "seq").value_or(0);
    line.told.started_ns = started->ns;
    line.told.total_us = proto::integer_member(json, "total_us").value_or(-1);
    line.told.outcome = *outcome;
    line.told.reason = *reason;
    line.arrival.received_ns = received->ns;
    line.arrival.ahead_us = proto::integer_member(json, "clock_ahead_us").value_or(0);
    line.arrival.bound_us = proto::integer_member(json, "clock_bound_us").value_or(0);
    line.check = text_member(json, "check");
    line.vantage = text_member(json, "vantage");
    line.digest = text_member(json, "check_digest");
    line.epoch = text_member(json, "epoch");
    return line;
  }

  // How many; nothing where one differs.
  std::optional<std::size_t> compare() {
    std::size_t total = 0;
    for (auto& [source, told] : expected_) {
      std::ranges::stable_sort(told, {}, &Told::identity);
      const auto same = [](const Told& a, const Told& b) { return a.identity() == b.identity(); };
      told.erase(std::unique(told.begin(), told.end(), same), told.end());
      total += told.size();
    }
    for (const auto& name : bundle_.results()) {
      if (!compare(name)) return std::nullopt;
    }
    return none_missing() ? std::optional(total) : std::nullopt;
  }

  bool compare(const std::string& name) {
    std::istringstream lines(bundle_.member(name));
    std::size_t count = 0;
    for (std::string text; std::getline(lines, text);) {
      ++count;
      const auto line = read_line(text);
      auto* told = line ? find(*line) : nullptr;
      const bool signed_so = told != nullptr && !told->met && told->says(line->told) &&
                             arrivals_[told->arrival] == line->arrival;
      if (!signed_so) {
        bundle_.find(name, "line " + std::to_string(count) + " is no result that an agent signed");
        return false;
      }
      told->met = true;
      if (!in_order(*line)) {
        bundle_.find(name, "line " + std::to_string(count) + " is of " + line->check + " at " +
                               line->vantage + ", which does not stand where the manifest has it");
        return false;
      }
    }
    return true;
  }

  Told* find(const Line& line) {
    if (!line.epoch.empty()) {
      const auto source = expected_.find({line.check, line.vantage, line.digest, line.epoch});
      if (source == expected_.end()) return nullptr;
      auto* told = line.told.seq == 0 ? nullptr : find(source->second, line.told.identity());
      // The last slot of a range in an hour may stand alone, with the record's number.
      return told != nullptr ? told : find(source->second, {0, line.told.started_ns});
    }
    for (auto i = expected_.lower_bound({line.check, line.vantage, line.digest, ""});
         i != expected_.end(); ++i) {
      const auto& [check, vantage, digest, epoch] = i->first;
      if (check != line.check || vantage != line.vantage || digest != line.digest) break;
      if (auto* told = find(i->second, {0, line.told.started_ns})) return told;
    }
    return nullptr;
  }

  static Told* find(std::deque<Told>& among, const std::pair<std::uint64_t, std::int64_t>& which) {
    const auto found = std::ranges::lower_bound(among, which, {}, &Told::identity);
    return found != among.end() && found->identity() == which ? &*found : nullptr;
  }

  // As the manifest lists checks, and vantages for each of them.
  bool in_order(const Line& line) {
    const auto check = checks_.find(line.check);
    const auto vantage = vantages_.find(line.vantage);
    if (check == checks_.end() || vantage == vantages_.end()) return false;
    const std::pair place(check->second, vantage->second);
    const bool good = place >= last_place_;
    last_place_ = place;
    return good;
  }

  bool none_missing() {
    std::size_t count = 0;
    std::string first;
    for (const auto& [source, told] : expected_) {
      for (const auto& each : told) {
        if (each.met) continue;
        if (++count == 1) {
          first = std::get<0>(source) + " at " + std::get<1>(source) + ", " +
                  (each.seq == 0 ? "of " + format_rfc3339(WallTime{each.started_ns})
                                 : "number " + std::to_string(each.seq));
        }
      }
    }
    if (count == 0) return true;
    bundle_.find("results", std::to_string(count) +
                                " that the agents signed are missing; the first is of " + first);
    return false;
  }

  Bundle& bundle_;
  WallTime from_, to_;
  Places checks_, vantages_;
  std::multimap<std::string, const LoggedEntry*> entries_;  // by hash
  std::map<std::pair<std::string, std::string>, Epoch> epochs_;
  std::vector<Arrival> arrivals_;  // one for each batch
  Expecting expected_;
  std::size_t count_ = 0;  // of what is expected
  std::pair<std::size_t, std::size_t> last_place_;
};

}  // namespace

void verify_batches(Bundle& bundle) {
  if (bundle.manifest.value("batches", Json()) != true) {
    bundle.good.push_back(
        "no batches are in the bundle: nobody but the collector signed the "
        "results");
    return;
  }
  Batches(bundle).verify();
}

}  // namespace nines::cli
