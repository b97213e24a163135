// SPDX-License-Identifier: Apache-2.0
// libcurl's multi handle on the Asio loop: one long-lived multi for the process, so that its CA
// store is parsed once. Nothing outside net/ and probes/http includes curl.
#pragma once

#include <memory>

#include "base/async.h"

using CURL = void;

namespace nines::net {

class CurlMulti {
 public:
  explicit CurlMulti(asio::io_context& io);  // `io` must outlive it; curl_global_init happens here
  ~CurlMulti();                              // no transfer may be running

  // Runs one prepared easy handle to its end; answers its CURLcode. The handle must live until
  // then. A stop ends the transfer at once with CURLE_ABORTED_BY_CALLBACK. Deadlines are the
  // handle's own (CURLOPT_TIMEOUT_MS), and `deadline` is a belt over them:
  // CURLE_OPERATION_TIMEDOUT.
  Task<int> perform(CURL* easy, const Clock& clock, BootTime deadline, Stop& stop);

  // Called for each descriptor of `easy` when the loop reports it readable, before libcurl reads:
  // the place to take the kernel's receive stamp. Optional.
  using Readable = std::function<void(int descriptor)>;
  void on_readable(CURL* easy, Readable callback);  // forgotten when perform() ends

  // Called after each time that libcurl has worked, until it answers true: the place to learn that
  // the request is out. Optional.
  using Worked = std::function<bool()>;
  void on_worked(CURL* easy, Worked callback);  // forgotten when perform() ends

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines::net
