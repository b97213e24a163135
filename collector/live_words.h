// SPDX-License-Identifier: Apache-2.0
// The words of the live page that a report does not have; those that both have are in
// sla/render/report_words.h.
#pragma once

#include "sla/render/report_words.h"

namespace nines::collector::live_words {

using sla::Phrase;

inline constexpr Phrase kLive{"Live state", "实时状态"};
inline constexpr Phrase kAllAgreements{"All agreements", "全部协议"};
inline constexpr Phrase kOtherLanguage{"中文", "English"};
inline constexpr Phrase kAsOf{"as of {0} {1}", "截至 {0} {1}"};
inline constexpr Phrase kStill{
    "Without script this page is a snapshot and does not follow; load it again.",
    "未启用脚本时本页只是快照，不会自动更新，请重新载入。"};

// Staleness.
inline constexpr Phrase kStaleSince{"Stale since", "数据停止更新于"};
inline constexpr Phrase kStaleWhy{
    "The collector has not told anything newer. What stands below is what it knew then, not what "
    "is the case now.",
    "采集端此后没有提供更新的数据。下方内容是当时的情况，不代表现在。"};
inline constexpr Phrase kFiguresOf{"figures as of {0}", "数值截至 {0}"};

// The banner.
inline constexpr Phrase kKept{"Every objective that can be judged is met so far.",
                              "所有可判定的目标目前均已达标。"};
inline constexpr Phrase kMissed{"{0} of {1} objectives miss the target so far.",
                                "{1} 项目标中目前有 {0} 项未达标。"};
inline constexpr Phrase kUndecided{"{0} of {1} objectives cannot be told yet.",
                                   "{1} 项目标中目前有 {0} 项无法判定。"};
inline constexpr Phrase kNothingYet{"Nothing can be judged yet.", "尚无可判定的内容。"};
inline constexpr Phrase kDownNow{"Down right now: {0}.", "当前不可用：{0}。"};

// Objectives.
inline constexpr Phrase kObjectives{"Objectives in the running period", "本期目标"};
inline constexpr Phrase kSoFar{"value so far", "目前实测值"};
inline constexpr Phrase kVerdictSoFar{"verdict so far", "目前结论"};
inline constexpr Phrase kBudgetLeft{"budget left", "剩余预算"};
inline constexpr Phrase kOutlook{"outlook", "展望"};
inline constexpr Phrase kLeftOf{"{0} of {1}", "{0} / {1}"};
inline constexpr Phrase kBarOf{"{0} % of the budget is left", "预算剩余 {0} %"};
inline constexpr Phrase kBarOver{"the budget is used up", "预算已用尽"};
inline constexpr Phrase kNotJudged{"Not judged yet: the first judgement is under way.",
                                   "尚未判定：首次判定正在进行。"};
inline constexpr Phrase kTrouble{"It could not be judged: {0}", "无法判定：{0}"};

// Services and checks.
inline constexpr Phrase kServices{"Services and checks now", "服务与检查现状"};
inline constexpr Phrase kServiceOrCheck{"service or check", "服务或检查"};
inline constexpr Phrase kWholeService{"service {0}", "服务 {0}"};
inline constexpr Phrase kVantage{"vantage", "探测点"};
inline constexpr Phrase kStateNow{"state", "状态"};
inline constexpr Phrase kSince{"since", "自"};
inline constexpr Phrase kWhy{"why", "原因"};
inline constexpr Phrase kUnknown{"unknown", "未知"};
inline constexpr Phrase kBefore{"before {0}", "早于 {0}"};
inline constexpr Phrase kSilent{"no result since {0}", "自 {0} 起没有结果"};
inline constexpr Phrase kNoResults{
    "No result of a check of this agreement has arrived. Do the agents measure these checks, under "
    "these names?",
    "本协议的检查尚无任何结果。探测端是否配置了同名的检查？"};
inline constexpr Phrase kMoreChecks{"And {0} more checks, none worse than these.",
                                    "另有 {0} 项检查，状态不比以上更差。"};

// What people said.
inline constexpr Phrase kOpenIncidents{"Open incidents", "未关闭事件"};
inline constexpr Phrase kNoOpenIncident{"No incident is open.", "没有未关闭的事件。"};
inline constexpr Phrase kOpened{"opened", "开启时间"};
inline constexpr Phrase kOpen{"open", "进行中"};
inline constexpr Phrase kPaused{"paused", "暂停"};
inline constexpr Phrase kWindows{"Maintenance and other exclusions", "维护与其他除外时间"};
inline constexpr Phrase kNoWindow{"None is running or announced.",
                                  "没有正在进行或已公告的除外时间。"};
inline constexpr Phrase kWindow{"window", "窗口"};
inline constexpr Phrase kWhen{"when", "时间状态"};
inline constexpr Phrase kRunningNow{"running now", "正在进行"};
inline constexpr Phrase kToCome{"to come", "即将进行"};
inline constexpr Phrase kStanding{"standing", "认定"};
inline constexpr Phrase kClaimed{"claimed, not yet decided", "已主张，待认定"};
inline constexpr Phrase kDisputed{"disputed", "有争议"};
inline constexpr Phrase kApproved{"approved", "已认可"};
inline constexpr Phrase kAgreed{"in the agreement", "协议约定"};
inline constexpr Phrase kEveryService{"all services", "全部服务"};
inline constexpr Phrase kAndMore{"And {0} more.", "另有 {0} 项。"};

// Reports.
inline constexpr Phrase kSealedReports{"Sealed reports", "已封存报告"};
inline constexpr Phrase kNoSealed{"No period is sealed yet.", "尚无已封存的周期。"};
inline constexpr Phrase kRevision{"revision", "版次"};
inline constexpr Phrase kSealedAt{"sealed", "封存时间"};
inline constexpr Phrase kRunningReport{"The running period as a report", "本期临时报告"};

// Agents and the log.
inline constexpr Phrase kAgents{"Agents", "探测端"};
inline constexpr Phrase kAgent{"agent", "探测端"};
inline constexpr Phrase kLastSeen{"last seen", "最近一次上报"};
inline constexpr Phrase kUnsent{"oldest unsent, at the earliest", "最早的未送达数据不早于"};
inline constexpr Phrase kForks{"broken chains", "断链次数"};
inline constexpr Phrase kNothingKept{"nothing of it is here", "没有它的任何数据"};
inline constexpr Phrase kAgo{"{0} ago", "{0}前"};
inline constexpr Phrase kLog{"Head of the log", "日志树头"};
inline constexpr Phrase kLogWhat{
    "Keep size and root: whoever has them can prove later that nothing before was changed.",
    "请保存条数与根：持有者日后可证明此前的内容未被更改。"};
inline constexpr Phrase kEntries{"entries", "条数"};
inline constexpr Phrase kRoot{"root", "根"};
inline constexpr Phrase kKey{"key of its signature", "签名公钥"};
inline constexpr Phrase kSignedHead{"the signed head", "已签名的树头"};

// Nothing there.
inline constexpr Phrase kNoAgreement{"There is no agreement to show", "没有可显示的协议"};
inline constexpr Phrase kNoneLoaded{
    "The collector has loaded none. Put an agreement's file into its folder of agreements "
    "(collector.agreements), try it with nines sla lint FILE, and let the collector take it: "
    "systemctl reload nines-collector.",
    "采集端尚未载入任何协议。请将协议文件放入协议目录（collector.agreements），用 nines sla lint "
    "FILE "
    "检查，然后执行 systemctl reload nines-collector。"};
inline constexpr Phrase kNoneVisible{
    "None of the agreements that {0} may see is loaded. Who runs the collector can name them in "
    "collector.actors, and load their files.",
    "{0} 有权查看的协议均未载入。请采集端管理员在 collector.actors 中授权并载入协议文件。"};
inline constexpr Phrase kNotThatOne{"No agreement {0} is here to see for you.",
                                    "没有您可查看的协议 {0}。"};
inline constexpr Phrase kNoAgents{
    "No agent has sent anything yet. Is nines-agent running, with this collector in its "
    "configuration? nines status tells on its host.",
    "尚无探测端上报。请确认 nines-agent 正在运行且配置了本采集端；可在其主机上运行 nines status "
    "查看。"};
inline constexpr Phrase kMoreAgreements{"And {0} more agreements; ?agreement=NAME shows one alone.",
                                        "另有 {0} 个协议；用 ?agreement=NAME 单独查看。"};
inline constexpr Phrase kStarting{"The collector has just started and looks at its store.",
                                  "采集端刚刚启动，正在读取数据。"};

}  // namespace nines::collector::live_words
