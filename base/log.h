// SPDX-License-Identifier: Apache-2.0
// Changes of state, once each, as one line on standard error: `<N>message key=value …`, N the
// syslog priority that journald understands. A target that stays down is not news. Never blocks: a
// line that standard error does not take at once is dropped and counted.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace nines::log {

enum class Level { error = 3, warning = 4, notice = 5, info = 6 };

using Field = std::pair<std::string_view, std::string>;

void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::error, m, f);
}

inline void warning(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::warning, m, f);
}

inline void notice(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::notice, m, f);
}

inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::info, m, f);
}

std::uint64_t dropped_lines();

}  // namespace nines::log
