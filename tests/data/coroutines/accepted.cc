// SPDX-License-Identifier: Apache-2.0
// The same walks in the shapes that tools/coroutine_lint must let pass. Never compiled.
#include <string>

#include "base/async.h"

namespace nines {

struct Request {
  std::string host;
  int port;
};

Task<bool> ask();
Task<int> count();
Task<int> fetch(Request request);
Task<int> call(std::function<int()> function);

Task<void> awaits_then_decides() {
  const bool answered = co_await ask();
  if (answered) co_return;
  const int n = co_await count();
  switch (n) {
    default:
      co_return;
  }
}

Task<int> names_what_it_hands_over(std::string text) {
  Request request{"host", 1};
  const auto n = co_await fetch(std::move(request));
  auto size = [text] { return static_cast<int>(text.size()); };
  const auto m = co_await call(std::move(size));
  co_return n + m;
}

}  // namespace nines
