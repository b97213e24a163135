// SPDX-License-Identifier: Apache-2.0
// What is promised, and how it is measured, in sentences.
#include <algorithm>
#include <map>

#include "sla/tools/explain_parts.h"

namespace nines::sla {
namespace {

using config::Node;
using Statistic = Objective::Statistic;

std::string period_words(const PeriodRule& rule, const Page& page) {
  switch (rule.kind) {
    case PeriodRule::Kind::day:
      return page.pick("each day", "每天");
    case PeriodRule::Kind::week:
      return page.pick("each week", "每周");
    case PeriodRule::Kind::month:
      return page.pick("each calendar month", "每个自然月");
    case PeriodRule::Kind::quarter:
      return page.pick("each quarter", "每个季度");
    case PeriodRule::Kind::year:
      return page.pick("each calendar year", "每个自然年");
    default: {
      const std::string days = std::to_string(rule.rolling_days);
      return page.pick("any " + days + " days in a row", "任意连续 " + days + " 天");
    }
  }
}

std::string hours_of(const Objective& o, const Page& page) {
  const std::string hours = page.at("spec/objectives/" + o.name + "/hours");
  return hours.empty() ? "always" : hours;
}

void availability(const Objective& o, Page& page) {
  const std::string when = period_words(o.period, page);
  const std::string hours = hours_of(o, page);
  const std::string within = hours == "always" ? ""
                                               : page.pick(" within the hours '" + hours + "'",
                                                           "在 “" + hours + "” 时段内");
  std::string how_en = "counted by the second";
  std::string how_zh = "按秒计算";
  if (o.method == Objective::Method::occurrences) {
    how_en = "counted by results";
    how_zh = "按探测次数计算";
  } else if (o.method != Objective::Method::time) {
    how_en = "counted by slices of " + page.length(o.slices.window);
    how_zh = "按 " + page.length(o.slices.window) + "的时间片计算";
  }
  page.item(o.name + ": " + o.service + " is up at least " + o.target_text + " % of " + when +
                within + ", " + how_en + ".",
            o.name + ":" + when + within + " " + o.service + " 的可用率不低于 " + o.target_text +
                " %," + how_zh + "。");
  const std::string minutes = allowance(page.a, o, page.language());
  page.say("This allows " + minutes + ".", "即允许中断:" + minutes + "。");
}

void other(const Objective& o, Page& page) {
  const std::string when = period_words(o.period, page);
  const std::string max = page.length(o.max);
  std::string en;
  std::string zh;
  switch (o.statistic) {
    case Statistic::mean:
      en = "the successful answers of " + o.service + " take at most " + max + " on average";
      zh = o.service + " 成功应答的平均响应时间不超过 " + max;
      break;
    case Statistic::percentile:
      en = "the " + o.percentile + " of the answers of " + o.service + " is at most " + max;
      zh = o.service + " 响应时间的 " + o.percentile + " 不超过 " + max;
      break;
    case Statistic::share_below:
      en = "at least " + o.target_text + " % of the answers of " + o.service + " take less than " +
           page.length(o.threshold);
      zh = o.service + " 至少 " + o.target_text + " % 的应答快于 " + page.length(o.threshold);
      break;
    case Statistic::success_ratio:
      en = "at least " + o.target_text + " % of all probes of " + o.service + " succeed";
      zh = o.service + " 至少 " + o.target_text + " % 的探测成功";
      break;
    case Statistic::longest_outage:
      en = "no outage of " + o.service + " lasts longer than " + max;
      zh = o.service + " 任何一次中断都不超过 " + max;
      break;
    default:
      en = "outages of " + o.service + " last at most " + max + " on average";
      zh = o.service + " 平均恢复时间不超过 " + max;
      break;
  }
  page.item(o.name + ": in " + when + ", " + en + ".", o.name + ":" + when + "," + zh + "。");
}

void beside(const Objective& o, Page& page) {
  std::vector<std::string> list = o.also.percentiles;
  for (const auto& each : o.also.periods) list.push_back(period_words(each.rule, page));
  if (!list.empty()) {
    page.say("Reported beside it: " + page.joined(list) + ".",
             "同时报告:" + page.joined(list) + "。");
  }
  if (o.serves.empty()) return;
  page.say("It serves " + page.joined(o.serves) + ".", "对应需求:" + page.joined(o.serves) + "。");
}

void explain_checks(Page& page) {
  for (const MeasuredCheck& each : page.a.checks) {
    const std::string every = page.length(each.check.every);
    page.item(
        each.check.name + " measures " + each.service + " every " + every + ": " +
            each.check.target(),
        each.check.name + " 每 " + every + " 测量 " + each.service + ":" + each.check.target());
  }
}

void explain_outage_rule(const OutageRule& rule, Page& page) {
  const std::string slice = page.length(rule.slice);
  switch (rule.kind) {
    case OutageRule::Kind::elapsed_full_minutes:
      return page.say("Of each outage only the full minutes since its beginning count.",
                      "每次中断自开始起只计完整的分钟。");
    case OutageRule::Kind::all_attempts_fail:
      return page.say(
          "A slice of " + slice +
              " (UTC clock) is down as a whole if there were attempts in it and all "
              "failed; else it is up.",
          "UTC 时钟每 " + slice + "为一片：片内有访问且全部失败则整片中断，否则整片可用。");
    case OutageRule::Kind::error_rate: {
      const std::string share = floor_text(rule.share * Rational(100), 3);
      const std::string least = std::to_string(rule.minimum);
      return page.say("A slice of " + slice + " (UTC clock) with at least " + least +
                          " attempts is down as a whole if more than " + share +
                          " % of them failed.",
                      "UTC 时钟每 " + slice + "为一片：至少 " + least + " 次访问且失败超过 " +
                          share + " % 则整片中断。");
    }
    case OutageRule::Kind::down_longer_than:
      return page.say("A slice of " + slice + " (UTC clock) that was down for more than " +
                          page.length(rule.over) + " is down as a whole; else it is up.",
                      "UTC 时钟每 " + slice + "为一片：中断超过 " + page.length(rule.over) +
                          "则整片中断，否则整片可用。");
  }
}

void explain_rules(Page& page) {
  const Agreement& a = page.a;
  const std::string from = page.joined(a.vantages);
  if (!a.vantages.empty()) {
    page.say("Measured from " + from + ".", "测量点:" + from + "。");
  }
  const std::string m = "spec/measurement/";
  if (a.quorum.k) {
    const std::string k = std::to_string(*a.quorum.k);
    const std::string n =
        a.quorum.of ? std::to_string(*a.quorum.of) : std::to_string(a.vantages.size());
    page.say("A check is down when at least " + k + " of " + n + " see it down.",
             n + " 个测量点中至少 " + k + " 个判定失败,才算失败。");
  }
  if (page.node(m + "confirm") != nullptr) {
    const std::string down = page.at(m + "confirm/downAfter");
    const std::string up = page.at(m + "confirm/upAfter");
    page.say("An outage is confirmed by " + (down.empty() ? "1" : down) +
                 " failures in a row and dates from the first; it ends with " +
                 (up.empty() ? "1" : up) + " successes in a row, from the first of them.",
             "连续 " + (down.empty() ? "1" : down) + " 次失败确认中断,自第一次失败起算;连续 " +
                 (up.empty() ? "1" : up) + " 次成功确认恢复,自第一次成功起算。");
  }
  if (page.node(m + "belief") != nullptr) {
    const std::string belief = page.spoken_at(m + "belief");
    page.say("A result is believed until the next one, at most for " + belief +
                 "; time beyond that is unmeasured, never uptime.",
             "一次结果在下一次之前有效,最长 " + belief + ";超出的时间为 “未测量”,不计为可用。");
  }
  if (page.node(m + "minimumOutage") != nullptr) {
    std::string en =
        "Outages shorter than " + page.spoken_at(m + "minimumOutage/duration") + " are forgiven";
    std::string zh = "短于 " + page.spoken_at(m + "minimumOutage/duration") + "的中断予以免计";
    if (const std::string gap = page.spoken_at(m + "minimumOutage/mergeGap"); !gap.empty()) {
      en += ", those less than " + gap + " apart count as one";
      zh += ",间隔不足 " + gap + "的合并为一次";
    }
    if (const std::string cap = page.spoken_at(m + "minimumOutage/forgivenCap"); !cap.empty()) {
      en += ", and at most " + cap + " are forgiven in a period";
      zh += ",每个周期最多免计 " + cap;
    }
    page.say(en + ".", zh + "。");
  }
  if (a.outage_rule) explain_outage_rule(*a.outage_rule, page);
  if (a.canaries && !a.canaries->empty()) {
    page.say(
        "While none of the canaries (" + page.joined(*a.canaries) +
            ") answers, the agent itself is cut off: its failures are unmeasured time.",
        "金丝雀(" + page.joined(*a.canaries) + ")全部无应答时,视为探针自身断网,其失败记为未测量。");
  }
  const bool provider = a.unknown.burden == UnknownPolicy::Burden::provider;
  page.say(
      provider ? "Where unmeasured time decides, the burden of proof is the provider's."
               : "Where unmeasured time decides, the burden of proof is the customer's.",
      provider ? "未测量时间影响结论时,由服务提供方举证。" : "未测量时间影响结论时,由客户举证。");
  if (const std::string late = page.spoken_at(m + "lateDataUntil"); !late.empty()) {
    page.say("Results that arrive later than " + late + " after a period are shown, not counted.",
             "周期结束 " + late + "之后到达的数据只列示,不计入。");
  }
}

void explain_composition(Page& page) {
  const Node* composition = page.node("spec/composition");
  if (composition == nullptr) return;
  for (const auto& [service, rule] : composition->entries()) {
    const std::string path = "spec/composition/" + service.text() + "/";
    if (const std::string list = page.at(path + "serial"); !list.empty()) {
      page.item(service.text() + " is down when any of these is: " + list,
                service.text() + ":以下任一中断即中断:" + list);
    } else if (const std::string any = page.at(path + "parallel"); !any.empty()) {
      page.item(service.text() + " is down when all of these are: " + any,
                service.text() + ":以下全部中断才算中断:" + any);
    } else if (const std::string need = page.at(path + "need"); !need.empty()) {
      const std::string of = page.at(path + "of");
      page.item(service.text() + " needs " + need + " of these: " + of,
                service.text() + ":以下至少 " + need + " 个可用:" + of);
    }
  }
}

void explain_window(const Node& window, Page& page) {
  const auto text = [&](const char* key) {
    const Node* found = window.find(key);
    return found != nullptr ? found->text() : std::string();
  };
  const auto length = parse_duration(text("duration"));
  const std::string lasts = length ? page.length(*length) : text("until");
  page.item("window " + text("name") + ": from " + text("dtstart") + " (" + text("timeZone") +
                "), " + text("rrule") + ", " + lasts,
            "窗口 " + text("name") + ":自 " + text("dtstart") + "(" + text("timeZone") + "),规则 " +
                text("rrule") + ",时长 " + lasts);
}

void explain_kind(const std::string& kind, Page& page) {
  const std::string path = "spec/exclusions/kinds/" + kind + "/";
  std::string en = kind + ":";
  std::string zh = kind + ":";
  if (const std::string notice = page.spoken_at(path + "notice"); !notice.empty()) {
    en += " announced " + notice + " ahead;";
    zh += "提前 " + notice + "通知;";
  }
  if (const std::string allowance = page.spoken_at(path + "allowance"); !allowance.empty()) {
    en += " at most " + allowance + " a period;";
    zh += "每周期最多 " + allowance + ";";
  }
  if (const std::string needs = page.at(path + "needs"); !needs.empty()) {
    en += " needs " + needs + ";";
    zh += "需要 " + needs + ";";
  }
  if (const std::string causes = page.at(path + "causes"); !causes.empty()) {
    en += " for " + causes + ";";
    zh += "原因:" + causes + ";";
  }
  if (en.ends_with(';')) en.back() = '.';
  page.item(en, zh);
  const Node* windows = page.node(path + "windows");
  if (windows == nullptr) return;
  for (const Node& each : windows->items()) explain_window(each, page);
}

void explain_exclusions(Page& page) {
  const Node* exclusions = page.node("spec/exclusions");
  if (exclusions == nullptr) return;
  page.heading("What does not count", "不计入的时间");
  const std::string effect = page.at("spec/exclusions/effect");
  if (effect == "forgive") {
    page.say("Excluded downtime counts as up; the time it is measured against stays whole.",
             "免责时段内的中断计为可用,分母不变。");
  } else if (effect == "remove_down") {
    page.say("Excluded downtime leaves the calculation; excluded uptime stays in it.",
             "免责时段内的中断不计入,可用时间仍计入。");
  } else {
    page.say("Excluded windows leave the calculation altogether, up and down alike.",
             "免责时段整体退出计算,可用与中断均不计。");
  }
  if (const Node* kinds = page.node("spec/exclusions/kinds"); kinds != nullptr) {
    for (const auto& [kind, value] : kinds->entries()) explain_kind(kind.text(), page);
  }
  if (const std::string order = page.at("spec/exclusions/precedence"); !order.empty()) {
    page.say("Where kinds overlap, the first of these counts: " + order + ".",
             "多种原因重叠时,按顺序取第一种:" + order + "。");
  }
  if (page.node("spec/unplanned") != nullptr) {
    page.say("Emergency maintenance counts as downtime.", "紧急维护计为中断。");
  }
}

}  // namespace

void explain_promises(Page& page) {
  page.heading("What is promised", "服务承诺");
  for (const Objective& each : page.a.objectives) {
    if (each.statistic == Statistic::availability) {
      availability(each, page);
    } else {
      other(each, page);
    }
    beside(each, page);
  }
}

void explain_measurement(Page& page) {
  page.heading("How it is measured", "测量方法");
  explain_checks(page);
  explain_composition(page);
  explain_rules(page);
  explain_exclusions(page);
}

}  // namespace nines::sla
