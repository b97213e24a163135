// SPDX-License-Identifier: Apache-2.0
#include "collector/accounting.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "collector/recorded.h"

namespace nines::collector {
namespace {

// An agent that starts needs a moment until its first slot; one that is killed may have had its
// last slots in memory. Both lie between two recorded slots, this is for clocks that wobble.
constexpr Duration kSlack = seconds(2);

using GridKey = std::pair<std::int64_t, std::int64_t>;  // every, phase

// What the agent said of itself, to explain what is missing.
struct Testimony {
  std::vector<std::int64_t> starts;                    // wall instants of BOOT, EPOCH, STOP
  std::map<std::string, std::vector<SlotRange>> gaps;  // by check
  // When which table was in use: instant of sealing, and the grids that it names.
  std::vector<std::pair<std::int64_t, std::shared_ptr<std::set<std::pair<std::string, GridKey>>>>>
      tables;
};

Expected<Testimony> testimony_of(Database& db, const std::string& agent) {
  Testimony t;
  {
    auto rows = db.rows(
        "SELECT wall_ns FROM events WHERE agent = ?1 AND kind IN (?2, ?3, ?4) "
        "ORDER BY wall_ns",
        agent, static_cast<int>(EventKind::boot), static_cast<int>(EventKind::epoch),
        static_cast<int>(EventKind::stop));
    while (rows.next()) t.starts.push_back(rows.integer(0));
  }
  {
    auto rows = db.rows(
        "SELECT check_name, first_slot, last_slot FROM gap_checks "
        "WHERE agent = ?1 AND last_slot >= first_slot",
        agent);
    while (rows.next()) t.gaps[rows.text(0)].push_back({rows.integer(1), rows.integer(2)});
  }
  std::map<Digest, std::shared_ptr<std::set<std::pair<std::string, GridKey>>>> known;
  {
    auto rows = db.rows("SELECT digest, bytes FROM tables WHERE agent = ?1", agent);
    while (rows.next()) {
      const auto table = proto::decode_table(as_bytes(rows.blob(1)));
      if (!table) continue;
      auto names = std::make_shared<std::set<std::pair<std::string, GridKey>>>();
      for (const auto& e : table->checks) {
        names->insert({e.name, {e.grid.every.count(), e.grid.phase.count()}});
      }
      known.emplace(rows.bytes<32>(0), std::move(names));
    }
  }
  auto rows = db.rows(
      "SELECT sealed_ns, table_digest FROM headers WHERE agent = ?1 "
      "ORDER BY sealed_ns, epoch, number",
      agent);
  while (rows.next()) {
    const auto found = known.find(rows.bytes<32>(1));
    if (found == known.end()) continue;
    // Only changes matter, and of equal ones in a row the first and the last.
    const auto n = t.tables.size();
    if (n >= 2 && t.tables[n - 1].second == found->second &&
        t.tables[n - 2].second == found->second) {
      t.tables.back().first = rows.integer(0);
    } else {
      t.tables.emplace_back(rows.integer(0), found->second);
    }
  }
  TRY_VOID(db.take_failure());
  return t;
}

// Between two recorded instants.
bool was_away(const Testimony& t, WallTime after, WallTime before) {
  const auto at = std::lower_bound(t.starts.begin(), t.starts.end(), (after - kSlack).ns);
  return at != t.starts.end() && *at <= (before + kSlack).ns;
}

bool was_unconfigured(const Testimony& t,
                      const std::string& check,
                      const SlotGrid& grid,
                      WallTime after,
                      WallTime before) {
  const std::pair<std::string, GridKey> key{check, {grid.every.count(), grid.phase.count()}};
  return std::any_of(t.tables.begin(), t.tables.end(), [&](const auto& table) {
    return table.first >= after.ns && table.first <= (before + kSlack).ns &&
           !table.second->contains(key);
  });
}

void add_missing(CheckAccount& account, SlotRange slots, Absence cause) {
  const auto count = static_cast<std::uint64_t>(slots.count());
  account.missing_slots += count;
  if (cause == Absence::unexplained) account.unexplained_slots += count;
  if (account.missing.size() < kMaxRanges) account.missing.push_back({slots, cause});
}

void explain(CheckAccount& account, const Testimony& t, SlotRange missing) {
  std::vector<SlotRange> dropped;
  if (const auto found = t.gaps.find(account.check); found != t.gaps.end()) dropped = found->second;
  std::sort(dropped.begin(), dropped.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto rest = [&](std::int64_t first, std::int64_t last) {
    if (first > last) return;
    const auto after = account.grid.at(first - 1);
    const auto before = account.grid.at(last + 1);
    const auto cause = was_away(t, after, before) ? Absence::agent_away
                       : was_unconfigured(t, account.check, account.grid, after, before)
                           ? Absence::config
                           : Absence::unexplained;
    add_missing(account, {first, last}, cause);
  };
  std::int64_t next = missing.first;
  for (const auto& gap : dropped) {
    const auto first = std::max(gap.first, next);
    const auto last = std::min(gap.last, missing.last);
    if (first > last) continue;
    rest(next, first - 1);
    add_missing(account, {first, last}, Absence::gap);
    next = last + 1;
  }
  rest(next, missing.last);
}

// Sorts and sweeps the records of one grid.
CheckAccount sweep(const std::string& check,
                   const SlotGrid& grid,
                   std::vector<SlotRange> records,
                   const Testimony& t) {
  CheckAccount account;
  account.check = check;
  account.grid = grid;
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.last) < std::pair(b.first, b.last);
  });
  account.span = records.front();
  std::int64_t next = records.front().first;  // the first slot that nothing covers yet
  for (const auto& r : records) {
    if (r.first > next) explain(account, t, {next, r.first - 1});
    if (r.first < next) {
      const SlotRange twice{r.first, std::min(r.last, next - 1)};
      account.doubled_slots += static_cast<std::uint64_t>(twice.count());
      if (account.doubled.size() < kMaxRanges) account.doubled.push_back(twice);
    }
    if (r.last >= next) {
      account.recorded += static_cast<std::uint64_t>(r.last - std::max(next, r.first) + 1);
      next = r.last + 1;
    }
  }
  account.span.last = next - 1;
  return account;
}

}  // namespace

std::string_view name(Absence absence) {
  switch (absence) {
    case Absence::agent_away:
      return "agent_away";
    case Absence::gap:
      return "gap";
    case Absence::config:
      return "config";
    case Absence::unexplained:
      break;
  }
  return "unexplained";
}

Expected<Account> account_slots(Database& db,
                                const std::string& agent,
                                WallTime from,
                                WallTime to) {
  TRY(testimony, testimony_of(db, agent));
  TRY(checks, checks_of(db, agent));
  Account out;
  for (const auto& check : checks) {
    std::map<GridKey, std::vector<SlotRange>> records;
    std::map<Digest, std::optional<CheckEntry>> entries;
    const auto take = [&](const TimelineRow& row) {
      auto [place, fresh] = entries.try_emplace(row.entry);
      if (fresh) place->second = find_entry(db, row.entry);
      if (!place->second) return true;
      const auto& grid = place->second->grid;
      auto& of_grid = records[{grid.every.count(), grid.phase.count()}];
      for (const auto& piece : row.pieces) {
        SlotRange slots{std::max(piece.slot, grid.slot_at(from - Duration(1)) + 1),
                        std::min(piece.slot + piece.span - 1, grid.slot_at(to - Duration(1)))};
        if (slots.first > slots.last) continue;
        // Records mostly follow each other: one range grows instead of thousands being sorted.
        if (!of_grid.empty() && of_grid.back().last + 1 == slots.first) {
          of_grid.back().last = slots.last;
        } else {
          of_grid.push_back(slots);
        }
      }
      return true;
    };
    TRY_VOID(read_rows(db, agent, check, from, to, take));
    for (auto& [key, of_grid] : records) {
      if (of_grid.empty()) continue;
      auto account =
          sweep(check, {Duration(key.first), Duration(key.second)}, std::move(of_grid), testimony);
      out.exactly_once =
          out.exactly_once && account.doubled_slots == 0 && account.unexplained_slots == 0;
      out.checks.push_back(std::move(account));
    }
  }
  return out;
}

std::string account_json(const Account& account,
                         const std::string& agent,
                         WallTime from,
                         WallTime to) {
  using Json = nlohmann::ordered_json;
  Json checks = Json::array();
  for (const auto& c : account.checks) {
    Json doubled = Json::array();
    for (const auto& r : c.doubled)
      doubled.push_back({{"first_slot", r.first}, {"last_slot", r.last}});
    Json missing = Json::array();
    for (const auto& m : c.missing) {
      missing.push_back({{"first_slot", m.slots.first},
                         {"last_slot", m.slots.last},
                         {"slots", m.slots.count()},
                         {"from", format_rfc3339(c.grid.at(m.slots.first))},
                         {"to", format_rfc3339(c.grid.at(m.slots.last + 1))},
                         {"cause", std::string(name(m.cause))}});
    }
    checks.push_back({{"name", c.check},
                      {"every_ns", c.grid.every.count()},
                      {"phase_ns", c.grid.phase.count()},
                      {"first_slot", c.span.first},
                      {"last_slot", c.span.last},
                      {"from", format_rfc3339(c.grid.at(c.span.first))},
                      {"to", format_rfc3339(c.grid.at(c.span.last))},
                      {"due", c.span.count()},
                      {"recorded", c.recorded},
                      {"doubled_slots", c.doubled_slots},
                      {"doubled", doubled},
                      {"missing_slots", c.missing_slots},
                      {"missing", missing},
                      {"unexplained_slots", c.unexplained_slots}});
  }
  const Json out{{"vantage", agent},
                 {"from", format_rfc3339(from)},
                 {"to", format_rfc3339(to)},
                 {"exactly_once", account.exactly_once},
                 {"checks", checks}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nines::collector
