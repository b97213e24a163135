// SPDX-License-Identifier: Apache-2.0
// Bodies in the content codings of HTTP, made by the libraries' own encoders.
#pragma once

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "base/assert.h"
#include "model/check.h"

namespace nines::test {

enum class Format { gzip, zlib, raw_deflate, br, zstd };

inline std::string name_of(Format format) {
  constexpr const char* kNames[] = {"gzip", "zlib", "raw_deflate", "br", "zstd"};
  return kNames[static_cast<int>(format)];
}

inline Compression coding_of(Format format) {
  constexpr Compression kCodings[] = {Compression::gzip, Compression::deflate, Compression::deflate,
                                      Compression::br, Compression::zstd};
  return kCodings[static_cast<int>(format)];
}

inline std::string deflated(const std::string& text, int window) {
  z_stream stream{};
  ASSERT(::deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ASSERT(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

inline std::string zstd_with_window(const std::string& text, int window) {
  auto* context = ::ZSTD_createCCtx();
  ::ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window);
  // Otherwise the window is cut to the size of the content.
  ::ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer made{out.data(), out.size(), 0};
  ZSTD_inBuffer none{text.data(), 0, 0};
  ASSERT(::ZSTD_isError(::ZSTD_compressStream2(context, &made, &in, ZSTD_e_continue)) == 0);
  ASSERT(::ZSTD_compressStream2(context, &made, &none, ZSTD_e_end) == 0);
  ::ZSTD_freeCCtx(context);
  out.resize(made.pos);
  return out;
}

inline std::string encoded(Format format, const std::string& text) {
  switch (format) {
    case Format::gzip:
      return deflated(text, 16 + MAX_WBITS);
    case Format::zlib:
      return deflated(text, MAX_WBITS);
    case Format::raw_deflate:
      return deflated(text, -MAX_WBITS);
    case Format::br: {
      std::string out(::BrotliEncoderMaxCompressedSize(text.size()) + 64, '\0');
      std::size_t size = out.size();
      ASSERT(::BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, text.size(),
                                     reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                     reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_TRUE);
      out.resize(size);
      return out;
    }
    case Format::zstd: {
      std::string out(::ZSTD_compressBound(text.size()), '\0');
      out.resize(::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
      return out;
    }
  }
  return {};
}

}  // namespace nines::test
