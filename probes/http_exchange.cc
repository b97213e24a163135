// SPDX-License-Identifier: Apache-2.0
#include "probes/http_exchange.h"

#include <curl/curl.h>
#include <unistd.h>

#include "probes/connector.h"

namespace nines::probes {

static_assert(CURL_ERROR_SIZE <= 256);

HttpExchange::HttpExchange(Run& run, Tools tools, const HttpHop& hop)
    : run_(run),
      tools_(tools),
      hop_(hop),
      easy_(::curl_easy_init(), &::curl_easy_cleanup),
      reader_({hop.max_body, hop.keep_body, hop.follow, hop.method == "HEAD", hop.compression}),
      packets_(run.clock, run.clock.boot()) {
  witness_.skip_verify = hop.tls.skip_verify;
  witness_.clock = &run.clock;
  witness_.packets = &packets_;
}

HttpExchange::~HttpExchange() {
  easy_.reset();  // before the lists that it refers to
  ::curl_slist_free_all(headers_);
  ::curl_slist_free_all(connect_to_);
}

void HttpExchange::on_readable() {
  last_byte_ = packets_.last_waiting();
  if (first_byte_) return;
  arrived_ = packets_.first_waiting();
  if (arrived_) witness_.record = arrived_;
}

bool HttpExchange::request_is_out() {
  if (request_sent_ || closed_) return true;
  if (hop_.url.secure() && !witness_.ended) return false;  // what went to a proxy does not count
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
  return reader_.on_header(line);
}

bool HttpExchange::on_body(std::string_view bytes) {
  on_first_byte();
  return reader_.on_body(bytes);
}

Task<Failure> HttpExchange::perform(Descriptor socket) {
  socket_ = std::move(socket);
  auto failure = prepare();
  if (failure) co_return failure;
  started_ = run_.clock.boot();
  packets_.follow(socket_.number());
  tools_.multi.on_readable(easy_.get(), [this](int) { on_readable(); });
  tools_.multi.on_worked(easy_.get(), [this] { return request_is_out(); });
  auto transfer = tools_.multi.perform(easy_.get(), run_.clock, run_.deadline, run_.stop);
  const int code = co_await std::move(transfer);
  complete_ = code == CURLE_OK || reader_.redirected();
  ended_ = run_.clock.boot();
  long status = 0, version = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  ::curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  if (first_byte_) {
    answer().status = static_cast<int>(status);
    answer().version = version == CURL_HTTP_VERSION_2     ? "2"
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

}  // namespace nines::probes
