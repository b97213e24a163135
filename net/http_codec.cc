// SPDX-License-Identifier: Apache-2.0
#include "net/http_codec.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/ascii.h"
#include "base/assert.h"
#include "net/url.h"

namespace nines::net {
namespace {

constexpr std::size_t kMaxHeaders = 128;
// Chunks of one byte cost five bytes of framing; more than this is not sent by anybody in earnest.
constexpr std::size_t kFramingFactor = 8;
constexpr std::size_t kFramingSlack = 16 << 10;

bool token_character(unsigned char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c < 0x80 && std::isalnum(c) != 0) || kMarks.find(static_cast<char>(c)) != kMarks.npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return token_character(static_cast<unsigned char>(c));
  });
}

std::size_t count_headers(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      headers.begin(), headers.end(), [&](const auto& h) { return ascii_lower(h.first) == name; }));
}

const char* phrase(int status) {
  struct Phrase {
    int status;
    const char* text;
  };

  static constexpr std::array<Phrase, 27> kPhrases = {{{200, "OK"},
                                                       {201, "Created"},
                                                       {202, "Accepted"},
                                                       {204, "No Content"},
                                                       {304, "Not Modified"},
                                                       {400, "Bad Request"},
                                                       {401, "Unauthorized"},
                                                       {403, "Forbidden"},
                                                       {404, "Not Found"},
                                                       {405, "Method Not Allowed"},
                                                       {408, "Request Timeout"},
                                                       {409, "Conflict"},
                                                       {410, "Gone"},
                                                       {411, "Length Required"},
                                                       {413, "Content Too Large"},
                                                       {414, "URI Too Long"},
                                                       {415, "Unsupported Media Type"},
                                                       {417, "Expectation Failed"},
                                                       {422, "Unprocessable Content"},
                                                       {429, "Too Many Requests"},
                                                       {431, "Request Header Fields Too Large"},
                                                       {500, "Internal Server Error"},
                                                       {501, "Not Implemented"},
                                                       {503, "Service Unavailable"},
                                                       {504, "Gateway Timeout"},
                                                       {505, "HTTP Version Not Supported"},
                                                       {507, "Insufficient Storage"}}};
  for (const auto& known : kPhrases) {
    if (known.status == status) return known.text;
  }
  return "";
}

}  // namespace

RequestParser::RequestParser(std::size_t header_limit, std::size_t body_limit)
    : header_limit_(header_limit), body_limit_(body_limit) {
  llhttp_init(&parser_, HTTP_REQUEST, &settings());
  parser_.data = this;
}

const llhttp_settings_t& RequestParser::settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_url = [](llhttp_t* p, const char* at, size_t n) {
      return self(p).add_header_text(self(p).target_, {at, n});
    };
    s.on_header_field = [](llhttp_t* p, const char* at, size_t n) {
      return self(p).add_header_text(self(p).name_, {at, n});
    };
    s.on_header_value = [](llhttp_t* p, const char* at, size_t n) {
      return self(p).add_header_text(self(p).value_, {at, n});
    };
    s.on_header_value_complete = [](llhttp_t* p) { return self(p).finish_header(); };
    s.on_headers_complete = [](llhttp_t* p) -> int {
      self(p).state_ = State::head_complete;
      return HPE_PAUSED;
    };
    s.on_body = [](llhttp_t* p, const char* at, size_t n) -> int {
      auto& me = self(p);
      if (me.request_.body.size() + n > me.body_limit_) {
        return me.fail(413, "the body is larger than " + std::to_string(me.body_limit_) + " bytes");
      }
      me.request_.body.append(at, n);
      return 0;
    };
    s.on_message_complete = [](llhttp_t* p) -> int {
      self(p).state_ = State::complete;
      return HPE_PAUSED;
    };
    return s;
  }();
  return kSettings;
}

int RequestParser::fail(int status, std::string why) {
  // The first cause is the one to tell.
  if (state_ != State::failed) {
    state_ = State::failed;
    status_ = status;
    why_ = std::move(why);
  }
  return HPE_USER;
}

int RequestParser::add_header_text(std::string& to, std::string_view text) {
  // Trailers come after the body and are dropped; feed() bounds them with the framing.
  if (state_ == State::head) to += text;
  return 0;
}

int RequestParser::finish_header() {
  if (state_ != State::head) return 0;
  if (request_.headers.size() == kMaxHeaders) return fail(431, "the request has too many headers");
  if (!is_token(name_)) return fail(400, "a header's name is not a token");
  while (!value_.empty() && (value_.back() == ' ' || value_.back() == '\t')) value_.pop_back();
  request_.headers.emplace_back(std::exchange(name_, {}), std::exchange(value_, {}));
  return 0;
}

std::size_t RequestParser::feed(std::string_view bytes) {
  ASSERT(state_ == State::head || state_ == State::body);
  if (state_ == State::body) {
    const std::size_t used = run(bytes);
    body_bytes_ += used;
    const std::size_t body = request_.body.size();
    if (body_bytes_ - std::min(body, body_bytes_) > kFramingFactor * body + kFramingSlack) {
      fail(400, "the body is mostly framing");
    }
    return used;
  }
  const auto piece = bytes.substr(0, header_limit_ + 1 - head_bytes_);
  const std::size_t used = run(piece);
  head_bytes_ += used;
  if (state_ != State::failed && !scan_head(piece.substr(0, used))) {
    fail(400, "a header line is folded or does not end in CR LF");
  }
  if (state_ != State::failed && head_bytes_ > header_limit_) {
    fail(431, "the headers are larger than " + std::to_string(header_limit_) + " bytes");
  }
  if (state_ == State::head_complete) finish_head();
  return used;
}

// llhttp answers where it paused; an error ends the connection, so the rest does not matter.
std::size_t RequestParser::run(std::string_view bytes) {
  const llhttp_errno_t error = llhttp_execute(&parser_, bytes.data(), bytes.size());
  if (error == HPE_OK) return bytes.size();
  const bool upgrade = error == HPE_PAUSED_UPGRADE;
  if (error != HPE_PAUSED && !upgrade) {
    fail(error == HPE_INVALID_VERSION ? 505 : 400,
         std::string("the request does not parse: ") + llhttp_get_error_reason(&parser_));
    return bytes.size();
  }
  // An offer to upgrade is not taken up (RFC 9110 section 7.8): the request is served as it is.
  if (upgrade) state_ = State::complete;
  const char* at = llhttp_get_error_pos(&parser_);
  return at == nullptr ? bytes.size() : static_cast<std::size_t>(at - bytes.data());
}

bool RequestParser::scan_head(std::string_view bytes) {
  for (const char c : bytes) {
    const bool good = c != '\0' && (c != '\n' || last_ == '\r') && (last_ != '\r' || c == '\n') &&
                      (last_ != '\n' || (c != ' ' && c != '\t'));
    last_ = c;
    if (!good) return false;
  }
  return true;
}

void RequestParser::finish_head() {
  const auto refuse = [this](int status, std::string why) { fail(status, std::move(why)); };
  if (parser_.http_major != 1 || parser_.http_minor > 1) {
    return refuse(505, "HTTP/1.1 is spoken here");
  }
  request_.method = llhttp_method_name(static_cast<llhttp_method_t>(parser_.method));
  auto target = parse_target(target_);
  if (!target) return refuse(400, target.error().message);
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);

  const std::size_t hosts = count_headers(request_.headers, "host");
  if (hosts > 1 || (hosts == 0 && parser_.http_minor == 1)) {
    return refuse(400, "the request must have one Host");
  }
  const std::size_t codings = count_headers(request_.headers, "transfer-encoding");
  const std::size_t lengths = count_headers(request_.headers, "content-length");
  if (lengths > 1 || (lengths == 1 && codings > 0)) {
    return refuse(400, "the request has more than one length");
  }
  if (codings > 0) {
    const bool chunked =
        codings == 1 && ascii_lower(*request_.header("transfer-encoding")) == "chunked";
    if (!chunked) return refuse(501, "the only transfer coding is chunked");
    if (parser_.http_minor == 0) return refuse(400, "HTTP/1.0 has no transfer coding");
  }
  if (lengths == 1 && parser_.content_length > body_limit_) {
    return refuse(413, "the body is larger than " + std::to_string(body_limit_) + " bytes");
  }
  if (const auto expectation = request_.header("expect")) {
    if (ascii_lower(*expectation) != "100-continue")
      return refuse(417, "the only expectation is 100-continue");
    expects_continue_ = parser_.http_minor == 1 && (codings > 0 || parser_.content_length > 0);
  }
  keep_alive_ = llhttp_should_keep_alive(&parser_) == 1;
}

void RequestParser::accept_body() {
  ASSERT(state_ == State::head_complete);
  state_ = State::body;
  llhttp_resume(&parser_);
  run({});  // a request without a body is complete with no further byte
}

bool has_body(int status, const std::string& method) {
  return status >= 200 && status != 204 && status != 304 && method != "HEAD";
}

std::string response_head(const HttpResponse& response, bool close, bool http_1_0) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + phrase(response.status);
  head += "\r\n";
  for (const auto& [name, value] : response.headers) {
    const std::string key = ascii_lower(name);
    const bool ours = key == "content-length" || key == "connection" || key == "transfer-encoding";
    const bool clean = std::none_of(value.begin(), value.end(), [](unsigned char c) {
      return (c < 0x20 && c != '\t') || c == 0x7f;
    });
    if (ours || !is_token(name) || !clean) continue;
    head += name + ": " + value + "\r\n";
  }
  // A HEAD is told the length that a GET would have had.
  if (response.status >= 200 && response.status != 204 && response.status != 304) {
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  if (close) {
    head += "Connection: close\r\n";
  } else if (http_1_0) {
    head += "Connection: keep-alive\r\n";
  }
  return head + "\r\n";
}

}  // namespace nines::net
