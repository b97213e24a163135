// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: what a peer says within a dialogue, STARTTLS included, whatever it is and
// however it is cut, ends as a result with a reason, in time and within bounds. The first byte
// chooses the dialogue, the second how the rest is cut into segments.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <csignal>
#include <string>

#include "base/assert.h"
#include "probes/probe.h"

namespace nines::probes {
namespace {

TcpSpec spec_of(std::uint8_t choice) {
  using Kind = TcpStep::Kind;
  TcpSpec spec;
  switch (choice % 10) {
    case 0:
      spec.steps = {{Kind::expect, "^220 "}, {Kind::send, "HELO ${1}\r\n"}, {Kind::expect, "250"}};
      break;
    case 1:
      spec.steps = {{Kind::expect, "(a+)(b*)"},
                    {Kind::send, "${1}${2}"},
                    {Kind::expect_bytes, std::string("\0\xff", 2)},
                    {Kind::expect, "(?s).*z"}};
      break;
    case 2:
      spec.steps = {{Kind::expect_bytes, "abc"}, {Kind::expect, "d"}};
      break;
    default:
      spec.starttls = static_cast<StartTls>(choice % 10 - 2);
      spec.tls.emplace();
      spec.tls->skip_verify = true;
      break;
  }
  return spec;
}

struct Finished {
  bool ended = false;
  ProbeResult result;
};

Task<void> probe(
    ProbeRoom& room, const Check& check, BootTime deadline, Stop& stop, Finished& end) {
  auto running = room.run(check, deadline, stop, end.result);
  co_await std::move(running);
  end.ended = true;
}

int listener(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ::unlink(path.c_str());
  const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  ASSERT(::bind(fd, generic, sizeof address) == 0 && ::listen(fd, 16) == 0);
  return fd;
}

struct World {
  World() : path("/tmp/nines-fuzz-" + std::to_string(::getpid()) + ".sock"), fd(listener(path)) {
    std::signal(SIGPIPE, SIG_IGN);
  }

  std::string path;
  int fd;
  asio::io_context io{1};
  SystemClock clock;
  ProbeRoom room{io, clock};
};

void run(std::string_view bytes) {
  static World world;
  if (bytes.size() < 2) return;
  Check check;
  auto spec = spec_of(static_cast<std::uint8_t>(bytes[0]));
  spec.unix_path = world.path;
  check.spec = std::move(spec);
  const auto cut = 1 + static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[1])) * 4;
  bytes.remove_prefix(2);
  Stop stop;
  Finished end;
  TaskSet tasks(world.io);
  world.io.restart();
  tasks.spawn("probe", probe(world.room, check, world.clock.boot() + seconds(1), stop, end));
  int peer = -1;
  for (int turn = 0; turn < 100'000 && !end.ended; ++turn) {
    world.io.poll();
    if (peer < 0) {
      peer = ::accept(world.fd, nullptr, nullptr);
    } else if (!bytes.empty()) {
      const auto part = bytes.substr(0, cut);
      const auto sent = ::send(peer, part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else {
      ::shutdown(peer, SHUT_WR);
    }
  }
  if (peer >= 0) ::close(peer);
  while (!end.ended) world.io.run_one();
  world.io.poll();
  ASSERT(end.result.detail.size() <= kMaxText);
  ASSERT(end.result.outcome == outcome_of(end.result.reason));
}

}  // namespace
}  // namespace nines::probes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nines::probes::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
