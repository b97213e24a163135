// SPDX-License-Identifier: Apache-2.0
#include "probes/content_coding.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <string>

namespace nines::probes {
namespace {

constexpr std::size_t kPart = 16 << 10;
constexpr int kZstdWindow = 23;  // log2 of bytes, RFC 9659

Bytef* zlib_bytes(const char* bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes));
}

// gzip with any number of members (RFC 1952), zlib (RFC 1950), or bare deflate (RFC 1951).
class ZlibDecoder : public ContentDecoder {
 public:
  explicit ZlibDecoder(bool gzip) : gzip_(gzip) {
    if (gzip) ready_ = ::inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK;
  }

  ~ZlibDecoder() override {
    if (ready_) ::inflateEnd(&stream_);
  }

  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;

  Status feed(std::string_view bytes, const Sink& sink) override {
    if (gzip_ || ready_) return inflate(bytes, sink);
    // Two bytes tell the zlib format: method 8, and a multiple of 31. No bare stream of a sane
    // encoder begins so: it would be a stored block with dirt in its padding.
    head_ += bytes;
    if (head_.size() < 2) return Status::ok;
    const auto first = static_cast<unsigned char>(head_[0]);
    const auto second = static_cast<unsigned char>(head_[1]);
    const bool zlib = (first & 0x0F) == 8 && first >> 4 <= 7 && (first * 256 + second) % 31 == 0;
    ready_ = ::inflateInit2(&stream_, zlib ? MAX_WBITS : -MAX_WBITS) == Z_OK;
    return inflate(std::exchange(head_, {}), sink);
  }

  bool complete() const override { return ended_; }

 private:
  Status inflate(std::string_view bytes, const Sink& sink) {
    if (!ready_) return Status::broken;
    std::array<char, kPart> out;
    stream_.next_in = zlib_bytes(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    bool full = false;
    while (stream_.avail_in > 0 || full) {
      if (ended_) {
        if (!gzip_ || ::inflateReset(&stream_) != Z_OK) return Status::broken;
        ended_ = false;
      }
      stream_.next_out = zlib_bytes(out.data());
      stream_.avail_out = kPart;
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return Status::broken;
      const auto made = kPart - stream_.avail_out;
      if (made > 0 && !sink({out.data(), made})) return Status::refused;
      ended_ = code == Z_STREAM_END;
      full = stream_.avail_out == 0 && !ended_;
    }
    return Status::ok;
  }

  z_stream stream_{};
  bool gzip_;
  bool ready_ = false;
  bool ended_ = false;
  std::string head_;  // at most the bytes of one call and one more
};

class BrotliDecoder : public ContentDecoder {
 public:
  BrotliDecoder()
      : state_(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr),
               &::BrotliDecoderDestroyInstance) {}

  Status feed(std::string_view bytes, const Sink& sink) override {
    if (state_ == nullptr) return Status::broken;
    std::array<std::uint8_t, kPart> out;
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    for (;;) {
      if (complete()) return left == 0 ? Status::ok : Status::broken;
      auto* next_out = out.data();
      std::size_t room = kPart;
      const auto code =
          ::BrotliDecoderDecompressStream(state_.get(), &left, &next_in, &room, &next_out, nullptr);
      if (code == BROTLI_DECODER_RESULT_ERROR) return Status::broken;
      const auto made = kPart - room;
      if (made > 0 && !sink({reinterpret_cast<const char*>(out.data()), made})) {
        return Status::refused;
      }
      if (code == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return Status::ok;
    }
  }

  bool complete() const override {
    return state_ != nullptr && ::BrotliDecoderIsFinished(state_.get()) == BROTLI_TRUE;
  }

 private:
  std::unique_ptr<BrotliDecoderState, decltype(&::BrotliDecoderDestroyInstance)> state_;
};

// Any number of frames (RFC 8878).
class ZstdDecoder : public ContentDecoder {
 public:
  ZstdDecoder() : context_(::ZSTD_createDCtx(), &::ZSTD_freeDCtx) {
    if (context_ == nullptr) return;
    ::ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindow);
  }

  Status feed(std::string_view bytes, const Sink& sink) override {
    if (context_ == nullptr) return Status::broken;
    std::array<char, kPart> out;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool full = false;
    while (in.pos < in.size || full) {
      ZSTD_outBuffer made{out.data(), out.size(), 0};
      const auto left = ::ZSTD_decompressStream(context_.get(), &made, &in);
      if (::ZSTD_isError(left) != 0) return Status::broken;
      if (made.pos > 0 && !sink({out.data(), made.pos})) return Status::refused;
      complete_ = left == 0;
      full = made.pos == made.size && !complete_;
    }
    return Status::ok;
  }

  bool complete() const override { return complete_; }

 private:
  std::unique_ptr<ZSTD_DCtx, decltype(&::ZSTD_freeDCtx)> context_;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<ContentDecoder> make_decoder(Compression coding) {
  switch (coding) {
    case Compression::gzip:
      return std::make_unique<ZlibDecoder>(true);
    case Compression::deflate:
      return std::make_unique<ZlibDecoder>(false);
    case Compression::br:
      return std::make_unique<BrotliDecoder>();
    case Compression::zstd:
      return std::make_unique<ZstdDecoder>();
    default:
      return nullptr;
  }
}

std::string_view coding_name(Compression coding) {
  constexpr std::array<std::string_view, 6> kNames{"", "identity", "gzip", "deflate", "br", "zstd"};
  return kNames[static_cast<std::size_t>(coding)];
}

}  // namespace nines::probes
