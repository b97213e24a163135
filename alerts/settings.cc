// SPDX-License-Identifier: Apache-2.0
#include "alerts/settings.h"

#include <algorithm>
#include <cctype>

#include "base/disk.h"
#include "config/address.h"
#include "config/check_decoder.h"
#include "config/check_printer.h"
#include "config/file_set.h"

namespace nines::alerts {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

constexpr Duration kDay = hours(24);
constexpr std::size_t kMaxHeaders = 32;
constexpr std::size_t kMaxWords = 64;  // of a command
constexpr std::size_t kMaxWord = 4000;

const std::vector<std::string>& label_names() {
  static const std::vector<std::string> all = {"agreement", "service", "objective", "check",
                                               "vantage",   "agent",   "incident",  "priority",
                                               "severity",  "kind"};
  return all;
}

void complain(const Node* node, std::string message, Complaints& complaints) {
  complaints.add(node->place(), std::move(message));
}

bool printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

// What may stand between < and > of SMTP and in a header without quotes.
bool is_address(const std::string& text) {
  constexpr std::size_t kMostOfAddress = 254;
  const auto at = text.find('@');
  return text.size() <= kMostOfAddress && at != text.npos && at > 0 && at + 1 < text.size() &&
         printable_ascii(text) && text.find_first_of("<>()[]\\,;:\"") == text.npos &&
         text.find('@', at + 1) == text.npos;
}

// The first line of a small file; no control bytes.
std::string take_secret(Mapping& mapping,
                        std::string_view key,
                        std::string* path,
                        Complaints& complaints) {
  const auto directory = config::directory_of(mapping.node().place().file);
  const auto file = config::take_file(mapping, key, directory, complaints);
  if (!file) return {};
  *path = *file;
  auto text = read_file(*file, kMaxSecret);
  const Node* node = mapping.node().find(key);
  if (!text) {
    complain(node, text.error().message, complaints);
    return {};
  }
  return *std::move(text);
}

std::string one_line(std::string text, const Node* node, Complaints& complaints) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  const bool good = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != 127;
  });
  if (!good) complain(node, "the file must hold one line of text", complaints);
  return text;
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 128 && (std::isalnum(byte) != 0 || kOthers.find(c) != kOthers.npos);
  });
}

// "Name: value", one a line; empty lines and those that begin with # say nothing.
Headers headers_of(const std::string& text, const Node* node, Complaints& complaints) {
  Headers out;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    auto value = colon == line.npos ? "" : line.substr(colon + 1);
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    const bool clean = std::none_of(value.begin(), value.end(), [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == 127;
    });
    if (colon == line.npos || !is_header_name(name) || !clean || out.size() == kMaxHeaders) {
      // The line itself is not shown: it may hold a secret.
      complain(node,
               "line " + std::to_string(number) + " of the file is no header (write Name: value, " +
                   "at most 32 of them)",
               complaints);
      continue;
    }
    out.emplace_back(name, value);
  }
  return out;
}

std::string take_url(Mapping& mapping,
                     const std::vector<std::string>& schemes,
                     Complaints& complaints) {
  const auto text = mapping.require_text("url");
  if (!text) return {};
  const Node* node = mapping.node().find("url");
  const auto url = config::parse_url(*text);
  if (!url) {
    complain(node, url.error().message, complaints);
  } else if (std::find(schemes.begin(), schemes.end(), url->scheme) == schemes.end()) {
    std::string list;
    for (const auto& each : schemes) list += (list.empty() ? "" : " or ") + each + "://";
    complain(node, "the URL must begin with " + list, complaints);
  }
  return *text;
}

std::string take_ca(Mapping& mapping, Complaints& complaints) {
  const auto directory = config::directory_of(mapping.node().place().file);
  return config::take_file(mapping, "ca", directory, complaints).value_or("");
}

Headers take_headers(Mapping& mapping, std::string* path, Complaints& complaints) {
  const auto text = take_secret(mapping, "headers_file", path, complaints);
  return headers_of(text, mapping.node().find("headers_file"), complaints);
}

Webhook decode_webhook(const Node& node, Complaints& complaints) {
  Mapping mapping(node, complaints, "webhook");
  Webhook out;
  out.url = take_url(mapping, {"https", "http"}, complaints);
  out.ca_file = take_ca(mapping, complaints);
  out.headers = take_headers(mapping, &out.headers_file, complaints);
  if (const auto type = mapping.take_text("content_type")) {
    out.content_type = *type;
    const bool good =
        !type->empty() && type->size() <= 100 &&
        std::all_of(type->begin(), type->end(), [](char c) { return c >= ' ' && c < 127; });
    if (!good) complain(node.find("content_type"), "no media type", complaints);
  }
  if (const auto body = mapping.take_text("body")) {
    auto parsed = Template::parse(*body, Template::escape_of(out.content_type));
    if (parsed) {
      out.body = *std::move(parsed);
    } else {
      complain(node.find("body"), parsed.error().message, complaints);
    }
  }
  mapping.finish();
  return out;
}

Alertmanager decode_alertmanager(const Node& node, Complaints& complaints) {
  Mapping mapping(node, complaints, "alertmanager");
  Alertmanager out;
  out.url = take_url(mapping, {"https", "http"}, complaints);
  out.ca_file = take_ca(mapping, complaints);
  out.headers = take_headers(mapping, &out.headers_file, complaints);
  out.resend = mapping.take_duration("resend", seconds(1), hours(1)).value_or(out.resend);
  mapping.finish();
  return out;
}

void take_recipients(Mapping& mapping, Mail& out, Complaints& complaints) {
  if (const auto from = mapping.require_text("from")) {
    out.from = *from;
    if (!is_address(out.from)) {
      complain(mapping.node().find("from"), "no mail address (write name@host)", complaints);
    }
  }
  const Node* to = mapping.require("to");
  if (to == nullptr) return;
  out.to = config::as_texts(*to, complaints).value_or(std::vector<std::string>());
  if (out.to.empty() || out.to.size() > kMaxMailTo) {
    if (!to->broken()) complain(to, "'to' is one address or a list of at most 100", complaints);
  }
  for (const auto& each : out.to) {
    if (!is_address(each)) {
      complain(to, config::shown(each) + " is no mail address (write name@host)", complaints);
    }
  }
}

Mail decode_mail(const Node& node, Complaints& complaints) {
  Mapping mapping(node, complaints, "smtp");
  Mail out;
  out.url = take_url(mapping, {"smtps", "smtp"}, complaints);
  const auto url = config::parse_url(out.url);
  if (url && !url->path.empty() && url->path != "/") {
    complain(node.find("url"), "the URL of a mail server has no path", complaints);
  }
  take_recipients(mapping, out, complaints);
  out.ca_file = take_ca(mapping, complaints);
  out.starttls = mapping.take_bool("starttls").value_or(true);
  if (const auto name = mapping.take_text("username")) out.username = *name;
  const auto secret = take_secret(mapping, "password_file", &out.password_file, complaints);
  if (const Node* file = node.find("password_file");
      file != nullptr && !out.password_file.empty()) {
    out.password = one_line(secret, file, complaints);
  }
  if (out.username.empty() != out.password_file.empty()) {
    complain(&node, "'username' and 'password_file' are given together", complaints);
  }
  if (!out.username.empty() && !out.starttls && url && url->scheme == "smtp") {
    complain(&node, "a password is never sent in the clear: leave 'starttls: false' out",
             complaints);
  }
  mapping.finish();
  return out;
}

Exec decode_exec(const Node& node, Complaints& complaints) {
  Mapping mapping(node, complaints, "exec");
  Exec out;
  if (const Node* command = mapping.require("command")) {
    if (command->kind() != Node::Kind::sequence || command->items().empty() ||
        command->items().size() > kMaxWords) {
      complain(command, "'command' is a list: an absolute path and at most 63 arguments",
               complaints);
    } else {
      out.command = config::as_texts(*command, complaints).value_or(std::vector<std::string>());
    }
    const bool short_enough = std::all_of(out.command.begin(), out.command.end(), [](auto& word) {
      return word.size() <= kMaxWord && word.find('\0') == word.npos;
    });
    if (!out.command.empty() && (!out.command[0].starts_with('/') || !short_enough)) {
      complain(command, "the program is named by its absolute path; no shell reads the list",
               complaints);
    }
  }
  mapping.finish();
  return out;
}

void take_how(Mapping& mapping, Channel& channel, Complaints& complaints) {
  const Node& node = mapping.node();
  std::size_t ways = 0;
  if (const Node* how = mapping.take("webhook")) {
    channel.how = decode_webhook(*how, complaints);
    ++ways;
  }
  if (const Node* how = mapping.take("alertmanager")) {
    channel.how = decode_alertmanager(*how, complaints);
    ++ways;
  }
  if (const Node* how = mapping.take("smtp")) {
    channel.how = decode_mail(*how, complaints);
    ++ways;
  }
  if (const Node* how = mapping.take("exec")) {
    channel.how = decode_exec(*how, complaints);
    ++ways;
  }
  if (ways != 1) {
    complaints.add(node.place(), "a channel is one of webhook, alertmanager, smtp and exec");
  }
}

void decode_channel(const Node& node, Settings& settings, Complaints& complaints) {
  Mapping mapping(node, complaints, "channel");
  Channel channel;
  if (const auto name = mapping.require_text("name")) {
    channel.name = *name;
    const auto good = config::check_name(*name);
    if (!good) complain(node.find("name"), good.error().message, complaints);
    if (settings.channel(*name) != nullptr) {
      complain(node.find("name"), "a second channel with the name '" + *name + "'", complaints);
    }
  }
  channel.timeout =
      mapping.take_duration("timeout", seconds(1), minutes(5)).value_or(channel.timeout);
  take_how(mapping, channel, complaints);
  mapping.finish();
  settings.channels.push_back(std::move(channel));
}

// A label, or a complaint with the one that may be meant.
bool check_label(const config::Place& place, const std::string& label, Complaints& complaints) {
  const auto& all = label_names();
  if (std::find(all.begin(), all.end(), label) != all.end()) return true;
  const auto near = config::nearest(label, all);
  complaints.add(place, "no alert has a label " + config::shown(label) +
                            (near.empty() ? "" : "; did you mean '" + near + "'?"));
  return false;
}

void decode_match(const Node& node, Route& route, Complaints& complaints) {
  if (node.kind() != Node::Kind::mapping) {
    if (!node.broken()) complaints.add(node.place(), "'match' is a mapping: {severity: page}");
    return;
  }
  for (const auto& [key, value] : node.entries()) {
    if (!check_label(key.place(), key.text(), complaints)) continue;
    auto texts = config::as_texts(value, complaints);
    if (texts) route.match.emplace_back(key.text(), *std::move(texts));
  }
}

// One name of a channel or a list of them; empty where there is a complaint about the value.
std::vector<std::string> as_channels(const Node& node,
                                     const Settings& settings,
                                     Complaints& complaints) {
  std::vector<std::string> known;
  for (const auto& each : settings.channels) known.push_back(each.name);
  auto names = config::as_texts(node, complaints).value_or(std::vector<std::string>());
  for (const auto& name : names) {
    if (settings.channel(name) != nullptr) continue;
    const auto near = config::nearest(name, known);
    complaints.add(node.place(), "no channel is named " + config::shown(name) +
                                     (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  return names;
}

void decode_contacts(const Node& node,
                     const Settings& settings,
                     Route& route,
                     Complaints& complaints) {
  if (node.kind() != Node::Kind::sequence || node.items().empty() ||
      node.items().size() > kMaxSteps) {
    if (!node.broken()) {
      complaints.add(node.place(), "'contacts' is a list of 1 to 16 channels, or lists of them");
    }
    return;
  }
  for (const auto& item : node.items()) {
    auto channels = as_channels(item, settings, complaints);
    if (!channels.empty()) route.contacts.push_back({std::move(channels), Duration(0), {}});
  }
}

void decode_emergency(const Node& node,
                      const Settings& settings,
                      Route& route,
                      Complaints& complaints) {
  if (node.kind() != Node::Kind::mapping || node.entries().size() > kMaxSteps) {
    if (!node.broken()) {
      complaints.add(node.place(),
                     "'emergency' says which channel is which 'via' of an agreement's chain, at "
                     "most 16: {phone: pager}");
    }
    return;
  }
  for (const auto& [via, value] : node.entries()) {
    auto channels = as_channels(value, settings, complaints);
    if (!channels.empty()) route.emergency.emplace_back(via.text(), std::move(channels));
  }
}

void decode_route(const Node& node, Settings& settings, Complaints& complaints) {
  Mapping mapping(node, complaints, "route");
  Route route;
  if (const Node* match = mapping.take("match")) decode_match(*match, route, complaints);
  if (const auto label = mapping.take_text("group_by")) {
    route.group_by = *label;
    check_label(node.find("group_by")->place(), *label, complaints);
  }
  if (const Node* contacts = mapping.require("contacts")) {
    decode_contacts(*contacts, settings, route, complaints);
  }
  if (const Node* emergency = mapping.take("emergency")) {
    decode_emergency(*emergency, settings, route, complaints);
  }
  const auto patience = mapping.take_duration("ack_within", seconds(1), kDay * 7);
  for (auto& step : route.contacts) step.ack_within = patience.value_or(Duration(0));
  route.repeat = mapping.take_duration("repeat", seconds(1), kDay * 31).value_or(route.repeat);
  route.wait = mapping.take_duration("wait", Duration(0), hours(1)).value_or(route.wait);
  mapping.finish();
  if (route.contacts.size() > 1 && !patience) {
    complaints.add(node.place(), "several contacts need 'ack_within': when the next one is told");
  }
  settings.routes.push_back(std::move(route));
}

// A list of at most `most` entries, each given to `take`.
template <class Take>
void each_of(
    Mapping& mapping, const char* key, std::size_t most, Complaints& complaints, Take take) {
  const Node* node = mapping.take(key);
  if (node == nullptr) return;
  if (node->kind() != Node::Kind::sequence || node->items().size() > most) {
    if (!node->broken()) {
      complaints.add(node->place(),
                     "'" + std::string(key) + "' is a list, of at most " + std::to_string(most));
    }
    return;
  }
  for (const auto& item : node->items()) take(item);
}

void decode_incident(const Node& node, IncidentRule& rule, Complaints& complaints) {
  if (node.kind() == Node::Kind::scalar && node.text() == "off") {
    rule.open = false;
    return;
  }
  Mapping mapping(node, complaints, "incident");
  constexpr std::int64_t kMost = 1000;
  rule.slots = static_cast<int>(mapping.take_integer("slots", 1, kMost).value_or(rule.slots));
  rule.vantages = static_cast<std::size_t>(mapping.take_integer("vantages", 1, kMost)
                                               .value_or(static_cast<std::int64_t>(rule.vantages)));
  rule.reopen = mapping.take_duration("reopen", Duration(0), kDay).value_or(rule.reopen);
  mapping.finish();
}

// "06:00"
std::optional<Duration> time_of_day(const std::string& text) {
  const auto instant = parse_rfc3339("1970-01-01T" + text + ":00Z");
  constexpr std::size_t kLength = 5;
  if (!instant || text.size() != kLength) return std::nullopt;
  return Duration(instant->ns);
}

void decode_log_head(const Node& node, Settings& settings, Complaints& complaints) {
  Mapping mapping(node, complaints, "log_head");
  auto& rule = settings.log_head;
  if (const auto at = mapping.take_text("at")) {
    const auto time = time_of_day(*at);
    if (!time) complain(node.find("at"), "'at' is a time of day in UTC: \"06:00\"", complaints);
    rule.at = time.value_or(rule.at);
  }
  if (const Node* channels = mapping.require("channels")) {
    rule.channels = as_channels(*channels, settings, complaints);
    for (const auto& name : rule.channels) {
      const auto* channel = settings.channel(name);
      if (channel == nullptr || !std::holds_alternative<Alertmanager>(channel->how)) continue;
      complain(channels,
               config::shown(name) + " is an Alertmanager, which takes alerts and nothing else",
               complaints);
    }
  }
  mapping.finish();
}

using config::yaml_quoted;

std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& each : texts) out += (out.size() > 1 ? ", " : "") + yaml_quoted(each);
  return out + "]";
}

std::string files_of(const std::string& ca, const char* key, const std::string& file) {
  std::string out;
  if (!ca.empty()) out += ", ca: " + yaml_quoted(ca);
  if (!file.empty()) out += std::string(", ") + key + ": " + yaml_quoted(file);
  return out;
}

std::string how_text(const Webhook& it) {
  return "webhook: {url: " + yaml_quoted(it.url) +
         files_of(it.ca_file, "headers_file", it.headers_file) +
         ", content_type: " + yaml_quoted(it.content_type) +
         (it.body ? ", body: " + yaml_quoted(it.body->text()) : "") + "}";
}

std::string how_text(const Alertmanager& it) {
  return "alertmanager: {url: " + yaml_quoted(it.url) +
         files_of(it.ca_file, "headers_file", it.headers_file) +
         ", resend: " + format_duration(it.resend) + "}";
}

std::string how_text(const Mail& it) {
  return "smtp: {url: " + yaml_quoted(it.url) + ", from: " + yaml_quoted(it.from) +
         ", to: " + list_of(it.to) +
         (it.username.empty() ? "" : ", username: " + yaml_quoted(it.username)) +
         files_of(it.ca_file, "password_file", it.password_file) +
         (it.starttls ? "" : ", starttls: false") + "}";
}

// Arguments may be secrets, as those of a check's program.
std::string how_text(const Exec& it) {
  auto shown = it.command;
  for (std::size_t i = 1; i < shown.size(); ++i) shown[i] = "(hidden)";
  return "exec: {command: " + list_of(shown) + "}";
}

std::string route_text(const Route& route) {
  std::string match;
  for (const auto& [label, values] : route.match) {
    match += (match.empty() ? "" : ", ") + label + ": " + list_of(values);
  }
  std::string contacts;
  Duration patience(0);  // all steps that are written have the same
  for (const auto& step : route.contacts) {
    patience = step.ack_within;
    contacts += (contacts.empty() ? "" : ", ") + list_of(step.channels);
  }
  std::string emergency;
  for (const auto& [via, channels] : route.emergency) {
    emergency +=
        (emergency.empty() ? "" : ", ") + config::yaml_quoted(via) + ": " + list_of(channels);
  }
  return "    - {match: {" + match + "}, group_by: " + route.group_by + ", contacts: [" + contacts +
         "]" + (emergency.empty() ? "" : ", emergency: {" + emergency + "}") +
         (patience > Duration(0) ? ", ack_within: " + format_duration(patience) : "") +
         ", repeat: " + format_duration(route.repeat) + ", wait: " + format_duration(route.wait) +
         "}\n";
}

}  // namespace

bool Route::takes(const Labels& labels) const {
  return std::all_of(match.begin(), match.end(), [&](const auto& one) {
    const auto found = labels.find(one.first);
    return found != labels.end() &&
           std::find(one.second.begin(), one.second.end(), found->second) != one.second.end();
  });
}

std::string Route::name() const {
  std::string out;
  for (const auto& [label, values] : match) {
    out += (out.empty() ? "" : ",") + label + "=";
    for (std::size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : "|") + values[i];
  }
  return out.empty() ? "all" : out;
}

const Channel* Settings::channel(const std::string& wanted) const {
  for (const auto& each : channels) {
    if (each.name == wanted) return &each;
  }
  return nullptr;
}

const Route* Settings::route_of(const Labels& labels) const {
  for (const auto& each : routes) {
    if (each.takes(labels)) return &each;
  }
  return nullptr;
}

Settings decode_settings(const Node& node, Complaints& complaints) {
  Settings settings;
  Mapping mapping(node, complaints, "alerts");
  each_of(mapping, "channels", kMaxChannels, complaints,
          [&](const Node& item) { decode_channel(item, settings, complaints); });
  each_of(mapping, "routes", kMaxRoutes, complaints,
          [&](const Node& item) { decode_route(item, settings, complaints); });
  settings.agent_silent =
      mapping.take_duration("agent_silent", seconds(1), kDay * 30).value_or(settings.agent_silent);
  constexpr std::int64_t kMostDays = 3650;
  settings.certificate_days = static_cast<int>(
      mapping.take_integer("certificate_days", 0, kMostDays).value_or(settings.certificate_days));
  if (const Node* incident = mapping.take("incident")) {
    decode_incident(*incident, settings.incident, complaints);
  }
  if (const Node* head = mapping.take("log_head")) decode_log_head(*head, settings, complaints);
  mapping.finish();
  return settings;
}

std::string print_settings(const Settings& settings) {
  std::string out = "alerts:\n";
  if (!settings.channels.empty()) out += "  channels:\n";
  for (const auto& each : settings.channels) {
    out += "    - {name: " + yaml_quoted(each.name) +
           ", timeout: " + format_duration(each.timeout) + ", " +
           std::visit([](const auto& how) { return how_text(how); }, each.how) + "}\n";
  }
  if (!settings.routes.empty()) out += "  routes:\n";
  for (const auto& each : settings.routes) out += route_text(each);
  out += "  agent_silent: " + format_duration(settings.agent_silent) + "\n";
  out += "  certificate_days: " + std::to_string(settings.certificate_days) + "\n";
  if (const auto& head = settings.log_head; !head.channels.empty()) {
    out += "  log_head: {at: \"" + format_rfc3339(WallTime{head.at.count()}).substr(11, 5) +
           "\", channels: " + list_of(head.channels) + "}\n";
  }
  if (!settings.incident.open) return out + "  incident: off\n";
  return out + "  incident: {slots: " + std::to_string(settings.incident.slots) +
         ", vantages: " + std::to_string(settings.incident.vantages) +
         ", reopen: " + format_duration(settings.incident.reopen) + "}\n";
}

}  // namespace nines::alerts
