// SPDX-License-Identifier: Apache-2.0
// Results line by line against the batches that the agents signed.
#include <algorithm>
#include <set>
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

// What a result says to a judge.
struct Told {
  std::int64_t started_ns = 0;
  Outcome outcome = Outcome::unknown;
  Reason reason = Reason::ok;
  std::optional<std::int64_t> total_us;
  std::int64_t received_ns = 0, ahead_us = 0, bound_us = 0;

  bool operator==(const Told&) const = default;
};

// Check, vantage, epoch, number; the slots of a range share its number, and have their start.
using Key = std::tuple<std::string, std::string, std::string, std::uint64_t, std::int64_t>;

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
    for (const auto& check : bundle.manifest.value("checks", Json::array())) {
      if (check.is_string()) checks_.insert(check.get<std::string>());
    }
    for (const auto& entry : bundle.entries) {
      if (text_member(entry.json, "type") != "batch") continue;
      entries_.emplace(text_member(entry.json, "hash"), &entry);
    }
  }

  void verify() {
    for (const auto& [name, bytes] : bundle_.members_of("batches/")) take(name, *bytes);
    const auto count = bundle_.members_of("batches/").size();
    bundle_.good.push_back(std::to_string(count) + " batches of " + std::to_string(epochs_.size()) +
                           " epochs, signed by their agents and chained");
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
    for (const auto& series : body.series) {
      if (series.check >= table->checks.size()) continue;
      const auto& check = table->checks[series.check];
      for (const auto& result : series.results) {
        expect(header, check, result, logged, epoch);
      }
    }
  }

  // As a batch brought it; or, where that batch was dropped, as the digest vouches for it.
  const CheckTable* table_of(Epoch& epoch, const Digest& digest) {
    const std::string key(as_text(digest));
    const auto known = epoch.tables.find(key);
    if (known != epoch.tables.end()) return &known->second;
    const auto& bytes = bundle_.member("tables/" + hex(digest));
    if (bytes.empty() || sha256(as_bytes(bytes)) != digest) return nullptr;
    auto table = proto::decode_table(as_bytes(bytes));
    return table ? &epoch.tables.emplace(key, *std::move(table)).first->second : nullptr;
  }

  void expect(const BatchHeader& header,
              const CheckEntry& check,
              const Result& result,
              const LoggedEntry& logged,
              Epoch& epoch) {
    if (result.late_us < 0 || result.late_us > kMaxLateUs) return;
    Told told;
    told.outcome = result.probe.outcome;
    told.reason = result.probe.reason;
    told.total_us = result.probe.total_us;
    if (told.total_us && (*told.total_us < 0 || *told.total_us > sla::kMaxTotalUs)) {
      told.total_us.reset();
    }
    told.received_ns = logged.at.ns;
    told.ahead_us = header.clock_ahead.count() / 1000;
    told.bound_us = header.clock_bound.count() / 1000;
    const bool nonsense = told.ahead_us > kMaxOffsetUs || told.ahead_us < -kMaxOffsetUs ||
                          told.bound_us < 0 || told.bound_us > kMaxOffsetUs;
    if (nonsense) told.ahead_us = told.bound_us = 0;
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
      if (!checks_.contains(check.name)) continue;
      told.started_ns = started.ns;
      const bool range = result.span > 1;
      expected_.emplace(Key{check.name, header.agent, to_hex(header.epoch), range ? 0 : result.seq,
                            range ? started.ns : 0},
                        told);
    }
  }

  static std::optional<Told> told_by(const Json& line) {
    const auto started = proto::instant_member(line, "started");
    const auto outcome = parse_outcome(text_member(line, "outcome"));
    const auto reason = parse_reason(text_member(line, "reason"));
    const auto received = proto::instant_member(line, "received");
    if (!started || !outcome || !reason || !received) return std::nullopt;
    Told told;
    told.started_ns = started->ns;
    told.outcome = *outcome;
    told.reason = *reason;
    told.received_ns = received->ns;
    told.ahead_us = proto::integer_member(line, "clock_ahead_us").value_or(0);
    told.bound_us = proto::integer_member(line, "clock_bound_us").value_or(0);
    told.total_us = proto::integer_member(line, "total_us");
    return told;
  }

  // How many; nothing where one differs.
  std::optional<std::size_t> compare() {
    std::istringstream lines(bundle_.member("results.jsonl"));
    std::size_t count = 0;
    const auto total = expected_.size();
    for (std::string text; std::getline(lines, text);) {
      ++count;
      const auto line = Json::parse(text, nullptr, false);
      const auto told = told_by(line);
      auto found = expected_.end();
      if (told) found = find(line, *told);
      if (found == expected_.end() || found->second != *told) {
        bundle_.find("results.jsonl",
                     "line " + std::to_string(count) + " is no result that an agent signed");
        return std::nullopt;
      }
      expected_.erase(found);
    }
    if (expected_.empty()) return total;
    const auto& [check, vantage, epoch, seq, started] = expected_.begin()->first;
    bundle_.find("results.jsonl", std::to_string(expected_.size()) +
                                      " results that the agents signed are missing; the first is "
                                      "of " +
                                      check + " at " + vantage + ", number " + std::to_string(seq));
    return std::nullopt;
  }

  std::map<Key, Told>::iterator find(const Json& line, const Told& told) {
    const auto check = text_member(line, "check");
    const auto vantage = text_member(line, "vantage");
    const auto epoch = text_member(line, "epoch");
    const auto seq = proto::count_member(line, "seq");
    if (!epoch.empty() && seq) {
      const auto found = expected_.find({check, vantage, epoch, *seq, 0});
      if (found != expected_.end()) return found;
    }
    // A slot of a range record; the last of an hour may stand alone, with the record's number.
    for (const auto& [name, each] : epochs_) {
      if (name.first != vantage || (!epoch.empty() && name.second != epoch)) continue;
      const auto found = expected_.find({check, vantage, name.second, 0, told.started_ns});
      if (found != expected_.end()) return found;
    }
    return expected_.end();
  }

  Bundle& bundle_;
  WallTime from_, to_;
  std::set<std::string> checks_;
  std::multimap<std::string, const LoggedEntry*> entries_;  // by hash
  std::map<std::pair<std::string, std::string>, Epoch> epochs_;
  std::map<Key, Told> expected_;
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
