// SPDX-License-Identifier: Apache-2.0
#include "sla/tools/coverage.h"

#include <algorithm>

#include "config/node_path.h"

namespace nines::sla {
namespace {

struct GuidelinePart {
  const char* path;
  const char* en;
  const char* zh;
};

struct Item {
  const char* id;
  const char* en;
  const char* zh;
  std::vector<GuidelinePart> parts;
};

const std::vector<Item>& items() {
  static const std::vector<Item> kItems{
      {"1.1",
       "scope and goals",
       "服务范围与目标",
       {{"spec/scope/services", "services", "服务清单"},
        {"spec/scope/includes", "what is included", "包括的内容"},
        {"spec/scope/excludes", "what is not included", "不包括的内容"},
        {"spec/scope/scenarios", "scenarios", "适用场景"}}},
      {"1.2",
       "key performance indicators",
       "关键绩效指标",
       {{"spec/objectives", "objectives", "目标"},
        {"spec/objectives/1/serves", "the need that they serve", "对应的需求"},
        {"spec/effective/to", "an end of the term", "终止日期"}}},
      {"1.3",
       "availability and reliability",
       "可用性与可靠性",
       {{"spec/exclusions/kinds/maintenance", "planned outages", "计划内中断"},
        {"spec/unplanned", "unplanned outages", "计划外中断"},
        {"spec/reliability/redundancy", "redundancy", "冗余"},
        {"spec/reliability/backup", "backup", "数据备份"},
        {"spec/reliability/disasterRecovery", "disaster recovery", "灾难恢复"}}},
      {"1.4",
       "response and support",
       "服务响应与支持",
       {{"spec/support/priorities", "priorities with times", "优先级与时限"},
        {"spec/support/channels", "channels", "支持渠道"},
        {"spec/support/reporting", "how to report", "报告方式"}}},
      {"2.1",
       "needs and goals",
       "需求分析与目标对齐",
       {{"spec/needs", "needs", "需求"},
        {"spec/needs/1/source", "where they come from", "需求来源"}}},
      {"2.2",
       "capability and resources",
       "能力评估与资源规划",
       {{"spec/capability/roster", "people on call", "值班"},
        {"spec/capability/capacity", "capacity", "容量"},
        {"spec/capability/growth", "growth", "扩展"},
        {"spec/capability/feasibility", "feasibility", "可行性"}}},
      {"2.3",
       "risks and answers",
       "风险识别与应对",
       {{"spec/risks", "risks", "风险"}, {"spec/risks/1/answer", "answers to them", "应对策略"}}},
      {"2.4",
       "negotiated terms",
       "条款协商与确认",
       {{"spec/parties/provider/signs", "signature of the provider", "服务方签署"},
        {"spec/parties/customer/signs", "signature of the customer", "客户签署"},
        {"spec/obligations/provider", "duties of the provider", "服务方义务"},
        {"spec/obligations/customer", "duties of the customer", "客户义务"}}},
      {"3.1",
       "monitoring and evaluation",
       "监控与绩效评估",
       {{"spec/measurement/checks", "checks", "检测项"},
        {"spec/measurement/canaries", "proof of the agents' own health", "探针自检"},
        {"spec/measurement/unknown", "what unmeasured time means", "未测量时间的规则"},
        {"spec/improvement/gap", "gap analysis", "差距分析"}}},
      {"3.2",
       "feedback and changed needs",
       "客户反馈与需求调整",
       {{"spec/feedback/survey", "survey", "满意度调查"},
        {"spec/feedback/form", "feedback form", "反馈表单"},
        {"spec/revision/mayPropose", "who may propose changes", "可提出修订的一方"}}},
      {"3.3",
       "technology and processes",
       "技术升级与流程优化",
       {{"spec/improvement/technology", "review of technology", "技术评审"},
        {"spec/improvement/automation", "automation", "自动化"}}},
      {"3.4",
       "revision and versions",
       "协议修订与版本管理",
       {{"spec/revision/procedure", "procedure", "流程"},
        {"spec/revision/notice", "notice", "通知期"},
        {"spec/revision/archive", "archive", "存档"}}},
      {"4.1",
       "lawfulness",
       "法律合规性",
       {{"spec/legal/dataProtection/laws", "data protection", "数据保护"},
        {"spec/legal/dataProtection/retention", "retention", "保留期限"},
        {"spec/legal/intellectualProperty", "intellectual property", "知识产权"}}},
      {"4.2",
       "liability and compensation",
       "风险分担与责任界定",
       {{"spec/compensation/tiers", "compensation", "赔偿标准"},
        {"spec/exclusions/kinds/customer", "faults of the customer", "客户原因"},
        {"spec/exclusions/kinds/force_majeure", "force majeure", "不可抗力"},
        {"spec/legal/liability", "liability", "责任范围"}}},
      {"4.3",
       "disputes",
       "争议解决",
       {{"spec/legal/disputes", "steps", "步骤"},
        {"spec/legal/governingLaw", "governing law", "适用法律"},
        {"spec/legal/evidence", "evidence", "证据"}}},
      {"4.4",
       "insurance and guarantees",
       "保险与保障措施",
       {{"spec/guarantee/insurance", "insurance", "保险"},
        {"spec/guarantee/deposit", "deposit", "保证金"},
        {"spec/guarantee/reserve", "reserve", "储备金"}}},
      {"5.1",
       "culture of cooperation",
       "协作文化",
       {{"spec/communication/meetings", "meetings", "双方会议"},
        {"spec/obligations/customer", "what the customer contributes", "客户配合"}}},
      {"5.2",
       "communication",
       "沟通机制",
       {{"spec/communication/portal", "portal", "门户"},
        {"spec/communication/notices", "notices", "通知"},
        {"spec/communication/emergency", "emergency chain", "紧急沟通"}}},
      {"5.3", "training", "客户教育与培训", {{"spec/training", "training", "培训"}}},
      {"5.4",
       "improvement loop",
       "反馈与改进机制",
       {{"spec/feedback/improvements", "improvements with owners", "改进责任"},
        {"spec/feedback/form/closeWithin", "a date to close feedback", "关闭期限"},
        {"spec/improvement/postmortem", "postmortems", "事后分析"}}},
      {"6.1",
       "automation and prediction",
       "智能化与自动化",
       {{"spec/improvement/prediction", "prediction", "预测"},
        {"spec/improvement/automation", "automatic reports", "自动报告"}}},
      {"6.2",
       "made for this customer",
       "个性化与定制化",
       {{"spec/parties/customer", "the customer", "客户"},
        {"spec/needs", "its needs", "客户需求"},
        {"spec/calendars", "its hours", "服务时段"}}},
      {"6.3",
       "driven by data",
       "数据驱动与实时优化",
       {{"spec/alerting", "alerts on the budget", "预算告警"},
        {"spec/improvement/prediction/backtest", "back-tested forecasts", "预测回测"}}},
      {"6.4",
       "partners",
       "生态与合作伙伴",
       {{"spec/suppliers", "suppliers", "供应方"},
        {"spec/suppliers/1/role", "their roles", "角色"},
        {"spec/composition", "how parts make the service", "组成"}}},
  };
  return kItems;
}

bool says(const config::Node& file, const char* path) {
  const config::Node* node = config::node_at(file, path);
  return node != nullptr &&
         (!node->text().empty() || !node->items().empty() || !node->entries().empty());
}

}  // namespace

std::size_t CoveredItem::present() const {
  return static_cast<std::size_t>(std::count_if(
      parts.begin(), parts.end(), [](const CoveredPart& each) { return each.present; }));
}

std::vector<CoveredItem> coverage(const config::Node& file, Language language) {
  const bool zh = language == Language::zh;
  std::vector<CoveredItem> out;
  for (const Item& item : items()) {
    CoveredItem covered{item.id, zh ? item.zh : item.en, {}};
    for (const GuidelinePart& part : item.parts) {
      covered.parts.push_back({part.path, zh ? part.zh : part.en, says(file, part.path)});
    }
    out.push_back(std::move(covered));
  }
  return out;
}

}  // namespace nines::sla
