// SPDX-License-Identifier: Apache-2.0
// Bytes of a connection to a request, and a response to bytes. Pure: no socket, no clock. Parsing
// is llhttp in strict mode; what it lets pass and two readers could understand differently (folded
// lines, bare line feeds, two lengths) is refused here (RFC 9112 sections 5.2, 6.3 and 11.2).
#pragma once

#include <llhttp.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace nines::net {

// One request; make a new parser for the next.
class RequestParser {
 public:
  enum class State {
    head,           // wants more bytes of the request line and the headers
    head_complete,  // the request is whole but for the body: accept_body() or give up
    body,           // wants more bytes of the body
    complete,
    failed,  // status() and why() say what to answer; the connection cannot go on
  };

  RequestParser(std::size_t header_limit, std::size_t body_limit);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Takes bytes until the state changes; answers how many it took.
  std::size_t feed(std::string_view bytes);
  void accept_body();

  State state() const { return state_; }

  bool begun() const { return head_bytes_ > 0; }  // a byte of the request has come

  HttpRequest& request() { return request_; }

  std::size_t body_size() const { return request_.body.size(); }

  bool keep_alive() const { return keep_alive_; }  // what the client wants; from head_complete on

  bool http_1_0() const { return parser_.http_minor == 0; }

  bool expects_continue() const { return expects_continue_; }

  int status() const { return status_; }

  const std::string& why() const { return why_; }

 private:
  static const llhttp_settings_t& settings();
  std::size_t run(std::string_view bytes);
  bool scan_head(std::string_view bytes);
  void finish_head();
  int fail(int status, std::string why);
  int add_header_text(std::string& to, std::string_view text);
  int finish_header();

  static RequestParser& self(llhttp_t* parser) {
    return *static_cast<RequestParser*>(parser->data);
  }

  llhttp_t parser_{};
  std::size_t header_limit_;
  std::size_t body_limit_;
  State state_ = State::head;
  HttpRequest request_;
  std::string target_;
  std::string name_;
  std::string value_;
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_ = 0;  // as sent, framing included
  char last_ = '\0';            // of the head, for line ends that cross pieces
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  int status_ = 400;
  std::string why_;
};

// Status line and headers with the empty line. Content-Length, Connection and Transfer-Encoding are
// ours: those of the response are left out, as is what cannot be a header.
std::string response_head(const HttpResponse& response, bool close, bool http_1_0);

// 1xx, 204 and 304 (RFC 9110 section 6.4.1), and every answer to HEAD.
bool has_body(int status, const std::string& method);

}  // namespace nines::net
