// SPDX-License-Identifier: Apache-2.0
// What is said of a group of alerts: the JSON that is kept and sent (docs/alerts.md), and from it a
// title, lines for people, the values of a template, what Alertmanager takes, a mail.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/book.h"

namespace nines::alerts {

inline constexpr int kMessageVersion = 1;

struct Message {
  const Group& group;
  std::string_view reason;
  std::string_view dedup_key;
  std::size_t step = 0;                // of the contacts, from 1: the last that was reached
  const std::vector<std::string>& to;  // whom the channel is to reach; empty: it knows
  const std::vector<Alert*>& firing;   // at most kMaxTold of both are written out
  const std::vector<Alert*>& resolved;
  WallTime at;
};

std::string message_json(const Message& message);

// The same form for a signed head of the log, as GET /v1/log/head answers it, with one sentence on
// how to check it.
std::string log_head_message(const std::string& head, std::string_view dedup_key, WallTime at);

// Of a message as these two made it.
std::string title_of(const nlohmann::json& message);  // one line, at most 200 bytes
std::string text_of(const nlohmann::json& message);   // lines for people
std::map<std::string, std::string> values_of(const std::string& message);  // of a template

// POST /api/v2/alerts: a list. A firing alert is said to end at `until`, so that it ends by itself
// where we say no more.
std::string alertmanager_json(const std::vector<const Alert*>& alerts, WallTime until);

// A whole mail (RFC 5322), lines ended by CRLF. Nothing in the message can make a header.
struct Envelope {
  std::string from;
  std::vector<std::string> to;
};

std::string mail_of(const std::string& message, const Envelope& envelope);

}  // namespace nines::alerts
