// SPDX-License-Identifier: Apache-2.0
// An HTTP check: resolve, connect, request, follow redirects hop by hop, judge the last answer.
//
// Redirects (301, 302, 303, 307, 308 with a Location) are followed as browsers do: a POST becomes a
// GET at 301 and 302, everything but HEAD at 303. Credentials (Authorization, Cookie, the URL's
// user and the client certificate) go to the first origin only and, once left out, stay out;
// cookies that a redirect sets go where they belong. Each hop keeps its own phases; those of the
// result are sums over the hops. Address, status and TLS are of the last hop. Family and source
// hold on every hop; a pinned address stands for its host on every hop.
#pragma once

#include "probes/http_exchange.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and limits are the caller's to judge.
//
// With `all_addresses` each address of the host is measured with a walk of its own, all at the same
// time, so that each has the whole deadline and a dead one takes nothing from the others. The
// result is of the first address that is down, else of the first that is not up, else of the first.
Task<Failure> run_http(Run& run, Tools tools, const HttpSpec& spec, ProbeResult& result);

// What the next hop requests after a redirect with `status` to `to`.
void redirect(HttpHop& hop, int status, Url to);

}  // namespace nines::probes
