// SPDX-License-Identifier: Apache-2.0
#include "collector/alerting.h"

#include <algorithm>

#include "alerts/message.h"
#include "base/log.h"
#include "collector/alert_store.h"
#include "collector/journal.h"
#include "sla/text/versions.h"

namespace nines::collector {
namespace {

using alerts::Delivery;
using alerts::Sent;
using net::HttpResponse;

constexpr Duration kPoll = minutes(1);   // of the deliveries, where nothing is due before
constexpr int kMostRounds = 3;           // of looks for what the collector itself just said
constexpr std::size_t kMostEnded = 200;  // ended alerts and deliveries in an answer

std::uint64_t seed() {
  std::array<std::uint8_t, 8> bytes{};
  fill_entropy(bytes);
  return get_le<std::uint64_t>(bytes.data());
}

std::string name_of(const Store& store) { return to_hex(store.incarnation()).substr(0, 16); }

const alerts::Alertmanager* states(const alerts::Channel& channel) {
  return std::get_if<alerts::Alertmanager>(&channel.how);
}

const std::string& label(const alerts::Alert& alert, const std::string& name) {
  static const std::string kNone;
  const auto found = alert.condition.labels.find(name);
  return found == alert.condition.labels.end() ? kNone : found->second;
}

std::vector<alerts::Chain> chains_of(const Agreements& agreements, WallTime now) {
  std::vector<alerts::Chain> out;
  for (const auto& [name, versions] : agreements.all()) {
    const auto ordered = sla::order_versions(versions);
    if (!ordered) continue;
    const auto& agreed = sla::version_at(*ordered, now.ns).agreement->conduct.communication;
    if (!agreed.emergency.empty()) out.push_back({name, agreed.emergency, agreed.contacts});
  }
  return out;
}

}  // namespace

std::optional<std::string> alert_key(std::string_view path) {
  constexpr std::string_view kPrefix = "/v1/alerts/", kSuffix = "/ack";
  const auto around = kPrefix.size() + kSuffix.size();
  if (!path.starts_with(kPrefix) || !path.ends_with(kSuffix) || path.size() <= around) {
    return std::nullopt;
  }
  return std::string(path.substr(kPrefix.size(), path.size() - around));
}

Alerting::Alerting(asio::io_context& io,
                   const Clock& clock,
                   DiskThread& read_thread,
                   Database& reader,
                   DiskThread& disk,
                   Store& store)
    : io_(io),
      clock_(clock),
      read_thread_(read_thread),
      reader_(reader),
      disk_(disk),
      store_(store),
      log_id_(store.incarnation()),
      log_key_(store.log_key()),
      book_(name_of(store)),
      channels_(io, clock),
      watch_(std::make_shared<AlertWatch>(clock.wall())),
      random_(seed()),
      work_(io),
      tasks_(io) {}

Expected<void> Alerting::open() {
  TRY(rows, read_alerts(store_.database()));
  book_.restore(rows.alerts, rows.groups, rows.deliveries, rows.head_day);
  return {};
}

void Alerting::set_settings(std::shared_ptr<const alerts::Settings> settings,
                            const Agreements& agreements) {
  settings_ = std::move(settings);
  chains_ = chains_of(agreements, clock_.wall());
  follow_chains();
  work_.notify();
}

void Alerting::follow_chains() {
  if (!settings_) return;
  auto followed = alerts::follow_chains(*settings_, chains_);
  for (const auto& note : followed.notes) log::warning(note, {});
  book_.set_settings(std::make_shared<const alerts::Settings>(std::move(followed.settings)));
}

void Alerting::take_reports(Reported reported) {
  for (auto& [agreement, conditions] : reported) reported_[agreement] = std::move(conditions);
}

Task<void> Alerting::watch(InForce agreements) {
  while (!stop_.requested()) {
    const auto begun = clock_.boot();
    if (settings_) {
      auto looking = look(agreements());
      co_await std::move(looking);
    }
    // A long look comes seldom: it takes a tenth of the reading thread at most.
    const auto end = clock_.boot();
    const auto next = end + std::max<Duration>(kAlertsEvery, (end - begun) * 10);
    auto nap = sleep_until(io_, clock_, next, stop_);
    co_await std::move(nap);
  }
}

// Whoever keeps heads can tell later whether the log was changed: they go out by themselves,
// once a day. The day is durable together with the messages.
Task<void> Alerting::send_head() {
  const auto now = clock_.wall();
  if (!book_.head_due(now)) co_return;
  auto made = std::make_shared<Expected<std::string>>();
  std::function<void()> work = [db = &reader_, id = log_id_, key = log_key_, now, made] {
    const Database::Snapshot snapshot(*db);
    *made = head_json(sign_head(*db, id, key, now));
    const auto failure = db->take_failure();
    if (!failure) *made = Unexpected(failure.error());
  };
  auto running = read_thread_.run(std::move(work));
  co_await std::move(running);
  if (!*made) {
    log::error("the head of the log could not be sent", {{"why", made->error().message}});
    co_return;
  }
  book_.send_head(**made, now);
  auto persisting = persist();
  co_await std::move(persisting);
}

Task<void> Alerting::look(std::shared_ptr<const Agreements> agreements) {
  auto sending = send_head();
  co_await std::move(sending);
  const auto settings = settings_;
  auto seen = std::make_shared<Seen>();
  for (int round = 0; round < kMostRounds; ++round) {
    auto looked = std::make_shared<Expected<Seen>>();
    std::function<void()> work = [db = &reader_, watch = watch_, agreements, settings, looked,
                                  now = clock_.wall()] {
      const Database::Snapshot snapshot(*db);
      *looked = watch->look(*db, *agreements, *settings, now);
    };
    auto running = read_thread_.run(std::move(work));
    co_await std::move(running);
    if (!*looked) {
      log::error("alerts could not be looked for", {{"why", looked->error().message}});
      co_return;
    }
    *seen = **looked;
    auto saying = say(seen);
    const bool said = co_await std::move(saying);
    if (!said) break;
  }
  if (settings != settings_ || !settings_) co_return;  // a reload meanwhile: look again
  const auto now = clock_.wall();
  take(*seen, *agreements, now);
  book_.advance(now);
  auto persisting = persist();
  co_await std::move(persisting);
}

// What the collector states of incidents, each in a transaction of its own. Whether anything was.
Task<bool> Alerting::say(std::shared_ptr<Seen> seen) {
  if (seen->to_say.empty()) co_return false;
  auto said = std::make_shared<std::size_t>(0);
  std::function<void()> work = [store = &store_, seen, said, now = clock_.wall()] {
    for (const auto& each : seen->to_say) {
      const auto written = store->write(
          [&](Database& db) { return record_own(db, each.agreement, each.event, now); });
      *said += written ? 1 : 0;
      const auto why = written ? each.event.value("note", std::string()) : written.error().message;
      log::write(written ? log::Level::notice : log::Level::warning,
                 written ? "incident stated" : "an incident could not be stated",
                 {{"agreement", each.agreement},
                  {"incident", each.event.value("id", std::string())},
                  {"event", each.event.value("event", std::string())},
                  {"why", why}});
    }
  };
  auto running = disk_.run(std::move(work));
  co_await std::move(running);
  co_return *said > 0;
}

void Alerting::take(const Seen& seen, const Agreements& agreements, WallTime now) {
  std::string complaints;
  for (const auto& each : seen.complaints) complaints += each + "\n";
  if (complaints != complained_ && !complaints.empty()) {
    log::warning("alerts could not be looked for everywhere", {{"why", complaints}});
  }
  complained_ = complaints;
  if (auto chains = chains_of(agreements, now); chains != chains_) {
    chains_ = std::move(chains);
    follow_chains();
  }
  std::set<std::string> sources{"agents", "certificates"};
  for (const auto& [name, versions] : agreements.all()) {
    sources.insert("incidents:" + name);
    sources.insert("duties:" + name);
    sources.insert("reports:" + name);
  }
  book_.keep_sources(sources, now);
  std::erase_if(reported_, [&](const auto& one) { return agreements.find(one.first) == nullptr; });
  book_.apply("agents", seen.agents, now);
  if (seen.certificates) book_.apply("certificates", *seen.certificates, now);
  for (auto [name, conditions] : seen.incidents) {
    alerts::silence(conditions, seen.silenced);
    book_.apply("incidents:" + name, std::move(conditions), now);
  }
  for (const auto& [name, conditions] : seen.duties) {
    book_.apply("duties:" + name, conditions, now);
  }
  for (auto [name, conditions] : reported_) {
    alerts::silence(conditions, seen.silenced);
    book_.apply("reports:" + name, std::move(conditions), now);
  }
}

Task<void> Alerting::persist() {
  auto changes = std::make_shared<alerts::Changes>(book_.take_changes());
  if (changes->empty()) co_return;
  auto kept = std::make_shared<Expected<void>>();
  std::function<void()> work = [store = &store_, changes, kept] {
    *kept = store->write([&](Database& db) -> Expected<void> {
      keep_alerts(db, *changes);
      return {};
    });
  };
  auto running = disk_.run(std::move(work));
  co_await std::move(running);
  if (*kept) {
    book_.made_durable(*changes);
  } else {
    book_.put_back(*changes);
    log::error("alerts could not be kept", {{"why", kept->error().message}});
  }
  work_.notify();
}

Task<void> Alerting::deliver() {
  while (!stop_.requested()) {
    pump();
    const auto until = next_due();
    auto waiting = work_.wait_until(clock_, until);
    co_await std::move(waiting);
  }
}

void Alerting::stop() {
  stop_.request();
  work_.notify();
}

Task<void> Alerting::join() {
  auto joining = tasks_.join();
  co_await std::move(joining);
}

bool Alerting::has_work(const alerts::Channel& channel, const Run& run) const {
  if (book_.next_for(channel.name) != nullptr) return true;
  const auto* manager = states(channel);
  if (manager == nullptr) return false;
  if (run.stated && clock_.boot() - *run.stated < manager->resend) return false;
  const auto stated = book_.stated_by(channel.name, clock_.wall());
  return !stated.empty();
}

// Starts an attempt wherever one is due.
void Alerting::pump() {
  if (!settings_) return;
  for (const auto& channel : settings_->channels) {
    auto& run = runs_[channel.name];
    if (run.busy || clock_.boot() < run.not_before || !has_work(channel, run)) continue;
    run.busy = true;
    auto task = attempt(channel.name);
    tasks_.spawn("deliver", std::move(task));
  }
}

BootTime Alerting::next_due() const {
  const auto now = clock_.boot();
  auto due = now + kPoll;
  if (!settings_) return due;
  for (const auto& channel : settings_->channels) {
    const auto found = runs_.find(channel.name);
    if (found == runs_.end() || found->second.busy) continue;
    const auto& run = found->second;
    if (run.not_before > now) due = std::min(due, run.not_before);
    if (const auto* manager = states(channel); manager != nullptr && run.stated) {
      due = std::min(due, std::max(now, *run.stated + manager->resend));
    }
  }
  return std::max(due, now + milliseconds(10));
}

Task<void> Alerting::attempt(std::string name) {
  const auto settings = settings_;
  const auto* channel = settings ? settings->channel(name) : nullptr;
  if (channel == nullptr) {  // a reload took it away just now
    runs_.erase(name);
    co_return;
  }
  std::vector<std::uint64_t> deliveries;
  std::string message;
  const auto now = clock_.wall();
  if (const auto* manager = states(*channel)) {
    // One statement of how all stands now answers every delivery that waits.
    for (const auto& [id, delivery] : book_.deliveries()) {
      const bool waits = delivery.state == Delivery::State::waiting && id <= book_.durable();
      if (waits && delivery.channel == name) deliveries.push_back(id);
    }
    const auto since = runs_[name].stated_wall.value_or(now - kStatedFor);
    message = alerts::alertmanager_json(book_.stated_by(name, since), now + manager->resend * 4);
  } else if (const auto* next = book_.next_for(name)) {
    deliveries.push_back(next->id);
    message = next->payload;
  }
  auto sending = channels_.send(*channel, std::move(message), stop_);
  const auto sent = co_await std::move(sending);
  auto& run = runs_[name];
  run.busy = false;
  // What a stop cut off was not delivered, and is no failure of the channel.
  if (stop_.requested() && sent.result != Sent::Result::delivered) co_return;
  if (states(*channel) != nullptr) {
    run.stated = clock_.boot();
    if (sent.result == Sent::Result::delivered) run.stated_wall = now;
  }
  settle(name, deliveries, sent);
  auto persisting = persist();
  co_await std::move(persisting);
  work_.notify();
}

void Alerting::settle(const std::string& name,
                      const std::vector<std::uint64_t>& deliveries,
                      const Sent& sent) {
  auto& run = runs_[name];
  ++attempts_[{name, std::string(alerts::name(sent.result))}];
  for (const auto id : deliveries) book_.settle(id, sent, clock_.wall());
  if (sent.result == Sent::Result::failed) {
    ++run.failures;
    constexpr unsigned kMostDoublings = 9;
    const auto most = std::min<Duration>(
        kBackoffFirst * (1 << std::min(run.failures, kMostDoublings)), kBackoffMost);
    run.not_before =
        clock_.boot() + sent.retry_after.value_or(random_.between(milliseconds(100), most));
  } else {
    run.failures = 0;
    run.not_before = {};
  }
  if (sent.result == Sent::Result::delivered) {
    log::info("alerts delivered", {{"channel", name}});
  } else if (run.failures <= 1) {
    log::warning("alerts could not be delivered",
                 {{"channel", name},
                  {"result", std::string(alerts::name(sent.result))},
                  {"why", sent.detail}});
  }
}

Task<HttpResponse> Alerting::acknowledge(std::string key, const Actor* actor, std::string by) {
  const auto* alert = book_.find(key);
  if (alert == nullptr) {
    co_return HttpResponse::problem(404, "no alert '" + key + "' is pending or firing");
  }
  key = alert->condition.key;
  const auto& agreement = label(*alert, "agreement");
  const bool sees =
      actor == nullptr || (agreement.empty() ? actor->sees_all : actor->sees(agreement));
  if (!sees || (actor != nullptr && actor->party == Party::auditor)) {
    co_return HttpResponse::problem(403, by + " may not acknowledge this alert");
  }
  const auto done = book_.acknowledge(key, {by, clock_.wall()});
  if (!done) co_return HttpResponse::problem(404, done.error().message);
  auto persisting = persist();
  co_await std::move(persisting);
  const auto* after = book_.find(key);
  if (after == nullptr) co_return HttpResponse::problem(404, "it ended meanwhile");
  co_return HttpResponse::json(200, alerts::alert_json(*after).dump() + "\n");
}

nlohmann::json Alerting::json(const std::optional<std::string>& agreement) const {
  auto list = nlohmann::json::array();
  const auto put = [&](const alerts::Alert& alert) {
    if (agreement && label(alert, "agreement") != *agreement) return;
    auto one = alerts::alert_json(alert);
    one["group"] = alert.group;
    const auto group = book_.groups().find(alert.group);
    one["step"] = group == book_.groups().end() ? 0 : group->second.reached;
    list.push_back(std::move(one));
  };
  for (const auto& [key, alert] : book_.active()) put(alert);
  const auto& ended = book_.ended();
  std::size_t shown = 0;
  for (auto at = ended.rbegin(); at != ended.rend() && shown < kMostEnded; ++at, ++shown) put(*at);
  nlohmann::json out{{"configured", settings_ != nullptr}, {"alerts", std::move(list)}};
  if (agreement) return out;  // of channels only those are told who may see everything
  auto deliveries = nlohmann::json::array();
  shown = 0;
  for (auto at = book_.deliveries().rbegin(); at != book_.deliveries().rend() && shown < kMostEnded;
       ++at, ++shown) {
    deliveries.push_back(alerts::delivery_json(at->second));
  }
  out["deliveries"] = std::move(deliveries);
  return out;
}

AlertCounters Alerting::counters() const {
  AlertCounters out;
  for (const auto* state : {"pending", "firing"}) out.alerts[state] = 0;
  for (const auto& [key, alert] : book_.active()) ++out.alerts[std::string(name(alert.state))];
  if (settings_) {
    for (const auto& channel : settings_->channels) out.waiting[channel.name] = 0;
  }
  for (const auto& [id, delivery] : book_.deliveries()) {
    if (delivery.state == Delivery::State::waiting) ++out.waiting[delivery.channel];
  }
  out.attempts = attempts_;
  out.left_out = book_.left_out();
  return out;
}

}  // namespace nines::collector
