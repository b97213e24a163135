// SPDX-License-Identifier: Apache-2.0
// An HTTP check: resolve, connect, request, follow redirects hop by hop, judge the last answer.
//
// Redirects (301, 302, 303, 307, 308 with a Location) are followed as browsers do: a POST becomes a
// GET at 301 and 302, everything but HEAD at 303. Credentials (Authorization, Cookie, the URL's
// user and the client certificate) go to the first origin only and, once left out, stay out. Phases
// are sums over the hops, so that they add up to the total; address, status and TLS are of the last
// hop.
#pragma once

#include "probes/http_exchange.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and latency are the caller's to judge.
Task<ProbeResult> run_http(Run& run, Tools tools, const HttpSpec& spec);

// What the next hop requests after a redirect with `status` to `to`. False when it was no redirect
// that changes anything but the place.
void redirect(HttpHop& hop, int status, Url to);

// The verdict on a status, and on a whole answer.
Failure judge_status(const HttpSpec& spec, int status);
Failure judge_answer(const HttpSpec& spec, const HttpAnswer& answer, Patterns& patterns);

}  // namespace nines::probes
