// SPDX-License-Identifier: Apache-2.0
// What is said in clear before a server changes to TLS, by protocol. Answers are a stranger's: 64
// KiB at most in all. Whatever came in clear behind the last answer is refused, since it would be
// taken for a word of the verified server (CVE-2011-0411, CVE-2021-23222).
#pragma once

#include <optional>

#include "model/check.h"
#include "probes/inbox.h"

namespace nines::probes {

// Ok where the handshake may begin.
Task<Failure> ask_for_tls(StartTls protocol, Inbox& inbox);

// The parsers, for tests. What they answer is how the message reads.
enum class Reply { incomplete, yes, no, malformed };

// An LDAP ExtendedResponse (RFC 4511 section 4.12) to our message 1. `size`: of the whole message.
Reply read_ldap_response(std::string_view bytes, std::size_t& size);

// MySQL's greeting, protocol 10: whether it can change to TLS. An error packet is a no.
Reply read_mysql_greeting(std::string_view bytes, std::size_t& size);

// A reply of one or more lines that ends with "250 …" (SMTP, FTP). `size`: of all its lines.
Reply read_reply_lines(std::string_view bytes, std::string_view code, std::size_t& size);

}  // namespace nines::probes
