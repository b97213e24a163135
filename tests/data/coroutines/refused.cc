// SPDX-License-Identifier: Apache-2.0
// Every shape that tools/coroutine_lint must find: five, one a function. Never compiled.
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

Task<void> awaits_in_an_if() {
  if (co_await ask()) co_return;
}

Task<void> awaits_in_a_switch() {
  switch (co_await count()) {
    default:
      co_return;
  }
}

Task<int> awaits_with_an_aggregate() {
  const auto n = co_await fetch(Request{"host", 1});
  co_return n;
}

Task<int> awaits_with_a_braced_list() {
  const auto n = co_await fetch({"host", 1});
  co_return n;
}

Task<int> awaits_with_a_capturing_lambda(std::string text) {
  const auto n = co_await call([text] { return static_cast<int>(text.size()); });
  co_return n;
}

}  // namespace nines
