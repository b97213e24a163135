// SPDX-License-Identifier: Apache-2.0
// bench_drive PORT PATH RATE SECONDS PID: asks a blackbox exporter on 127.0.0.1 for one probe after
// the other at an even pace over one kept connection, as Prometheus does, and measures the CPU of
// the exporter, PID. A probe counts as failed unless the answer says probe_success 1.
// bench_drive PORT PATH RATE SECONDS PID METRIC FILE: and appends the value of METRIC of every
// answer to FILE, in µs, one a line.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "bench/meter.h"

namespace {

constexpr std::size_t kMostAnswer = 1 << 20;

// True when `answer` holds a whole HTTP/1.1 answer: its Content-Length, or its last chunk.
bool is_whole(std::string_view answer) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const auto end = answer.find(kEnd);
  if (end == std::string_view::npos) return false;
  const auto body = answer.substr(end + kEnd.size());
  const auto length = answer.substr(0, end).find(kLength);
  if (length == std::string_view::npos) return body.ends_with("\r\n0\r\n\r\n");
  return body.size() >= std::strtoul(answer.data() + length + kLength.size(), nullptr, 10);
}

class Client {
 public:
  // With `file`, `metric` of each answer is written there.
  Client(std::uint16_t port, const std::string& path, std::string metric, std::FILE* file)
      : metric_("\n" + std::move(metric) + " "),
        file_(file),
        port_(port),
        request_("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") {}

  bool operator()() {
    if (fd_ < 0) fd_ = bench::connected(port_);
    if (fd_ >= 0 && exchange()) {
      note();
      return answer_.find("\nprobe_success 1\n") != std::string::npos;
    }
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    return false;
  }

 private:
  bool exchange() {
    answer_.clear();
    if (send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request_.size())) {
      return false;
    }
    std::array<char, 65536> part{};
    while (answer_.size() < kMostAnswer && bench::wait_for(fd_, POLLIN)) {
      const auto size = recv(fd_, part.data(), part.size(), 0);
      if (size <= 0) return false;
      answer_.append(part.data(), static_cast<std::size_t>(size));
      if (is_whole(answer_)) return true;
    }
    return false;
  }

  void note() const {
    if (file_ == nullptr) return;
    const auto at = answer_.find(metric_);
    if (at == std::string::npos) return;
    std::fprintf(file_, "%.1f\n",
                 std::strtod(answer_.c_str() + at + metric_.size(), nullptr) * 1e6);
  }

  std::string metric_;
  std::FILE* file_;
  std::uint16_t port_;
  std::string request_;
  std::string answer_;
  int fd_ = -1;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 8) {
    std::fputs("usage: bench_drive PORT PATH RATE SECONDS PID [METRIC FILE]\n", stderr);
    return 1;
  }
  std::FILE* file = argc == 8 ? std::fopen(argv[7], "ae") : nullptr;
  if (file != nullptr) std::setvbuf(file, nullptr, _IOLBF, 0);
  Client client(static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2], argc == 8 ? argv[6] : "",
                file);
  bench::run_paced(std::atof(argv[3]), std::atof(argv[4]), std::atoi(argv[5]),
                   [&client] { return client(); });
  return 0;
}
