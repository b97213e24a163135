// SPDX-License-Identifier: Apache-2.0
// bench_curl URL RATE SECONDS [CA]: the least that an HTTP probe by libcurl can cost. One thread,
// one multi handle and one easy handle for the whole run, a fresh connection for each request,
// nothing recorded, nothing decided beyond "200".
#include <curl/curl.h>

#include "bench/meter.h"

namespace {

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

bool probe(CURLM* multi, CURL* easy) {
  if (curl_multi_add_handle(multi, easy) != CURLM_OK) return false;
  int running = 1;
  bool good = false;
  while (curl_multi_perform(multi, &running) == CURLM_OK && running > 0) {
    if (curl_multi_poll(multi, nullptr, 0, 1000, nullptr) != CURLM_OK) break;
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    good = message->data.result == CURLE_OK && status == 200;
  }
  curl_multi_remove_handle(multi, easy);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: bench_curl URL RATE SECONDS [CA]\n", stderr);
    return 1;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* multi = curl_multi_init();
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 1000L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
  if (argc > 4) curl_easy_setopt(easy, CURLOPT_CAINFO, argv[4]);
  bench::run_paced(std::atof(argv[2]), std::atof(argv[3]), 0, [=] { return probe(multi, easy); });
  curl_easy_cleanup(easy);
  curl_multi_cleanup(multi);
  return 0;
}
