// SPDX-License-Identifier: Apache-2.0
// The parts of the `http:` mapping of a check. Internal to config/: http_decoder.cc calls these.
#pragma once

#include "config/kind_decoders.h"

namespace nines::config {

// The text of `key`, of the file that `key`_file names, or of the systemd credential that
// `key`_credential names; one of them. Complaints never show it.
std::optional<std::string> take_secret(Mapping& mapping,
                                       const std::string& key,
                                       const KindContext& context,
                                       Complaints& complaints);

// What the service manager put into $CREDENTIALS_DIRECTORY under the name of `node`.
std::optional<std::string> read_credential(const Node& node,
                                           const KindContext& context,
                                           std::size_t limit,
                                           Complaints& complaints);

std::string_view trimmed(std::string_view text);

// `headers`, `headers_file`, `headers_credential`, `bearer`, `basic`, `oauth2`.
void take_headers(Mapping& mapping,
                  const KindContext& context,
                  HttpSpec& spec,
                  Complaints& complaints);

bool has_header(const HttpSpec& spec, std::string_view name);

// `expect` or `warn`, whichever `node` is of; `what` names it. `spec` is what it is about.
HttpExpect decode_http_expect(const Node& node,
                              const std::string& what,
                              const HttpSpec& spec,
                              const KindContext& context,
                              Complaints& complaints);

}  // namespace nines::config
