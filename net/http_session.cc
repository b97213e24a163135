// SPDX-License-Identifier: Apache-2.0
// One connection's course: handshake, then request and answer in turn until either side has enough.
#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"
#include "net/server_core.h"

namespace nines::net {
namespace {

constexpr std::size_t kJoined = 16 << 10;  // bodies up to this go out with their headers
constexpr std::size_t kBodyBytesPerSecond = 1024;
constexpr Duration kLinger = seconds(2);
constexpr Duration kLogEvery = minutes(1);

}  // namespace

Task<void> HttpServer::Impl::serve(std::shared_ptr<Impl> self, std::shared_ptr<Session> session) {
  bool going = true;
  if (session->listener->tls) {
    auto handshake = self->shake_hands(*session);
    going = co_await std::move(handshake);
  }
  while (going) {
    auto request = self->serve_request(*session);
    going = co_await std::move(request);
    session->first = false;
  }
  self->forget(*session);
}

Task<bool> HttpServer::Impl::shake_hands(Session& session) {
  auto& connection = *session.connection;
  const BootTime deadline = clock.boot() + limits.handshake;
  // A session holds its own reference: the context may be replaced meanwhile.
  if (!connection.start_tls(static_cast<SSL_CTX*>(session.listener->tls->ssl_ctx()))) {
    co_return false;
  }
  for (;;) {
    const auto io_state = connection.try_handshake();
    if (io_state.progress == Connection::Progress::done) break;
    if (io_state.progress == Connection::Progress::closed) {
      note_handshake(session, connection.trouble());
      auto linger = connection.linger(std::min(limits.handshake, kLinger));
      co_await std::move(linger);  // the alert says why: let it arrive
      co_return false;
    }
    auto wait = connection.wait(io_state.progress, deadline);
    const auto wake = co_await std::move(wait);
    if (wake == Connection::Wake::timed_out) ++counters.timeouts;
    if (wake != Connection::Wake::ready) co_return false;
  }
  session.peer.certificate_uris = connection.peer_uris();
  session.peer.certificate = connection.peer_certificate();
  co_return true;
}

void HttpServer::Impl::note_handshake(const Session& session, const std::string& why) {
  ++counters.handshake_failures;
  const BootTime now = clock.boot();
  if (handshake_logged && now - *handshake_logged < kLogEvery) return;
  handshake_logged = now;
  log::notice("a TLS handshake failed; more within a minute are only counted",
              {{"peer", session.peer.address}, {"why", why}});
}

// One request and its answer; whether another may follow.
Task<bool> HttpServer::Impl::serve_request(Session& session) {
  RequestParser parser(limits.header_bytes, limits.body_bytes);
  HttpResponse response;
  auto receiving = receive(session, parser, response);
  const Received received = co_await std::move(receiving);
  session.idle = false;
  bool close = true;
  switch (received) {
    case Received::gone:
      co_return false;
    case Received::timed_out:
      ++counters.timeouts;
      if (!parser.begun()) co_return false;
      response = HttpResponse::problem(408, "the request did not come in time");
      break;
    case Received::failed:
      ++(parser.status() == 413 || parser.status() == 431 ? counters.too_large
                                                          : counters.bad_requests);
      response = HttpResponse::problem(parser.status(), parser.why());
      break;
    case Received::refused:
      break;
    case Received::complete: {
      ++counters.requests;
      parser.request().peer = session.peer;
      auto answering = answer(parser.request());
      response = co_await std::move(answering);
      close = response.close || !parser.keep_alive();
      break;
    }
  }
  const bool renewed = session.tls_generation != session.listener->tls_generation;
  response.close = close || renewed || stopping.requested();
  const bool unread = received != Received::complete;
  const bool last = response.close;
  auto responding =
      respond(session, std::move(response), parser.request().method, parser.http_1_0());
  const bool sent = co_await std::move(responding);
  bodies_held -= std::exchange(session.held, 0);
  if (sent && last && (unread || !session.leftover.empty())) {
    auto linger = session.connection->linger(std::min(limits.handshake, kLinger));
    co_await std::move(linger);
  }
  co_return sent && !last;
}

// The body so far counts for all connections together.
bool HttpServer::Impl::account(Session& session, const RequestParser& parser) {
  const std::size_t now = parser.body_size();
  bodies_held += now - session.held;
  session.held = now;
  return bodies_held <= limits.bodies_in_flight;
}

BootTime HttpServer::Impl::body_deadline(BootTime start, const RequestParser& parser) {
  return start + limits.handshake + seconds(parser.body_size() / kBodyBytesPerSecond);
}

// Whether the body may come; the gate sees the request without it.
bool HttpServer::Impl::examine_head(Session& session,
                                    RequestParser& parser,
                                    HttpResponse& refusal) {
  if (!gate) return true;
  parser.request().peer = session.peer;
  auto refused = gate(parser.request());
  if (!refused) return true;
  refusal = *std::move(refused);
  return false;
}

Task<Received> HttpServer::Impl::receive(Session& session,
                                         RequestParser& parser,
                                         HttpResponse& refusal) {
  using State = RequestParser::State;
  using Progress = Connection::Progress;
  auto& connection = *session.connection;
  const std::string early = std::exchange(session.leftover, {});
  std::string_view bytes = early;
  BootTime body_start;
  BootTime head_deadline =
      clock.boot() + (session.first || !early.empty() ? limits.handshake : limits.idle);
  for (;;) {
    while (!bytes.empty() && (parser.state() == State::head || parser.state() == State::body)) {
      bytes.remove_prefix(parser.feed(bytes));
      if (parser.state() != State::head_complete) continue;
      if (!examine_head(session, parser, refusal)) co_return Received::refused;
      parser.accept_body();
      body_start = clock.boot();
      if (bytes.empty() && parser.state() == State::body && parser.expects_continue()) {
        auto go_on = connection.write_all("HTTP/1.1 100 Continue\r\n\r\n", limits.handshake);
        const bool sent = co_await std::move(go_on);
        if (!sent) co_return Received::gone;
      }
    }
    if (parser.state() == State::failed) co_return Received::failed;
    if (!account(session, parser)) {
      refusal = HttpResponse::problem(503, "too many bodies are under way");
      refusal.headers.emplace_back("Retry-After", "1");
      co_return Received::refused;
    }
    if (parser.state() == State::complete) {
      session.leftover = bytes;
      co_return Received::complete;
    }
    const auto io_state = connection.try_read(scratch.data(), scratch.size());
    if (io_state.progress == Progress::done) {
      if (!parser.begun()) head_deadline = clock.boot() + limits.handshake;
      bytes = std::string_view(scratch.data(), io_state.size);
      continue;
    }
    if (io_state.progress == Progress::closed) co_return Received::gone;
    session.idle = !parser.begun();
    if (session.idle && stopping.requested()) co_return Received::gone;
    const bool body = parser.state() == State::body;
    auto wait = connection.wait(io_state.progress,
                                body ? body_deadline(body_start, parser) : head_deadline);
    const auto wake = co_await std::move(wait);
    session.idle = false;
    if (wake == Connection::Wake::timed_out) co_return Received::timed_out;
    if (wake != Connection::Wake::ready) co_return Received::gone;
  }
}

Task<HttpResponse> HttpServer::Impl::answer(const HttpRequest& request) {
  std::string what = "the server is gone";
  if (!dead) {
    try {
      auto task = handler(request);
      HttpResponse response = co_await std::move(task);
      co_return response;
    } catch (const std::exception& error) {
      what = error.what();
    }
  }
  log::error("a request handler threw; this is a bug",
             {{"method", request.method}, {"path", request.path}, {"what", what}});
  HttpResponse broken = HttpResponse::problem(500, "the server failed; its log says more");
  broken.close = true;
  co_return broken;
}

Task<bool> HttpServer::Impl::respond(Session& session,
                                     HttpResponse response,
                                     const std::string& method,
                                     bool http_1_0) {
  std::string head = response_head(response, response.close, http_1_0);
  if (!has_body(response.status, method)) response.body.clear();
  if (response.body.size() <= kJoined) head += std::exchange(response.body, {});
  auto writing = session.connection->write_all(head, limits.handshake);
  bool sent = co_await std::move(writing);
  if (sent && !response.body.empty()) {
    auto more = session.connection->write_all(response.body, limits.handshake);
    sent = co_await std::move(more);
  }
  co_return sent;
}

}  // namespace nines::net
