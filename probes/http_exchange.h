// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its answer, by libcurl over a socket that we connected, to the server or to
// a proxy. libcurl resolves nothing, connects nothing, follows nothing, decodes nothing and keeps
// nothing. Bounds are the reader's (probes/http_answer.h); one endless line of headers ends at
// libcurl's own 100 KiB.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/http_answer.h"
#include "probes/http_url.h"
#include "probes/packet_times.h"
#include "probes/tools.h"

struct curl_slist;

namespace nines::probes {

struct HttpHop {
  Url url;
  std::string method;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string cookies;  // "a=1; b=2", sent beside a Cookie header of the check's own
  std::string body;
  TlsSpec tls;
  std::uint64_t max_body = 0;
  bool keep_body = false;   // patterns will be matched on it
  bool follow = false;      // a redirect will be followed: its body is not waited for
  bool only_http2 = false;  // in clear from the first byte; over TLS by ALPN
  Compression compression = Compression::none;
  std::optional<Url> proxy;  // the socket leads to it
};

class HttpExchange {
 public:
  // All must outlive the exchange.
  HttpExchange(Run& run, Tools tools, const HttpHop& hop);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // Once. Ends by the run's deadline.
  Task<Failure> perform(Descriptor socket);

  HttpAnswer& answer() { return reader_.answer(); }

  const HttpAnswer& answer() const { return reader_.answer(); }

  const TlsWitness& witness() const { return witness_; }

  // Adds the phases, and whose clock timed them.
  void report(Phases& phases, Stamps& stamps) const;

 private:
  friend struct CurlCallbacks;

  Failure prepare();
  bool prepare_request(const std::string& url);
  bool prepare_limits();
  bool prepare_way();
  void add_header(const std::string& name, const std::string& value);
  bool has_header(const char* name) const;
  void on_readable();
  bool request_is_out();
  void on_close(int descriptor);
  void on_first_byte();
  bool on_header(std::string_view line);
  bool on_body(std::string_view bytes);
  Failure failure_of(int code) const;
  Failure timeout_failure() const;
  Failure broken_failure() const;
  Failure proxy_failure(int code) const;

  Run& run_;
  Tools tools_;
  const HttpHop& hop_;
  std::unique_ptr<void, void (*)(void*)> easy_;
  curl_slist* headers_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  SslContext context_;
  std::string verify_name_;
  TlsWitness witness_;
  Descriptor socket_;  // ours until libcurl asks for it
  AnswerReader reader_;
  char error_[256] = "";
  BootTime started_;
  PacketTimes packets_;
  std::optional<BootTime> arrived_;       // the bytes that libcurl reads now
  std::optional<BootTime> request_sent_;  // its last packet
  std::optional<BootTime> last_byte_;     // the last packet that libcurl was told of
  bool kernel_first_byte_ = false;
  bool closed_ = false;
  bool complete_ = false;       // all of the answer came
  std::uint64_t received_ = 0;  // bytes of TCP payload that the kernel took in; known at the close
  std::optional<BootTime> first_byte_, ended_;
};

}  // namespace nines::probes
