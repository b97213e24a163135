// SPDX-License-Identifier: Apache-2.0
#include "cli/statement.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/exit.h"
#include "net/certificate.h"
#include "proto/proof.h"
#include "proto/sealed_text.h"

namespace nines::cli {
namespace {

Expected<std::string> posted(const StatementOptions& options, const Json& event) {
  auto plain = nlohmann::json::parse(event.dump());
  // Sealed before it is signed, so that the signature holds when the text is gone.
  const auto texts = proto::seal_texts(plain);
  nlohmann::json statement{{"agreement", options.agreement}, {"event", plain}};
  for (const auto& [key, open] : texts) statement["texts"][key] = proto::open_text_json(open);
  if (!options.about.empty()) statement["about"] = options.about;
  if (!options.endpoint.collector.empty()) {
    const auto text = proto::statement_text(options.agreement, plain);
    TRY(signature, net::sign_with_key(options.endpoint.key, as_bytes(text)));
    statement["signature"] = to_hex(as_bytes(signature));
  }
  TRY(client, ApiClient::open(options.endpoint));
  return client->post("/v1/events", proto::canonical_text(statement));
}

}  // namespace

void add_statement_options(CLI::App& command, StatementOptions& options, bool id) {
  if (id) command.add_option("ID", options.id, "names it, on this agreement")->required();
  command.add_option("--agreement", options.agreement, "the agreement's name")
      ->required()
      ->type_name("NAME");
  add_endpoint_options(command, options.endpoint, false);
}

void add_about(CLI::App& command, StatementOptions& options) {
  command
      .add_option("--about", options.about,
                  "whose free texts these are, who may have them erased; absent: yours")
      ->type_name("SUBJECT");
}

void add_list(CLI::App& parent,
              int& exit_code,
              std::function<int(const StatementOptions& options)> show) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand("list", "all of an agreement");
  add_statement_options(*command, *options, false);
  command->add_flag("--json", options->json, "one JSON array");
  command->callback([options, show = std::move(show), &exit_code] { exit_code = show(*options); });
}

int state(const std::string& what,
          const StatementOptions& options,
          Json event,
          const std::vector<std::pair<std::string, std::string>>& texts) {
  if (!options.id.empty()) event["id"] = options.id;
  for (const auto& [key, text] : texts) {
    if (!text.empty()) event[key] = text;
  }
  const auto body = posted(options, event);
  if (!body) return complain(what, body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain(what, json.error().message);
  std::cout << "entry " << number_in(*json, "position").value_or(-1) << " of the log, "
            << text_in(*json, "at") << "\n";
  return kOk;
}

Expected<Json> ask_events(const StatementOptions& options) {
  TRY(client, ApiClient::open(options.endpoint));
  TRY(body, client->get("/v1/events?agreement=" + percent_encoded(options.agreement)));
  return parse_answer(body);
}

Expected<Json> ask_statements(const StatementOptions& options,
                              const std::vector<std::string>& types) {
  TRY(events, ask_events(options));
  Json out = Json::array();
  for (const auto& each : field(events, "entries")) {
    const auto& entry = field(each, "entry");
    const auto type = text_in(field(entry, "event"), "type");
    if (std::find(types.begin(), types.end(), type) == types.end()) continue;
    out.push_back(entry);
    for (const auto& [key, text] : field(each, "texts").items()) {
      out.back()["event"][key] = text;
    }
  }
  return out;
}

std::string free_text_in(const Json& event, const char* key) {
  const auto& value = field(event, key);
  if (!value.is_object()) return text_in(event, key);
  return value.contains("erased") ? "(erased " + clock_in(value, "erased") + ")" : "(sealed)";
}

}  // namespace nines::cli
