// SPDX-License-Identifier: Apache-2.0
#include "probes/http_exchange.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <unistd.h>

#include <cerrno>

#include "probes/connector.h"
#include "probes/failure.h"

namespace nines::probes {
namespace {

// The deadline is kept by CurlMulti to the microsecond; libcurl's clock of whole milliseconds may
// run out before it and stands behind it.
constexpr long kBelt = 250;
constexpr std::uint64_t kLongestLine = 100 << 10;  // libcurl's CURL_MAX_HTTP_HEADER

static_assert(CURL_ERROR_SIZE <= 256);

std::string_view trim(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// libcurl makes an SSL_CTX for each connection. Ours has the CA store and the client's key parsed.
bool lend(SSL_CTX* from, SSL_CTX* to) {
  ::SSL_CTX_set1_cert_store(to, ::SSL_CTX_get_cert_store(from));
  X509* certificate = ::SSL_CTX_get0_certificate(from);
  if (certificate == nullptr) return true;
  STACK_OF(X509)* chain = nullptr;
  return ::SSL_CTX_get0_chain_certs(from, &chain) == 1 &&
         ::SSL_CTX_use_cert_and_key(to, certificate, ::SSL_CTX_get0_privatekey(from), chain, 1) ==
             1;
}

}  // namespace

// libcurl's C callbacks; `self` is the exchange, which outlives its connection: the easy handle
// goes first, and FORBID_REUSE closes the socket before the transfer ends.
struct CurlCallbacks {
  static HttpExchange& exchange(void* self) { return *static_cast<HttpExchange*>(self); }

  static std::size_t header(char* data, std::size_t, std::size_t n, void* self) {
    return exchange(self).on_header({data, n}) ? n : 0;
  }

  static std::size_t body(char* data, std::size_t, std::size_t n, void* self) {
    return exchange(self).on_body({data, n}) ? n : 0;
  }

  static curl_socket_t open(void* self, curlsocktype, curl_sockaddr*) {
    return std::exchange(exchange(self).socket_, CURL_SOCKET_BAD);
  }

  static int connected(void*, curl_socket_t, curlsocktype) {
    return CURL_SOCKOPT_ALREADY_CONNECTED;
  }

  static int close(void* self, curl_socket_t descriptor) {
    exchange(self).on_close(descriptor);
    return ::close(descriptor);
  }

  static CURLcode context(CURL*, void* context, void* self) {
    auto& e = exchange(self);
    auto* theirs = static_cast<SSL_CTX*>(context);
    const bool ready = lend(e.context_.get(), theirs) && watch(theirs, e.witness_, e.verify_name_);
    return ready ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  }
};

bool HttpAnswer::redirects() const { return is_redirect(status) && !location.empty(); }

HttpExchange::HttpExchange(Run& run, Tools tools, const HttpHop& hop)
    : run_(run),
      tools_(tools),
      hop_(hop),
      easy_(::curl_easy_init(), &::curl_easy_cleanup),
      packets_(run.clock, run.clock.boot()) {
  witness_.skip_verify = hop.tls.skip_verify;
  witness_.clock = &run.clock;
  witness_.packets = &packets_;
}

HttpExchange::~HttpExchange() {
  easy_.reset();  // before the lists that it refers to
  ::curl_slist_free_all(headers_);
  ::curl_slist_free_all(connect_to_);
  if (socket_ >= 0) ::close(socket_);
}

bool HttpExchange::has_header(const char* name) const {
  for (const auto& [key, value] : hop_.headers) {
    if (same_name(key, name)) return true;
  }
  return false;
}

// An empty value needs libcurl's own form; "Name:" would leave the header out.
void HttpExchange::add_header(const std::string& name, const std::string& value) {
  const auto line = value.empty() ? name + ";" : name + ": " + value;
  if (auto* longer = ::curl_slist_append(headers_, line.c_str())) headers_ = longer;
}

bool HttpExchange::prepare_request(const std::string& url) {
  CURL* easy = easy_.get();
  for (const auto& [name, value] : hop_.headers) add_header(name, value);
  // libcurl's inventions for requests with a body: we send what the check says.
  for (const char* name : {"Expect", "Content-Type"}) {
    if (has_header(name)) continue;
    const auto left_out = std::string(name) + ":";
    if (auto* longer = ::curl_slist_append(headers_, left_out.c_str())) headers_ = longer;
  }
  const auto set = [easy](auto option, auto value) {
    return ::curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  bool ready = set(CURLOPT_URL, url.c_str()) && set(CURLOPT_HTTPHEADER, headers_) &&
               set(CURLOPT_USERAGENT, "nines/0.1");
  if (!hop_.body.empty() || hop_.method == "POST") {
    ready = ready && set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(hop_.body.size())) &&
            set(CURLOPT_POSTFIELDS, hop_.body.c_str());
  }
  if (hop_.method == "HEAD") {
    ready = ready && set(CURLOPT_NOBODY, 1L);
  } else if (hop_.method != "GET" || !hop_.body.empty()) {
    ready = ready && set(CURLOPT_CUSTOMREQUEST, hop_.method.c_str());
  }
  if (!hop_.url.user.empty()) {
    ready = ready && set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC) &&
            set(CURLOPT_USERNAME, hop_.url.user.c_str()) &&
            set(CURLOPT_PASSWORD, hop_.url.password.c_str());
  }
  return ready;
}

bool HttpExchange::prepare_limits() {
  CURL* easy = easy_.get();
  const auto set = [easy](auto option, auto value) {
    return ::curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  // The address is only a name for the socket that we hand over; no resolver is ever asked.
  connect_to_ = ::curl_slist_append(nullptr, "::127.0.0.1:1");
  const void* self = this;
  return connect_to_ != nullptr && set(CURLOPT_CONNECT_TO, connect_to_) &&
         set(CURLOPT_OPENSOCKETFUNCTION, &CurlCallbacks::open) &&
         set(CURLOPT_OPENSOCKETDATA, self) &&
         set(CURLOPT_SOCKOPTFUNCTION, &CurlCallbacks::connected) &&
         set(CURLOPT_CLOSESOCKETFUNCTION, &CurlCallbacks::close) &&
         set(CURLOPT_CLOSESOCKETDATA, self) &&
         set(CURLOPT_HEADERFUNCTION, &CurlCallbacks::header) && set(CURLOPT_HEADERDATA, self) &&
         set(CURLOPT_WRITEFUNCTION, &CurlCallbacks::body) && set(CURLOPT_WRITEDATA, self) &&
         set(CURLOPT_ERRORBUFFER, &error_[0]) && set(CURLOPT_NOSIGNAL, 1L) &&
         set(CURLOPT_PROXY, "") && set(CURLOPT_NOPROXY, "*") &&
         set(CURLOPT_PROTOCOLS_STR, "http,https") && set(CURLOPT_FOLLOWLOCATION, 0L) &&
         set(CURLOPT_FRESH_CONNECT, 1L) && set(CURLOPT_FORBID_REUSE, 1L) &&
         set(CURLOPT_QUICK_EXIT, 1L) && set(CURLOPT_DNS_CACHE_TIMEOUT, 0L) &&
         set(CURLOPT_SSL_SESSIONID_CACHE, 0L) && set(CURLOPT_HTTP_CONTENT_DECODING, 0L) &&
         set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS) &&
         set(CURLOPT_TIMEOUT_MS, run_.left_ms() + kBelt);
}

Failure HttpExchange::prepare() {
  Failure no_memory{Reason::agent_no_memory, "libcurl has no memory for a request"};
  if (easy_ == nullptr || !prepare_limits()) return no_memory;
  std::string url = hop_.url.text;
  if (hop_.url.secure()) {
    auto context = tools_.tls.get(hop_.tls);
    if (!context) {
      return {
          context.error().code == ENOMEM ? Reason::agent_no_memory : Reason::agent_configuration,
          context.error().message};
    }
    context_ = *context;
    verify_name_ = tls_name(hop_.tls, hop_.url.host);
    if (!hop_.tls.server_name.empty()) {
      // libcurl takes the SNI from the URL: the URL names the server, Host what was asked for.
      auto renamed = with_host(hop_.url, hop_.tls.server_name);
      if (!renamed) return {Reason::agent_configuration, renamed.error().message};
      url = *renamed;
      const auto port = hop_.url.port == 443 ? "" : ":" + std::to_string(hop_.url.port);
      if (!has_header("Host")) add_header("Host", hop_.url.host + port);
    }
    const auto set = [this](auto option, auto value) {
      return ::curl_easy_setopt(easy_.get(), option, value) == CURLE_OK;
    };
    const char* none = nullptr;
    const void* self = this;
    // watch() has OpenSSL verify chain and name with the store of `context_`, and failure_of()
    // takes no answer without that. libcurl's own verification is off: it would put a store of its
    // own, kept in the multi from another check, in place of ours.
    const bool ready =
        set(CURLOPT_SSL_CTX_FUNCTION, &CurlCallbacks::context) && set(CURLOPT_SSL_CTX_DATA, self) &&
        set(CURLOPT_CAINFO, none) && set(CURLOPT_CAPATH, none) && set(CURLOPT_SSL_VERIFYHOST, 0L) &&
        set(CURLOPT_SSL_VERIFYPEER, 0L) && set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (!ready) return no_memory;
  }
  return prepare_request(url) ? Failure{} : no_memory;
}

void HttpExchange::on_readable() {
  last_byte_ = packets_.last_waiting();
  if (first_byte_) return;
  arrived_ = packets_.first_waiting();
  if (arrived_) witness_.record = arrived_;
}

bool HttpExchange::request_is_out() {
  if (request_sent_ || closed_) return true;
  long headers = 0;
  curl_off_t body = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &headers);
  ::curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &body);
  if (headers == 0 || body < static_cast<curl_off_t>(hop_.body.size())) return false;
  request_sent_ = packets_.last_sent();
  return true;
}

void HttpExchange::on_close(int descriptor) {
  received_ = bytes_received(descriptor);
  request_is_out();  // an answer in the same turn: the last chance to ask
  closed_ = true;
}

void HttpExchange::on_first_byte() {
  if (first_byte_) return;
  const auto stamp = hop_.url.secure() ? witness_.record : arrived_;
  kernel_first_byte_ = stamp.has_value();
  first_byte_ = stamp.value_or(run_.clock.boot());
}

bool HttpExchange::on_header(std::string_view line) {
  on_first_byte();
  answer_.header_bytes += static_cast<std::int64_t>(line.size());
  if (answer_.header_bytes > static_cast<std::int64_t>(kMaxHeaders)) {
    too_large_ = true;
    return false;
  }
  if (headers_complete_) return true;  // trailers
  if (line.starts_with("HTTP/")) {
    answer_.location.clear();  // of an informational answer before
    return true;
  }
  const auto text = trim(line);
  if (text.empty()) {
    long status = 0;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    headers_complete_ = status >= 200;
    redirected_ = hop_.follow && is_redirect(static_cast<int>(status)) && !answer_.location.empty();
    return true;
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && same_name(trim(text.substr(0, colon)), "Location")) {
    answer_.location = trim(text.substr(colon + 1));
  }
  return true;
}

bool HttpExchange::on_body(std::string_view bytes) {
  on_first_byte();
  if (redirected_) return false;  // nobody reads it
  answer_.body_bytes += static_cast<std::int64_t>(bytes.size());
  if (static_cast<std::uint64_t>(answer_.body_bytes) > hop_.max_body) {
    too_large_ = true;
    return false;
  }
  if (hop_.keep_body) answer_.body.append(bytes);
  return true;
}

Task<Failure> HttpExchange::perform(Socket socket) {
  socket_ = socket.release();
  auto failure = prepare();
  if (failure) co_return failure;
  started_ = run_.clock.boot();
  packets_.follow(socket_);
  tools_.multi.on_readable(easy_.get(), [this](int) { on_readable(); });
  tools_.multi.on_worked(easy_.get(), [this] { return request_is_out(); });
  auto transfer = tools_.multi.perform(easy_.get(), run_.clock, run_.deadline, run_.stop);
  const int code = co_await std::move(transfer);
  complete_ = code == CURLE_OK || redirected_;
  ended_ = run_.clock.boot();
  long status = 0, version = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  ::curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  if (first_byte_) {
    answer_.status = static_cast<int>(status);
    answer_.version = version == CURL_HTTP_VERSION_2     ? "2"
                      : version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                         : "1.1";
  }
  co_return failure_of(code);
}

void HttpExchange::report(Phases& phases, Stamps& stamps) const {
  if (!ended_) return;
  auto request_from = started_;
  if (hop_.url.secure()) {
    const auto handshake = time_of(witness_, started_, *ended_);
    add_phase(phases.tls_us, handshake.took);
    if (!witness_.ended) return;
    note_stamp(stamps, handshake.kernel);
    request_from = *witness_.ended;
  }
  // From the last packet of the request to the first one of the answer, and to its last.
  const bool kernel = kernel_first_byte_ && request_sent_ && *request_sent_ <= *first_byte_;
  if (request_sent_ && (kernel || !first_byte_)) request_from = *request_sent_;
  add_phase(phases.first_byte_us, first_byte_.value_or(*ended_) - request_from);
  if (!first_byte_) return;
  note_stamp(stamps, kernel);
  const auto last =
      kernel && complete_ && last_byte_ && *last_byte_ >= *first_byte_ ? *last_byte_ : *ended_;
  add_phase(phases.transfer_us, last - *first_byte_);
}

Failure HttpExchange::timeout_failure() const {
  if (hop_.url.secure() && !witness_.ended) {
    return {Reason::tls_timeout, "the TLS handshake did not end in time"};
  }
  if (!first_byte_) return {Reason::http_timeout, "no answer in time"};
  return {Reason::http_timeout, "the answer did not end in time, " +
                                    std::to_string(answer_.body_bytes) + " bytes of body came"};
}

// The connection ended before the answer did.
Failure HttpExchange::broken_failure() const {
  if (hop_.url.secure() && !witness_.ended) {
    return {Reason::tls_handshake, "TLS handshake: " + std::string(error_)};
  }
  long error_number = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &error_number);
  const std::string_view text(error_);
  const bool reset = error_number == ECONNRESET || error_number == EPIPE ||
                     text.find("reset by peer") != text.npos ||
                     text.find("Broken pipe") != text.npos;
  if (reset) return {Reason::http_reset, "connection reset by the other end"};
  // With TLS 1.3 a server refuses our certificate, or the lack of one, after the handshake.
  if (text.find(" alert ") != text.npos) return {Reason::tls_handshake, error_};
  if (!first_byte_) return {Reason::http_reset, "connection closed without an answer"};
  return {Reason::http_protocol, error_};
}

Failure HttpExchange::failure_of(int code) const {
  if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && redirected_)) {
    if (!hop_.url.secure() || witness_.detail.verified || witness_.skip_verify) return {};
    return {Reason::agent_internal, "an answer came from a server that was not verified"};
  }
  if (too_large_) {
    const bool headers = answer_.header_bytes > static_cast<std::int64_t>(kMaxHeaders);
    return {Reason::http_too_large,
            headers ? "more than 64 KiB of headers"
                    : "more than " + std::to_string(hop_.max_body) + " bytes of body"};
  }
  auto verify = verify_failure(witness_, verify_name_);
  if (verify) return verify;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return timeout_failure();
    case CURLE_ABORTED_BY_CALLBACK:
      if (run_.stop.requested()) return stopped_failure();
      break;
    case CURLE_OUT_OF_MEMORY:
      // libcurl says so of a header line over 100 KiB too; the kernel knows whether one came.
      if (received_ >= kLongestLine) {
        return {Reason::http_too_large, "one header line of more than 100 KiB"};
      }
      return {Reason::agent_no_memory, "libcurl has no memory"};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CIPHER:
      return {Reason::tls_handshake, "TLS handshake: " + std::string(error_)};
    case CURLE_GOT_NOTHING:
      return {Reason::http_reset, "connection closed without an answer"};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return broken_failure();
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
      return {Reason::http_protocol, error_};
    default:
      break;
  }
  return {Reason::agent_internal, "libcurl " + std::to_string(code) + ": " + error_};
}

}  // namespace nines::probes
