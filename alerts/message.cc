// SPDX-License-Identifier: Apache-2.0
#include "alerts/message.h"

#include <algorithm>

#include "alerts/json_text.h"
#include "base/utf8.h"
#include "model/result.h"

namespace nines::alerts {
namespace {

const Json& member(const Json& json, const char* key) {
  static const Json kNothing;
  const auto found = json.find(key);
  return found == json.end() ? kNothing : *found;
}

std::string count(const Json& json, const char* key) {
  const auto& value = member(json, key);
  return value.is_number_unsigned() ? std::to_string(value.get<std::uint64_t>()) : "0";
}

std::string joined(const Json& list) {
  std::string out;
  for (const auto& each : list) {
    if (each.is_string()) out += (out.empty() ? "" : ", ") + each.get<std::string>();
  }
  return out;
}

std::string label(const Json& alert, const char* key) { return text(member(alert, "labels"), key); }

// The value that all alerts of the message share, else nothing.
std::string shared(const Json& message, const char* key) {
  std::string common;
  bool first = true;
  for (const auto& alert : member(message, "alerts")) {
    const auto value = label(alert, key);
    if (!first && value != common) return "";
    common = value;
    first = false;
  }
  return common;
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned group = 0;
    const auto left = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i) {
      group <<= 8;
      if (i < left) group |= static_cast<unsigned char>(bytes[at + i]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= left ? kDigits[(group >> (18 - 6 * i)) & 63] : '=';
    }
  }
  return out;
}

// RFC 2047: encoded words of at most 75 characters, cut between characters.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t kMostBytes = 39;  // with "Subject: " before the first
  std::string out;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) {
      const auto next = first_character(text.substr(size)).bytes;
      if (size + next > kMostBytes) break;
      size += next;
    }
    out += (out.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

// "Thu, 26 Nov 2026 08:00:00 +0000".
std::string mail_date(WallTime t) {
  using namespace std::chrono;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_time<nanoseconds> instant{nanoseconds(t.ns)};
  const auto day = floor<days>(instant);
  const year_month_day date(day);
  const auto rest = format_rfc3339(t);  // 2026-11-26T08:00:00…
  const auto number = static_cast<unsigned>(date.day());
  return std::string(kDays[weekday(day).c_encoding()]) + ", " + (number < 10 ? "0" : "") +
         std::to_string(number) + " " + kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
         rest.substr(0, 4) + " " + rest.substr(11, 8) + " +0000";
}

// What is told of a head: its own members first, then the whole in the form that is checked.
std::string text_of_head(const Json& message) {
  const auto& signed_head = member(message, "log_head");
  const auto& head = member(signed_head, "head");
  const auto line = [](const char* name, const std::string& value) {
    std::string out = name;
    return out.append(11 - out.size(), ' ') + printable(value) + "\n";
  };
  return "The log of the collector, as it is signed today. Keep this message.\n\n" +
         line("size", count(head, "size")) + line("root", text(head, "root")) +
         line("time", text(head, "at")) + line("log", text(head, "log")) +
         line("key", text(signed_head, "key")) + line("signature", text(signed_head, "signature")) +
         "\n" + printable(text(message, "check")) + "\n\n" + dumped(signed_head) + "\n";
}

Json written_out(const Alert& alert) {
  auto json = alert_json(alert);
  json.erase("began");
  json.erase("frozen");
  json.erase("silenced");
  return json;
}

}  // namespace

std::string message_json(const Message& message) {
  Json alerts = Json::array();
  std::size_t left_out = 0;
  for (const auto* list : {&message.firing, &message.resolved}) {
    for (const auto* alert : *list) {
      if (alerts.size() < kMaxTold) {
        alerts.push_back(written_out(*alert));
      } else {
        ++left_out;
      }
    }
  }
  return dumped({{"version", kMessageVersion},
                 {"dedup_key", message.dedup_key},
                 {"status", message.firing.empty() ? "resolved" : "firing"},
                 {"reason", message.reason},
                 {"at", format_rfc3339(message.at)},
                 {"group", {{"label", message.group.label}, {"value", message.group.value}}},
                 {"step", message.step},
                 {"to", message.to},
                 {"firing", message.firing.size()},
                 {"resolved", message.resolved.size()},
                 {"left_out", left_out},
                 {"alerts", std::move(alerts)}});
}

std::string log_head_message(const std::string& head, std::string_view dedup_key, WallTime at) {
  auto signed_head = Json::parse(head, nullptr, false);
  const auto key = text(signed_head, "key");
  return dumped(
      {{"version", kMessageVersion},
       {"dedup_key", dedup_key},
       {"status", "log_head"},
       {"reason", "log_head"},
       {"at", format_rfc3339(at)},
       {"to", Json::array()},
       {"firing", 0U},
       {"resolved", 0U},
       {"left_out", 0U},
       {"alerts", Json::array()},
       {"log_head", std::move(signed_head)},
       {"check",
        "To check, keep the line in braces as a file: nines log check FILE --collector URL "
        "says whether the log of then begins with this one, and nines verify BUNDLE "
        "--log-key " +
            key + " whether a bundle is signed by the same key."}});
}

std::string title_of(const Json& message) {
  if (const auto& signed_head = member(message, "log_head"); signed_head.is_object()) {
    const auto& head = member(signed_head, "head");
    return cut_text("[log] " + count(head, "size") + " entries, root " + text(head, "root"));
  }
  const auto& alerts = member(message, "alerts");
  std::string out = "[" + text(message, "status") + "] ";
  if (alerts.size() == 1) return cut_text(out + text(alerts.front(), "text"));
  const auto& group = member(message, "group");
  out += count(message, "firing") + " firing, " + count(message, "resolved") + " resolved";
  if (!text(group, "value").empty())
    out += ": " + text(group, "label") + " " + text(group, "value");
  return cut_text(std::move(out));
}

std::string text_of(const Json& message) {
  if (member(message, "log_head").is_object()) return text_of_head(message);
  std::string out;
  for (const auto& alert : member(message, "alerts")) {
    const bool over = text(alert, "state") == "resolved";
    out += (over ? "resolved  " : "FIRING    ") + printable(text(alert, "text")) + "\n";
    if (over) out += "          since " + text(alert, "resolved") + "\n";
    std::string line;
    for (const auto& [key, value] : member(alert, "figures").items()) {
      if (!value.is_string()) continue;
      line += (line.empty() ? "" : ", ") + key + " " + printable(value.get<std::string>());
    }
    if (!line.empty()) out += "          " + line + "\n";
    out += "          key " + text(alert, "key") + "\n";
  }
  const auto left_out = count(message, "left_out");
  if (left_out != "0") out += "and " + left_out + " more\n";
  return out;
}

std::map<std::string, std::string> values_of(const std::string& message) {
  const auto json = Json::parse(message, nullptr, false);
  if (!json.is_object()) return {};
  return {{"title", title_of(json)},
          {"text", text_of(json)},
          {"status", text(json, "status")},
          {"reason", text(json, "reason")},
          {"severity", shared(json, "severity")},
          {"agreement", shared(json, "agreement")},
          {"service", shared(json, "service")},
          {"to", joined(member(json, "to"))},
          {"dedup_key", text(json, "dedup_key")},
          {"at", text(json, "at")},
          {"count", count(json, "firing")},
          {"json", message}};
}

std::string alertmanager_json(const std::vector<const Alert*>& alerts, WallTime until) {
  Json list = Json::array();
  for (const auto* alert : alerts) {
    const auto& condition = alert->condition;
    Json labels(condition.labels);
    labels["alertname"] = "nines_" + std::string(name(condition.kind));
    labels["key"] = condition.key;
    Json annotations(condition.figures);
    annotations["summary"] = condition.text;
    list.push_back({{"labels", labels},
                    {"annotations", annotations},
                    {"startsAt", format_rfc3339(alert->fired.value_or(alert->began))},
                    {"endsAt", format_rfc3339(alert->resolved.value_or(until))}});
  }
  return dumped(list);
}

std::string mail_of(const std::string& message, const Envelope& envelope) {
  const auto json = Json::parse(message, nullptr, false);
  if (!json.is_object()) return {};
  const auto at = parse_rfc3339(text(json, "at"));
  std::string recipients;
  for (const auto& each : envelope.to) recipients += (recipients.empty() ? "" : ",\r\n ") + each;
  const auto key = text(json, "dedup_key");
  const auto host = envelope.from.substr(envelope.from.find('@') + 1);
  std::string out = "Date: " + mail_date(at ? *at : WallTime{0}) + "\r\nFrom: " + envelope.from +
                    "\r\nTo: " + recipients + "\r\nMessage-ID: <" + key + "@" + host +
                    ">\r\nSubject: " + encoded_words(printable(title_of(json))) +
                    "\r\nX-Nines-Dedup-Key: " + key +
                    "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n";
  const auto body = base64(text_of(json));
  constexpr std::size_t kLine = 76;
  for (std::size_t i = 0; i < body.size(); i += kLine) out += body.substr(i, kLine) + "\r\n";
  return out;
}

}  // namespace nines::alerts
