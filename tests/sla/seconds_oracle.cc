// SPDX-License-Identifier: Apache-2.0
#include "seconds_oracle.h"

#include <algorithm>
#include <set>

namespace nines::sla {
namespace {

constexpr std::int64_t kDay = 86'400;

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
std::vector<int> holding(const std::vector<std::pair<int, Outcome>>& samples, int v, int last) {
  std::vector<int> out(static_cast<std::size_t>(last), -1);
  int held = -1;
  std::size_t next = 0;
  for (int t = 0; t < last; ++t) {
    for (; next < samples.size() && samples[next].first <= t; ++next) held = static_cast<int>(next);
    const bool holds = held >= 0 && t < samples[static_cast<std::size_t>(held)].first + v;
    out[static_cast<std::size_t>(t)] = holds ? held : -1;
  }
  return out;
}

// How many of some parts say what.
struct Votes {
  int down = 0, up = 0, unknown = 0;

  void add(Outcome state) {
    ++(state == Outcome::down ? down : state == Outcome::up ? up : unknown);
  }

  int all() const { return down + up + unknown; }
};

// S14, S53: tries every completion of what is unknown; down iff at least k are down.
Outcome complete(const Votes& votes, int k) {
  bool may_be_down = false;
  bool may_be_up = false;
  for (int more = 0; more <= votes.unknown; ++more) {
    (votes.down + more >= k ? may_be_down : may_be_up) = true;
  }
  if (may_be_down && may_be_up) return Outcome::unknown;
  return may_be_down ? Outcome::down : Outcome::up;
}

// S15.
Outcome majority(const Votes& votes, int min_known) {
  const int known = votes.down + votes.up;
  if (known < min_known) return Outcome::unknown;
  return 2 * votes.down > known ? Outcome::down : Outcome::up;
}

bool serves(const World& w, const std::string& vantage, int t) {
  for (const World::Membership& each : w.memberships) {
    if (each.vantage != vantage || (w.as_of && each.at > *w.as_of)) continue;
    return each.joined ? t >= each.at : t < each.at;
  }
  return true;
}

// One byte for each second from 0 to the last.
using Bytes = std::vector<char>;

class Counter {
 public:
  Counter(const World& w, std::size_t version)
      : w_(w), r_(w.versions[version]), size_(static_cast<std::size_t>(w.last())) {
    for (const std::string& each : w.vantages) {
      Bytes& in = in_service_.emplace_back(size_);
      for (int t = 0; t < w.last(); ++t) in[static_cast<std::size_t>(t)] = serves(w, each, t);
    }
    for (const World::Seen& seen : w.seen) read(seen);
    for (int t = 0; t < w.last(); ++t) {
      states_.push_back(static_cast<char>(service(t, false)));
    }
  }

  Outcome state(int t) const { return static_cast<Outcome>(states_[static_cast<std::size_t>(t)]); }

  // As the service would be if its part were up.
  Outcome with_part_up(int t) const { return service(t, true); }

  // S53: what an excused part leaves of a second. Then `find_short` must be asked.
  void set(int t, Outcome state) {
    states_[static_cast<std::size_t>(t)] = static_cast<char>(state);
  }

  // S18: down, and part of an episode that is too short.
  bool is_short(int t) const { return short_[static_cast<std::size_t>(t)] != 0; }

  bool any_down(int t) const {
    for (std::size_t i = 0; i < w_.seen.size(); ++i) {
      if (one(i, t) == Outcome::down && in_service(w_.seen[i].vantage, t)) return true;
    }
    return false;
  }

  bool in_service(std::size_t vantage, int t) const {
    return in_service_[vantage][static_cast<std::size_t>(t)] != 0;
  }

  // Of the first series: the run of the blip that holds at t, or 0.
  int blip(int t) const {
    if (series_.empty()) return 0;
    const int at = holds_first_[static_cast<std::size_t>(t)];
    const auto i = static_cast<std::size_t>(at);
    return at >= 0 && series_[0].blip[i] ? series_[0].run[i] : 0;
  }

  const std::vector<std::vector<std::pair<int, Outcome>>>& raw() const { return raw_; }

  void find_short() {
    short_.assign(size_, 0);
    const int end = w_.as_of ? *w_.as_of : w_.last();
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

 private:
  void read(const World::Seen& seen) {
    std::vector<std::pair<int, Outcome>> known;
    const std::set<std::pair<int, Outcome>> once(seen.samples.begin(), seen.samples.end());
    for (const auto& each : once) {
      // A result from before its vantage joined, or after it retired, is none.
      if (!in_service(seen.vantage, each.first)) continue;
      if (!w_.as_of || each.first <= *w_.as_of) known.push_back(each);
    }
    raw_.push_back(known);
    series_.push_back(confirm(known, r_, belief(seen.check)));
    const std::vector<int> holds = holding(known, belief(seen.check), w_.last());
    Bytes& states = one_.emplace_back(size_);
    for (std::size_t t = 0; t < size_; ++t) {
      const Outcome state = holds[t] < 0
                                ? Outcome::unknown
                                : series_.back().samples[static_cast<std::size_t>(holds[t])].second;
      states[t] = static_cast<char>(state);
    }
    if (one_.size() == 1) holds_first_ = holds;
  }

  int belief(std::size_t check) const {
    return r_.belief > 0 ? r_.belief : w_.checks[check].every * 5 / 2;
  }

  Outcome one(std::size_t series, int t) const {
    return static_cast<Outcome>(one_[series][static_cast<std::size_t>(t)]);
  }

  Outcome check(std::size_t c, int t) const {
    Votes votes;
    for (std::size_t v = 0; v < w_.vantages.size(); ++v) {
      if (!in_service(v, t)) continue;
      Outcome state = Outcome::unknown;
      for (std::size_t i = 0; i < w_.seen.size(); ++i) {
        if (w_.seen[i].check == c && w_.seen[i].vantage == v) state = one(i, t);
      }
      votes.add(state);
    }
    if (r_.majority) return majority(votes, r_.min_known);
    return complete(votes, r_.k > 0 ? r_.k : votes.all() / 2 + 1);
  }

  Outcome service(int t, bool part_up) const {
    Votes children;
    const std::size_t own = w_.sub ? w_.checks.size() - 2 : w_.checks.size();
    for (std::size_t c = 0; c < own; ++c) children.add(check(c, t));
    if (w_.sub && part_up) {
      children.add(Outcome::up);
    } else if (w_.sub) {
      Votes part;
      part.add(check(own, t));
      part.add(check(own + 1, t));
      children.add(complete(part, 2 - w_.sub_need + 1));
    }
    const int n = children.all();
    return complete(children, n - (w_.need > 0 ? w_.need : n) + 1);
  }

  const World& w_;
  const World::Rules& r_;
  std::size_t size_;
  std::vector<Bytes> in_service_;  // by vantage
  std::vector<std::vector<std::pair<int, Outcome>>> raw_;
  std::vector<Confirmed> series_;
  std::vector<Bytes> one_;  // of each series
  std::vector<int> holds_first_;
  Bytes states_, short_;
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

  struct Found {
    std::string whole;  // the first kind that excludes the second, or ""
    std::string part;   // the first kind that excuses the service `part`, or ""
  };

  // Asked in order of time, of seconds in force and inside hours only.
  Found kind_at(int t) {
    std::set<std::string> whole, part;
    for (std::size_t i = 0; i < r_.kinds.size(); ++i) {
      const auto [all, some] = covers(r_.kinds[i], t);
      if ((!all && !some) || left_[i] == 0) continue;
      if (left_[i] > 0) --left_[i];
      if (all) whole.insert(r_.kinds[i].name);
      if (some) part.insert(r_.kinds[i].name);
    }
    Found out;
    for (const std::string& name : r_.precedence) {
      if (out.whole.empty() && whole.contains(name)) out.whole = name;
      if (out.part.empty() && part.contains(name)) out.part = name;
    }
    return out;
  }

 private:
  // The service, and its part.
  std::pair<bool, bool> covers(const World::Kind& kind, int t) const {
    std::pair<bool, bool> out{false, false};
    for (const auto& [from, length] : kind.windows) {
      out.first = out.first || (t >= from && t < from + length);
    }
    std::map<std::string, const World::Exclusion*> last;  // a later line supersedes
    for (const World::Exclusion& line : w_.exclusions) {
      if (!w_.as_of || line.at <= *w_.as_of) last[line.id] = &line;
    }
    for (const auto& [id, line] : last) {
      if (!counts(w_, kind, *line) || t < line->from || t >= line->to) continue;
      (line->part ? out.second : out.first) = true;
    }
    return out;
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
      if (!counter.in_service(w.seen[i].vantage, t)) continue;
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
  // What excuses each second, and what an excused part leaves of it.
  std::vector<std::string> excusing(static_cast<std::size_t>(w.last()));
  const auto version_at = [&](int t) -> std::size_t {
    return w.versions.size() > 1 && t >= w.new_version_at ? 1 : 0;
  };
  const auto open_at = [&](int t) { return t >= w.force_from && t < w.force_to && in_hours(w, t); };
  for (int t = w.from; t < w.to; ++t) {
    if (!open_at(t)) continue;
    const auto [whole, part] = excluded.kind_at(t);
    std::string& kind = excusing[static_cast<std::size_t>(t)];
    kind = whole;
    if (!whole.empty() || part.empty()) continue;
    Counter& counter = counters[version_at(t)];
    const Outcome otherwise = counter.with_part_up(t);
    if (otherwise == Outcome::up) {
      if (counter.state(t) != Outcome::up) kind = part;
    } else {
      counter.set(t, otherwise);
    }
  }
  for (Counter& each : counters) each.find_short();
  std::vector<bool> accountable(static_cast<std::size_t>(w.last()), false);
  std::set<int> blips;
  std::int64_t not_in_force = 0;
  int cap = common.cap;
  for (int t = w.from; t < w.to; ++t) {
    const std::size_t version = version_at(t);
    if (t < w.force_from || t >= w.force_to) {
      ++not_in_force;
      continue;
    }
    const Counter& counter = counters[version];
    Truth::Part& part = parts[version];
    reached[version] = true;
    if (!open_at(t)) {
      ++part.out_of_hours;
      continue;
    }
    const std::string& kind = excusing[static_cast<std::size_t>(t)];
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
