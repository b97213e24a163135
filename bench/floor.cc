// SPDX-License-Identifier: Apache-2.0
// bench_floor KIND PORT RATE SECONDS [CA]: the least that a probe of 127.0.0.1 can cost. One
// thread, bare system calls with timeouts, nothing recorded, nothing decided beyond "an answer
// came": icmp (a raw socket), tcp (connect and close), http (a fresh connection, GET, read to the
// end), https (the same after a full verified TLS handshake by OpenSSL, with one context for all).
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>
#include <string_view>

#include "bench/meter.h"

namespace {

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
constexpr std::string_view kGoodStatus = "HTTP/1.1 200";
constexpr std::size_t kPayload = 56;  // bytes after the ICMP header, as ping sends

std::uint16_t internet_checksum(const unsigned char* bytes, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<std::uint16_t>(~sum & 0xffff));
}

class Pinger {
 public:
  Pinger() : fd_(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP)) {
    // linux/icmp.h clashes with netinet's; option 1 is ICMP_FILTER: a mask of unwanted types.
    const std::uint32_t unwanted = ~(1U << ICMP_ECHOREPLY);
    if (fd_ < 0 || setsockopt(fd_, SOL_RAW, 1, &unwanted, sizeof unwanted) != 0) {
      std::perror("raw ICMP socket");
      std::exit(1);
    }
  }

  bool operator()() {
    std::array<unsigned char, sizeof(icmphdr) + kPayload> packet{};
    icmphdr header{};
    header.type = ICMP_ECHO;
    header.un.echo.id = id_;
    header.un.echo.sequence = htons(++sequence_);
    std::memcpy(packet.data(), &header, sizeof header);
    header.checksum = internet_checksum(packet.data(), packet.size());
    std::memcpy(packet.data(), &header, sizeof header);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sendto(fd_, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to) < 0) {
      return false;
    }
    while (wait_for_reply()) {
      if (is_ours()) return true;
    }
    return false;
  }

 private:
  bool wait_for_reply() const { return bench::wait_for(fd_, POLLIN); }

  bool is_ours() {
    std::array<unsigned char, 256> answer{};
    const auto size = recv(fd_, answer.data(), answer.size(), 0);
    if (size < static_cast<ssize_t>(sizeof(iphdr))) return false;
    const std::size_t skip = std::size_t{4} * (answer[0] & 0x0fU);
    if (static_cast<std::size_t>(size) < skip + sizeof(icmphdr)) return false;
    icmphdr header{};
    std::memcpy(&header, answer.data() + skip, sizeof header);
    return header.un.echo.id == id_ && header.un.echo.sequence == htons(sequence_);
  }

  int fd_;
  std::uint16_t id_ = static_cast<std::uint16_t>(getpid());
  std::uint16_t sequence_ = 0;
};

bool probe_tcp(std::uint16_t port) {
  const int fd = bench::connected(port);
  if (fd < 0) return false;
  close(fd);
  return true;
}

bool probe_http(std::uint16_t port) {
  const int fd = bench::connected(port);
  if (fd < 0) return false;
  std::array<char, 4096> answer{};
  bool good = send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(kRequest.size());
  bool first = true;
  while (good && bench::wait_for(fd, POLLIN)) {
    const auto size = recv(fd, answer.data(), answer.size(), 0);
    if (size < 0) good = false;
    if (size <= 0) break;
    if (first) {
      good =
          std::string_view(answer.data(), static_cast<std::size_t>(size)).starts_with(kGoodStatus);
    }
    first = false;
  }
  close(fd);
  return good && !first;
}

SSL_CTX* make_context(const char* ca) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr || SSL_CTX_load_verify_locations(context, ca, nullptr) != 1) {
    std::fprintf(stderr, "cannot read %s\n", ca);
    std::exit(1);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return context;
}

// Waits for what the last call on `ssl` lacked; false when it failed for good or time is over.
bool retry(SSL* ssl, int fd, int result) {
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return bench::wait_for(fd, POLLIN);
    case SSL_ERROR_WANT_WRITE:
      return bench::wait_for(fd, POLLOUT);
    default:
      return false;
  }
}

bool exchange_tls(SSL* ssl, int fd) {
  int result = 0;
  while ((result = SSL_connect(ssl)) != 1) {
    if (!retry(ssl, fd, result)) return false;
  }
  while ((result = SSL_write(ssl, kRequest.data(), static_cast<int>(kRequest.size()))) <= 0) {
    if (!retry(ssl, fd, result)) return false;
  }
  std::array<char, 4096> answer{};
  bool good = false;
  bool first = true;
  for (;;) {
    result = SSL_read(ssl, answer.data(), static_cast<int>(answer.size()));
    if (result > 0) {
      const std::string_view text(answer.data(), static_cast<std::size_t>(result));
      if (first) good = text.starts_with(kGoodStatus);
      first = false;
    } else if (!retry(ssl, fd, result)) {
      return good && SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN;
    }
  }
}

bool probe_https(std::uint16_t port, SSL_CTX* context) {
  const int fd = bench::connected(port);
  if (fd < 0) return false;
  SSL* ssl = SSL_new(context);
  bool good = ssl != nullptr && SSL_set_fd(ssl, fd) == 1 &&
              X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1") == 1;
  good = good && exchange_tls(ssl, fd);
  SSL_free(ssl);
  close(fd);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view kind = argc > 1 ? argv[1] : "";
  if (argc < 5 || (kind == "https" && argc < 6)) {
    std::fputs("usage: bench_floor icmp|tcp|http|https PORT RATE SECONDS [CA]\n", stderr);
    return 1;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  const double rate = std::atof(argv[3]);
  const double seconds = std::atof(argv[4]);
  if (kind == "icmp") {
    bench::run_paced(rate, seconds, 0, Pinger());
  } else if (kind == "tcp") {
    bench::run_paced(rate, seconds, 0, [port] { return probe_tcp(port); });
  } else if (kind == "http") {
    bench::run_paced(rate, seconds, 0, [port] { return probe_http(port); });
  } else if (kind == "https") {
    SSL_CTX* context = make_context(argv[5]);
    bench::run_paced(rate, seconds, 0, [=] { return probe_https(port, context); });
    SSL_CTX_free(context);
  } else {
    std::fputs("bench_floor: no such kind\n", stderr);
    return 1;
  }
  return 0;
}
