// SPDX-License-Identifier: Apache-2.0
// What the collector answers: who may ask what, and where the answer comes from. Reads run on a
// thread and a connection of their own, each on one state of the store, so that a long report holds
// up neither the loop nor a commit. At most kMaxReads wait, then 503.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "collector/alerting.h"
#include "collector/database.h"
#include "collector/identity.h"
#include "collector/ingest.h"
#include "collector/journal.h"
#include "collector/judge.h"
#include "collector/live.h"
#include "collector/log.h"
#include "net/http_message.h"
#include "net/http_server.h"

namespace nines::collector {

inline constexpr std::size_t kMaxReads = 64;
inline constexpr Duration kLiveEvery = seconds(10);   // looks for the live page
inline constexpr std::size_t kMaxExport = 256 << 20;  // bytes of results in one answer

struct ReloadStatus {
  bool ok = true;
  WallTime at;
};

// Whose log this is, and what signs its heads.
struct LogIdentity {
  LogId id{};
  SigningKey key;
};

// One objective as it stands, for /metrics.
struct Standing {
  std::string agreement, objective, service, verdict;
  std::optional<std::string> ratio;          // decimal
  std::optional<std::string> budget_left_s;  // decimal
};

class Api {
 public:
  // All must outlive it; `reader` is a connection that only `read_thread` touches.
  Api(const Clock& clock,
      DiskThread& read_thread,
      Database& reader,
      Ingest& ingest,
      Journal& journal,
      LogIdentity log);

  // Of the TLS port and the Unix socket.
  std::optional<net::HttpResponse> gate(const net::HttpRequest& request);
  Task<net::HttpResponse> answer(const net::HttpRequest& request);

  // Of the metrics port, where nobody is known: /metrics, /healthz, /readyz.
  Task<net::HttpResponse> answer_open(const net::HttpRequest& request);

  void set_agreements(std::shared_ptr<const Agreements> agreements);

  const std::shared_ptr<const Agreements>& agreements() const { return agreements_; }

  void set_actors(Actors actors) { actors_ = std::move(actors); }

  void set_reload(ReloadStatus status) { reload_ = status; }

  // What the server in front refused by itself, for /metrics. The source must outlive the API's
  // use.
  void set_server(const net::HttpServer& server) { server_ = &server; }

  // Where alerts are read and acknowledged; must outlive the API's use.
  void set_alerting(Alerting& alerting) { alerting_ = &alerting; }

  // Judges every agreement as of now, for /metrics and the live page. `take` is given each report,
  // on the reading thread.
  using TakeReport = std::function<void(const sla::Report&, const std::vector<sla::Agreement>&)>;
  Task<void> refresh_standings(TakeReport take = {});

  // Where it is time: looks at how everything stands, for the live page. Only one call at a time.
  Task<void> refresh_live();

 private:
  using Read = std::function<net::HttpResponse(Database&)>;
  Task<net::HttpResponse> read(Read work);
  Task<net::HttpResponse> route_read(const net::HttpRequest& request);
  Task<net::HttpResponse> about_agent(const net::HttpRequest& request, const Identity& who);
  const Actor* actor_of(const Identity& who) const;
  // Whether the peer may read this; a restricted actor what concerns its agreements.
  bool may_read(const Identity& who, const net::HttpRequest& request) const;
  net::HttpResponse ready() const;
  static bool is_live(const net::HttpRequest& request);
  net::HttpResponse live_answer(const net::HttpRequest& request, const Identity& who) const;
  Read metrics() const;
  Read report_read(const net::HttpRequest& request) const;
  Read revisions_read(const net::HttpRequest& request) const;
  Read bundle_read(const net::HttpRequest& request) const;
  Read results_read(const net::HttpRequest& request) const;
  Read check_read(const net::HttpRequest& request) const;
  Read slots_read(const net::HttpRequest& request) const;
  Read events_read(const net::HttpRequest& request) const;
  Read log_read(const net::HttpRequest& request) const;  // null: no such path
  Read alerts_read(const net::HttpRequest& request) const;
  Task<net::HttpResponse> acknowledge(const net::HttpRequest& request, const Identity& who);

  const Clock& clock_;
  DiskThread& read_thread_;
  Database& reader_;
  Ingest& ingest_;
  Journal& journal_;
  const LogIdentity log_;
  Actors actors_;
  std::shared_ptr<const Agreements> agreements_;
  std::shared_ptr<const std::vector<Standing>> standings_;
  std::shared_ptr<const Judgements> judgements_;
  std::shared_ptr<const Live> live_;  // null until the first look
  BootTime live_at_{}, next_live_{};
  ReloadStatus reload_;
  const net::HttpServer* server_ = nullptr;
  Alerting* alerting_ = nullptr;
  std::size_t reads_ = 0;
};

}  // namespace nines::collector
