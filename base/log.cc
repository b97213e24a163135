// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>

namespace nines::log {
namespace {

std::atomic<std::uint64_t> dropped{0};
constexpr std::size_t kLineBytes = 2000;  // below PIPE_BUF, so that lines do not interleave

// Values come from outside: control bytes must not reach a terminal or start a new line.
void append_value(std::string& out, std::string_view value) {
  const bool quote = value.empty() || value.find_first_of(" =\"") != std::string_view::npos;
  if (quote) out += '"';
  for (const char c : value) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7F) {
      out += '?';
    } else if (c == '"') {
      out += '\'';
    } else {
      out += c;
    }
  }
  if (quote) out += '"';
}

}  // namespace

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  std::string line = "<" + std::to_string(static_cast<int>(level)) + ">" + std::string(message);
  for (const auto& [key, value] : fields) {
    line += ' ';
    line += key;
    line += '=';
    append_value(line, value);
  }
  if (line.size() > kLineBytes) line.resize(kLineBytes);
  line += '\n';
  // Asking first keeps the loop alive when journald is stuck and the pipe is full.
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0 ||
      ::write(STDERR_FILENO, line.data(), line.size()) < 0) {
    ++dropped;
  }
}

std::uint64_t dropped_lines() { return dropped.load(); }

}  // namespace nines::log
