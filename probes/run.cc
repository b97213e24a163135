// SPDX-License-Identifier: Apache-2.0
#include "probes/run.h"

#include <poll.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "probes/failure.h"

namespace nines::probes {

Duration Run::left() const { return std::max(deadline - clock.boot(), Duration(0)); }

long Run::left_ms() const {
  const auto ms = std::chrono::ceil<milliseconds>(left()).count();
  return static_cast<long>(std::clamp<std::int64_t>(ms, 1, 3'600'000));
}

Failure attach(Descriptor& descriptor, Socket& socket) {
  asio::error_code error;
  socket.assign(descriptor.number(), error);
  if (error) return local_failure(error.value(), "watch a descriptor");
  static_cast<void>(descriptor.release());  // the socket's now
  return {};
}

bool is_ready(int descriptor, Readiness what) {
  const short wanted = what == Readiness::readable ? POLLIN : POLLOUT;
  pollfd asked{descriptor, wanted, 0};
  return ::poll(&asked, 1, 0) > 0;  // an error or a hangup counts; a signal while asking does not
}

Task<Waited> wait_for(Run& run, Socket& socket, Readiness what, BootTime until) {
  if (run.stop.requested()) co_return Waited::stopped;
  const auto now = run.clock.boot();
  if (now >= until) co_return Waited::timed_out;

  // The timer's handler can run after this frame is gone, hence the flag of its own; or between a
  // wake-up that proves nothing and the next wait, which it then could not cancel any more.
  auto waiting = std::make_shared<bool>(true);
  auto* watched = &socket;
  asio::steady_timer limit(run.io);
  limit.expires_after(until - now);
  limit.async_wait([waiting, watched](const asio::error_code& error) {
    if (error || !*waiting) return;
    *waiting = false;
    watched->cancel();
  });
  const Stop::Callback on_stop(run.stop, [watched] { watched->cancel(); });

  const auto type = what == Readiness::readable ? Socket::wait_read : Socket::wait_write;
  bool ready = false, ended = false;
  while (!ready && !ended) {
    auto wait = socket.async_wait(type, kNoThrow);
    const auto [error] = co_await std::move(wait);
    // The loop's word alone is not enough: a socket that takes the place of one closed in the same
    // turn is woken by the news of the one before, and a connection that nobody answered would
    // pass for made.
    ready = !error && is_ready(socket.native_handle(), what);
    ended = error || run.stop.requested() || !*waiting;
  }
  *waiting = false;
  if (run.stop.requested()) co_return Waited::stopped;
  co_return ready ? Waited::ready : Waited::timed_out;
}

std::string address_text(const asio::ip::address& address) {
  if (address.is_v6()) return address.to_string();
  std::string text;  // without printf(3), which costs more than a small probe's verdict
  for (const unsigned byte : address.to_v4().to_bytes()) {
    if (!text.empty()) text += '.';
    if (byte >= 100) text += static_cast<char>('0' + byte / 100);
    if (byte >= 10) text += static_cast<char>('0' + byte / 10 % 10);
    text += static_cast<char>('0' + byte % 10);
  }
  return text;
}

std::string address_text(const asio::ip::address& address, std::uint16_t port) {
  const auto host = address_text(address);
  return (address.is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

namespace {

// The length of the UTF-8 sequence at the start of `text` (RFC 3629), 0 where there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

}  // namespace

std::string valid_text(std::string text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto length = sequence_length(std::string_view(text).substr(i));
    if (length == 0) text[i] = '?';
    i += std::max<std::size_t>(length, 1);
  }
  return text;
}

}  // namespace nines::probes
