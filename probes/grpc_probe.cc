// SPDX-License-Identifier: Apache-2.0
#include "probes/grpc_probe.h"

#include <charconv>
#include <optional>
#include <utility>

#include "probes/grpc_message.h"
#include "probes/http_exchange.h"
#include "probes/stream_opening.h"

namespace nines::probes {
namespace {

constexpr const char* kMethod = "/grpc.health.v1.Health/Check";

HttpHop hop_of(const GrpcSpec& spec, Url url, Duration left) {
  HttpHop hop;
  hop.url = std::move(url);
  hop.method = "POST";
  hop.headers = {{"Content-Type", "application/grpc"}, {"TE", "trailers"}};
  // So that the server need not work for nobody; eight digits at most.
  const auto ms = std::min<std::int64_t>(std::max<std::int64_t>(to_us(left) / 1000, 1), 99'999'999);
  hop.headers.emplace_back("grpc-timeout", std::to_string(ms) + "m");
  for (const auto& entry : spec.metadata) hop.headers.push_back(entry);
  hop.body = encode_health_request(spec.service);
  if (spec.tls) hop.tls = *spec.tls;
  hop.max_body = kMaxHealthAnswer;
  hop.keep_body = true;
  hop.only_http2 = true;
  return hop;
}

// A call that fails at once has its status among the headers and no trailers.
std::optional<std::string> field(const HttpAnswer& answer, std::string_view name) {
  for (const auto* fields : {&answer.trailers, &answer.headers}) {
    for (const auto& [key, value] : *fields) {
      if (same_name(key, name)) return value;
    }
  }
  return std::nullopt;
}

Failure judge_call(const HttpAnswer& answer, std::string& status) {
  const auto text = field(answer, "grpc-status");
  if (!text) return {Reason::grpc_status, "the answer has no grpc-status"};
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), code);
  if (error != std::errc{} || end != text->data() + text->size()) {
    return {Reason::grpc_status, "grpc-status is no number: \"" + text->substr(0, 40) + "\""};
  }
  if (code == 0) return {};
  constexpr std::uint32_t kNotFound = 5, kUnimplemented = 12;
  status = grpc_code_name(code);
  auto detail = status;
  const auto message = field(answer, "grpc-message");
  if (message && !message->empty()) detail += ": " + decode_percent(*message);
  if (code == kNotFound) return {Reason::grpc_unknown_service, std::move(detail)};
  if (code == kUnimplemented) detail += " (the server has no health service)";
  return {Reason::grpc_status, std::move(detail)};
}

}  // namespace

Failure judge_health(const HttpAnswer& answer, std::string& status) {
  constexpr int kOk = 200;
  if (answer.version != "2") {
    return {Reason::http_version, "the server speaks HTTP/" + answer.version + ", gRPC needs 2"};
  }
  if (answer.status != kOk) {
    return {Reason::http_status, "status " + std::to_string(answer.status) + ", no answer of gRPC"};
  }
  const auto type = field(answer, "content-type").value_or("");
  if (!type.starts_with("application/grpc")) {
    return {Reason::http_header, "content-type \"" + type.substr(0, 60) + "\" is not gRPC's"};
  }
  auto failure = judge_call(answer, status);
  if (failure) return failure;
  const auto health = decode_health_answer(answer.body);
  if (!health) return {Reason::grpc_status, "the message does not parse"};
  constexpr std::uint64_t kServing = 1, kServiceUnknown = 3;
  status = health_name(*health);
  if (*health == kServing) return {};
  if (*health == kServiceUnknown) return {Reason::grpc_unknown_service, status};
  return {Reason::grpc_not_serving, status};
}

Task<Failure> run_grpc(Run& run, Tools tools, const GrpcSpec& spec, ProbeResult& result) {
  const bool v6 = spec.host.find(':') != std::string::npos;
  auto url = tools.urls.get((spec.tls ? "https://" : "http://") +
                            (v6 ? "[" + spec.host + "]" : spec.host) + ":" +
                            std::to_string(spec.port) + kMethod);
  if (!url) {
    Failure no_url;
    no_url.reason = Reason::agent_configuration;
    no_url.detail = url.error().message;
    co_return no_url;
  }
  auto open = open_tcp(run, tools, target_of(spec), result);
  auto opening = co_await std::move(open);
  auto failure = std::move(opening.failure);
  if (!failure) {
    const auto hop = hop_of(spec, **url, run.left());
    HttpExchange exchange(run, tools, hop);
    auto perform = exchange.perform(std::move(opening.socket));
    failure = co_await std::move(perform);
    exchange.report(result.phases, result.stamps);
    if (spec.tls) result.tls = exchange.witness().detail;
    if (!failure) failure = judge_health(exchange.answer(), result.grpc_status);
  }
  co_return failure;
}

}  // namespace nines::probes
