// SPDX-License-Identifier: Apache-2.0
#include "probes/dns_message.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ascii.h"
#include "model/dns_names.h"

namespace nines::probes {
namespace {

constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kOpt = 41;
constexpr std::uint16_t kAny = 255;
constexpr std::uint16_t kExtendedError = 15;  // option of OPT
constexpr int kMostPointers = 126;
constexpr std::size_t kMostName = 255;  // bytes on the wire
constexpr std::size_t kMostReason = 80;

// Bits of the header's third and fourth byte.
constexpr unsigned kResponse = 0x80, kOpcode = 0x78, kAuthoritative = 0x04, kTruncated = 0x02,
                   kRecursion = 0x01, kAuthenticated = 0x20, kRcode = 0x0F;

void put16(std::vector<std::uint8_t>& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_name(std::vector<std::uint8_t>& out, std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  out.push_back(0);
}

// RFC 4343: what has a meaning in zone files is escaped, so that a line reads one way only.
void put_byte(std::string& out, std::uint8_t byte) {
  constexpr std::string_view kSpecial = ".\\\"();@$";
  const char c = static_cast<char>(byte);
  if (byte <= 0x20 || byte >= 0x7F) {
    char text[8];
    std::snprintf(text, sizeof text, "\\%03u", unsigned{byte});
    out += text;
  } else {
    if (kSpecial.find(c) != kSpecial.npos) out += '\\';
    out += c;
  }
}

// RFC 8914 section 4: the codes that say what is wrong with a zone or a server.
std::string_view extended_error_name(std::uint16_t code) {
  constexpr std::array<std::string_view, 25> kNames{"other",
                                                    "unsupported DNSKEY algorithm",
                                                    "unsupported DS digest",
                                                    "stale answer",
                                                    "forged answer",
                                                    "DNSSEC indeterminate",
                                                    "DNSSEC bogus",
                                                    "signature expired",
                                                    "signature not yet valid",
                                                    "DNSKEY missing",
                                                    "RRSIGs missing",
                                                    "no zone key bit set",
                                                    "NSEC missing",
                                                    "cached error",
                                                    "not ready",
                                                    "blocked",
                                                    "censored",
                                                    "filtered",
                                                    "prohibited",
                                                    "stale NXDOMAIN answer",
                                                    "not authoritative",
                                                    "not supported",
                                                    "no reachable authority",
                                                    "network error",
                                                    "invalid data"};
  return code < kNames.size() ? kNames[code] : "unassigned";
}

void read_opt(DnsReader& data, DnsAnswer& answer) {
  while (!data.failed() && !data.at_end()) {
    const auto option = data.u16();
    auto value = data.part(data.u16());
    if (option != kExtendedError || value.failed() || !answer.extended_error.empty()) continue;
    const auto code = value.u16();
    if (value.failed()) return data.fail();
    answer.extended_error =
        std::to_string(code) + " (" + std::string(extended_error_name(code)) + ")";
    const auto text = as_text(value.rest()).substr(0, kMostReason);
    if (!text.empty()) answer.extended_error += ": " + std::string(text);
  }
}

enum class Section { answer, authority, additional };

void read_record(DnsReader& in, Section section, const DnsQuery& query, DnsAnswer& answer) {
  std::string owner;
  if (section == Section::answer) {
    owner = in.name();
  } else {
    in.skip_name();
  }
  const auto type = in.u16();
  const auto record_class = in.u16();
  const auto ttl = in.u32();
  auto data = in.part(in.u16());
  if (in.failed()) return;
  if (section == Section::answer) {
    answer.has_type = answer.has_type || type == query.type || query.type == kAny;
    const auto text = render_record(type, data);
    const auto class_text =
        record_class == kClassIn ? std::string("IN") : "CLASS" + std::to_string(record_class);
    answer.records.push_back(owner + " " + std::to_string(ttl) + " " + class_text + " " +
                             dns_type_name(type) + (text.empty() ? "" : " ") + text);
  } else if (section == Section::additional && type == kOpt) {
    answer.rcode = static_cast<std::uint16_t>(answer.rcode | (ttl >> 24) << 4);
    read_opt(data, answer);
  }
  if (data.failed()) in.fail();
}

}  // namespace

std::uint8_t DnsReader::u8() {
  const auto one = bytes(1);
  return one.empty() ? std::uint8_t{0} : one[0];
}

std::uint16_t DnsReader::u16() {
  const auto two = bytes(2);
  return two.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(two[0] << 8 | two[1]);
}

std::uint32_t DnsReader::u32() {
  const std::uint32_t high = u16();
  return high << 16 | u16();
}

ByteView DnsReader::bytes(std::size_t size) {
  if (failed_ || size > end_ - at_) {
    failed_ = true;
    return {};
  }
  const auto found = message_.subspan(at_, size);
  at_ += size;
  return found;
}

DnsReader DnsReader::part(std::size_t size) {
  DnsReader inner(message_, at_);
  const auto taken = bytes(size);
  inner.end_ = inner.at_ + taken.size();
  inner.failed_ = failed_;
  return inner;
}

std::string DnsReader::name() {
  std::string text;
  read_name(&text);
  return text;
}

void DnsReader::skip_name() { read_name(nullptr); }

void DnsReader::read_name(std::string* out) {
  std::size_t from = at_;   // where the run of labels that is being read began
  std::size_t place = at_;  // of the next byte
  std::size_t end = end_;   // the record's, until a pointer leads out of it
  std::size_t on_wire = 1;
  int pointers = 0;
  bool jumped = false;
  while (!failed_) {
    if (place >= end) return fail();
    const unsigned length = message_[place];
    if (length >= 0xC0) {
      if (place + 1 >= end || ++pointers > kMostPointers) return fail();
      const std::size_t to = (length & 0x3F) << 8 | message_[place + 1];
      if (!jumped) at_ = place + 2;
      jumped = true;
      if (to >= from) return fail();  // only backwards: no loop can be
      from = place = to;
      end = message_.size();
      continue;
    }
    if (length > 63 || place + 1 + length > end) return fail();
    on_wire += length + 1;
    if (on_wire > kMostName + 1) return fail();
    if (length == 0) {
      if (!jumped) at_ = place + 1;
      break;
    }
    for (std::size_t i = 1; out != nullptr && i <= length; ++i) put_byte(*out, message_[place + i]);
    if (out != nullptr) *out += '.';
    place += length + 1;
  }
  if (out != nullptr && out->empty()) *out = ".";
}

std::vector<std::uint8_t> encode_query(const DnsQuery& query) {
  std::vector<std::uint8_t> out;
  put16(out, query.id);
  out.push_back(kRecursion);
  out.push_back(query.want_authenticated ? kAuthenticated : 0);
  for (const unsigned count : {1U, 0U, 0U, 1U}) put16(out, count);
  put_name(out, query.name);
  put16(out, query.type);
  put16(out, kClassIn);
  out.push_back(0);  // OPT: the root, type, payload, extended code, version, flags, no options
  put16(out, kOpt);
  put16(out, kEdnsPayload);
  put16(out, 0);
  put16(out, 0);
  put16(out, 0);
  return out;
}

bool answers(ByteView message, const DnsQuery& query) {
  DnsReader in(message);
  const auto id = in.u16();
  const unsigned flags = in.u8();
  const unsigned rcode = in.u8() & kRcode;
  const auto questions = in.u16();
  in.bytes(6);
  if (in.failed() || id != query.id || (flags & kResponse) == 0 || (flags & kOpcode) != 0) {
    return false;
  }
  constexpr unsigned kNoSuchName = 3;
  if (questions == 0) return rcode != 0 && rcode != kNoSuchName;
  const auto name = in.name();
  const auto type = in.u16();
  const auto question_class = in.u16();
  auto asked = query.name.ends_with('.') ? query.name : query.name + ".";
  return questions == 1 && !in.failed() && ascii_lower(name) == ascii_lower(std::move(asked)) &&
         type == query.type && question_class == kClassIn;
}

std::optional<DnsAnswer> decode_answer(ByteView message, const DnsQuery& query) {
  DnsReader in(message);
  DnsAnswer answer;
  in.u16();
  const unsigned high = in.u8();
  const unsigned low = in.u8();
  const auto questions = in.u16();
  const std::array counts{in.u16(), in.u16(), in.u16()};
  answer.rcode = static_cast<std::uint16_t>(low & kRcode);
  answer.authoritative = (high & kAuthoritative) != 0;
  answer.truncated = (high & kTruncated) != 0;
  answer.authenticated = (low & kAuthenticated) != 0;
  if (in.failed()) return std::nullopt;
  if (answer.truncated) return answer;
  if (questions == 1) {
    in.skip_name();
    in.u32();
  }
  constexpr std::array kSections{Section::answer, Section::authority, Section::additional};
  for (std::size_t s = 0; s < kSections.size(); ++s) {
    for (unsigned i = 0; i < counts[s] && !in.failed(); ++i) {
      read_record(in, kSections[s], query, answer);
    }
  }
  if (in.failed()) return std::nullopt;
  return answer;
}

}  // namespace nines::probes
