#pragma once
// The one door to RapidJSON: its SAX reader over text that may be written to, with the flags and bounds that every use here needs.
// Numbers are handed on as text (prices go from text to fixed point with no double between), UTF-8 is validated, nesting is
// bounded, and a NUL inside the text is an error. document.h is not used: it does not compile with clang 19.
#include <rapidjson/error/error.h>
#include <rapidjson/reader.h>

#include <cstddef>
#include <string_view>

#include "engine/base/assert.hpp"
#include "engine/base/errc.hpp"

namespace martinet {

inline constexpr int kJsonDepthMax = 64;  // what we read nests 5 deep; the recursive reader needs some bound

namespace sax_detail {

// In-situ parsing with numbers as strings pushes nothing on the reader's stack, so it never asks for memory; should a change of
// flags or version make it ask, we want to know at once.
struct NoAllocator {
  static constexpr bool kNeedFree = false;
  void* Malloc(std::size_t) { return refuse(); }
  void* Realloc(void*, std::size_t, std::size_t) { return refuse(); }
  static void Free(void*) {}
  static void* refuse() {
    constexpr bool kRapidjsonAsksForMemory = true;
    MT_ASSERT(!kRapidjsonAsksForMemory);
    return nullptr;
  }
};

// Turns RapidJSON's events into ours and counts the depth.
template <class Handler>
class Bridge {
 public:
  explicit Bridge(Handler& handler) : handler_(handler) {}
  [[nodiscard]] bool too_deep() const noexcept { return too_deep_; }

  bool Null() { return handler_.null(); }
  bool Bool(bool value) { return handler_.boolean(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return handler_.number(std::string_view(text, size)); }
  bool String(const char* text, rapidjson::SizeType size, bool) { return handler_.string(std::string_view(text, size)); }
  bool Key(const char* text, rapidjson::SizeType size, bool) { return handler_.key(std::string_view(text, size)); }
  bool StartObject() { return enter() && handler_.begin_object(); }
  bool EndObject(rapidjson::SizeType) { return leave() && handler_.end_object(); }
  bool StartArray() { return enter() && handler_.begin_array(); }
  bool EndArray(rapidjson::SizeType) { return leave() && handler_.end_array(); }
  // Numbers come as text, so these are never called; RapidJSON wants them to exist.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  bool enter() {
    too_deep_ = ++depth_ > kJsonDepthMax;
    return !too_deep_;
  }
  bool leave() {
    --depth_;
    return true;
  }

  Handler& handler_;
  int depth_ = 0;
  bool too_deep_ = false;
};

inline Errc errc_of(rapidjson::ParseErrorCode code) noexcept {
  switch (code) {
    case rapidjson::kParseErrorNone:
      return Errc::ok;
    case rapidjson::kParseErrorStringInvalidEncoding:
      return Errc::bad_utf8;
    case rapidjson::kParseErrorNumberTooBig:
      return Errc::number_too_large;
    default:
      return Errc::bad_json;
  }
}

}  // namespace sax_detail

/// Reads one JSON text and tells `handler` what is in it: null(), boolean(bool), number(view), string(view), key(view),
/// begin_object(), end_object(), begin_array(), end_array(); each returns false to stop.
/// in    text: `size` bytes followed by a NUL; strings are unescaped in place, so the text is spoilt. Views stay valid with it
/// fails bad_json (also when the handler stops: it knows why), bad_utf8, number_too_large (beyond a double), too_deep (more than
/// kJsonDepthMax) cost  no allocation; stack bounded by the depth
template <class Handler>
[[nodiscard]] Errc sax_parse_in_situ(char* text, std::size_t size, Handler& handler) noexcept {
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  MT_DASSERT(text[size] == '\0');
  sax_detail::Bridge<Handler> bridge(handler);
  sax_detail::NoAllocator allocator;
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, sax_detail::NoAllocator> reader(&allocator);
  rapidjson::InsituStringStream stream(text);
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, bridge);
  if (bridge.too_deep()) return Errc::too_deep;
  if (result.IsError()) return sax_detail::errc_of(result.Code());
  // The reader stops at the first NUL; one that is not ours is garbage in the message.
  return stream.Tell() == size ? Errc::ok : Errc::bad_json;
}

}  // namespace martinet
