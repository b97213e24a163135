// SPDX-License-Identifier: Apache-2.0
#include "cli/statement.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/exit.h"
#include "net/certificate.h"
#include "proto/proof.h"

namespace nines::cli {
namespace {

Expected<std::string> posted(const StatementOptions& options, const Json& event) {
  const auto plain = nlohmann::json::parse(event.dump());
  nlohmann::json statement{{"agreement", options.agreement}, {"event", plain}};
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
    if (std::find(types.begin(), types.end(), type) != types.end()) out.push_back(entry);
  }
  return out;
}

}  // namespace nines::cli
