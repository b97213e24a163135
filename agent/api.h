// SPDX-License-Identifier: Apache-2.0
// The local API: GET /v1/status, /v1/checks, /v1/checks/{name}, /v1/checks/{name}/history,
// /v1/spool, /healthz, /readyz, /metrics. Answers from memory alone.
#pragma once

#include "agent/agent.h"
#include "net/http_message.h"

namespace nines::agent {

net::HttpResponse answer_local(const Agent::View& view, const net::HttpRequest& request);

// The Prometheus text of /metrics.
std::string metrics_text(const Agent::View& view);

}  // namespace nines::agent
