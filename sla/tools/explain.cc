// SPDX-License-Identifier: Apache-2.0
#include "sla/tools/explain.h"

#include <algorithm>
#include <limits>

#include "sla/tools/explain_parts.h"

namespace nines::sla {
namespace {

struct LengthUnit {
  std::int64_t ns;
  const char* en;
  const char* zh;
};

constexpr LengthUnit kUnits[] = {{kDayNs, " d", " 天"},
                                 {kHourNs, " h", " 小时"},
                                 {kMinuteNs, " min", " 分"},
                                 {kSecondNs, " s", " 秒"}};

void explain_frame(Page& page) {
  const Agreement& a = page.a;
  const std::string shown = page.words(a.display_name);
  page.title((shown.empty() ? a.name : shown) + " (" + a.name + " " + a.version + ")");
  const std::string from = local_text(a.zone, a.effective_from);
  if (a.effective_to) {
    const std::string to = local_text(a.zone, *a.effective_to);
    page.say("In force from " + from + " to " + to + ", clock of " + a.zone.name() + ".",
             "有效期自 " + from + " 至 " + to + "(" + a.zone.name() + " 时间)。");
  } else {
    page.say("In force from " + from + ", clock of " + a.zone.name() + ", without end.",
             "自 " + from + " 起生效(" + a.zone.name() + " 时间),无终止日期。");
  }
  if (a.supersedes_version) {
    page.say("It replaces version " + *a.supersedes_version + ".",
             "取代版本 " + *a.supersedes_version + "。");
  }
  if (!a.languages.prevailing.empty()) {
    page.say("Where translations differ, the text in '" + a.languages.prevailing + "' prevails.",
             "译文有出入时,以 “" + a.languages.prevailing + "” 文本为准。");
  }
}

void explain_parties(Page& page) {
  page.heading("Who is bound", "协议双方");
  for (const Party& each : page.a.parties) {
    const std::string role = page.pick(each.id, each.id == "provider"   ? "服务提供方"
                                                : each.id == "customer" ? "客户"
                                                                        : "审计方");
    std::string text = role + ": " + each.name;
    if (!each.contact.empty()) text += ", " + each.contact;
    if (!each.signing_role.empty()) {
      text += page.pick("; signs: ", ";签署人:") + each.signing_role;
    }
    page.item(text, text);
  }
}

void explain_scope(Page& page) {
  const Agreement& a = page.a;
  page.heading("What is covered", "服务范围");
  for (const ScopedService& each : a.scope.services) {
    std::string text = each.name;
    if (!each.description.empty()) text += ": " + page.words(each.description);
    if (!each.endpoints.empty()) text += " (" + page.joined(each.endpoints) + ")";
    page.item(text, text);
  }
  const Scope& scope = a.scope;
  if (!scope.includes.empty()) {
    page.say("Included: " + page.joined(scope.includes) + ".",
             "包括:" + page.joined(scope.includes) + "。");
  }
  if (!scope.excludes.empty()) {
    page.say("Not included: " + page.joined(scope.excludes) + ".",
             "不包括:" + page.joined(scope.excludes) + "。");
  }
  if (!scope.scenarios.empty()) {
    page.say("Made for: " + page.joined(scope.scenarios) + ".",
             "适用场景:" + page.joined(scope.scenarios) + "。");
  }
  page.heading("Why: the needs", "业务需求");
  for (const Need& each : a.need_list) {
    const std::string source = each.source.empty() ? "" : " (" + each.source + ")";
    page.item(each.id + ": " + each.need + source, each.id + ":" + each.need + source);
  }
}

}  // namespace

std::string spoken(const Rational& nanoseconds, Language language) {
  const Integer whole = nanoseconds.floor();
  if (!whole.fits_int64()) return whole.text() + " ns";
  std::int64_t rest = whole.to_int64();
  const bool zh = language == Language::zh;
  if (rest > 0 && rest < kSecondNs) {
    return floor_text(nanoseconds / Rational(1'000'000), rest % 1'000'000 == 0 ? 0 : 3) +
           (zh ? " 毫秒" : " ms");
  }
  std::string out;
  for (const LengthUnit& unit : kUnits) {
    const std::int64_t count = rest / unit.ns;
    rest %= unit.ns;
    if (count == 0) continue;
    out += (out.empty() ? "" : " ") + std::to_string(count) + (zh ? unit.zh : unit.en);
  }
  if (out.empty()) return zh ? "0 秒" : "0 s";
  return out;
}

std::string allowance(const Rational& target, const PeriodRule& rule, Language language) {
  const bool zh = language == Language::zh;
  const auto in = [&](std::int64_t days) {
    return spoken((Rational(1) - target) * Rational(days) * Rational(kDayNs), language);
  };
  constexpr std::int64_t kYear = 365;
  switch (rule.kind) {
    case PeriodRule::Kind::day:
      return zh ? "每天 " + in(1) : in(1) + " a day";
    case PeriodRule::Kind::week:
      return zh ? "每周 " + in(7) : in(7) + " a week";
    case PeriodRule::Kind::month:
      return zh ? "30 天的月份 " + in(30) + ",7 月 " + in(31)
                : in(30) + " in a 30-day month, " + in(31) + " in July";
    case PeriodRule::Kind::quarter:
      return zh ? "90 天的季度 " + in(90) : in(90) + " in a quarter of 90 days";
    case PeriodRule::Kind::year:
      return zh ? "365 天的年份 " + in(kYear) : in(kYear) + " in a year of 365 days";
    default: {
      const std::string days = std::to_string(rule.rolling_days);
      return zh ? "每连续 " + days + " 天 " + in(rule.rolling_days)
                : in(rule.rolling_days) + " in " + days + " days";
    }
  }
}

namespace {

// The shortest and the longest that the hours of one period of the first year are.
std::pair<std::int64_t, std::int64_t> hours_of_periods(const Agreement& a, const Objective& o) {
  constexpr std::int64_t kYear = 366 * kDayNs;
  const std::int64_t begin = a.effective_from.ns;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  const auto look_at = [&](const Interval& period) {
    const std::int64_t length = open_hours(a.calendars, o.hours, period).length();
    least = std::min(least, length);
    most = std::max(most, length);
  };
  if (o.period.kind == PeriodRule::Kind::rolling) {
    const std::int64_t length = o.period.rolling_days * kDayNs;
    for (std::int64_t end = begin + length; end <= begin + length + kYear; end += kDayNs * 7) {
      look_at({end - length, end});
    }
    return {least, most};
  }
  Interval period = period_at(o.period, o.zone, WallTime{begin + 1});
  if (period.from < begin) period = period_at(o.period, o.zone, WallTime{period.to + 1});
  const std::int64_t last = period.from + kYear;
  do {
    look_at(period);
    period = period_at(o.period, o.zone, WallTime{period.to + 1});
  } while (period.to < last);
  return {least, most};
}

std::string each_period(const PeriodRule& rule, bool zh) {
  switch (rule.kind) {
    case PeriodRule::Kind::day:
      return zh ? "每天" : "each day";
    case PeriodRule::Kind::week:
      return zh ? "每周" : "each week";
    case PeriodRule::Kind::month:
      return zh ? "每个自然月" : "each calendar month";
    case PeriodRule::Kind::quarter:
      return zh ? "每个季度" : "each quarter";
    case PeriodRule::Kind::year:
      return zh ? "每个自然年" : "each calendar year";
    default: {
      const std::string days = std::to_string(rule.rolling_days);
      return zh ? "每连续 " + days + " 天" : "any " + days + " days in a row";
    }
  }
}

}  // namespace

std::string allowance(const Agreement& agreement, const Objective& objective, Language language) {
  if (objective.hours == kAlways) return allowance(objective.target, objective.period, language);
  const bool zh = language == Language::zh;
  const auto [least, most] = hours_of_periods(agreement, objective);
  const auto part = [&](std::int64_t hours, const char* word) {
    const Rational spare = (Rational(1) - objective.target) * Rational(hours);
    const std::string whole =
        floor_text(Rational(Integer(hours), Integer(kHourNs)), 0) + (zh ? " 小时" : " h");
    return spoken(spare, language) + (zh ? "（" : " (") + whole + word + (zh ? "）" : ")");
  };
  std::string out = part(least, zh ? "服务时间" : " of hours");
  if (most > least) out += (zh ? " 至 " : " to ") + part(most, "");
  const std::string when = each_period(objective.period, zh);
  return zh ? "首年内" + when + " " + out : out + " in " + when + " of the first year";
}

std::string Page::joined(const std::vector<std::string>& list) const {
  std::string out;
  for (const std::string& each : list) out += (out.empty() ? "" : pick(", ", "、")) + each;
  return out;
}

std::string Page::at(std::string_view path) const {
  const config::Node* found = node(path);
  if (found == nullptr) return "";
  if (found->kind() == config::Node::Kind::scalar) return found->text();
  std::vector<std::string> list;
  for (const config::Node& each : found->items()) list.push_back(each.text());
  return joined(list);
}

std::string Page::spoken_at(std::string_view path) const {
  const std::string text = at(path);
  const auto exact = parse_duration(text);
  if (exact) return length(*exact);
  const auto span = parse_span(text);
  return span ? length(*span) : text;
}

std::string Page::length(const Span& span) const {
  if (span.months == 0) return length(span.exact);
  const bool years = span.months % 12 == 0;
  const std::string count = std::to_string(years ? span.months / 12 : span.months);
  const std::string unit = years ? "year" : "month";
  return pick(count + " " + unit + (count == "1" ? "" : "s"), count + (years ? " 年" : " 个月"));
}

std::string Page::every(const Span& span) const {
  if (span.months == 0 && span.exact == hours(24)) return pick("every day", "每天");
  std::string text = length(span);
  if (span.months > 0 && text.starts_with("1 ") && language_ == Language::en) text.erase(0, 2);
  return pick("every " + text, "每 " + text);
}

std::string Page::party(std::string_view id) const {
  std::string role = pick("the " + std::string(id), id == "provider" ? "服务提供方" : "客户");
  return role;
}

void Page::add(Sentence::Kind kind, std::string text) {
  if (!heading_.empty()) lines_.push_back({Sentence::Kind::heading, std::move(heading_)});
  heading_.clear();
  lines_.push_back({kind, std::move(text)});
}

std::vector<Sentence> explain(const Agreement& agreement,
                              const config::Node& file,
                              Language language) {
  Page page(agreement, file, language);
  explain_frame(page);
  explain_parties(page);
  explain_scope(page);
  explain_presets(page);
  explain_promises(page);
  explain_measurement(page);
  explain_service(page);
  explain_money(page);
  explain_law(page);
  explain_conduct(page);
  explain_duties(page);
  return page.take();
}

}  // namespace nines::sla
