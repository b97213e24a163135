// SPDX-License-Identifier: Apache-2.0
#include "seconds_oracle.h"

#include <algorithm>
#include <set>

namespace nines::sla {
namespace {

constexpr std::int64_t kDay = 86'400;

using States = std::vector<Outcome>;  // of each second from 0 to kWorldLast

// S8, S9: results of one series as confirmation reads them.
struct Confirmed {
  std::vector<std::pair<int, Outcome>> samples;
  std::vector<bool> blip;  // a failure that was never confirmed and counts up
  std::vector<int> run;    // which run of its segment a result belongs to, numbered through
};

Confirmed confirm(const std::vector<std::pair<int, Outcome>>& raw, const World::Rules& r, int v) {
  Confirmed out{raw, std::vector<bool>(raw.size(), false), std::vector<int>(raw.size(), 0)};
  int runs = 0;
  for (std::size_t from = 0; from < raw.size();) {
    if (raw[from].second == Outcome::unknown) {
      ++from;
      continue;
    }
    std::size_t to = from + 1;  // one past the segment
    while (to < raw.size() && raw[to].second != Outcome::unknown &&
           raw[to].first - raw[to - 1].first <= v) {
      ++to;
    }
    // The state confirmed at each result of the segment, if its run is long enough.
    std::vector<Outcome> confirmed(raw.size(), Outcome::unknown);
    for (std::size_t i = from; i < to;) {
      std::size_t end = i;
      while (end < to && raw[end].second == raw[i].second) ++end;
      const int need = raw[i].second == Outcome::down ? r.down_after : r.up_after;
      const bool enough = static_cast<int>(end - i) >= need;
      ++runs;
      for (; i < end; ++i) {
        confirmed[i] = enough ? raw[i].second : Outcome::unknown;
        out.run[i] = runs;
      }
    }
    for (std::size_t i = from; i < to; ++i) {
      Outcome state = confirmed[i];
      for (std::size_t j = i; state == Outcome::unknown && j > from; --j) state = confirmed[j - 1];
      for (std::size_t j = i; state == Outcome::unknown && j < to; ++j) state = confirmed[j];
      out.blip[i] = raw[i].second == Outcome::down && state == Outcome::up;
      out.samples[i].second = state;
    }
    from = to;
  }
  return out;
}

// S6. At each second the index of the result that holds, or −1.
std::vector<int> holding(const std::vector<std::pair<int, Outcome>>& samples, int v) {
  std::vector<int> out(kWorldLast, -1);
  int last = -1;
  std::size_t next = 0;
  for (int t = 0; t < kWorldLast; ++t) {
    for (; next < samples.size() && samples[next].first <= t; ++next) last = static_cast<int>(next);
    const bool held = last >= 0 && t < samples[static_cast<std::size_t>(last)].first + v;
    out[static_cast<std::size_t>(t)] = held ? last : -1;
  }
  return out;
}

// S14, S53: tries every completion of what is unknown; down iff at least k are down.
Outcome complete(const std::vector<Outcome>& states, int k) {
  bool may_be_down = false;
  bool may_be_up = false;
  for (unsigned mask = 0; mask < 1U << states.size(); ++mask) {
    int down = 0;
    bool fits = true;
    for (std::size_t i = 0; i < states.size(); ++i) {
      const bool is_down = (mask >> i & 1U) != 0;
      fits = fits && (states[i] == Outcome::unknown || (states[i] == Outcome::down) == is_down);
      down += is_down ? 1 : 0;
    }
    if (fits) (down >= k ? may_be_down : may_be_up) = true;
  }
  if (may_be_down && may_be_up) return Outcome::unknown;
  return may_be_down ? Outcome::down : Outcome::up;
}

// S15.
Outcome majority(const std::vector<Outcome>& states, int min_known) {
  const auto down = std::count(states.begin(), states.end(), Outcome::down);
  const auto known = down + std::count(states.begin(), states.end(), Outcome::up);
  if (known < min_known) return Outcome::unknown;
  return 2 * down > known ? Outcome::down : Outcome::up;
}

bool serves(const World& w, const std::string& vantage, int t) {
  for (const World::Membership& each : w.memberships) {
    if (each.vantage != vantage || (w.as_of && each.at > *w.as_of)) continue;
    return each.joined ? t >= each.at : t < each.at;
  }
  return true;
}

class Counter {
 public:
  Counter(const World& w, std::size_t version) : w_(w), r_(w.versions[version]) {
    for (const World::Seen& seen : w.seen) {
      std::vector<std::pair<int, Outcome>> known;
      const std::set<std::pair<int, Outcome>> once(seen.samples.begin(), seen.samples.end());
      for (const auto& each : once) {
        // A result from before its vantage joined, or after it retired, is none.
        if (!serves(w, w.vantages[seen.vantage], each.first)) continue;
        if (!w.as_of || each.first <= *w.as_of) known.push_back(each);
      }
      raw_.push_back(known);
      series_.push_back(confirm(known, r_, belief(seen.check)));
      holds_.push_back(holding(known, belief(seen.check)));
    }
    for (int t = 0; t < kWorldLast; ++t) states_.push_back(service(t));
    find_short();
  }

  Outcome state(int t) const { return states_[static_cast<std::size_t>(t)]; }

  // S18: down, and part of an episode that is too short.
  bool is_short(int t) const { return short_[static_cast<std::size_t>(t)]; }

  bool any_down(int t) const {
    for (std::size_t i = 0; i < w_.seen.size(); ++i) {
      if (one(i, t) == Outcome::down && serves(w_, w_.vantages[w_.seen[i].vantage], t)) return true;
    }
    return false;
  }

  // Of the first series: the run of the blip that holds at t, or 0.
  int blip(int t) const {
    if (series_.empty()) return 0;
    const int at = holds_[0][static_cast<std::size_t>(t)];
    const auto i = static_cast<std::size_t>(at);
    return at >= 0 && series_[0].blip[i] ? series_[0].run[i] : 0;
  }

  const std::vector<std::vector<std::pair<int, Outcome>>>& raw() const { return raw_; }

 private:
  int belief(std::size_t check) const {
    return r_.belief > 0 ? r_.belief : w_.checks[check].every * 5 / 2;
  }

  Outcome one(std::size_t series, int t) const {
    const auto& samples = series_[series].samples;
    const int at = holds_[series][static_cast<std::size_t>(t)];
    return at < 0 ? Outcome::unknown : samples[static_cast<std::size_t>(at)].second;
  }

  Outcome check(std::size_t c, int t) const {
    std::vector<Outcome> states;
    for (std::size_t v = 0; v < w_.vantages.size(); ++v) {
      if (!serves(w_, w_.vantages[v], t)) continue;
      states.push_back(Outcome::unknown);
      for (std::size_t i = 0; i < w_.seen.size(); ++i) {
        if (w_.seen[i].check == c && w_.seen[i].vantage == v) states.back() = one(i, t);
      }
    }
    if (r_.majority) return majority(states, r_.min_known);
    return complete(states, r_.k > 0 ? r_.k : static_cast<int>(states.size()) / 2 + 1);
  }

  Outcome service(int t) const {
    std::vector<Outcome> children;
    const std::size_t own = w_.sub ? w_.checks.size() - 2 : w_.checks.size();
    for (std::size_t c = 0; c < own; ++c) children.push_back(check(c, t));
    if (w_.sub) {
      children.push_back(complete({check(own, t), check(own + 1, t)}, 2 - w_.sub_need + 1));
    }
    const int n = static_cast<int>(children.size());
    return complete(children, n - (w_.need > 0 ? w_.need : n) + 1);
  }

  void find_short() {
    short_.assign(kWorldLast, false);
    const int end = w_.as_of ? *w_.as_of : kWorldLast;
    for (int t = 0; t < end; ++t) {
      if (state(t) != Outcome::down) continue;
      int last = t;  // of the episode: the next down second less than the gap after it
      for (int next = t; next < end; ++next) {
        if (state(next) != Outcome::down) continue;
        if (next - last > 1 && next - last - 1 >= r_.merge_gap) break;
        last = next;
      }
      if (last + 1 - t < r_.minimum) {
        for (int i = t; i <= last; ++i) {
          short_[static_cast<std::size_t>(i)] = state(i) == Outcome::down;
        }
      }
      t = last;
    }
  }

  const World& w_;
  const World::Rules& r_;
  std::vector<std::vector<std::pair<int, Outcome>>> raw_;
  std::vector<Confirmed> series_;
  std::vector<std::vector<int>> holds_;
  States states_;
  std::vector<bool> short_;
};

// S29: the instant of a local time, in seconds of the world. Twice: the first. In the gap: with the
// offset from before it.
std::int64_t resolve(const World& w, std::int64_t wall) {
  const std::int64_t early = wall - w.before - w.origin;
  if (early < w.change) return early;
  const std::int64_t late = wall - w.after - w.origin;
  return late >= w.change ? late : early;
}

// S27: in the hours of one of the dates around.
bool in_hours(const World& w, int t) {
  if (!w.hours) return true;
  const std::int64_t midnight = (w.origin + w.before) / kDay * kDay;
  for (int day = -2; day <= 2; ++day) {
    const auto& off = w.hours->holidays;
    if (std::find(off.begin(), off.end(), day) != off.end()) continue;
    const std::int64_t date = midnight + day * kDay;
    const bool over = w.hours->to <= w.hours->from;
    const std::int64_t from = resolve(w, date + w.hours->from * 60);
    const std::int64_t to = resolve(w, date + (over ? kDay : 0) + w.hours->to * 60);
    if (t >= from && t < to) return true;
  }
  return false;
}

bool counts(const World& w, const World::Kind& kind, const World::Exclusion& line) {
  const bool announced =
      kind.notice == 0 ? true : line.announced && *line.announced + kind.notice <= line.from;
  return line.state == "approved" && line.signed_by && (line.evidence || !kind.needs_evidence) &&
         announced && line.kind == kind.name && (!w.as_of || line.at <= *w.as_of);
}

// S22: for each kind the seconds that its windows cover and its allowance still holds.
class Excluded {
 public:
  Excluded(const World& w, const World::Rules& r) : w_(w), r_(r), left_(r.kinds.size()) {
    for (std::size_t i = 0; i < r.kinds.size(); ++i) left_[i] = r.kinds[i].allowance;
  }

  // Asked in order of time, of seconds in force and inside hours only.
  std::string kind_at(int t) {
    std::set<std::string> found;
    for (std::size_t i = 0; i < r_.kinds.size(); ++i) {
      if (!covers(r_.kinds[i], t) || left_[i] == 0) continue;
      if (left_[i] > 0) --left_[i];
      found.insert(r_.kinds[i].name);
    }
    for (const std::string& name : r_.precedence) {
      if (found.contains(name)) return name;
    }
    return "";
  }

 private:
  bool covers(const World::Kind& kind, int t) const {
    for (const auto& [from, length] : kind.windows) {
      if (t >= from && t < from + length) return true;
    }
    std::map<std::string, const World::Exclusion*> last;  // a later line supersedes
    for (const World::Exclusion& line : w_.exclusions) {
      if (!w_.as_of || line.at <= *w_.as_of) last[line.id] = &line;
    }
    for (const auto& [id, line] : last) {
      if (counts(w_, kind, *line) && t >= line->from && t < line->to) return true;
    }
    return false;
  }

  const World& w_;
  const World::Rules& r_;
  std::vector<int> left_;
};

void judge(Truth::Part& p, const World::Rules& r, std::int64_t assumed) {
  const std::int64_t up = p.up + assumed;
  const std::int64_t whole = up + p.down + p.unknown;
  if (whole == 0) return;
  using Treat = UnknownPolicy::Treat;
  p.coverage = {up + p.down, whole};
  p.worst = {r.treat == Treat::up ? up + p.unknown : up, whole};
  p.best = {r.treat == Treat::down ? up : up + p.unknown, whole};
  p.nominal = r.treat == Treat::verdict ? Share{up, up + p.down} : p.worst;
  if (up + p.down == 0 || (up + p.down) * 100 < r.min_coverage * whole) {
    p.verdict = Verdict::no_data;
  } else if (p.worst.part * 100 >= r.target * whole) {
    p.verdict = Verdict::met;
  } else {
    p.verdict = p.best.part * 100 < r.target * whole ? Verdict::breached : Verdict::indeterminate;
  }
}

int severity(Verdict verdict) {
  constexpr Verdict kOrder[] = {Verdict::not_applicable, Verdict::met, Verdict::no_data,
                                Verdict::indeterminate, Verdict::breached};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), verdict) - kOrder);
}

void add(Truth::Part& whole, const Truth::Part& part) {
  whole.not_in_force += part.not_in_force;
  whole.out_of_hours += part.out_of_hours;
  whole.future += part.future;
  whole.excluded += part.excluded;
  whole.unknown += part.unknown;
  whole.down += part.down;
  whole.up += part.up;
  const auto sum = [](Share& a, const Share& b) { a = {a.part + b.part, a.of + b.of}; };
  sum(whole.nominal, part.nominal);
  sum(whole.worst, part.worst);
  sum(whole.best, part.best);
  sum(whole.coverage, part.coverage);
  if (severity(part.verdict) > severity(whole.verdict)) whole.verdict = part.verdict;
}

void count_results(const World& w,
                   const Counter& counter,
                   const std::vector<bool>& accountable,
                   const World::Rules& r,
                   Truth& out) {
  const int slices = (w.to - w.from + r.slice - 1) / r.slice;
  std::vector<Share> each(static_cast<std::size_t>(slices));
  std::vector<bool> some(static_cast<std::size_t>(slices), false);
  for (int t = w.from; t < w.to; ++t) {
    if (!accountable[static_cast<std::size_t>(t)]) continue;
    const auto slice = static_cast<std::size_t>((t - w.from) / r.slice);
    some[slice] = true;
    for (std::size_t i = 0; i < w.seen.size(); ++i) {
      if (!serves(w, w.vantages[w.seen[i].vantage], t)) continue;
      for (const auto& [at, outcome] : counter.raw()[i]) {
        if (at != t || outcome == Outcome::unknown) continue;
        ++each[slice].of;
        each[slice].part += outcome == Outcome::up ? 1 : 0;
      }
    }
  }
  for (std::size_t i = 0; i < each.size(); ++i) {
    if (!some[i]) continue;
    out.results += each[i].of;
    out.good_results += each[i].part;
    const bool empty = each[i].of == 0;
    ++(empty ? out.empty_slices : out.slices_with_data);
    if (!empty) out.ratios.push_back(each[i]);
    const bool good = empty ? r.empty_is_good : each[i].part * 100 >= r.slice_target * each[i].of;
    out.good_slices += good ? 1 : 0;
  }
}

}  // namespace

Truth count_seconds(const World& w) {
  Truth out;
  std::vector<Counter> counters;
  for (std::size_t i = 0; i < w.versions.size(); ++i) counters.emplace_back(w, i);
  std::vector<Truth::Part> parts(w.versions.size());
  std::vector<bool> reached(w.versions.size(), false);
  const World::Rules& common = w.versions[0];
  Excluded excluded(w, common);
  std::vector<bool> accountable(kWorldLast, false);
  std::set<int> blips;
  std::int64_t not_in_force = 0;
  int cap = common.cap;
  for (int t = w.from; t < w.to; ++t) {
    const bool second = w.versions.size() > 1 && t >= w.new_version_at;
    const std::size_t version = second ? 1 : 0;
    if (t < w.force_from || t >= w.force_to) {
      ++not_in_force;
      continue;
    }
    const Counter& counter = counters[version];
    Truth::Part& part = parts[version];
    reached[version] = true;
    if (!in_hours(w, t)) {
      ++part.out_of_hours;
      continue;
    }
    const std::string kind = excluded.kind_at(t);
    if (kind.empty()) ++out.planned;
    if (w.as_of && t >= *w.as_of) {
      ++part.future;
      continue;
    }
    if (!kind.empty()) ++out.excluded_by[kind];
    if (!kind.empty() && common.effect == World::Effect::remove) {
      ++part.excluded;
      continue;
    }
    Outcome state = counter.state(t);
    if (!kind.empty() && state != Outcome::up) {
      if (common.effect == World::Effect::remove_down) {
        ++part.excluded;
        continue;
      }
      ++out.forgiven_excluded;
      state = Outcome::up;
    }
    // S18, S19: the test was of whole episodes; forgiven is only what is still charged.
    if (state == Outcome::down && counter.is_short(t) && cap != 0) {
      if (cap > 0) --cap;
      ++out.forgiven_short;
      state = Outcome::up;
    }
    accountable[static_cast<std::size_t>(t)] = true;
    ++(state == Outcome::up ? part.up : state == Outcome::down ? part.down : part.unknown);
    if (counter.state(t) != Outcome::down && counter.any_down(t)) ++out.partial;
    if (const int run = counter.blip(t); run > 0) {
      ++out.blip_seconds;
      blips.insert(run);
    }
  }
  out.blips = static_cast<std::int64_t>(blips.size());
  out.whole.not_in_force = not_in_force;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!reached[i]) continue;
    judge(parts[i], w.versions[i], w.versions.size() == 1 && common.assume_up ? not_in_force : 0);
    add(out.whole, parts[i]);
    out.parts.push_back(parts[i]);
  }
  count_results(w, counters[0], accountable, common, out);
  return out;
}

}  // namespace nines::sla
