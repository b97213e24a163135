// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: any bytes sent to the server end as a request within its bounds or as a refusal,
// and how they are cut into pieces makes no difference.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "net/http_codec.h"
#include "net/url.h"

namespace nines::net {
namespace {

using State = RequestParser::State;

constexpr std::size_t kHead = 1024;
constexpr std::size_t kBody = 256;

void feed(RequestParser& parser, std::string_view bytes, std::size_t step) {
  while (!bytes.empty() && (parser.state() == State::head || parser.state() == State::body)) {
    const std::size_t used = parser.feed(bytes.substr(0, step));
    ASSERT(used <= bytes.size());
    bytes.remove_prefix(used);
    if (parser.state() == State::head_complete) parser.accept_body();
  }
}

void check(RequestParser& parser) {
  const HttpRequest& request = parser.request();
  ASSERT(request.body.size() <= kBody);
  ASSERT(request.headers.size() <= 128);
  if (parser.state() == State::failed) {
    ASSERT(parser.status() >= 400 && !parser.why().empty());
  } else if (parser.state() != State::head) {
    ASSERT(request.path.starts_with("/") && valid_utf8(request.path));
    ASSERT(request.path.find("/../") == std::string::npos);
    ASSERT(request.path.find('\0') == std::string::npos);
  }
}

void run(std::string_view bytes) {
  RequestParser whole(kHead, kBody);
  feed(whole, bytes, bytes.size());
  check(whole);
  for (const std::size_t step : {std::size_t{1}, std::size_t{5}}) {
    RequestParser pieces(kHead, kBody);
    feed(pieces, bytes, step);
    check(pieces);
    ASSERT(pieces.state() == whole.state());
    if (whole.state() == State::failed) continue;  // how far it came does not matter
    ASSERT(pieces.request().path == whole.request().path);
    ASSERT(pieces.request().headers == whole.request().headers);
    ASSERT(pieces.request().body == whole.request().body);
  }
}

}  // namespace
}  // namespace nines::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nines::net::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
