// SPDX-License-Identifier: Apache-2.0
// A target whose delay is known, for bench/truth. Prints one number a line at the end: the delay
// that each answer really had, in µs, between the arrival of the request and the departure of the
// answer, both by the kernel's stamps of packets. How long this program took to wake up and to
// write is part of the delay, not of anybody's error.
//   bench_delay tcp PORT DELAY_MS [CERTIFICATE KEY]   answers every HTTP request after the delay
//   bench_delay tun NAME DELAY_MS                     answers every echo request on a TUN device
// Runs at a real-time priority where it may, so that a busy host does not lengthen the delay
// itself.
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

std::mutex delays_mutex;
std::vector<std::int64_t> delays_us;  // under the mutex

std::int64_t now_ns(clockid_t clock = CLOCK_REALTIME) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

void sleep_until_ns(std::int64_t at) {
  const timespec t{at / 1'000'000'000, at % 1'000'000'000};
  while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, nullptr) == EINTR) {
  }
}

void note(std::int64_t arrived, std::int64_t answered) {
  const std::lock_guard lock(delays_mutex);
  delays_us.push_back((answered - arrived) / 1000);
}

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// One message and the kernel's stamp of it, 0 where there is none.
struct Stamped {
  ssize_t size = -1;
  std::int64_t at = 0;
};

Stamped receive(int fd, std::uint8_t* bytes, std::size_t size, int flags) {
  alignas(cmsghdr) std::array<char, 256> control{};
  iovec part{bytes, size};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  Stamped got;
  got.size = recvmsg(fd, &message, flags);
  if (got.size < 0) return got;
  for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING) continue;
    scm_timestamping stamps{};
    std::memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
    got.at = std::int64_t{stamps.ts[0].tv_sec} * 1'000'000'000 + stamps.ts[0].tv_nsec;
  }
  return got;
}

// When the first unread byte arrived.
std::int64_t arrival_of(int fd) {
  std::uint8_t byte = 0;
  return receive(fd, &byte, 1, MSG_PEEK).at;
}

// When the first packet left, of those that left since this was asked last; 0 where none did.
std::int64_t departure_of(int fd) {
  std::int64_t first = 0;
  for (;;) {
    const auto got = receive(fd, nullptr, 0, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (got.size < 0) return first;
    if (first == 0) first = got.at;
  }
}

// A connection stays open until who asked closes it, as HTTP/1.1 has it. The kernel merges packets
// that nobody has read yet and keeps the stamp of the last one: with a FIN right behind it the
// answer would seem to come when the FIN came.
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void serve(int fd, SSL_CTX* context, std::int64_t delay) {
  const int on = 1;  // as web servers do: an answer does not wait for what acknowledges the tickets
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL* session = nullptr;
  if (context != nullptr) {
    session = SSL_new(context);
    SSL_set_fd(session, fd);
    if (SSL_accept(session) != 1) {
      SSL_free(session);
      close(fd);
      return;
    }
  }
  std::string request;
  std::int64_t arrived = 0;
  std::array<char, 4096> buffer{};
  while (request.find("\r\n\r\n") == std::string::npos && request.size() < 65536) {
    arrived = arrival_of(fd);
    const auto n = session != nullptr
                       ? SSL_read(session, buffer.data(), static_cast<int>(buffer.size()))
                       : static_cast<int>(recv(fd, buffer.data(), buffer.size(), 0));
    if (n <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(n));
  }
  if (arrived != 0) {
    departure_of(fd);  // of the handshake
    sleep_until_ns(arrived + delay);
    if (session != nullptr) {
      SSL_write(session, kAnswer.data(), static_cast<int>(kAnswer.size()));
    } else {
      send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    }
  }
  while (recv(fd, buffer.data(), buffer.size(), 0) > 0) {
  }
  if (session != nullptr) SSL_free(session);
  const auto answered = arrived != 0 ? departure_of(fd) : 0;
  if (answered != 0) note(arrived, answered);
  close(fd);
}

[[noreturn]] void run_tcp(std::uint16_t port, std::int64_t delay, SSL_CTX* context) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Connections inherit it. Asked for by each of them it would come after the request, which then
  // is stamped with the time at which it is read.
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE |
                    SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (listen(fd, 1024) != 0) die("listen");
  for (;;) {
    const int accepted = accept(fd, nullptr, nullptr);
    if (accepted >= 0) std::thread(serve, accepted, context, delay).detach();
  }
}

std::uint16_t checksum(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  if (size % 2 != 0) sum += static_cast<std::uint32_t>(bytes[size - 1] << 8);
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// Turns an echo request (RFC 792 within RFC 791) into its reply; false for anything else.
bool to_reply(std::vector<std::uint8_t>& packet) {
  if (packet.size() < 28 || packet[0] >> 4 != 4 || packet[9] != IPPROTO_ICMP) return false;
  const std::size_t header = static_cast<std::size_t>(packet[0] & 15) * 4;
  if (packet.size() < header + 8 || packet[header] != 8) return false;
  for (std::size_t i = 0; i < 4; ++i) std::swap(packet[12 + i], packet[16 + i]);
  packet[header] = 0;
  packet[header + 2] = packet[header + 3] = 0;
  const auto sum = checksum(packet.data() + header, packet.size() - header);
  packet[header + 2] = static_cast<std::uint8_t>(sum >> 8);
  packet[header + 3] = static_cast<std::uint8_t>(sum & 0xFF);
  return true;
}

// Watches the device as a capture would: a request leaves this host there, and its reply comes in.
[[noreturn]] void watch_echoes(int device) {
  // What leaves is shown to those alone who want every protocol.
  const int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
  if (fd < 0) die("a socket for packets");
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = device;
  if (bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) die("watch the device");
  std::map<std::array<std::uint8_t, 4>, std::int64_t> asked;  // identifier and sequence
  std::array<std::uint8_t, 2048> packet{};
  for (;;) {
    const auto got = receive(fd, packet.data(), packet.size(), 0);
    if (got.size < 28 || packet[0] >> 4 != 4 || packet[9] != IPPROTO_ICMP)
      continue;  // ENETDOWN until it is up
    const auto* icmp = packet.data() + std::size_t{4} * (packet[0] & 15U);
    if (icmp + 8 > packet.data() + got.size) continue;
    const std::array<std::uint8_t, 4> which{icmp[4], icmp[5], icmp[6], icmp[7]};
    if (icmp[0] == 8) asked[which] = got.at;
    const auto request = asked.find(which);
    if (icmp[0] != 0 || request == asked.end()) continue;
    note(request->second, got.at);
    asked.erase(request);
  }
}

[[noreturn]] void run_tun(const char* name, std::int64_t delay) {
  const int fd = open("/dev/net/tun", O_RDWR);
  if (fd < 0) die("/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, TUNSETIFF, &request) != 0) die("TUNSETIFF");
  std::thread(watch_echoes, static_cast<int>(if_nametoindex(name))).detach();

  struct Waiting {
    std::int64_t arrived;
    std::vector<std::uint8_t> packet;
  };

  std::deque<Waiting> waiting;
  std::mutex mutex;
  std::thread([&] {
    std::array<std::uint8_t, 4096> buffer{};
    for (;;) {
      const auto n = read(fd, buffer.data(), buffer.size());
      const auto arrived = now_ns();
      if (n <= 0) continue;
      std::vector<std::uint8_t> packet(buffer.begin(), buffer.begin() + n);
      if (!to_reply(packet)) continue;
      const std::lock_guard lock(mutex);
      waiting.push_back({arrived, std::move(packet)});
    }
  }).detach();
  constexpr std::int64_t kLook = 20'000;  // ns between looks where nothing waits
  for (;;) {
    Waiting next{0, {}};
    {
      const std::lock_guard lock(mutex);
      if (!waiting.empty()) {
        next = std::move(waiting.front());
        waiting.pop_front();
      }
    }
    if (next.arrived == 0) {
      sleep_until_ns(now_ns() + kLook);
      continue;
    }
    sleep_until_ns(next.arrived + delay);
    if (write(fd, next.packet.data(), next.packet.size()) < 0) std::perror("answer");
  }
}

// The only way out: nothing that the threads use is ever destroyed.
void stop_on_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals] {
    int number = 0;
    sigwait(&signals, &number);
    const std::lock_guard lock(delays_mutex);
    for (const auto delay : delays_us) std::printf("%lld\n", static_cast<long long>(delay));
    std::fflush(stdout);
    std::_Exit(0);
  }).detach();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view kind = argc > 1 ? argv[1] : "";
  if (argc < 4 || (kind != "tcp" && kind != "tun")) {
    std::fputs("usage: bench_delay tcp PORT DELAY_MS [CERTIFICATE KEY] | tun NAME DELAY_MS\n",
               stderr);
    return 1;
  }
  stop_on_signal();
  std::signal(SIGPIPE, SIG_IGN);  // a client may go before its answer is due
  const sched_param priority{.sched_priority = 50};
  if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0) std::perror("no real-time priority");
  const auto delay = std::strtoll(argv[3], nullptr, 10) * 1'000'000;
  if (kind == "tun") {
    run_tun(argv[2], delay);
  }
  SSL_CTX* context = nullptr;
  if (argc == 6) {
    context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, argv[4]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[5], SSL_FILETYPE_PEM) != 1) {
      ERR_print_errors_fp(stderr);
      return 1;
    }
  }
  run_tcp(static_cast<std::uint16_t>(std::strtoul(argv[2], nullptr, 10)), delay, context);
}
