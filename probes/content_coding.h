// SPDX-License-Identifier: Apache-2.0
// Content codings (RFC 9110, 8.4.1), undone as the bytes come. What is held does not depend on
// how much they expand: 32 KiB of window for gzip and deflate, 16 MiB for br, 8 MiB for zstd
// (RFC 9659).
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "model/check.h"

namespace nines::probes {

class ContentDecoder {
 public:
  // Takes decoded bytes, at most 16 KiB at a time; false ends the decoding.
  using Sink = std::function<bool(std::string_view)>;
  enum class Status { ok, broken, refused };  // refused: by the sink

  virtual ~ContentDecoder() = default;
  virtual Status feed(std::string_view bytes, const Sink& sink) = 0;
  // Whether the bytes so far are a whole: nothing missing at the end. Bytes after it are broken.
  virtual bool complete() const = 0;
};

// Null for codings that change nothing, and without memory. "deflate" is the zlib format, as RFC
// 9110 says, or the bare one that many servers send.
std::unique_ptr<ContentDecoder> make_decoder(Compression coding);

// "gzip", as Accept-Encoding and Content-Encoding name it; "" for none.
std::string_view coding_name(Compression coding);

}  // namespace nines::probes
