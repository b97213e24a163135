// SPDX-License-Identifier: Apache-2.0
#include "probes/http_token.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/hash.h"
#include "probes/connector.h"
#include "probes/http_exchange.h"
#include "probes/json_assertion.h"

namespace nines::probes {
namespace {

constexpr std::uint64_t kMaxAnswer = 64 << 10;
constexpr std::size_t kMaxToken = 8 << 10;
constexpr Duration kMargin = seconds(30);
constexpr Duration kUsual = minutes(5);  // where the server does not say

std::string key_of(const OAuth2Spec& spec) {
  std::string text = spec.token_url + '\n' + spec.client_id + '\n' + spec.client_secret;
  for (const auto& scope : spec.scopes) text += '\n' + scope;
  return hex(sha256(as_bytes(text)));
}

// application/x-www-form-urlencoded.
std::string encoded(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '*';
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[u >> 4], kHex[u & 0xF]};
    }
  }
  return out;
}

HttpHop token_hop(const HttpSpec& spec, Url url) {
  const auto& oauth2 = *spec.oauth2;
  HttpHop hop;
  hop.url = std::move(url);
  // RFC 6749, 2.3.1: each form-encoded, then as the user and password of Basic.
  hop.url.user = encoded(oauth2.client_id);
  hop.url.password = encoded(oauth2.client_secret);
  hop.method = "POST";
  hop.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                 {"Accept", "application/json"}};
  hop.body = "grant_type=client_credentials";
  std::string scopes;
  for (const auto& scope : oauth2.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  if (!scopes.empty()) hop.body += "&scope=" + encoded(scopes);
  hop.tls.ca_file = spec.tls.ca_file;
  hop.max_body = kMaxAnswer;
  hop.keep_body = true;
  return hop;
}

// Whatever keeps the token server from giving one is not told by the service's own reasons.
Failure blamed(Failure failure) {
  if (!failure || outcome_of(failure.reason) == Outcome::unknown) return failure;
  return {Reason::http_token,
          "no token: " + std::string(name(failure.reason)) + ": " + failure.detail};
}

// One exchange with the token server.
Task<Failure> ask(
    Run& run, Tools tools, const HttpSpec& spec, const HttpHop& hop, HttpAnswer& answer) {
  Phases unused;
  Stamps unnoted = Stamps::none;
  const auto& end = hop.proxy ? *hop.proxy : hop.url;
  auto lookup = look_up(run, tools.resolver, end.host, spec.family, unused, unnoted);
  auto addresses = co_await std::move(lookup);
  if (addresses.failure) co_return addresses.failure;
  auto connect = connect_any(run, std::move(addresses.list), end.port, spec.source, unused);
  auto connection = co_await std::move(connect);
  if (connection.failure) co_return connection.failure;
  HttpExchange exchange(run, tools, hop);
  auto perform = exchange.perform(std::move(connection.socket));
  auto failure = co_await std::move(perform);
  answer = std::move(exchange.answer());
  co_return failure;
}

}  // namespace

std::optional<std::string> Tokens::find(const OAuth2Spec& spec, BootTime now) const {
  const auto found = kept_.find(key_of(spec));
  if (found == kept_.end() || found->second.until <= now) return std::nullopt;
  return found->second.token;
}

void Tokens::keep(const OAuth2Spec& spec, std::string token, BootTime until) {
  if (kept_.size() >= kLimit) kept_.clear();
  kept_.insert_or_assign(key_of(spec), Kept{std::move(token), until});
}

void Tokens::forget(const OAuth2Spec& spec) { kept_.erase(key_of(spec)); }

Expected<IssuedToken> read_token(std::string_view body) {
  const auto values = find_values(body, {"/access_token", "/token_type", "/expires_in"});
  if (!values) return fail("the answer is no JSON: " + values.error().message);
  const auto& [text, type, expires] = std::tie((*values)[0], (*values)[1], (*values)[2]);
  const bool clean =
      std::all_of(text.text.begin(), text.text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (text.kind != JsonValue::Kind::string || text.text.empty() || !clean ||
      text.text.size() > kMaxToken) {
    return fail("the answer holds no access_token that can be sent");
  }
  if (type.kind == JsonValue::Kind::string && !same_name(type.text, "bearer")) {
    return fail("the token is not of the type bearer");
  }
  IssuedToken issued{text.text, kUsual};
  // Some servers write the number as a text.
  std::int64_t lasts = 0;
  const auto* end = expires.text.data() + expires.text.size();
  const auto [at, error] = std::from_chars(expires.text.data(), end, lasts);
  if (error == std::errc() && at == end) {
    issued.lasts = seconds(std::clamp<std::int64_t>(lasts, 0, 365L * 86'400));
  }
  return issued;
}

Task<TokenResult> obtain_token(Run& run, Tools tools, const HttpSpec& spec) {
  TokenResult result;
  const auto& oauth2 = *spec.oauth2;
  if (auto kept = tools.tokens.find(oauth2, run.clock.boot())) {
    result.token = *std::move(kept);
    result.kept = true;
    co_return result;
  }
  auto url = parse_url(oauth2.token_url);
  if (!url) {
    result.failure = {Reason::agent_configuration, url.error().message};
    co_return result;
  }
  HttpHop hop = token_hop(spec, *std::move(url));
  if (!spec.proxy.empty()) {
    auto proxy = parse_proxy(spec.proxy);
    if (proxy) hop.proxy = *std::move(proxy);
  }
  HttpAnswer answer;
  auto exchange = ask(run, tools, spec, hop, answer);
  auto failure = co_await std::move(exchange);
  result.failure = blamed(std::move(failure));
  if (result.failure) co_return result;
  if (answer.status != 200) {
    result.failure = {Reason::http_token, "no token: status " + std::to_string(answer.status)};
    co_return result;
  }
  auto issued = read_token(answer.body);
  if (!issued) {
    result.failure = {Reason::http_token, "no token: " + issued.error().message};
    co_return result;
  }
  result.token = issued->text;
  if (issued->lasts > kMargin) {
    tools.tokens.keep(oauth2, issued->text, run.clock.boot() + (issued->lasts - kMargin));
  }
  co_return result;
}

}  // namespace nines::probes
