// SPDX-License-Identifier: Apache-2.0
#include "collector/statement.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "config/check_decoder.h"
#include "sla/time/zone.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 8;

enum class Shape { name, text, instant, date, digest };

struct Field {
  const char* key;
  Shape shape;
  bool required;
};

// Keys of a kind of statement beside `type` and the one that says what is done.
struct StatementForm {
  std::string type;
  const char* verb_key;            // "action", "event", "outcome"
  std::vector<std::string> verbs;  // of this form
  std::vector<Field> fields;
};

const std::vector<StatementForm>& forms() {
  using enum Shape;
  static const std::vector<StatementForm> all = {
      {"exclusion",
       "action",
       {"announce", "claim"},
       {{"id", name, true},
        {"kind", name, true},
        {"from", instant, true},
        {"to", instant, true},
        {"service", name, false},
        {"evidence", text, false},
        {"cause", text, false},
        {"reason", text, false}}},
      {"exclusion",
       "action",
       {"approve", "reject", "withdraw", "dispute"},
       {{"id", name, true}, {"note", text, false}}},
      {"incident",
       "event",
       {"opened"},
       {{"id", name, true},
        {"service", name, true},
        {"at", instant, false},
        {"priority", name, false},
        {"note", text, false}}},
      {"incident", "event", {"paused"}, {{"id", name, true}, {"reason", text, true}}},
      {"incident", "event", {"updated"}, {{"id", name, true}, {"note", text, true}}},
      {"incident",
       "event",
       {"prioritised"},
       {{"id", name, true}, {"priority", name, true}, {"note", text, false}}},
      {"incident",
       "event",
       {"acknowledged", "responded", "resumed", "mitigated", "resolved", "reopened", "closed"},
       {{"id", name, true}, {"note", text, false}}},
      {"observation",
       "outcome",
       {"up", "down"},
       {{"id", name, true},
        {"service", name, true},
        {"from", instant, true},
        {"to", instant, true},
        {"text", text, true},
        {"evidence", text, false}}},
      {"annotation",
       nullptr,
       {},
       {{"id", name, true},
        {"service", name, false},
        {"from", instant, false},
        {"to", instant, false},
        {"text", text, true}}},
      {"vantage",
       "event",
       {"joined", "retired"},
       {{"id", name, true}, {"name", name, true}, {"at", instant, false}}},
      {"check",
       "event",
       {"joined", "retired"},
       {{"id", name, true}, {"name", name, true}, {"at", instant, false}}},
      {"restatement",
       "action",
       {"propose"},
       {{"id", name, true}, {"period", text, true}, {"reason", text, true}}},
      {"restatement", "action", {"approve", "reject"}, {{"id", name, true}, {"note", text, false}}},
      {"duty",
       "event",
       {"done"},
       {{"id", name, true},
        {"duty", text, true},
        {"due", date, true},
        {"evidence", text, false},
        {"note", text, false}}},
      {"duty", "event", {"withdrawn"}, {{"id", name, true}, {"note", text, false}}},
      {"signature",
       nullptr,
       {},
       {{"version", name, true}, {"digest", digest, true}, {"party", name, true}}},
      {"erasure", nullptr, {}, {{"subject", name, true}}},
  };
  return all;
}

// JSON whose objects name each key once: two readers must not see two statements.
Expected<Json> parse_once(std::string_view body) {
  std::vector<std::set<std::string>> keys;
  std::string trouble;
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kMaxDepth) trouble = "nested too deep";
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty() &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      trouble = "the key '" + parsed.get<std::string>() + "' stands twice";
    }
    return true;
  };
  auto json = Json::parse(body, look, false);
  if (json.is_discarded()) return fail("the statement is no JSON");
  if (!trouble.empty()) return fail("the statement: " + trouble);
  if (!json.is_object()) return fail("the statement is no JSON object");
  return json;
}

Expected<std::string> text_of(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return fail("'" + key + "' is missing");
  if (!found->is_string()) return fail("'" + key + "' is not a text");
  auto text = found->get<std::string>();
  if (text.empty() || text.size() > kMaxStatementText) {
    return fail("'" + key + "' is empty or longer than " + std::to_string(kMaxStatementText) +
                " bytes");
  }
  return text;
}

Expected<void> check_value(const std::string& key, const std::string& text, Shape shape) {
  if (shape == Shape::name) {
    const auto named = config::check_name(text);
    if (!named) return fail("'" + key + "': " + named.error().message);
  } else if (shape == Shape::instant) {
    const auto instant = parse_rfc3339(text);
    if (!instant) return fail("'" + key + "': " + instant.error().message);
  } else if (shape == Shape::date) {
    if (!sla::parse_date(text)) return fail("'" + key + "' is no date (write \"2026-03-31\")");
  } else if (shape == Shape::digest) {
    constexpr std::string_view kPrefix = "sha256:", kDigits = "0123456789abcdef";
    const bool good = text.starts_with(kPrefix) && text.size() == kPrefix.size() + 64 &&
                      text.find_first_not_of(kDigits, kPrefix.size()) == std::string::npos;
    if (!good) return fail("'" + key + "' is not sha256: and 64 hexadecimal digits, in lower case");
  } else if (std::any_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t';
             })) {
    return fail("'" + key + "' holds control characters");
  }
  return {};
}

bool speaks(const StatementForm& form, const std::string& type, const Json& event) {
  if (form.type != type) return false;
  if (form.verb_key == nullptr) return true;
  const auto verb = event.find(form.verb_key);
  return verb != event.end() && verb->is_string() &&
         std::find(form.verbs.begin(), form.verbs.end(), verb->get<std::string>()) !=
             form.verbs.end();
}

// What could have been said, where nothing fits.
Expected<const StatementForm*> form_of(const std::string& type, const Json& event) {
  std::string verbs;
  const char* verb_key = nullptr;
  for (const auto& form : forms()) {
    if (speaks(form, type, event)) return &form;
    if (form.type != type) continue;
    verb_key = form.verb_key;
    for (const auto& verb : form.verbs) verbs += (verbs.empty() ? "" : ", ") + verb;
  }
  if (verb_key == nullptr) return fail("'type' is none that is known here");
  return fail("'" + std::string(verb_key) + "' of " + type + " is one of " + verbs);
}

// A text that the client sealed: the digest is in the event, and what opens it beside.
Expected<std::string> opened_text(const Json& event,
                                  const std::string& key,
                                  const proto::OpenTexts& texts) {
  const auto digest = proto::sealed_digest(event[key]);
  if (digest.empty()) return fail("'" + key + "' is neither a text nor {\"sealed\":\"sha256:…\"}");
  const auto open = texts.find(key);
  if (open == texts.end()) return fail("'" + key + "' is sealed, and 'texts' does not open it");
  if (proto::text_digest(open->second) != digest) {
    return fail("'" + key + "' seals another text than 'texts' has");
  }
  return text_of({{key, open->second.text}}, key);
}

Expected<proto::OpenTexts> decode_texts(const Json& json) {
  proto::OpenTexts out;
  if (!json.is_object() || json.empty()) return fail("'texts' is no JSON object, or empty");
  for (const auto& [key, value] : json.items()) {
    auto open = proto::read_open_text(value);
    if (!open) return fail("'texts': '" + key + "' " + open.error().message);
    out.emplace(key, *std::move(open));
  }
  return out;
}

Expected<void> check_event(const Json& event, const proto::OpenTexts& texts) {
  if (!event.is_object()) return fail("'event' is no JSON object");
  TRY(type, text_of(event, "type"));
  TRY(form, form_of(type, event));
  std::set<std::string> known{"type"};
  if (form->verb_key != nullptr) known.insert(form->verb_key);
  for (const auto& field : form->fields) {
    known.insert(field.key);
    if (!field.required && !event.contains(field.key)) continue;
    const bool sealed = event.contains(field.key) && event[field.key].is_object() &&
                        proto::is_personal(type, field.key);
    TRY(text, sealed ? opened_text(event, field.key, texts) : text_of(event, field.key));
    TRY_VOID(check_value(field.key, text, field.shape));
  }
  for (const auto& [key, value] : event.items()) {
    if (!known.contains(key)) return fail("'" + key + "' says nothing in a statement of this kind");
  }
  for (const auto& [key, open] : texts) {
    if (!event.contains(key) || !event[key].is_object()) {
      return fail("'texts' opens '" + key + "', which is not sealed");
    }
  }
  if (event.contains("from") && event.contains("to")) {
    const auto from = parse_rfc3339(event["from"].get<std::string>());
    const auto to = parse_rfc3339(event["to"].get<std::string>());
    if (*from >= *to) return fail("'from' is not before 'to'");
  }
  return {};
}

}  // namespace

Expected<Statement> decode_statement(std::string_view body) {
  if (body.size() > kMaxStatement) return fail("the statement is longer than 64 KiB");
  TRY(json, parse_once(body));
  for (const auto& [key, value] : json.items()) {
    if (key != "agreement" && key != "event" && key != "signature" && key != "texts" &&
        key != "about") {
      return fail("'" + key + "' is not known beside agreement, event, signature, texts and about");
    }
  }
  Statement statement;
  TRY(agreement, text_of(json, "agreement"));
  TRY_VOID(check_value("agreement", agreement, Shape::name));
  statement.agreement = agreement;
  if (!json.contains("event")) return fail("'event' is missing");
  if (json.contains("texts")) {
    TRY(texts, decode_texts(json["texts"]));
    statement.texts = std::move(texts);
  }
  TRY_VOID(check_event(json["event"], statement.texts));
  statement.event = json["event"];
  if (json.contains("about")) {
    TRY(about, text_of(json, "about"));
    TRY_VOID(check_value("about", about, Shape::name));
    statement.about = about;
  }
  if (json.contains("signature")) {
    TRY(text, text_of(json, "signature"));
    const auto bytes = from_hex(text);
    if (!bytes) return fail("'signature' is not hexadecimal");
    statement.signature = *bytes;
  }
  return statement;
}

}  // namespace nines::collector
