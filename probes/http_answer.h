// SPDX-License-Identifier: Apache-2.0
// An answer as libcurl hands it over, line by line and piece by piece, kept within bounds: 64 KiB
// of headers in all, informational answers included; `max_body` bytes of body on the wire, and as
// many decoded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/check.h"
#include "probes/content_coding.h"
#include "probes/run.h"

namespace nines::probes {

inline constexpr std::size_t kMaxHeaders = 64 << 10;

std::string_view trim(std::string_view text);
bool same_name(std::string_view a, std::string_view b);  // without regard to case

struct HttpAnswer {
  int status = 0;
  std::string version;   // "1.1", "2"
  std::string location;  // of the last answer; empty where it has none
  std::vector<std::pair<std::string, std::string>> headers;   // of the last answer, in order
  std::vector<std::pair<std::string, std::string>> trailers;  // behind the body
  std::string coding;  // its Content-Encoding in lower case; empty for none and "identity"
  std::string body;    // where HttpHop::keep_body; decoded where it could be
  std::int64_t header_bytes = 0;
  std::int64_t wire_body_bytes = 0;
  std::int64_t body_bytes = 0;  // decoded

  bool redirects() const;
  std::vector<std::string_view> values(std::string_view header) const;
};

class AnswerReader {
 public:
  struct Rules {
    std::uint64_t max_body = 0;
    bool keep_body = false;
    bool follow = false;    // a redirect will be followed: its body is not waited for
    bool bodiless = false;  // an answer to HEAD
    Compression compression = Compression::none;
  };

  explicit AnswerReader(Rules rules) : rules_(rules) {}

  // False: the rest is not wanted, because it is too much, does not decode or will not be read.
  bool on_header(std::string_view line);
  bool on_body(std::string_view bytes);

  // The answer came whole: what it decodes to must be whole, too.
  Failure finish() const;

  // Why it was not wanted; ok for the body of a redirect.
  const Failure& failure() const { return failure_; }

  bool redirected() const { return redirected_; }

  HttpAnswer& answer() { return answer_; }

  const HttpAnswer& answer() const { return answer_; }

 private:
  void headers_end();
  bool add_body(std::string_view bytes);

  Rules rules_;
  HttpAnswer answer_;
  int status_ = 0;  // of the answer whose headers come now
  bool headers_complete_ = false;
  bool redirected_ = false;
  std::unique_ptr<ContentDecoder> decoder_;
  Failure failure_;
};

}  // namespace nines::probes
