// SPDX-License-Identifier: Apache-2.0
// Every word of a report, in each language that reports are written in. A phrase exists in all of
// them, with the same places for values, or it does not compile.
#pragma once

#include "sla/input/causes.h"
#include "sla/judge/report.h"
#include "sla/words/phrase.h"

namespace nines::sla {

const Phrase& words_of(Verdict verdict);
const Phrase& words_of(Outlook outlook);
const Phrase& words_of(Phase phase);
const Phrase& words_of(Cause cause);  // a short clause: "the agent was stopped"

namespace words {

// The line of an objective, and what surrounds it.
inline constexpr Phrase kNoData{"no data", "无数据"};
inline constexpr Phrase kTarget{"target {0} %", "目标 {0} %"};
inline constexpr Phrase kAtMost{"at most {0}", "不超过 {0}"};
inline constexpr Phrase kMean{"{0} mean", "平均 {0}"};
inline constexpr Phrase kPercentile{"{0} {1}", "{1} {0}"};
inline constexpr Phrase kLongestOutage{"{0} longest outage", "最长中断 {0}"};
inline constexpr Phrase kMeanOutage{"{0} mean outage", "平均中断 {0}"};
inline constexpr Phrase kNoOutageYet{"no outage,", "无中断，"};
inline constexpr Phrase kCertain{"{0}, certain", "{0}，确定"};
inline constexpr Phrase kWithinUncertainty{"{0}, within measurement uncertainty",
                                           "{0}，在测量误差之内"};
inline constexpr Phrase kBySampling{"{0} by {1} sampling", "按 {1}采样为 {0}"};
inline constexpr Phrase kUnmeasuredShare{"{0} % unmeasured", "{0} % 未测量"};
inline constexpr Phrase kUnmeasuredBounds{"{0}: {1}", "{0}：{1}"};
inline constexpr Phrase kInBrackets{" ({0})", "（{0}）"};
inline constexpr Phrase kSemicolon{"; ", "；"};
inline constexpr Phrase kOverBudget{"{0} over budget", "超出预算 {0}"};
inline constexpr Phrase kBudgetLeft{"{0} of budget left", "预算剩余 {0}"};
inline constexpr Phrase kObjectiveOf{"{0} of {1}", "{1} 的 {0}"};
inline constexpr Phrase kFromTo{"{0} to {1} {2}", "{0} 至 {1} {2}"};
inline constexpr Phrase kProvisional{"provisional, as of {0}", "临时报告，截至 {0}"};
inline constexpr Phrase kSealed{"sealed, revision {0}, cut {1}", "已封存，第 {0} 版，截止 {1}"};
inline constexpr Phrase kWarning{"warning: {0}", "警告：{0}"};

// Units.
inline constexpr Phrase kDays{"{0} d", "{0} 天"};
inline constexpr Phrase kHours{"{0} h", "{0} 小时"};
inline constexpr Phrase kMinutes{"{0} min", "{0} 分"};
inline constexpr Phrase kSeconds{"{0} s", "{0} 秒"};
inline constexpr Phrase kMilliseconds{"{0} ms", "{0} 毫秒"};

// Rows of the table of seconds.
inline constexpr Phrase kUp{"up", "可用"};
inline constexpr Phrase kDown{"down", "不可用"};
inline constexpr Phrase kUnmeasured{"unmeasured", "未测量"};
inline constexpr Phrase kPartlyDown{"partly down", "部分不可用"};
inline constexpr Phrase kNotCharged{"not charged", "不计入"};
inline constexpr Phrase kBlips{"blips", "瞬时失败"};
inline constexpr Phrase kBlipCount{"{0}, count as up", "{0} 次，计为可用"};
inline constexpr Phrase kShortOutages{"short outages", "短时中断"};
inline constexpr Phrase kForgiven{"forgiven", "免计"};
inline constexpr Phrase kForgivenShort{"forgiven, too short to count", "过短，免计"};
inline constexpr Phrase kInExclusions{"in exclusions", "除外窗口内"};
inline constexpr Phrase kCountsAsUp{"counts as up", "计为可用"};
inline constexpr Phrase kOfItBy{"of it by", "其中归因"};
inline constexpr Phrase kCauseIs{"cause: {0}", "原因：{0}"};
inline constexpr Phrase kDisputed{"disputed: {0} ({1}), {2} to {3}, {4} of it charged",
                                  "有争议：{0}（{1}），{2} 至 {3}，其中计入 {4}"};
inline constexpr Phrase kIfAccepted{"if all of it is accepted: {0}{1}, {2} down",
                                    "如全部接受：{0}{1}，不可用 {2}"};
inline constexpr Phrase kResults{"results", "测量结果数"};
inline constexpr Phrase kSuccesses{"successes", "成功次数"};
inline constexpr Phrase kNotInForce{"not in force", "未生效"};
inline constexpr Phrase kOutOfHours{"out of hours", "服务时间外"};
inline constexpr Phrase kExcluded{"excluded", "除外"};
inline constexpr Phrase kStillToCome{"still to come", "尚未到来"};
inline constexpr Phrase kBudget{"budget", "预算"};
inline constexpr Phrase kUsedShare{"{0} % used", "已用 {0} %"};

// Outlook, outages, versions.
inline constexpr Phrase kOutlook{"outlook: {0}", "展望：{0}"};
inline constexpr Phrase kProjected{", {0} down by the end at this pace",
                                   "，照此速度到期末共不可用 {0}"};
inline constexpr Phrase kExhausted{", budget used up on {0}", "，预算将于 {0} 用尽"};
inline constexpr Phrase kForecastRecent{"at the speed of the last seven days: {0} down by the end",
                                        "按最近七天的速度：到期末共不可用 {0}"};
inline constexpr Phrase kForecastDrawn{
    "drawn from {0} past days: {1} of {2} draws miss the target, {3} down on average (seed {4})",
    "由过去 {0} 天抽样：{2} 次中 {1} 次未达标，平均不可用 {3}（种子 {4}）"};
inline constexpr Phrase kBackTest{
    "over {0} earlier periods the forecasts were off on average by: to date {1}, seven days {2}, "
    "drawn {3}",
    "在此前 {0} 个周期中预测的平均偏差：至今 {1}，七天 {2}，抽样 {3}"};
inline constexpr Phrase kOutageFrom{"outage from", "中断开始"};
inline constexpr Phrase kTo{"to", "结束"};
inline constexpr Phrase kLasted{"lasted", "持续"};
inline constexpr Phrase kAtLeast{"at least", "最短"};
inline constexpr Phrase kLongest{"at most", "最长"};
inline constexpr Phrase kOfItCharged{"of it charged in this period: {0}", "其中计入本期：{0}"};
inline constexpr Phrase kAndMore{"and {0} more (--format json has all)",
                                 "另有 {0} 次（--format json 列出全部）"};
inline constexpr Phrase kVersionLine{"version {0}: {1}", "版本 {0}：{1}"};
inline constexpr Phrase kVersionValue{", {0}", "，{0}"};
inline constexpr Phrase kVersionDown{", {0} down of {1}", "，{1} 中不可用 {0}"};

// The page: its head and the summary.
inline constexpr Phrase kReport{"Service level report", "服务级别报告"};
inline constexpr Phrase kAllMet{"Every objective that could be judged is met.",
                                "所有可判定的目标均已达标。"};
inline constexpr Phrase kSomeBreached{"{0} of {1} objectives missed the target.",
                                      "{1} 项目标中有 {0} 项未达标。"};
inline constexpr Phrase kSomeUndecided{
    "{0} of {1} objectives cannot be told: the unmeasured time decides.",
    "{1} 项目标中有 {0} 项无法判定：结论取决于未测量的时间。"};
inline constexpr Phrase kSomeUnmeasured{
    "{0} of {1} objectives were measured too little to be judged.",
    "{1} 项目标中有 {0} 项测量不足，不能判定。"};
inline constexpr Phrase kNothingToJudge{"Nothing of the period is in force.",
                                        "本期内没有生效的约定。"};
inline constexpr Phrase kObjective{"objective", "目标项"};
inline constexpr Phrase kService{"service", "服务"};
inline constexpr Phrase kPeriod{"period", "周期"};
inline constexpr Phrase kTargetHead{"target", "目标"};
inline constexpr Phrase kValue{"value", "实测值"};
inline constexpr Phrase kMargin{"margin", "余量"};
inline constexpr Phrase kVerdict{"verdict", "结论"};
inline constexpr Phrase kSummary{"All objectives", "目标总览"};
inline constexpr Phrase kNone{"–", "–"};

// One objective.
inline constexpr Phrase kCertainHead{"certainty", "确定性"};
inline constexpr Phrase kIsCertain{"certain", "确定"};
inline constexpr Phrase kIsUncertain{"within measurement uncertainty", "在测量误差之内"};
inline constexpr Phrase kWorstBest{"if unmeasured time was down, or up",
                                   "未测量时间全按不可用或全按可用计"};
inline constexpr Phrase kCoverage{"measured", "测量覆盖率"};
inline constexpr Phrase kSamplingRange{"outages as long or as short as {0} sampling allows",
                                       "按 {0}采样，中断取最长或最短"};
inline constexpr Phrase kBudgetUsed{"budget used", "预算已用"};
inline constexpr Phrase kOfBudget{"{0} of {1}", "{0} / {1}"};
inline constexpr Phrase kCourseTitle{"The period, instant by instant", "周期全貌"};
inline constexpr Phrase kSecondsTitle{"Where the time went", "时间分布"};
inline constexpr Phrase kBudgetTitle{"What was left of the budget", "预算余额变化"};
inline constexpr Phrase kBudgetCaption{
    "Thick line: downtime budget that was left. Band: the same with every outage as short or as "
    "long as the samples allow. Dashed: even use until the end. Hatched: unmeasured.",
    "粗线：剩余的不可用时间预算。色带：每次中断按采样允许的最短与最长计。虚线：匀速使用至期末。"
    "斜纹：未测量。"};
inline constexpr Phrase kAxisMinute{"minute", "分"};
inline constexpr Phrase kAxisHour{"hour", "时"};
inline constexpr Phrase kAxisDay{"day", "日"};
inline constexpr Phrase kAxisDayOfYear{"day", "日"};
inline constexpr Phrase kRowHour{"Each row is an hour.", "每行为一小时。"};
inline constexpr Phrase kRowDay{"Each row is a day on the local clock.", "每行为当地一日。"};
inline constexpr Phrase kRowWeek{"Each row is seven days on the local clock.", "每行为当地七日。"};
inline constexpr Phrase kRowMonth{"Each row is a month on the local clock.", "每行为当地一个月。"};
inline constexpr Phrase kRowYear{"Each row is a year on the local clock.", "每行为当地一年。"};
inline constexpr Phrase kRowWhole{"The row is the whole period.", "整行为全部周期。"};
inline constexpr Phrase kDrawnWide{
    "Short stretches are drawn wider than they are, so that they can be seen; the tables have the "
    "exact times.",
    "为便于辨认，很短的时段画得比实际宽；准确时间见表格。"};
inline constexpr Phrase kDrawnInCells{
    "So much happened that the picture is cut into {0} cells; each shows the worst in it.",
    "变化过多，图分为 {0} 格，每格显示其中最差的状态。"};
inline constexpr Phrase kLongDay{"{0} long", "长 {0}"};
inline constexpr Phrase kDownFromTo{"down from {0} to {1}, {2}", "不可用：{0} 至 {1}，{2}"};
inline constexpr Phrase kState{"what", "类别"};
inline constexpr Phrase kLength{"length", "时长"};
inline constexpr Phrase kInSeconds{"seconds", "秒数"};
inline constexpr Phrase kOfAccountable{"of accountable time", "占计量时间"};
inline constexpr Phrase kWholePeriod{"whole period", "全部周期"};
inline constexpr Phrase kOfItPartly{"of the up time: partly down, not charged",
                                    "可用时间中：部分不可用，不计入"};
inline constexpr Phrase kOfItBelieved{
    "of the up time: on belief longer than an interval and a tenth",
    "可用时间中：沿用超过 1.1 个间隔的前次结果"};
inline constexpr Phrase kUnknownBy{"Why time is unmeasured", "未测量的原因"};
inline constexpr Phrase kCause{"cause", "原因"};
inline constexpr Phrase kOutages{"Outages", "中断"};
inline constexpr Phrase kNoOutage{"No outage was seen.", "未发现中断。"};
inline constexpr Phrase kUnseen{"Outages shorter than {0} are not seen by this sampling.",
                                "短于 {0}的中断不能被该采样发现。"};
inline constexpr Phrase kUnseenBound{
    "Outages shorter than {0} are not seen by this sampling; with 95 % confidence they took at "
    "most {1} together.",
    "短于 {0}的中断不能被该采样发现；以 95 % 置信度，其合计不超过 {1}。"};
inline constexpr Phrase kFrom{"from", "开始"};
inline constexpr Phrase kExclusions{"Exclusions", "除外"};
inline constexpr Phrase kKind{"kind", "类别"};
inline constexpr Phrase kDisputes{"Disputed", "争议"};
inline constexpr Phrase kCharged{"charged here", "计入本期"};
inline constexpr Phrase kOutageTimes{"Times are in {0}.", "时间为 {0}。"};
inline constexpr Phrase kMoreOutages{"And {0} more; the report as JSON has all of them.",
                                     "另有 {0} 次；JSON 报告列出全部。"};
inline constexpr Phrase kVersions{"Versions in force", "生效版本"};
inline constexpr Phrase kVersionsRule{
    "Each version is judged over its own time; the period has the worst of their verdicts.",
    "各版本按各自生效的时间判定；本期结论取其中最差者。"};
inline constexpr Phrase kVersion{"version", "版本"};
inline constexpr Phrase kAccountable{"accountable", "计量时间"};
inline constexpr Phrase kBlended{"blended", "加权合并"};
inline constexpr Phrase kSamples{"{0} results entered the figure.", "共有 {0} 个测量结果计入。"};

// Further figures.
inline constexpr Phrase kLatency{"Response times", "响应时间"};
inline constexpr Phrase kQuantile{"quantile", "分位"};
inline constexpr Phrase kResponseTime{"response time", "响应时间"};
inline constexpr Phrase kLatencyCaption{
    "Each bar is the time within which that share of the results was answered. Dashed: the agreed "
    "limit.",
    "每条为该比例的结果在此时间内完成。虚线：约定上限。"};
inline constexpr Phrase kEstimated{"estimated within 1 %", "估计值，误差 1 % 以内"};
inline constexpr Phrase kSlices{"{0} of {1} slices with data are good; {2} without data.",
                                "有数据的 {1} 个时间片中 {0} 个合格；{2} 个无数据。"};
inline constexpr Phrase kInterval95{"95 % interval", "95 % 置信区间"};
inline constexpr Phrase kFailureUpper{
    "No failure was seen; the share of failures is at most {0} % "
    "with 95 % confidence.",
    "未见失败；失败比例以 95 % 置信度不超过 {0} %。"};
inline constexpr Phrase kBurn{"How fast the budget is used", "预算消耗速度"};
inline constexpr Phrase kSeverity{"severity", "级别"};
inline constexpr Phrase kWindows{"windows", "时间窗"};
inline constexpr Phrase kThreshold{"threshold", "阈值"};
inline constexpr Phrase kSpeed{"speed", "速度"};
inline constexpr Phrase kAlert{"alert", "告警"};
inline constexpr Phrase kFires{"fires", "触发"};
inline constexpr Phrase kQuiet{"quiet", "未触发"};
inline constexpr Phrase kFrozen{"frozen: measured too little", "冻结：测量不足"};
inline constexpr Phrase kBurnLine{"burn {0} over {1}: {2} against {3}, {4}",
                                  "消耗速度 {0}（{1}）：{2}，阈值 {3}，{4}"};
inline constexpr Phrase kAlsoLine{"also {0}: {1}, {2} down", "另：{0}：{1}，不可用 {2}"};
inline constexpr Phrase kAlso{"The same over other periods (not judged)", "其他周期（仅供参考）"};

// Support and money.
inline constexpr Phrase kSupport{"Support", "支持响应"};
inline constexpr Phrase kPriority{"priority", "优先级"};
inline constexpr Phrase kIncidents{"incidents", "事件数"};
inline constexpr Phrase kResponded{"responded in time", "按时响应"};
inline constexpr Phrase kResolved{"resolved in time", "按时解决"};
inline constexpr Phrase kMtta{"mean to acknowledge", "平均确认时间"};
inline constexpr Phrase kMttr{"mean to resolve", "平均解决时间"};
inline constexpr Phrase kMtbf{"mean between", "平均间隔"};
inline constexpr Phrase kClocks{"Clocks", "时限"};
inline constexpr Phrase kIncident{"incident", "事件"};
inline constexpr Phrase kClock{"clock", "时限"};
inline constexpr Phrase kLimit{"limit", "上限"};
inline constexpr Phrase kElapsed{"elapsed", "已用"};
inline constexpr Phrase kDue{"due", "到期"};
inline constexpr Phrase kRunning{"running", "进行中"};
inline constexpr Phrase kNoIncident{"no incident", "无事件"};
inline constexpr Phrase kSupportLine{
    "support {0}: {1} incidents, {2} responded in time, {3} resolved in time",
    "支持 {0}：{1} 个事件，按时响应 {2} 个，按时解决 {3} 个"};
inline constexpr Phrase kClockLine{"{0} {1}: {2} of {3}, {4}", "{0} {1}：{2} / {3}，{4}"};
inline constexpr Phrase kNotices{"Notices of incidents to the customer", "向客户的事件通知"};
inline constexpr Phrase kNoticesLine{
    "notices to the customer: {0} incidents, {1} promises kept, {2} missed",
    "向客户的通知：{0} 个事件，履行 {1} 项承诺，未履行 {2} 项"};
inline constexpr Phrase kFirstNotice{"first notice", "首次通知"};
inline constexpr Phrase kLongestSilence{"longest silence", "最长无更新时间"};
inline constexpr Phrase kNoticeLine{"{0} {1}: {2} of {3}, {4} ({5})",
                                    "{0} {1}：{2} / {3}，{4}（{5}）"};
inline constexpr Phrase kPromise{"promise", "承诺"};
inline constexpr Phrase kStretch{"from – to", "起止"};
inline constexpr Phrase kNotYet{"not yet", "尚无"};
inline constexpr Phrase kCreditLine{"credit for {0}: {1} % of the fee, {2}",
                                    "{0} 的补偿：费用的 {1} %，{2}"};
inline constexpr Phrase kCreditSum{"credits together: {0} % of the fee, {1}",
                                   "补偿合计：费用的 {0} %，{1}"};
inline constexpr Phrase kCredits{"Credits", "服务补偿"};
inline constexpr Phrase kOfFee{"of the fee", "占费用"};
inline constexpr Phrase kAmount{"amount", "金额"};
inline constexpr Phrase kTogether{"together, capped and rounded", "合计（封顶并取整后）"};
inline constexpr Phrase kFeeIs{"Fee of the period: {0}.", "本期费用：{0}。"};
inline constexpr Phrase kClaimUntil{"To be claimed until {0}.", "索赔截止：{0}。"};

// Suppliers, each under its own text.
inline constexpr Phrase kSuppliers{"Suppliers, each under its own text",
                                   "供应方（各按其自身文本）"};
inline constexpr Phrase kSupplier{"supplier", "供应方"};
inline constexpr Phrase kOwnText{"its text", "其文本"};
inline constexpr Phrase kSupplierLine{"supplier {0}: {1}", "供应方 {0}：{1}"};
inline constexpr Phrase kBacked{
    "of {0} (ours {1}, the supplier's {2}): {3} charged to us while it was down, {4} of it charged "
    "to the supplier, {5} uncovered",
    "{0}（我方 {1}，供应方 {2}）：其中断期间计入我方 {3}，其中计入供应方 {4}，未覆盖 {5}"};
inline constexpr Phrase kBackedApart{
    "of {0}: ours {1}, the supplier's {2}; their time cannot be laid over each other",
    "{0}：我方 {1}，供应方 {2}；两者的时间无法逐一对应"};
inline constexpr Phrase kSupplierCredit{"supplier {0} owes {1} % of its fee, {2}",
                                        "供应方 {0} 应补偿其费用的 {1} %，{2}"};
inline constexpr Phrase kUncoveredMoney{
    "owed to the customer {0}, claimable from suppliers {1}: uncovered {2}",
    "应付客户 {0}，可向供应方索赔 {1}：未覆盖 {2}"};
inline constexpr Phrase kBackings{"What of our promises they cover", "其对我方承诺的覆盖"};
inline constexpr Phrase kOurs{"ours", "我方"};
inline constexpr Phrase kTheirs{"the supplier's", "供应方"};
inline constexpr Phrase kCausedHere{"charged to us while it was down", "其中断期间计入我方"};
inline constexpr Phrase kCovered{"of it charged to the supplier", "其中计入供应方"};
inline constexpr Phrase kUncoveredTime{"uncovered", "未覆盖"};

// Who signed the texts.
inline constexpr Phrase kSignatures{"signatures", "签署"};
inline constexpr Phrase kSignaturesUnder{"signatures under version {0}: {1}",
                                         "版本 {0} 的签署：{1}"};
inline constexpr Phrase kHands{"provider {0}, customer {1}", "服务提供方 {0}，客户 {1}"};
inline constexpr Phrase kSignedBy{"{0} ({1})", "{0}（{1}）"};
inline constexpr Phrase kNotSigned{"none", "未签署"};

// Where the numbers come from.
inline constexpr Phrase kProvenance{"Where these numbers come from", "数据来源"};
inline constexpr Phrase kAgreement{"agreement", "协议"};
inline constexpr Phrase kDigest{"digest of the text", "文本摘要"};
inline constexpr Phrase kAsOf{"as of", "截至"};
inline constexpr Phrase kStateOfReport{"state", "状态"};
inline constexpr Phrase kIsProvisional{"provisional: not sealed, later results may change it",
                                       "临时：尚未封存，后到的数据可能改变结果"};
inline constexpr Phrase kIsSealed{"sealed: what arrived after the cut is not counted",
                                  "已封存：截止之后到达的数据不计入"};
inline constexpr Phrase kZoneData{"time-zone data", "时区数据"};
inline constexpr Phrase kWarnings{"Warnings", "警告"};
inline constexpr Phrase kHowToRead{"How to read this", "阅读说明"};
inline constexpr Phrase kReadValue{
    "The value is the share of measured time in which the service was up; it is rounded down. "
    "Downtime is rounded up. Verdicts compare exact fractions, never rounded numbers.",
    "实测值为已测量时间中可用时间的比例，向下取整；不可用时间向上取整。判定比较精确分数，"
    "不使用取整后的数值。"};
inline constexpr Phrase kReadUnknown{
    "Time without a result is neither up nor down. MET means that the target is kept even if all "
    "of it was down, BREACHED that it is missed even if all of it was up, INDETERMINATE that it "
    "decides.",
    "没有测量结果的时间既不算可用也不算不可用。达标：即使全按不可用计也满足目标；未达标：即使全按"
    "可用计也不满足；无法判定：结论取决于这部分时间。"};
inline constexpr Phrase kReadOutage{
    "An outage is charged from its first failure to the next success. It lasted at least from its "
    "first to its last failure, and at most from the success before to the success after.",
    "中断从首次失败计到其后首次成功。最短为首次失败至末次失败，最长为前一次成功至后一次成功。"};

}  // namespace words

}  // namespace nines::sla
