// SPDX-License-Identifier: Apache-2.0
// The names that people give to the numbers of DNS: types of records and codes of answers, as IANA
// lists them. A number without a name is written TYPE123 or RCODE17 (RFC 3597 section 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace nines {

// Upper case; "TYPE1" is A.
std::optional<std::uint16_t> dns_type_number(std::string_view name);
std::string dns_type_name(std::uint16_t type);

std::optional<std::uint16_t> dns_rcode_number(std::string_view name);
std::string dns_rcode_name(std::uint16_t rcode);

// A name that may be asked for: labels of 1 to 63 letters, digits, '-', '_', '*' and '/', 253 bytes
// in all without the dot at its end; "." is the root.
Expected<void> check_dns_name(std::string_view name);

}  // namespace nines
