// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_words.h"

#include "base/assert.h"

namespace nines::sla {

const Phrase& words_of(Verdict verdict) {
  static constexpr Phrase kMet{"MET", "达标"};
  static constexpr Phrase kBreached{"BREACHED", "未达标"};
  static constexpr Phrase kIndeterminate{"INDETERMINATE", "无法判定"};
  static constexpr Phrase kNoData{"NO_DATA", "无数据"};
  static constexpr Phrase kNotApplicable{"NOT_APPLICABLE", "不适用"};
  switch (verdict) {
    case Verdict::met:
      return kMet;
    case Verdict::breached:
      return kBreached;
    case Verdict::indeterminate:
      return kIndeterminate;
    case Verdict::no_data:
      return kNoData;
    case Verdict::not_applicable:
      return kNotApplicable;
  }
  ASSERT(false);
  return kNoData;
}

const Phrase& words_of(Outlook outlook) {
  static constexpr Phrase kBreachCertain{"BREACH_CERTAIN", "必然未达标"};
  static constexpr Phrase kMetCertain{"MET_CERTAIN", "必然达标"};
  static constexpr Phrase kBreachExpected{"BREACH_EXPECTED", "预计未达标"};
  static constexpr Phrase kOnTrack{"ON_TRACK", "进展正常"};
  switch (outlook) {
    case Outlook::breach_certain:
      return kBreachCertain;
    case Outlook::met_certain:
      return kMetCertain;
    case Outlook::breach_expected:
      return kBreachExpected;
    case Outlook::on_track:
      return kOnTrack;
  }
  ASSERT(false);
  return kOnTrack;
}

const Phrase& words_of(Phase phase) {
  switch (phase) {
    case Phase::not_in_force:
      return words::kNotInForce;
    case Phase::out_of_hours:
      return words::kOutOfHours;
    case Phase::future:
      return words::kStillToCome;
    case Phase::excluded:
      return words::kExcluded;
    case Phase::unknown:
      return words::kUnmeasured;
    case Phase::down:
      return words::kDown;
    case Phase::up:
      return words::kUp;
  }
  ASSERT(false);
  return words::kUnmeasured;
}

namespace {

struct CauseWords {
  Cause cause;
  Phrase phrase;
};

constexpr Cause of(Reason reason) { return static_cast<Cause>(reason); }

constexpr CauseWords kCauses[] = {
    {Cause::unstated, {"no cause was given", "未说明原因"}},
    {Cause::uplink, {"the agent's own uplink was down", "探测端自身上联中断"}},
    {Cause::check_differs, {"the check was not the agreed one", "检查与约定不符"}},
    {Cause::no_results, {"no result is there", "没有测量结果"}},
    {of(Reason::agent_no_descriptor), {"the agent had no file descriptor", "探测端文件描述符用尽"}},
    {of(Reason::agent_no_route), {"the agent's host had no route", "探测端主机没有路由"}},
    {of(Reason::agent_no_resolver),
     {"no name server answered the agent", "探测端无可用域名服务器"}},
    {of(Reason::agent_no_permission), {"the agent's kernel forbade it", "探测端系统不允许"}},
    {of(Reason::agent_no_memory), {"the agent had no memory", "探测端内存不足"}},
    {of(Reason::agent_no_source), {"the agent had no local address", "探测端没有本地地址"}},
    {of(Reason::agent_overloaded), {"the agent was overloaded", "探测端过载"}},
    {of(Reason::agent_overlap), {"an earlier run had not ended", "前一次测量尚未结束"}},
    {of(Reason::agent_suspended), {"the agent's machine slept", "探测端主机休眠"}},
    {of(Reason::agent_stopped), {"the agent was stopped", "探测端已停止"}},
    {of(Reason::agent_clock_step), {"the agent's clock jumped", "探测端时钟跳变"}},
    {of(Reason::agent_internal), {"a fault of the agent", "探测端内部故障"}},
    {of(Reason::agent_configuration), {"the check could not be used", "检查配置不可用"}},
    {of(Reason::exec_unknown), {"the check's program could not tell", "检查程序无法判断"}},
    {of(Reason::agent_policy), {"the agent's rules forbade it", "探测端规则禁止"}},
    {of(Reason::spool_full), {"the agent's spool was full", "探测端缓存已满"}},
    {of(Reason::spool_damaged), {"the agent's disk lost the result", "探测端磁盘损坏丢失结果"}},
};

}  // namespace

const Phrase& words_of(Cause cause) {
  for (const CauseWords& each : kCauses) {
    if (each.cause == cause) return each.phrase;
  }
  return kCauses[0].phrase;
}

}  // namespace nines::sla
