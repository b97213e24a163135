// SPDX-License-Identifier: Apache-2.0
// Service, money, law and conduct, in sentences.
#include "sla/tools/explain_parts.h"

namespace nines::sla {
namespace {

using config::Node;

// Texts of one list that have a form of their own for each entry.
template <class Each>
void each_entry(const Page& page, std::string_view path, const Each& each) {
  const Node* list = page.node(path);
  if (list == nullptr) return;
  for (const Node& item : list->items()) {
    each([&](const char* key) {
      const Node* found = item.find(key);
      return found != nullptr ? found->text() : std::string();
    });
  }
}

std::string length_of(const std::string& text, const Page& page) {
  const auto span = parse_span(text);
  return span ? page.length(*span) : text;
}

void explain_reliability(Page& page) {
  const Reliability& r = page.a.safeguards.reliability;
  page.heading("Reliability", "可靠性保障");
  if (r.minimum_nodes || r.sites) {
    const std::string nodes = std::to_string(r.minimum_nodes.value_or(1));
    const std::string sites = std::to_string(r.sites.value_or(1));
    page.say("At least " + nodes + " nodes on " + sites + " sites.",
             "至少 " + nodes + " 个节点、" + sites + " 个站点。");
  }
  if (r.backup_every) {
    std::string keep = r.backup_keep ? page.length(*r.backup_keep) : "";
    page.say(
        "A backup " + page.every(*r.backup_every) + (keep.empty() ? "" : ", kept for " + keep) +
            ".",
        page.every(*r.backup_every) + "备份一次" + (keep.empty() ? "" : ",保留 " + keep) + "。");
  }
  if (r.rto || r.rpo) {
    const std::string rto = r.rto ? page.length(*r.rto) : "–";
    const std::string rpo = r.rpo ? page.length(*r.rpo) : "–";
    page.say("After a disaster the service is back within " + rto + " and loses at most " + rpo +
                 " of data.",
             "灾难后 " + rto + "内恢复,数据损失不超过 " + rpo + "。");
  }
}

void explain_support(Page& page) {
  page.heading("Support", "支持机制");
  each_entry(page, "spec/support/channels", [&](const auto& text) {
    std::string address = text("number") + text("address") + text("url");
    page.item(text("type") + ": " + address + " (hours: " + text("hours") + ")",
              text("type") + ":" + address + "(时段:" + text("hours") + ")");
  });
  each_entry(page, "spec/support/priorities", [&](const auto& text) {
    page.item("priority " + text("name") + " (" + text("when") + "): answered within " +
                  length_of(text("response"), page) + ", resolved within " +
                  length_of(text("resolve"), page) + ", hours: " + text("hours"),
              "优先级 " + text("name") + "(" + text("when") +
                  "):" + length_of(text("response"), page) + "内响应," +
                  length_of(text("resolve"), page) + "内解决,时段:" + text("hours"));
  });
}

void explain_capability(Page& page) {
  const Safeguards& s = page.a.safeguards;
  page.heading("Means and risks", "能力与风险");
  if (!s.capability.roster_calendar.empty()) {
    const std::string people = std::to_string(s.capability.minimum_on_call);
    page.say("On call: at least " + people + ", hours '" + s.capability.roster_calendar + "'.",
             "值班:至少 " + people + " 人,时段 “" + s.capability.roster_calendar + "”。");
  }
  if (!s.capability.peak.empty()) {
    const std::string headroom = s.capability.headroom.empty() ? "" : ", " + s.capability.headroom;
    page.say("Capacity for " + s.capability.peak +
                 (headroom.empty() ? "" : headroom + " headroom") + ".",
             "容量:" + s.capability.peak +
                 (headroom.empty() ? "" : ",余量 " + s.capability.headroom) + "。");
  }
  if (!s.capability.growth.empty()) {
    const std::string extend = page.words(s.capability.extend);
    page.say(
        "Expected growth: " + s.capability.growth + (extend.empty() ? "" : "; " + extend) + ".",
        "预计增长:" + s.capability.growth + (extend.empty() ? "" : ";" + extend) + "。");
  }
  for (const Risk& risk : s.risks) {
    const std::string answer = risk.answer.empty() ? "" : "; " + risk.answer;
    const std::string owner = risk.owner.empty() ? "" : " (" + risk.owner + ")";
    page.item("risk " + risk.id + ", " + risk.what + answer + owner,
              "风险 " + risk.id + ":" + risk.what + answer + owner);
  }
  for (const Supplier& each : s.suppliers) {
    std::string en = "supplier " + each.name + " (" + page.joined(each.covers) + ")";
    std::string zh = "供应方 " + each.name + "(" + page.joined(each.covers) + ")";
    if (each.promise) {
      en += " promises " + each.promise_text + " %";
      zh += "承诺 " + each.promise_text + " %";
    }
    if (each.response) {
      en += " answers within " + page.length(*each.response);
      zh += "在 " + page.length(*each.response) + "内响应";
    }
    page.item(en, zh);
  }
}

void explain_tiers(Page& page) {
  const Node* tiers = page.node("spec/compensation/tiers");
  if (tiers == nullptr) return;
  for (const Node& tier : tiers->items()) {
    const auto text = [&](const char* key) {
      const Node* found = tier.find(key);
      return found != nullptr ? found->text() : std::string();
    };
    const std::string objective = text("objective");
    if (const Node* steps = tier.find("steps"); steps != nullptr) {
      std::string en;
      std::string zh;
      for (const Node& step : steps->items()) {
        const Node* from = step.find("from");
        const Node* credit = step.find("credit");
        if (from == nullptr || credit == nullptr) continue;
        en += (en.empty() ? "" : ", ") + std::string("from ") + from->text() +
              " %: " + credit->text() + " %";
        zh += (zh.empty() ? "" : ",") + from->text() + " % 起返还 " + credit->text() + " %";
      }
      page.item(objective + ": " + en + " of the fee", objective + ":" + zh);
      continue;
    }
    const std::string missed = text("missed");
    if (missed.empty()) continue;
    const bool each = text("perOccurrence") == "true";
    const std::string max = text("max");
    page.item(objective + ": " + missed + " % of the fee " +
                  (each ? "each time it is missed" : "when it is missed") +
                  (max.empty() ? "" : ", at most " + max + " %"),
              objective + ":" + (each ? "每次未达标返还 " : "未达标返还 ") + missed + " %" +
                  (max.empty() ? "" : ",最多 " + max + " %"));
  }
}

}  // namespace

void explain_service(Page& page) {
  explain_reliability(page);
  explain_support(page);
  explain_capability(page);
}

void explain_money(Page& page) {
  page.heading("What a miss costs", "赔偿");
  const std::string fee = page.at("spec/compensation/fee/monthly");
  if (!fee.empty()) {
    const std::string currency = page.at("spec/compensation/fee/currency");
    page.say("The fee is " + fee + " " + currency + " a month.",
             "月费 " + fee + " " + currency + "。");
  }
  explain_tiers(page);
  if (const std::string cap = page.at("spec/compensation/cap/percentOfFee"); !cap.empty()) {
    page.say("All credits together: at most " + cap + " % of the fee.",
             "返还总额不超过月费的 " + cap + " %。");
  }
  const Guarantee& g = page.a.terms.guarantee;
  if (g.deposit) {
    page.say("A deposit of " + g.deposit->amount_text + " is drawn when " + g.deposit->objective +
                 " is below " + g.deposit->below_text + " %.",
             "保证金 " + g.deposit->amount_text + ",当 " + g.deposit->objective + " 低于 " +
                 g.deposit->below_text + " % 时动用。");
  }
  if (g.insurance) {
    const std::string until = g.insurance->valid_until ? iso_date(*g.insurance->valid_until) : "–";
    page.say("Insurance (" + g.insurance->type + ") over " + g.insurance->sum_text +
                 ", valid until " + until + ".",
             "保险(" + g.insurance->type + ")保额 " + g.insurance->sum_text + ",有效期至 " + until +
                 "。");
  }
  if (g.reserve) {
    page.say("A reserve of " + g.reserve_text + " % of revenue.",
             "风险储备金:收入的 " + g.reserve_text + " %。");
  }
}

void explain_law(Page& page) {
  const Legal& l = page.a.terms.legal;
  page.heading("Law and disputes", "法律与争议");
  if (l.data_protection) {
    const DataProtection& d = *l.data_protection;
    page.say("Personal data: " + page.joined(d.laws) + "; controller " + d.controller +
                 ", processor " + d.processor + ", kept in " + d.residency + ".",
             "个人信息:" + page.joined(d.laws) + ";控制者 " + d.controller + ",处理者 " +
                 d.processor + ",存储地 " + d.residency + "。");
    if (d.keep_results && d.keep_reports) {
      page.say("Results are kept for " + page.length(*d.keep_results) + ", reports for " +
                   page.length(*d.keep_reports) + ".",
               "结果保留 " + page.length(*d.keep_results) + ",报告保留 " +
                   page.length(*d.keep_reports) + "。");
    }
  }
  for (const auto& [asset, who] : l.intellectual_property) {
    page.item(asset + ": " + who, asset + ":" + who);
  }
  if (!l.liability_cap.empty()) {
    page.say(
        "Liability is capped at " + l.liability_cap + ", not for " +
            page.joined(l.liability_not_for) + ".",
        "责任上限:" + l.liability_cap + ",但不适用于 " + page.joined(l.liability_not_for) + "。");
  }
  if (!l.governing_law.empty()) {
    page.say("Governing law: " + l.governing_law + ".", "适用法律:" + l.governing_law + "。");
  }
  for (const DisputeStep& each : l.disputes) {
    std::string where = each.body + each.court;
    if (!each.seat.empty()) where += (where.empty() ? "" : ", ") + each.seat;
    const std::string within =
        each.within ? page.pick(" within ", ",期限 ") + page.length(*each.within) : "";
    const std::string text = page.pick("dispute: ", "争议:") + each.step +
                             (where.empty() ? "" : " (" + where + ")") + within;
    page.item(text, text);
  }
  const Revision& r = page.a.terms.revision;
  page.heading("How it may change", "修订");
  if (!r.may_propose.empty()) {
    page.say("Changes may be proposed by: " + page.joined(r.may_propose) + ".",
             "可提出修订的一方:" + page.joined(r.may_propose) + "。");
  }
  if (r.notice) {
    page.say("A new version takes effect " + page.length(*r.notice) +
                 " after both signatures at the earliest.",
             "新版本最早在双方签署 " + page.length(*r.notice) + "后生效。");
  }
  if (!r.procedure.empty()) {
    page.say("Steps: " + page.joined(r.procedure) + ".", "步骤:" + page.joined(r.procedure) + "。");
  }
}

void explain_conduct(Page& page) {
  const Conduct& c = page.a.conduct;
  page.heading("Working together", "协作与沟通");
  if (!c.communication.portal_url.empty()) {
    page.say("Both sides see the same figures at " + c.communication.portal_url + ".",
             "双方在 " + c.communication.portal_url + " 查看同一数据。");
  }
  std::size_t step = 0;
  for (const EmergencyStep& each : c.communication.emergency) {
    const std::string number = std::to_string(++step);
    page.item("emergency " + number + ": " + each.via + " to " + page.joined(each.to) +
                  ", acknowledged within " + page.length(each.ack_within) + ", else the next",
              "紧急联系 " + number + ":" + each.via + " → " + page.joined(each.to) + "," +
                  page.length(each.ack_within) + "内未确认则进入下一步");
  }
  if (c.feedback.answer_within) {
    page.say("Feedback is answered within " + page.length(*c.feedback.answer_within) + ".",
             "反馈在 " + page.length(*c.feedback.answer_within) + "内答复。");
  }
  if (c.improvement.plan_within) {
    page.say("On a gap (" + c.improvement.gap_trigger + ") there is a plan within " +
                 page.length(*c.improvement.plan_within) + ", by " + c.improvement.gap_owner + ".",
             "出现差距(" + c.improvement.gap_trigger + ")后 " +
                 page.length(*c.improvement.plan_within) +
                 "内提出改进计划,责任人:" + c.improvement.gap_owner + "。");
  }
}

void explain_duties(Page& page) {
  page.heading("Who owes what, and when", "义务与日期");
  for (const Duty& each : page.a.duties) {
    std::string en = each.owner + ": " + each.what;
    std::string zh = each.owner + ":" + each.what;
    if (each.every) {
      en += ", " + page.every(*each.every);
      zh += "," + page.every(*each.every);
    }
    if (each.within) {
      en += ", within " + page.length(*each.within);
      zh += ",期限 " + page.length(*each.within);
    }
    if (each.until) {
      en += ", until " + iso_date(*each.until);
      zh += ",截至 " + iso_date(*each.until);
    }
    if (!each.evidence.empty()) {
      en += " (proof: " + each.evidence + ")";
      zh += "(凭证:" + each.evidence + ")";
    }
    page.item(en, zh);
  }
}

}  // namespace nines::sla
