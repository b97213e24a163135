// SPDX-License-Identifier: Apache-2.0
// What the probes of one room share. References into the room, which outlives every run.
#pragma once

#include "net/curl_multi.h"
#include "net/resolver.h"
#include "probes/http_token.h"
#include "probes/http_url.h"
#include "probes/icmp_socket.h"
#include "probes/patterns.h"
#include "probes/tls_contexts.h"

namespace nines::probes {

struct Tools {
  net::Resolver& resolver;
  net::CurlMulti& multi;
  IcmpSockets& icmp;
  Patterns& patterns;
  TlsContexts& tls;
  Tokens& tokens;
  Urls& urls;
};

}  // namespace nines::probes
