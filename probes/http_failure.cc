// SPDX-License-Identifier: Apache-2.0
// From libcurl's codes, and what was seen on the way, to the closed list of reasons.
#include <curl/curl.h>

#include <cerrno>

#include "probes/failure.h"
#include "probes/http_exchange.h"

namespace nines::probes {
namespace {

constexpr std::uint64_t kLongestLine = 100 << 10;  // libcurl's CURL_MAX_HTTP_HEADER

}  // namespace

Failure HttpExchange::timeout_failure() const {
  if (hop_.url.secure() && !witness_.ended) {
    if (hop_.proxy && !witness_.started) {
      return {Reason::http_proxy, "the proxy did not open a way to the target in time"};
    }
    return {Reason::tls_timeout, "the TLS handshake did not end in time"};
  }
  if (!first_byte_) return {Reason::http_timeout, "no answer in time"};
  return {Reason::http_timeout, "the answer did not end in time, " +
                                    std::to_string(answer().body_bytes) + " bytes of body came"};
}

// What a proxy said instead of opening a way; ok where it was not the proxy.
Failure HttpExchange::proxy_failure(int code) const {
  if (!hop_.proxy) return {};
  long status = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &status);
  const bool refused = status != 0 && (status < 200 || status > 299);
  const bool unopened = hop_.url.secure() && !witness_.started &&
                        (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
                         code == CURLE_GOT_NOTHING || code == CURLE_WEIRD_SERVER_REPLY);
  if (!refused && !unopened && code != CURLE_PROXY) return {};
  return {Reason::http_proxy,
          "the proxy opened no way to the target: " +
              (refused ? "status " + std::to_string(status) : std::string(error_))};
}

// The connection ended before the answer did.
Failure HttpExchange::broken_failure() const {
  if (hop_.url.secure() && !witness_.ended) {
    return handshake_failure(error_);
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
  if (!first_byte_ && hop_.only_http2 && !hop_.url.secure() && received_ > 0) {
    return {Reason::http_protocol, "what came is not HTTP/2"};
  }
  if (!first_byte_) return {Reason::http_reset, "connection closed without an answer"};
  return {Reason::http_protocol, error_};
}

Failure HttpExchange::failure_of(int code) const {
  if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && reader_.redirected())) {
    if (hop_.url.secure() && !witness_.detail.verified && !witness_.skip_verify) {
      return {Reason::agent_internal, "an answer came from a server that was not verified"};
    }
    return code == CURLE_OK ? reader_.finish() : Failure{};
  }
  if (reader_.failure()) return reader_.failure();
  auto verify = verify_failure(witness_, verify_name_);
  if (verify) return verify;
  auto refused = proxy_failure(code);
  if (refused) return refused;
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
      return handshake_failure(error_);
    case CURLE_GOT_NOTHING:
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
