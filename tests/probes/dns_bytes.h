// SPDX-License-Identifier: Apache-2.0
// DNS answers put together byte by byte, right or wrong, as a test wants them.
#pragma once

#include <algorithm>
#include <string>

#include "probes/dns_message.h"

namespace nines::test {

inline std::string u16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

inline std::string u32(unsigned value) { return u16(value >> 16) + u16(value & 0xFFFF); }

inline std::string dns_name(const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const auto dot = std::min(name.find('.', at), name.size());
    out += static_cast<char>(dot - at) + name.substr(at, dot - at);
    at = dot + 1;
  }
  return out + '\0';
}

class Message {
 public:
  explicit Message(const probes::DnsQuery& query, bool with_question = true)
      : head_(u16(query.id) + u16(0x8180) + u16(with_question ? 1 : 0)) {
    if (with_question) body_ = dns_name(query.name) + u16(query.type) + u16(1);
  }

  Message& flags(unsigned value) {
    head_.replace(2, 2, u16(value));
    return *this;
  }

  Message& rcode(unsigned code) {
    head_[3] = static_cast<char>((static_cast<unsigned char>(head_[3]) & 0xF0U) | code);
    return *this;
  }

  // Owned by the question's name.
  Message& answer(unsigned type, const std::string& data) {
    return record(u16(0xC00C), type, data);
  }

  Message& record(const std::string& owner, unsigned type, const std::string& data) {
    body_ += owner + u16(type) + u16(1) + u32(300) + u16(static_cast<unsigned>(data.size())) + data;
    ++answers_;
    return *this;
  }

  Message& opt(unsigned upper_rcode, const std::string& options) {
    extra_ += std::string(1, '\0') + u16(41) + u16(1232) + u32(upper_rcode << 24) +
              u16(static_cast<unsigned>(options.size())) + options;
    ++extras_;
    return *this;
  }

  std::size_t size() const { return head_.size() + 6 + body_.size(); }

  std::string bytes() const {
    return head_ + u16(answers_) + u16(0) + u16(extras_) + body_ + extra_;
  }

 private:
  std::string head_, body_, extra_;
  unsigned answers_ = 0, extras_ = 0;
};

}  // namespace nines::test
