// SPDX-License-Identifier: Apache-2.0
#include "alerts/channels.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "alerts/message.h"
#include "base/utf8.h"
#include "config/address.h"
#include "net/http_client.h"
#include "net/mail_client.h"
#include "probes/program.h"

namespace nines::alerts {
namespace {

using Result = Sent::Result;

constexpr Duration kMostRetryAfter = hours(1);

Sent failed(std::string detail) { return {Result::failed, std::move(detail), {}}; }

// What is wrong with the message itself: another attempt with the same bytes changes nothing.
bool refuses_the_message(int status) {
  return status == 400 || status == 413 || status == 415 || status == 422;
}

std::optional<Duration> retry_after(const net::HttpResponse& response) {
  const auto text = response.header("Retry-After");
  std::int64_t number = 0;
  if (!text) return std::nullopt;
  const auto* end = text->data() + text->size();
  if (std::from_chars(text->data(), end, number).ptr != end || number < 0) return std::nullopt;
  return std::min<Duration>(seconds(std::min<std::int64_t>(number, 86'400)), kMostRetryAfter);
}

Sent sent_by_http(const Expected<net::HttpResponse>& response) {
  if (!response) return failed(response.error().message);
  const int status = response->status;
  auto detail = "status " + std::to_string(status);
  if (status >= 200 && status < 300) return {Result::delivered, detail, {}};
  constexpr std::size_t kShown = 120;
  const auto said = printable(std::string_view(response->body).substr(0, kShown));
  if (!said.empty()) detail += ": " + said;
  return {refuses_the_message(status) ? Result::refused : Result::failed, detail,
          retry_after(*response)};
}

// "https://host:8080" and "/path?query".
std::pair<std::string, std::string> split(const std::string& url) {
  const auto parsed = config::parse_url(url);
  const auto path = parsed ? parsed->path : std::string();
  auto base = url.substr(0, url.size() - path.size());
  return {std::move(base), path.starts_with('/') ? path : "/" + path};
}

net::ClientOptions options_of(const std::string& base, const std::string& ca) {
  net::ClientOptions options;
  options.url = base;
  if (!ca.empty()) options.tls = net::TlsFiles{ca, {}, {}};
  return options;
}

net::ClientRequest request_of(std::string path, const Headers& headers, Duration timeout) {
  net::ClientRequest request;
  request.method = "POST";
  request.path = std::move(path);
  request.headers = headers;
  request.headers.emplace_back("User-Agent", "nines-collector");
  request.timeout = timeout;
  request.connect_timeout = std::min<Duration>(timeout, seconds(10));
  return request;
}

void add_absent(Headers& headers, const std::string& name, const std::string& value) {
  const auto same = [&](const auto& one) {
    return std::equal(
        one.first.begin(), one.first.end(), name.begin(), name.end(),
        [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  if (std::none_of(headers.begin(), headers.end(), same)) headers.emplace_back(name, value);
}

}  // namespace

struct Channels::Impl {
  Impl(asio::io_context& loop, const Clock& c)
      : io(loop), clock(c), multi(loop), resolver(loop, c), mail(c, multi, resolver) {}

  Task<Sent> post(net::ClientOptions options, net::ClientRequest request, Stop& stop);
  Task<Sent> send_mail(Mail how, Duration timeout, std::string message, Stop& stop);
  Task<Sent> run(Exec how, Duration timeout, std::string message, Stop& stop);

  asio::io_context& io;
  const Clock& clock;
  net::CurlMulti multi;
  net::Resolver resolver;
  net::MailClient mail;
};

Channels::Channels(asio::io_context& io, const Clock& clock)
    : impl_(std::make_unique<Impl>(io, clock)) {}

Channels::~Channels() = default;

Task<Sent> Channels::Impl::post(net::ClientOptions options,
                                net::ClientRequest request,
                                Stop& stop) {
  net::HttpClient client(io, clock, multi, resolver, std::move(options));
  auto exchanging = client.exchange(std::move(request), stop);
  const auto response = co_await std::move(exchanging);
  co_return sent_by_http(response);
}

Task<Sent> Channels::Impl::send_mail(Mail how, Duration timeout, std::string message, Stop& stop) {
  const auto url = config::parse_url(how.url);
  if (!url) co_return failed(url.error().message);
  net::MailServer server;
  server.tls = url->scheme == "smtps";
  server.require_tls = how.starttls;
  server.host = url->host;
  constexpr std::uint16_t kSmtp = 25, kSmtps = 465;
  server.port = url->port != 0 ? url->port : server.tls ? kSmtps : kSmtp;
  server.ca = how.ca_file;
  server.username = how.username;
  server.password = how.password;
  net::Letter letter{how.from, how.to, mail_of(message, {how.from, how.to}), timeout};
  auto sending = mail.send(std::move(server), std::move(letter), stop);
  const auto done = co_await std::move(sending);
  if (done) co_return Sent{Result::delivered, "accepted", {}};
  // A server that dislikes us today may like us tomorrow; the message is the same to all of them.
  co_return failed(done.error().message);
}

Task<Sent> Channels::Impl::run(Exec how, Duration timeout, std::string message, Stop& stop) {
  probes::Run run{io, clock, clock.boot() + timeout, stop};
  probes::Program program(run, {kProgramMemory, kMaxProgramOutput});
  const auto failure = program.start(how.command, message);
  if (failure) co_return failed(failure.detail);
  auto waiting = program.wait();
  const auto waited = co_await std::move(waiting);
  if (program.start_error() != 0) {
    co_return failed(
        fail_errno("cannot start " + how.command[0], program.start_error()).error.message);
  }
  if (program.wrote_too_much()) co_return failed("killed: it wrote more than 64 KiB");
  if (waited == probes::Waited::stopped) co_return failed("stopped");
  if (waited == probes::Waited::timed_out) co_return failed("killed: it did not end in time");
  if (!program.exit_code()) {
    co_return failed("killed by signal " + std::to_string(program.signal()));
  }
  auto detail = "exit code " + std::to_string(*program.exit_code());
  if (*program.exit_code() == 0) co_return Sent{Result::delivered, detail, {}};
  const auto said = printable(program.err().substr(0, program.err().find('\n')));
  if (!said.empty()) detail += ": " + said;
  co_return failed(detail);
}

Task<Sent> Channels::send(Channel channel, std::string message, Stop& stop) {
  Impl& impl = *impl_;
  if (auto* hook = std::get_if<Webhook>(&channel.how)) {
    auto [base, path] = split(hook->url);
    auto request = request_of(path, hook->headers, channel.timeout);
    const auto values = values_of(message);
    add_absent(request.headers, "Content-Type", hook->content_type);
    const auto key = values.find("dedup_key");
    if (key != values.end()) add_absent(request.headers, "Idempotency-Key", key->second);
    request.body = hook->body ? hook->body->fill(values) : message;
    auto options = options_of(base, hook->ca_file);
    auto posting = impl.post(std::move(options), std::move(request), stop);
    auto sent = co_await std::move(posting);
    co_return sent;
  }
  if (auto* manager = std::get_if<Alertmanager>(&channel.how)) {
    auto [base, path] = split(manager->url);
    while (path.ends_with('/')) path.pop_back();
    auto request = request_of(path + "/api/v2/alerts", manager->headers, channel.timeout);
    add_absent(request.headers, "Content-Type", "application/json");
    request.body = std::move(message);
    auto options = options_of(base, manager->ca_file);
    auto posting = impl.post(std::move(options), std::move(request), stop);
    auto sent = co_await std::move(posting);
    co_return sent;
  }
  if (auto* mail = std::get_if<Mail>(&channel.how)) {
    auto sending = impl.send_mail(*mail, channel.timeout, std::move(message), stop);
    auto sent = co_await std::move(sending);
    co_return sent;
  }
  auto running = impl.run(std::get<Exec>(channel.how), channel.timeout, std::move(message), stop);
  auto sent = co_await std::move(running);
  co_return sent;
}

}  // namespace nines::alerts
