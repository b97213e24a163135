// SPDX-License-Identifier: Apache-2.0
#include "collector/recorded.h"

#include <nlohmann/json.hpp>

#include "sla/input/samples.h"

namespace nines::collector {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool known_kind(CheckKind kind) {
  return kind == CheckKind::http || kind == CheckKind::tcp || kind == CheckKind::icmp;
}

// What is the same in every line of one definition at one vantage.
std::string line_head(const Definition& d, const std::string& vantage) {
  std::string head = "{\"check\":" + quoted(d.entry.name);
  if (known_kind(d.entry.kind)) head += ",\"kind\":\"" + std::string(name(d.entry.kind)) + "\"";
  head += ",\"target\":" + quoted(d.entry.target) + ",\"vantage\":" + quoted(vantage);
  return head + ",\"check_digest\":\"sha256:" + hex(d.check_digest) + "\"";
}

void put_line(std::string& out,
              const std::string& head,
              const BatchClock& batch,
              const Recorded& r,
              bool numbered) {
  out += head;
  out += ",\"slot\":" + std::to_string(r.slot);
  if (numbered) {
    out += ",\"epoch\":\"" + to_hex(r.epoch) + "\",\"seq\":" + std::to_string(r.piece.seq);
  }
  out += ",\"started\":\"" + format_rfc3339(r.started) + "\"";
  out += ",\"late_us\":" + std::to_string(r.piece.late_us);
  out += ",\"outcome\":\"" + std::string(name(r.piece.outcome)) + "\"";
  out += ",\"reason\":\"" + std::string(name(r.piece.reason)) + "\"";
  if (r.piece.total_us && *r.piece.total_us <= sla::kMaxTotalUs) {
    out += ",\"total_us\":" + std::to_string(*r.piece.total_us);
  }
  if (batch.ahead_us != 0 || batch.bound_us != 0) {
    out += ",\"clock_ahead_us\":" + std::to_string(batch.ahead_us) +
           ",\"clock_bound_us\":" + std::to_string(batch.bound_us);
  }
  out += ",\"received\":\"" + format_rfc3339(batch.received) + "\"}\n";
}

constexpr const char* kClocks =
    "SELECT number, received_ns, ahead_ns, bound_ns, 0 FROM headers WHERE agent = ?1 AND "
    "epoch = ?2 AND number >= ?3 AND number < ?4";
constexpr const char* kPlacedClocks =
    "SELECT number, received_ns, ahead_ns, bound_ns, (SELECT position FROM log WHERE "
    "kind = 'batch' AND subject = h.agent || '/' || lower(hex(h.epoch)) || '/' || h.number) "
    "FROM headers h WHERE agent = ?1 AND epoch = ?2 AND number >= ?3 AND number < ?4";

}  // namespace

const Definition* RecordReader::definition(const Digest& entry) {
  auto [place, fresh] = definitions_.try_emplace(entry);
  if (fresh) {
    if (auto found = find_entry(db_, entry)) {
      const auto digest = sha256(as_bytes(found->canonical));
      place->second = Definition{*std::move(found), digest};
    }
  }
  return place->second ? &*place->second : nullptr;
}

const BatchClock& RecordReader::clock(const std::string& agent,
                                      const EpochId& epoch,
                                      std::uint64_t number) {
  // Results come in the order of their batches: mostly it is the one asked for last, or the next.
  if (current_ == nullptr || current_->first.second != epoch || current_->first.first != agent) {
    current_ = &*clocks_.try_emplace({agent, epoch}).first;
  }
  auto& [known, last] = current_->second;
  if (last != known.end() && last->first != number) ++last;
  if (last == known.end() || last->first != number) last = known.find(number);
  if (last != known.end()) return last->second;
  // So the next ones are read along, too.
  constexpr std::uint64_t kAhead = 500;
  auto rows = db_.rows(placed_ ? kPlacedClocks : kClocks, agent, epoch, number, number + kAhead);
  constexpr std::int64_t kMaxOffset = std::int64_t{1} << 53;  // µs, as results files have it
  while (rows.next()) {
    BatchClock clock{WallTime{rows.integer(1)}, rows.integer(2) / 1000, rows.integer(3) / 1000,
                     rows.count(4)};
    if (clock.ahead_us > kMaxOffset || clock.ahead_us < -kMaxOffset || clock.bound_us < 0 ||
        clock.bound_us > kMaxOffset) {
      clock.ahead_us = clock.bound_us = 0;
    }
    known.try_emplace(rows.count(0), clock);
  }
  last = known.try_emplace(number).first;
  return last->second;
}

Expected<std::vector<std::string>> all_agents(Database& db) {
  std::vector<std::string> agents;
  auto rows = db.rows("SELECT DISTINCT agent FROM epochs ORDER BY agent");
  while (rows.next()) agents.push_back(rows.text(0));
  TRY_VOID(db.take_failure());
  return agents;
}

Expected<std::vector<std::string>> agents_of(Database& db, const std::string& check) {
  std::vector<std::string> agents;
  auto rows = db.rows("SELECT agent FROM latest WHERE check_name = ?1 ORDER BY agent", check);
  while (rows.next()) agents.push_back(rows.text(0));
  TRY_VOID(db.take_failure());
  return agents;
}

Expected<std::vector<std::string>> checks_of(Database& db, const std::string& agent) {
  std::vector<std::string> checks;
  auto rows = db.rows("SELECT check_name FROM latest WHERE agent = ?1 ORDER BY check_name", agent);
  while (rows.next()) checks.push_back(rows.text(0));
  TRY_VOID(db.take_failure());
  return checks;
}

Expected<void> ResultLines::read(const std::string& check,
                                 const std::string& vantage,
                                 const std::function<bool(std::string_view line)>& take) {
  const Definition* headed = nullptr;
  std::string head;
  std::string line;
  // The slots of a range record share its number, so each has its start as identity; also one that
  // is alone in its hour and looks like a record of its own, where the number stood before.
  std::map<std::pair<EpochId, const Definition*>, std::uint64_t> numbers;
  return reader_.read(vantage, check, from_, to_,
                      [&](const Definition& d, const BatchClock& batch, const Recorded& r) {
                        if (cut_ && !cut_->counts(batch.received, batch.position)) return true;
                        if (headed != &d) {
                          headed = &d;
                          head = line_head(d, vantage);
                        }
                        auto& number = numbers[{r.epoch, &d}];
                        const bool numbered = !r.range && r.piece.seq != number;
                        number = r.piece.seq;
                        line.clear();
                        put_line(line, head, batch, r, numbered);
                        return take(line);
                      });
}

Expected<std::string> export_results(Database& db,
                                     const std::vector<std::string>& checks,
                                     const std::vector<std::string>& vantages,
                                     WallTime from,
                                     WallTime to,
                                     std::size_t limit) {
  std::string out;
  ResultLines lines(db, from, to, {});
  for (const auto& check : checks) {
    for (const auto& vantage : vantages) {
      TRY_VOID(lines.read(check, vantage, [&](std::string_view line) {
        out += line;
        return out.size() <= limit;
      }));
      if (out.size() > limit) {
        return fail("more than " + std::to_string(limit >> 20) +
                    " MiB of results; ask for a shorter time with from= and to=");
      }
    }
  }
  return out;
}

}  // namespace nines::collector
