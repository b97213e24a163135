// SPDX-License-Identifier: Apache-2.0
#include "probes/starttls.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "probes/failure.h"

namespace nines::probes {
namespace {

constexpr std::size_t kMostTalk = 64 << 10;

Failure refused(std::string detail) {
  return {Reason::tcp_starttls, "STARTTLS: " + std::move(detail)};
}

Failure io_failure(const IoResult& io, const Inbox& inbox) {
  const auto after = " after " + excerpt(inbox.bytes());
  switch (io.status) {
    case IoStatus::ok:
      return {};
    case IoStatus::closed:
      return refused(io.detail + after);
    case IoStatus::timed_out:
      return {Reason::tcp_timeout, "STARTTLS: no answer in time" + after};
    case IoStatus::stopped:
      return stopped_failure();
    case IoStatus::reset:
    case IoStatus::tls_error:
    case IoStatus::failed:
      break;
  }
  return {Reason::tcp_reset, "STARTTLS: " + io.detail + after};
}

// Reads what has come so far; takes it out of the inbox where it is complete.
using Reader = Reply (*)(std::string_view bytes, std::size_t& size);

Reply code_220(std::string_view bytes, std::size_t& size) {
  return read_reply_lines(bytes, "220", size);
}

Reply code_250(std::string_view bytes, std::size_t& size) {
  return read_reply_lines(bytes, "250", size);
}

Reply code_234(std::string_view bytes, std::size_t& size) {
  return read_reply_lines(bytes, "234", size);
}

// One line that begins with `good`.
Reply read_line(std::string_view bytes, std::string_view good, std::size_t& size) {
  const auto end = bytes.find('\n');
  if (end == bytes.npos) return Reply::incomplete;
  size = end + 1;
  return bytes.starts_with(good) ? Reply::yes : Reply::no;
}

Reply pop3_ok(std::string_view bytes, std::size_t& size) { return read_line(bytes, "+OK", size); }

Reply imap_greeting(std::string_view bytes, std::size_t& size) {
  return read_line(bytes, "* OK", size);
}

// Untagged lines may come before the tagged answer.
Reply imap_answer(std::string_view bytes, std::size_t& size) {
  std::size_t at = 0;
  for (;;) {
    const auto line = bytes.substr(at);
    const auto reply = read_line(line, "a1 OK", size);
    if (reply == Reply::incomplete) return reply;
    at += size;
    size = at;
    if (!line.starts_with("* ")) return reply;
  }
}

Reply one_byte_yes(std::string_view bytes, std::size_t& size) {
  size = 1;
  if (bytes.empty()) return Reply::incomplete;
  return bytes[0] == 'S' ? Reply::yes : bytes[0] == 'N' ? Reply::no : Reply::malformed;
}

// SSLRequest of MySQL: packet 1 of 32 bytes: capabilities (CLIENT_PROTOCOL_41, CLIENT_SSL,
// CLIENT_SECURE_CONNECTION), 16 MiB as the largest packet, utf8, zeros.
std::string mysql_request() {
  std::string packet("\x20\x00\x00\x01\x00\x8A\x00\x00\x00\x00\x00\x01\x21", 13);
  packet.append(23, '\0');
  return packet;
}

// ExtendedRequest of message 1 with the OID of StartTLS.
std::string ldap_request() {
  return std::string("\x30\x1d\x02\x01\x01\x77\x18\x80\x16", 9) + "1.3.6.1.4.1.1466.20037";
}

struct Step {
  std::string send;  // before the answer; may be empty
  Reader read;
};

std::vector<Step> steps_of(StartTls protocol) {
  switch (protocol) {
    case StartTls::none:
      break;
    case StartTls::smtp:
      return {{"", code_220}, {"EHLO nines\r\n", code_250}, {"STARTTLS\r\n", code_220}};
    case StartTls::imap:
      return {{"", imap_greeting}, {"a1 STARTTLS\r\n", imap_answer}};
    case StartTls::pop3:
      return {{"", pop3_ok}, {"STLS\r\n", pop3_ok}};
    case StartTls::ftp:
      return {{"", code_220}, {"AUTH TLS\r\n", code_234}};
    case StartTls::ldap:
      return {{ldap_request(), read_ldap_response}};
    case StartTls::postgresql:
      return {{std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8), one_byte_yes}};
    case StartTls::mysql:
      return {{"", read_mysql_greeting}};
  }
  return {};
}

Task<Failure> take_answer(const Step& step, Inbox& inbox) {
  Failure failure;
  for (;;) {
    std::size_t size = 0;
    const auto reply = step.read(inbox.bytes(), size);
    if (reply == Reply::yes) {
      inbox.use(size);
      co_return failure;
    }
    if (reply != Reply::incomplete) {
      const auto what = reply == Reply::no ? "the server answered " : "no such protocol in ";
      co_return refused(what + excerpt(inbox.bytes()));
    }
    if (inbox.bytes().size() > kMostTalk) co_return refused("64 KiB came without an answer");
    auto more = inbox.more();
    const auto io = co_await std::move(more);
    if (io.status != IoStatus::ok) co_return io_failure(io, inbox);
  }
}

}  // namespace

Reply read_reply_lines(std::string_view bytes, std::string_view code, std::size_t& size) {
  size = 0;
  for (;;) {
    const auto line = bytes.substr(size);
    const auto end = line.find('\n');
    if (end == line.npos) return Reply::incomplete;
    size += end + 1;
    const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
    if (end >= 4 && line[3] == '-' && digit(0) && digit(1) && digit(2)) continue;
    // FTP's lines in between may be free (RFC 959 section 4.2): only a code and a blank end it.
    const bool last = end >= 3 && digit(0) && digit(1) && digit(2) &&
                      (line[3] == ' ' || line[3] == '\r' || line[3] == '\n');
    if (last) return line.starts_with(code) ? Reply::yes : Reply::no;
    if (size == end + 1) return Reply::malformed;  // not even the first line
  }
}

Reply read_ldap_response(std::string_view bytes, std::size_t& size) {
  std::size_t at = 0;
  // A tag and its length of one to five bytes; BER's indefinite lengths are forbidden here.
  const auto header = [&](unsigned char tag, std::size_t& length) {
    if (at + 2 > bytes.size()) return Reply::incomplete;
    if (static_cast<unsigned char>(bytes[at]) != tag) return Reply::malformed;
    const auto first = static_cast<unsigned char>(bytes[at + 1]);
    at += 2;
    length = first;
    if (first < 0x80) return Reply::yes;
    const std::size_t more = first & 0x7F;
    if (more == 0 || more > 4) return Reply::malformed;
    if (at + more > bytes.size()) return Reply::incomplete;
    length = 0;
    for (std::size_t i = 0; i < more; ++i) {
      length = length << 8 | static_cast<unsigned char>(bytes[at++]);
    }
    return length > kMostTalk ? Reply::malformed : Reply::yes;
  };
  constexpr unsigned char kSequence = 0x30, kInteger = 0x02, kResponse = 0x78, kEnumerated = 0x0A;
  std::size_t length = 0;
  if (const auto r = header(kSequence, length); r != Reply::yes) return r;
  size = at + length;
  if (bytes.size() < size) return Reply::incomplete;
  bytes = bytes.substr(0, size);
  // Within a complete message nothing may be missing.
  const auto inner = [&](unsigned char tag, std::size_t& inner_length) {
    return header(tag, inner_length) == Reply::yes && inner_length <= bytes.size() - at;
  };
  std::size_t id = 0, response = 0, code = 0;
  if (!inner(kInteger, id) || id != 1 || bytes[at] != '\x01') return Reply::malformed;
  at += id;
  if (!inner(kResponse, response)) return Reply::malformed;
  if (!inner(kEnumerated, code) || code != 1) return Reply::malformed;
  return bytes[at] == '\0' ? Reply::yes : Reply::no;
}

Reply read_mysql_greeting(std::string_view bytes, std::size_t& size) {
  constexpr std::size_t kHeader = 4;
  constexpr std::uint16_t kClientSsl = 0x0800;
  if (bytes.size() < kHeader) return Reply::incomplete;
  const auto* raw = as_bytes(bytes).data();
  const std::size_t length = get_le<std::uint16_t>(raw) | std::size_t{raw[2]} << 16;
  if (length == 0 || length > kMostTalk || raw[3] != 0) return Reply::malformed;
  size = kHeader + length;
  if (bytes.size() < size) return Reply::incomplete;
  const auto packet = bytes.substr(kHeader, length);
  const auto kind = static_cast<unsigned char>(packet[0]);
  if (kind == 0xFF) return Reply::no;  // an error packet
  constexpr unsigned char kProtocol = 10;
  const auto version_end = packet.find('\0', 1);
  if (kind != kProtocol || version_end == packet.npos) return Reply::malformed;
  // Thread (4), authentication data (8), filler (1), then the lower capabilities.
  const auto flags = version_end + 1 + 13;
  if (flags + 2 > packet.size()) return Reply::malformed;
  const auto capabilities = get_le<std::uint16_t>(raw + kHeader + flags);
  return (capabilities & kClientSsl) != 0 ? Reply::yes : Reply::no;
}

Task<Failure> ask_for_tls(StartTls protocol, Inbox& inbox) {
  Failure failure;
  const auto steps = steps_of(protocol);
  for (const auto& step : steps) {
    if (!step.send.empty()) {
      auto send = inbox.send(step.send);
      const auto io = co_await std::move(send);
      failure = io_failure(io, inbox);
      if (failure) co_return failure;
    }
    auto answer = take_answer(step, inbox);
    failure = co_await std::move(answer);
    if (failure) co_return failure;
  }
  if (protocol == StartTls::mysql) {
    const auto request = mysql_request();
    auto send = inbox.send(request);
    const auto io = co_await std::move(send);
    failure = io_failure(io, inbox);
    if (failure) co_return failure;
  }
  if (!inbox.bytes().empty()) {
    co_return refused("bytes in clear came behind the answer: " + excerpt(inbox.bytes()));
  }
  co_return failure;
}

}  // namespace nines::probes
