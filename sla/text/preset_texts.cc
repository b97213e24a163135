// SPDX-License-Identifier: Apache-2.0
// The published texts. Figures stand here only where the text, or a dated quotation of it, was
// read; `source` says which. Cloud contracts keep the denominator: time that does not count against
// the provider counts as up (effect forgive).
#include <array>

#include "sla/text/presets.h"

namespace nines::sla {
namespace {

constexpr Phrase kNotSaid{
    "the text says nothing of time in which nobody asked; such time is unknown and widens the "
    "verdict",
    "原文未说明无人访问的时间；此类时间按未知处理，并计入结论的区间"};
constexpr Phrase kEc2Source{
    "last updated 25 May 2022, published at aws.amazon.com/compute/sla; read in dated quotations",
    "2022 年 5 月 25 日更新，发布于 aws.amazon.com/compute/sla；据注明日期的引文录入"};
constexpr Phrase kEc2Minutes{
    "a clock minute (UTC) is unavailable as a whole if there were attempts in it and all failed; "
    "others are available as a whole",
    "UTC 时钟的一分钟内有访问且全部失败时，整分钟计为不可用；否则整分钟计为可用"};
constexpr Phrase kAzureSource{
    "consolidated edition of 1 September 2026, section Virtual Machines; read in dated quotations",
    "2026 年 9 月 1 日合订本，“虚拟机” 一节；据注明日期的引文录入"};
constexpr Phrase kAzureMinutes{
    "the text accumulates minutes without connectivity and says nothing of minutes that were so "
    "in part; seconds are added up, not rounded to minutes",
    "原文累计无连接的分钟数，未说明部分不可用的分钟；此处按秒累计，不取整到分钟"};
constexpr Phrase kAzureLeftOut{
    "not modelled: planned maintenance and other exclusions of the common part, the deadline for "
    "claims, the deployment that the promise depends on",
    "未纳入：通用部分的计划维护等除外情形、索赔期限、承诺所依赖的部署条件"};
constexpr Phrase kGoogleMinutes{
    "downtime counts in full minutes since the beginning of each outage; what is left of a minute, "
    "and outages under one minute, are dropped",
    "自每次中断开始按完整分钟计；不足一分钟的余数与不足一分钟的中断均不计"};

constexpr std::array<Preset, 10> kPresets{{
    {"aliyun-ecs@2021-12-18",
     "云服务器 ECS 服务等级协议 (definitions)",
     {"definitions as quoted on developer.aliyun.com on 18 December 2021; the date of the text "
      "itself is not known",
      "定义引自 developer.aliyun.com 2021 年 12 月 18 日的答复；原文自身日期不详"},
     {"one instance: TCP or UDP in both directions, from outside",
      "单个实例：从外部以 TCP 或 UDP 双向访问"},
     kNotSaid,
     {"an outage counts where it lasted a minute or longer, in full minutes since its beginning",
      "中断持续一分钟以上才计入，自开始按完整分钟计"},
     {"not modelled: the promised percentage and the credits, whose figures for that date are not "
      "known (write your own objective and compensation); the promise for several zones",
      "未纳入：承诺的百分比与赔偿比例（该日期的数值不详，请自行写明目标与赔偿）；多可用区承诺"},
     "  measurement: {outageRule: {rule: elapsed-full-minutes}}\n"
     "  exclusions: {effect: forgive}\n"},
    {"aws-ec2-hourly@2022-05-25",
     "Amazon Compute Service Level Agreement (hours that are not charged)",
     kEc2Source,
     {"one instance: connectivity from outside", "单个实例：外部连接"},
     kNotSaid,
     {"a clock hour (UTC) with more than six minutes of unavailability is one that is not charged, "
      "as a whole; others are charged as a whole",
      "UTC 时钟的一小时内不可用超过六分钟，则该小时整小时免费；否则整小时收费"},
     {"not a promise with a percentage: the figure is the share of hours that are charged",
      "并非百分比承诺：所得数值为收费小时所占比例"},
     "  measurement: {outageRule: {rule: down-longer-than, over: 6m, slice: 1h}}\n"
     "  exclusions: {effect: forgive}\n"},
    {"aws-ec2-instance@2022-05-25",
     "Amazon Compute Service Level Agreement (Instance-Level SLA)",
     kEc2Source,
     {"one instance: connectivity from outside", "单个实例：外部连接"},
     kNotSaid,
     kEc2Minutes,
     {"not modelled: the list of exclusions, the hours that are not charged (aws-ec2-hourly), a "
      "smallest amount that is paid; time before and after the agreement counts as up",
      "未纳入：除外情形清单、免费小时（见 "
      "aws-ec2-hourly）、最小赔付额；协议生效前后的时间计为可用"},
     "  measurement: {outageRule: {rule: all-attempts-fail, slice: 1m}}\n"
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: time, target: \"99.5\", period: "
     "{calendar: month}, partialPeriod: assume_up}\n"
     "  compensation:\n"
     "    tiers:\n"
     "      - {objective: uptime, steps: [{from: \"99.5\", credit: \"0\"}, {from: \"99.0\", "
     "credit: "
     "\"10\"}, {from: \"95.0\", credit: \"30\"}, {from: \"0\", credit: \"100\"}]}\n"
     "    claim: {needed: true, billingCyclesAfter: 2}\n"},
    {"aws-ec2-region@2022-05-25",
     "Amazon Compute Service Level Agreement (Region-Level SLA)",
     kEc2Source,
     {"instances in two or more zones of one region, which are down only together: write the "
      "service as {parallel: [zone, zone]}",
      "同一地域两个以上可用区内的实例，全部中断才算中断：请将服务写为 {parallel: [可用区, "
      "可用区]}"},
     kNotSaid,
     kEc2Minutes,
     {"not modelled: the list of exclusions, a smallest amount that is paid",
      "未纳入：除外情形清单、最小赔付额"},
     "  measurement: {outageRule: {rule: all-attempts-fail, slice: 1m}}\n"
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: time, target: \"99.99\", period: "
     "{calendar: month}}\n"
     "  compensation:\n"
     "    tiers:\n"
     "      - {objective: uptime, steps: [{from: \"99.99\", credit: \"0\"}, {from: \"99.0\", "
     "credit: \"10\"}, {from: \"95.0\", credit: \"30\"}, {from: \"0\", credit: \"100\"}]}\n"
     "    claim: {needed: true, billingCyclesAfter: 2}\n"},
    {"aws-s3@2019-07-31",
     "Amazon S3 Service Level Agreement",
     {"last updated 31 July 2019, published at aws.amazon.com/s3/sla/historical; read there",
      "2019 年 7 月 31 日更新，发布于 aws.amazon.com/s3/sla/historical；据该页录入"},
     {"requests of the classes that are not named apart (S3 Standard)",
      "未单列的存储类别的请求（S3 标准）"},
     {"a five-minute interval without a request has no error: it counts as perfect",
      "五分钟间隔内无请求视为无错误，计为完全可用"},
     {"there are no minutes: of each interval the share of failed requests is taken, and these "
      "shares are averaged",
      "不按分钟计：取每个间隔内失败请求的比例，再对各间隔求平均"},
     {"not modelled: the classes with 99.0 %, the list of exclusions, the deadline for claims; "
      "every failed probe counts as an internal error of the service",
      "未纳入：承诺为 99.0 % 的类别、除外情形清单、索赔期限；每次失败的探测均视为服务内部错误"},
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: ratio-timeslices, timeSliceWindow: 5m, "
     "emptySlice: good, target: \"99.9\", period: {calendar: month}}\n"
     "  compensation:\n"
     "    tiers:\n"
     "      - {objective: uptime, steps: [{from: \"99.9\", credit: \"0\"}, {from: \"99.0\", "
     "credit: "
     "\"10\"}, {from: \"95.0\", credit: \"25\"}, {from: \"0\", credit: \"100\"}]}\n"},
    {"azure-vm-set@2026-09-01",
     "Service Level Agreement for Microsoft Online Services (availability set)",
     kAzureSource,
     {"two or more machines in one availability set, which are down only together: write the "
      "service as {parallel: [machine, machine]}",
      "同一可用性集内两台以上虚拟机，全部中断才算中断：请将服务写为 {parallel: [虚拟机, 虚拟机]}"},
     kNotSaid,
     kAzureMinutes,
     kAzureLeftOut,
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: time, target: \"99.95\", period: "
     "{calendar: month}}\n"
     "  compensation:\n"
     "    tiers:\n"
     "      - {objective: uptime, steps: [{from: \"99.95\", credit: \"0\"}, {from: \"99.0\", "
     "credit: \"10\"}, {from: \"95.0\", credit: \"25\"}, {from: \"0\", credit: \"100\"}]}\n"},
    {"azure-vm-single@2026-09-01",
     "Service Level Agreement for Microsoft Online Services (single instance, premium disks)",
     kAzureSource,
     {"one machine whose disks are all Premium SSD or Ultra Disk",
      "所有磁盘均为高级 SSD 或超级磁盘的单台虚拟机"},
     kNotSaid,
     kAzureMinutes,
     kAzureLeftOut,
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: time, target: \"99.9\", period: "
     "{calendar: month}}\n"
     "  compensation:\n"
     "    tiers:\n"
     "      - {objective: uptime, steps: [{from: \"99.9\", credit: \"0\"}, {from: \"99.0\", "
     "credit: "
     "\"10\"}, {from: \"95.0\", credit: \"25\"}, {from: \"0\", credit: \"100\"}]}\n"},
    {"azure-vm-zones@2026-09-01",
     "Service Level Agreement for Microsoft Online Services (availability zones)",
     kAzureSource,
     {"machines in two or more zones of one region, which are down only together: write the "
      "service as {parallel: [zone, zone]}",
      "同一地域两个以上可用区内的虚拟机，全部中断才算中断：请将服务写为 {parallel: [可用区, "
      "可用区]}"},
     kNotSaid,
     kAzureMinutes,
     kAzureLeftOut,
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: time, target: \"99.99\", period: "
     "{calendar: month}}\n"
     "  compensation:\n"
     "    tiers:\n"
     "      - {objective: uptime, steps: [{from: \"99.99\", credit: \"0\"}, {from: \"99.0\", "
     "credit: \"10\"}, {from: \"95.0\", credit: \"25\"}, {from: \"0\", credit: \"100\"}]}\n"},
    {"gcp-compute-single@2025-03-04",
     "Compute Engine Service Level Agreement (a single instance)",
     {"last modified 4 March 2025, published at cloud.google.com/compute/sla; read in quotations",
      "2025 年 3 月 4 日修改，发布于 cloud.google.com/compute/sla；据引文录入"},
     {"one instance of another family than memory-optimised, premium network tier, regions other "
      "than Mexico and Stockholm: connectivity from outside",
      "非内存优化型的单个实例，高级网络层，墨西哥与斯德哥尔摩以外的地域：外部连接"},
     kNotSaid,
     kGoogleMinutes,
     {"not modelled: loss of disk access, the list of exclusions, the cap on credits; claims are "
      "due within 60 days, counted here from the end of the month",
      "未纳入：磁盘访问中断、除外情形清单、赔偿上限；索赔期限 60 天，此处自月末起算"},
     "  measurement: {outageRule: {rule: elapsed-full-minutes}}\n"
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: time, target: \"99.9\", period: "
     "{calendar: month}}\n"
     "  compensation:\n"
     "    tiers:\n"
     "      - {objective: uptime, steps: [{from: \"99.9\", credit: \"0\"}, {from: \"95.0\", "
     "credit: "
     "\"10\"}, {from: \"90.0\", credit: \"25\"}, {from: \"0\", credit: \"100\"}]}\n"
     "    claim: {needed: true, disputeUntil: 60d}\n"},
    {"gcp-compute-zones@2020-04-07",
     "Compute Engine Service Level Agreement (instances in multiple zones)",
     {"last modified 7 April 2020, published at cloud.google.com/compute/sla-20200407; read there",
      "2020 年 4 月 7 日修改，发布于 cloud.google.com/compute/sla-20200407；据该页录入"},
     {"instances in two or more zones, which are down only together: write the service as "
      "{parallel: [zone, zone]}",
      "两个以上可用区内的实例，全部中断才算中断：请将服务写为 {parallel: [可用区, 可用区]}"},
     kNotSaid,
     kGoogleMinutes,
     {"not modelled: the credits, whose table of that date is not known (write your own "
      "compensation); loss of disk access, the list of exclusions",
      "未纳入：赔偿比例（该日期的表格不详，请自行写明）；磁盘访问中断、除外情形清单"},
     "  measurement: {outageRule: {rule: elapsed-full-minutes}}\n"
     "  exclusions: {effect: forgive}\n"
     "  objectives:\n"
     "    - {name: uptime, statistic: availability, method: time, target: \"99.99\", period: "
     "{calendar: month}}\n"},
}};

}  // namespace

std::span<const Preset> presets() { return kPresets; }

}  // namespace nines::sla
