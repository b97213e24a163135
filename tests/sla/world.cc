// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>
#include <array>

namespace nines::sla {
namespace {

constexpr std::int64_t kNs = 1'000'000'000;
constexpr int kDay = 86'400;

std::string instant_text(const World& w, int second) {
  return format_rfc3339({(w.origin + second) * kNs});
}

std::string wall_text(const World& w, int second) {
  return instant_text(w, second).substr(0, 19);  // without the Z
}

std::string two(int n) { return (n < 10 ? "0" : "") + std::to_string(n); }

std::string minute_text(int minute) { return two(minute / 60) + ":" + two(minute % 60); }

class Draw {
 public:
  explicit Draw(std::mt19937& random) : random_(random) {}

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  bool one_in(int n) { return pick(1, n) == 1; }

  World::Kind kind(const std::string& name, int end) {
    World::Kind out{name, 0, -1, false, {}};
    if (one_in(3)) out.notice = pick(1, 60);
    if (one_in(3)) out.allowance = pick(0, end / 8);
    out.needs_evidence = one_in(4);
    if (one_in(2)) out.windows.emplace_back(pick(end / 10, end * 5 / 6), pick(1, end / 5));
    if (one_in(4)) out.windows.emplace_back(pick(end / 10, end * 5 / 6), pick(1, end / 5));
    return out;
  }

  World::Rules rules(int end) {
    World::Rules r;
    if (one_in(2)) r.belief = pick(1, kLongestBelief);
    if (one_in(2)) r.down_after = pick(1, 4);
    if (one_in(2)) r.up_after = pick(1, 4);
    r.majority = one_in(4);
    r.min_known = pick(1, 2);
    if (one_in(3)) {
      r.minimum = pick(0, end / 10);
      r.merge_gap = one_in(2) ? pick(0, end / 15) : 0;
      if (one_in(2)) r.cap = pick(0, end / 10);
    }
    r.treat = static_cast<UnknownPolicy::Treat>(one_in(2) ? 0 : pick(0, 2));
    r.min_coverage = one_in(3) ? pick(1, 100) : 0;
    r.target = pick(40, 100);
    r.assume_up = one_in(5);
    r.effect = static_cast<World::Effect>(pick(0, 2));
    r.precedence = {"maintenance", "customer"};
    if (one_in(2)) std::swap(r.precedence[0], r.precedence[1]);
    if (one_in(2)) r.kinds = {kind("maintenance", end), kind("customer", end)};
    r.slice = pick(1, 30);
    r.slice_target = pick(1, 100);
    r.empty_is_good = one_in(2);
    return r;
  }

  // A place on Earth and an instant, with the clock change inside the world where there is one.
  void place(World& w) {
    struct Place {
      const char* zone;
      std::int64_t change;  // Unix seconds
      int before, after;
    };

    constexpr std::array<Place, 5> kPlaces{{
        {"UTC", 1'772'496'000, 0, 0},  // midnight before 3 March 2026
        {"Europe/Berlin", 1'774'746'000, 3600, 7200},
        {"Europe/Berlin", 1'792'890'000, 7200, 3600},
        {"Australia/Lord_Howe", 1'775'314'800, 39'600, 37'800},
        {"Asia/Shanghai", 1'772'409'600, 28'800, 28'800},
    }};
    const Place& p = kPlaces.at(static_cast<std::size_t>(pick(0, 4)));
    w.zone = p.zone;
    w.change = w.end * 2 / 5;
    w.origin = p.change - w.change;
    w.before = p.before;
    w.after = p.after;
  }

  // Boundaries that lie within the world on its wall, for most draws.
  int minute(const World& w) {
    const int second = pick(0, w.end);
    const std::int64_t wall = w.origin + second + (one_in(2) ? w.before : w.after);
    return static_cast<int>(wall % kDay / 60);
  }

  void hours(World& w) {
    w.hours.emplace();
    w.hours->from = minute(w);
    w.hours->to = one_in(6) ? 24 * 60 : minute(w);
    for (const int day : {-1, 0, 1}) {
      if (one_in(6)) w.hours->holidays.push_back(day);
    }
  }

 private:
  std::mt19937& random_;
};

std::string kind_text(const World& w, const World::Kind& kind) {
  std::string out = kind.name + ": {notice: " + std::to_string(kind.notice) + "s";
  if (kind.allowance >= 0) out += ", allowance: " + std::to_string(kind.allowance) + "s";
  if (kind.needs_evidence) out += ", needs: [evidence]";
  if (!kind.windows.empty()) {
    out += ", windows: [";
    for (std::size_t i = 0; i < kind.windows.size(); ++i) {
      const auto& [from, length] = kind.windows[i];
      out += (i > 0 ? ", " : "") + std::string("{name: w") + std::to_string(i) +
             ", timeZone: UTC, dtstart: \"" + wall_text(w, from) +
             "\", duration: " + std::to_string(length) + "s}";
    }
    out += "]";
  }
  return out + "}";
}

std::string exclusions_text(const World& w, const World::Rules& r) {
  if (r.kinds.empty()) return "";
  constexpr const char* kEffects[] = {"remove", "remove_down", "forgive"};
  std::string out = "  exclusions: {effect: " + std::string(kEffects[static_cast<int>(r.effect)]) +
                    ", precedence: [" + r.precedence[0] + ", " + r.precedence[1] + "], kinds: {";
  for (std::size_t i = 0; i < r.kinds.size(); ++i) {
    out += (i > 0 ? ", " : "") + kind_text(w, r.kinds[i]);
  }
  return out + "}}\n";
}

// The date of second 0 on the wall, and `days` later.
std::string date_text(const World& w, int days) {
  return format_rfc3339({(w.origin + w.before + days * kDay) * kNs}).substr(0, 10);
}

std::string calendars_text(const World& w) {
  if (!w.hours) return "";
  const std::string span =
      "[\"" + minute_text(w.hours->from) + "-" + minute_text(w.hours->to) + "\"]";
  std::string out = "  calendars: {c: {timeZone: " + w.zone + ", weekly: {";
  for (const char* day : {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}) {
    out += (out.ends_with('{') ? "" : ", ") + std::string(day) + ": " + span;
  }
  out += "}";
  if (!w.hours->holidays.empty()) {
    out += ", holidays: [";
    for (const int days : w.hours->holidays) {
      out += (out.ends_with('[') ? "" : ", ") + std::string("\"") + date_text(w, days) + "\"";
    }
    out += "]";
  }
  return out + "}}\n";
}

std::string composition_text(const World& w) {
  if (w.need == 0 && !w.sub) return "";
  const std::size_t own = w.sub ? w.checks.size() - 2 : w.checks.size();
  std::string children;
  for (std::size_t i = 0; i < own; ++i) {
    children += (i > 0 ? ", " : "") + w.checks[i].name;
  }
  if (w.sub) children += std::string(own > 0 ? ", " : "") + "part";
  const std::size_t count = own + (w.sub ? 1 : 0);
  const int need = w.need == 0 ? static_cast<int>(count) : w.need;
  std::string out =
      "  composition: {shop: {need: " + std::to_string(need) + ", of: [" + children + "]}";
  if (w.sub) {
    const std::string names = w.checks[own].name + ", " + w.checks[own + 1].name;
    out += ", part: " +
           (w.sub_need == 2 ? "{serial: [" + names + "]}" : "{parallel: [" + names + "]}");
  }
  return out + "}\n";
}

std::string measurement_text(const World& w, const World::Rules& r) {
  std::string out = "  measurement:\n    checks:\n";
  for (std::size_t i = 0; i < w.checks.size(); ++i) {
    const bool part = w.sub && i + 2 >= w.checks.size();
    out += "      - {name: " + w.checks[i].name + ", service: " + (part ? "part" : "shop") +
           ", every: " + std::to_string(w.checks[i].every) +
           "s, timeout: 1s, tcp: {address: \"shop.example:443\"}}\n";
  }
  out += "    vantages: [";
  for (const std::string& each : w.vantages) out += (out.ends_with('[') ? "" : ", ") + each;
  out += "]\n";
  if (r.belief > 0) out += "    belief: " + std::to_string(r.belief) + "s\n";
  if (r.down_after > 1 || r.up_after > 1) {
    out += "    confirm: {downAfter: " + std::to_string(r.down_after) +
           ", upAfter: " + std::to_string(r.up_after) + "}\n";
  }
  if (r.majority) {
    out += "    quorum: {rule: majority-of-known, minKnown: " + std::to_string(r.min_known) + "}\n";
  } else if (r.k > 0) {
    out += "    quorum: {k: " + std::to_string(r.k) + "}\n";
  }
  if (r.minimum > 0 || r.merge_gap > 0) {
    out += "    minimumOutage: {duration: " + std::to_string(r.minimum) +
           "s, mergeGap: " + std::to_string(r.merge_gap) + "s" +
           (r.cap < 0 ? "" : ", forgivenCap: " + std::to_string(r.cap) + "s") + "}\n";
  }
  constexpr const char* kTreats[] = {"verdict", "up", "down"};
  out += "    unknown: {treat: " + std::string(kTreats[static_cast<int>(r.treat)]) +
         ", minCoverage: \"" + std::to_string(r.min_coverage) + "\"}\n";
  return out;
}

std::string objectives_text(const World& w, const World::Rules& r) {
  const std::string common = ", service: shop, target: \"" + std::to_string(r.target) + "\"" +
                             (w.hours ? ", hours: c" : "");
  const std::string slices = ", timeSliceWindow: " + std::to_string(r.slice) + "s" +
                             (r.empty_is_good ? ", emptySlice: good" : "");
  const std::string time = "  objectives:\n    - {name: time" + common +
                           (r.assume_up ? ", partialPeriod: assume_up" : "") + "}\n";
  if (!w.counts) return time;
  return time + "    - {name: results, method: occurrences" + common + "}\n" +
         "    - {name: slices, method: timeslices" + common + slices + ", timeSliceTarget: \"" +
         std::to_string(r.slice_target) + "\"}\n" +
         "    - {name: ratios, method: ratio-timeslices" + common + slices + "}\n";
}

}  // namespace

World draw_world(std::mt19937& random) {
  Draw draw(random);
  World w;
  const bool large = draw.one_in(35);
  w.end = large ? 300 : draw.pick(40, 110);
  w.counts = draw.one_in(5);
  draw.place(w);
  const int checks = draw.one_in(2) ? 1 : draw.pick(1, draw.one_in(3) ? 4 : 2);
  for (int i = 0; i < checks; ++i)
    w.checks.push_back({"c" + std::to_string(i), 2 * draw.pick(1, 4)});
  w.sub = checks > 1 && draw.one_in(2);
  w.sub_need = draw.pick(1, 2);
  const int children = w.sub ? checks - 1 : checks;
  if (checks > 1 && draw.one_in(2)) w.need = draw.pick(1, children);
  const int vantages = draw.one_in(2) ? 1 : draw.pick(2, large || draw.one_in(4) ? 4 : 2);
  for (int i = 0; i < vantages; ++i) w.vantages.push_back("v" + std::to_string(i));
  if (draw.one_in(3)) draw.hours(w);
  w.versions.push_back(draw.rules(w.end));
  w.versions[0].min_known = std::min(w.versions[0].min_known, vantages);
  if (draw.one_in(3)) w.versions[0].k = draw.pick(1, vantages);
  if (draw.one_in(3)) {
    World::Rules next = w.versions[0];
    next.belief = draw.pick(0, kLongestBelief);
    next.treat = static_cast<UnknownPolicy::Treat>(draw.pick(0, 2));
    next.min_coverage = draw.one_in(3) ? draw.pick(1, 100) : 0;
    next.target = draw.pick(40, 100);
    w.versions.push_back(next);
  }
  return w;
}

void draw_results(World& w, std::mt19937& random) {
  Draw draw(random);
  w.from = draw.pick(w.end / 5, w.end * 2 / 5);
  w.to = w.from + draw.pick(1, w.end * 2 / 5);
  w.as_of.reset();
  if (draw.one_in(3)) w.as_of = draw.pick(w.from + 1, w.to);
  w.force_from = draw.one_in(4) ? draw.pick(w.from - 5, w.to - 1) : 0;
  w.force_to = w.last();
  if (draw.one_in(4)) w.force_to = draw.pick(std::max(w.force_from, w.from) + 1, w.to + 5);
  if (w.versions.size() > 1) {
    w.new_version_at = draw.pick(std::max(w.force_from, w.from) + 1, w.to + 5);
    w.force_to = w.last();
  }
  w.memberships.clear();
  if (w.vantages.size() > 1 && w.versions[0].k == 0 && draw.one_in(3)) {
    w.memberships.push_back({"v1", draw.one_in(2), draw.pick(w.end / 6, w.end * 5 / 6)});
  }
  w.exclusions.clear();
  const int lines = w.versions[0].kinds.empty() ? 0 : draw.pick(0, 4);
  for (int i = 0; i < lines; ++i) {
    World::Exclusion line;
    line.id = "x" + std::to_string(draw.pick(0, 3));
    const World::Kind& kind = w.versions[0].kinds[static_cast<std::size_t>(draw.pick(0, 1))];
    line.kind = kind.name;
    line.from = draw.pick(w.end / 8, w.end * 4 / 5);
    line.to = line.from + draw.pick(1, w.end / 4);
    constexpr const char* kStates[] = {"claimed", "rejected", "withdrawn", "approved"};
    line.state = kStates[draw.one_in(2) ? 3 : draw.pick(0, 3)];
    line.part = w.sub && draw.one_in(3);
    if (!draw.one_in(4)) line.announced = line.from - draw.pick(0, 80);
    line.signed_by = !draw.one_in(6);
    line.evidence = draw.one_in(2);
    line.at = draw.pick(0, w.end * 2 / 3);
    w.exclusions.push_back(line);
  }
  w.seen.clear();
  for (std::size_t c = 0; c < w.checks.size(); ++c) {
    for (std::size_t v = 0; v < w.vantages.size(); ++v) {
      if (draw.one_in(12)) continue;  // a silent vantage
      World::Seen seen{c, v, {}};
      Outcome outcome = Outcome::up;
      for (int t = draw.pick(0, w.end / 5); t < w.end;
           t += draw.one_in(9) ? draw.pick(1, w.end / 7) : w.checks[c].every) {
        if (draw.one_in(5)) outcome = static_cast<Outcome>(draw.pick(0, 2));
        if (!draw.one_in(12)) seen.samples.emplace_back(t, outcome);
      }
      w.seen.push_back(seen);
    }
  }
}

std::vector<std::string> agreement_texts(const World& w) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < w.versions.size(); ++i) {
    const World::Rules& r = w.versions[i];
    const int from = i == 0 ? w.force_from : w.new_version_at;
    std::string effective = "{from: \"" + instant_text(w, from) + "\", timeZone: " + w.zone;
    if (w.force_to < w.last()) effective += ", to: \"" + instant_text(w, w.force_to) + "\"";
    out.push_back("apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: random, version: \"" +
                  std::to_string(i + 1) + "\"}\nspec:\n  effective: " + effective +
                  "}\n  scope: {services: [{name: shop}" + (w.sub ? ", {name: part}" : "") +
                  "]}\n" + calendars_text(w) + measurement_text(w, r) + composition_text(w) +
                  exclusions_text(w, r) + objectives_text(w, r));
  }
  return out;
}

std::string event_lines(const World& w) {
  std::string out;
  for (const World::Exclusion& each : w.exclusions) {
    const std::string at = instant_text(w, each.at);
    out += R"({"type":"exclusion","id":")" + each.id + R"(","kind":")" + each.kind +
           R"(","from":")" + instant_text(w, each.from) + R"(","to":")" + instant_text(w, each.to) +
           (each.part ? R"(","service":"part)" : "") + R"(","state":")" + each.state +
           R"(","at":")" + at + "\"";
    if (each.announced) out += R"(,"announced":")" + instant_text(w, *each.announced) + "\"";
    if (each.signed_by) out += R"(,"approved_by":"customer","approved_at":")" + at + "\"";
    if (each.evidence) out += R"(,"evidence":"letter")";
    out += "}\n";
  }
  for (const World::Membership& each : w.memberships) {
    out += R"({"type":"vantage","name":")" + each.vantage + R"(","event":")" +
           (each.joined ? "joined" : "retired") + R"(","at":")" + instant_text(w, each.at) +
           "\"}\n";
  }
  return out;
}

std::vector<Series> series_of(const World& w) {
  std::vector<Series> out;
  for (const World::Seen& seen : w.seen) {
    Series each{w.checks[seen.check].name, w.vantages[seen.vantage], std::nullopt, {}};
    for (const auto& [second, outcome] : seen.samples) {
      Sample sample;
      sample.at_ns = (w.origin + second) * kNs;
      sample.outcome = outcome;
      each.samples.push_back(sample);
    }
    out.push_back(each);
  }
  return out;
}

Question question_of(const World& w) {
  Question out;
  out.period = instant_text(w, w.from) + "/" + instant_text(w, w.to);
  if (w.as_of) out.as_of = WallTime{(w.origin + *w.as_of) * kNs};
  return out;
}

}  // namespace nines::sla
