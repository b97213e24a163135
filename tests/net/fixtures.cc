// SPDX-License-Identifier: Apache-2.0
// The request handlers of the fixtures: coroutines live in .cc files, where the lint looks for
// them.
#include <stdexcept>

#include "tests/net/client_fixture.h"
#include "tests/net/server_fixture.h"

namespace nines::net {

Task<HttpResponse> HttpServerTest::echo(HttpServerTest* test, const HttpRequest& request) {
  test->seen_.push_back(request);
  if (request.path == "/throws") throw std::runtime_error("a fault of the handler");
  if (request.path == "/slow") {
    auto sleep =
        sleep_until(test->io_, test->clock_, test->clock_.boot() + test->slowness_, test->never_);
    const bool slept = co_await std::move(sleep);
    EXPECT_TRUE(slept);
  }
  if (request.path == "/empty") {
    HttpResponse empty;
    empty.status = 204;
    co_return empty;
  }
  HttpResponse response = HttpResponse::text(
      200, request.path == "/large" ? std::string(test->large_, 'x')
                                    : request.method + " " + request.path + " " + request.body);
  response.close = request.path == "/close";
  co_return response;
}

Task<HttpResponse> HttpClientTest::echo(HttpClientTest* test, const HttpRequest& request) {
  test->seen_.push_back(request);
  HttpResponse response = HttpResponse::text(test->status_, request.method + " " + request.body);
  response.headers.emplace_back("X-Test", "some value");
  co_return response;
}

}  // namespace nines::net
