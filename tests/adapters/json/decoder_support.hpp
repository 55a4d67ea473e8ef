#pragma once
// What the decoder tests share: frames between guard pages, comparison of DecodedFrames, the agreement of fast and slow, mutants.
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/instrument.hpp"
#include "engine/messages/decoded_frame.hpp"

namespace martinet::test {

/// Memory with an unreadable page on both sides: a read outside the frame ends the test with a fault, in every build.
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::size_t size_max)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))), room_((size_max + page_ - 1) / page_ * page_) {
    void* const area = mmap(nullptr, room_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED || mprotect(static_cast<char*>(area) + page_, room_, PROT_READ | PROT_WRITE) != 0) std::abort();
    begin_ = static_cast<char*>(area) + page_;
  }
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;
  ~GuardedBuffer() { munmap(begin_ - page_, room_ + 2 * page_); }

  std::string_view at_end(std::string_view text) { return put(begin_ + room_ - text.size(), text); }  ///< last byte before the guard
  std::string_view at_begin(std::string_view text) { return put(begin_, text); }                      ///< first byte behind the guard

 private:
  std::string_view put(char* where, std::string_view text) {
    if (text.size() > room_) std::abort();
    if (!text.empty()) std::memcpy(where, text.data(), text.size());
    return {where, text.size()};
  }
  std::size_t page_;
  std::size_t room_;
  char* begin_ = nullptr;
};

inline bool same_level(const DepthLevel& a, const DepthLevel& b) { return a == b; }

/// Empty if both say the same, else what differs first.
inline std::string difference(const DecodedFrame& a, const DecodedFrame& b) {
  if (a.channel != b.channel) return "channel " + std::to_string(int(a.channel)) + " / " + std::to_string(int(b.channel));
  if (a.instrument != b.instrument) return "instrument";
  if (a.tick_count != b.tick_count) return "tick_count";
  if (a.candle_count != b.candle_count) return "candle_count";
  if (a.depth_count != b.depth_count) return "depth_count";
  for (std::uint32_t i = 0; i < a.tick_count; ++i) {
    if (!(a.ticks[i] == b.ticks[i])) return "tick " + std::to_string(i);
  }
  for (std::uint32_t i = 0; i < a.candle_count; ++i) {
    if (!(a.candles[i] == b.candles[i])) return "candle " + std::to_string(i);
  }
  for (std::uint32_t i = 0; i < a.depth_count; ++i) {
    const DepthUpdate& x = a.depths[i];
    const DepthUpdate& y = b.depths[i];
    // The head is 64 bytes without holes, padding included: it is journaled as it stands.
    static_assert(offsetof(DepthUpdate, levels) == 64);
    if (std::memcmp(&x, &y, 64) != 0) return "depth head " + std::to_string(i);
    if (std::memcmp(x.levels.data(), y.levels.data(), x.level_count * sizeof(DepthLevel)) != 0) return "depth levels " + std::to_string(i);
  }
  return {};
}

/// Two frames to compare with; large, so on the heap.
struct FramePair {
  std::unique_ptr<DecodedFrame> fast = std::make_unique<DecodedFrame>();
  std::unique_ptr<DecodedFrame> slow = std::make_unique<DecodedFrame>();
};

/// The promise of every decoder: fast says unusual_layout or ok; where ok, slow says ok with the same content; on failure nothing is set.
/// out   fast_ok; returns what is broken, or nothing
template <class Decoder>
std::string disagreement(Decoder& decoder, std::string_view frame, FramePair& pair, bool& fast_ok) {
  constexpr std::int64_t kReceived = 1'730'000'000'123'456'789;
  const Errc fast = decoder.decode_fast(frame, kReceived, *pair.fast);
  const Errc slow = decoder.decode_slow(frame, kReceived, *pair.slow);
  fast_ok = fast == Errc::ok;
  const auto nothing = [](const DecodedFrame& f) {
    return f.channel == Channel::none && f.tick_count + f.candle_count + f.depth_count == 0;
  };
  if (slow != Errc::ok && !nothing(*pair.slow)) return "the slow path left something behind";
  if (slow == Errc::unusual_layout) return "the slow path called a layout unusual";
  if (fast == Errc::ok) {
    if (slow != Errc::ok) return "fast ok, slow " + std::string(name_of(slow));
    return difference(*pair.fast, *pair.slow);
  }
  if (fast != Errc::unusual_layout) return "fast says " + std::string(name_of(fast));
  return nothing(*pair.fast) ? "" : "the fast path left something behind";
}

inline Instrument instrument(Venue venue, Market market, std::string_view symbol, int price_decimals, int qty_decimals) {
  Instrument row;
  row.symbol.assign(symbol);
  row.venue = venue;
  row.market = market;
  row.price_decimals = static_cast<std::uint8_t>(price_decimals);
  row.qty_decimals = static_cast<std::uint8_t>(qty_decimals);
  return row;
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

/// One small damage or change; `text` must not be empty.
inline void mutate(std::string& text, Random& random) {
  constexpr std::string_view kBytes = "0123456789\"\"..,,::[]{}-+eE \\tnTu\t\x01\x7f\x80\xc3\xff";
  const std::size_t at = random.below(text.size());
  const std::size_t length = 1 + random.below(std::min<std::size_t>(24, text.size() - at));
  const char byte = kBytes[random.below(kBytes.size())];
  const auto digit = [&] {  // the next digit behind `at`, or npos
    return text.find_first_of("0123456789", at);
  };
  switch (random.below(12)) {
    case 0:
      text[at] = byte;
      break;
    case 1:
      text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      break;
    case 2:
      text.insert(at, 1, byte);
      break;
    case 3:
      text.erase(at, length);
      break;
    case 4:
      text.resize(at);
      break;
    case 5:
      text.insert(random.below(text.size()), text.substr(at, length));
      break;
    case 6: {  // two fields change places
      const std::size_t a = text.find(",\"", at);
      if (a == std::string::npos) break;
      const std::size_t b = text.find(",\"", a + 1);
      if (b == std::string::npos) break;
      const std::size_t c = text.find_first_of(",}", b + 2);
      if (c == std::string::npos) break;
      text = text.substr(0, a) + text.substr(b, c - b) + text.substr(a, b - a) + text.substr(c);
      break;
    }
    case 7:
      if (const std::size_t i = digit(); i != std::string::npos) text[i] = static_cast<char>('0' + random.below(10));
      break;
    case 8:
      if (const std::size_t i = digit(); i != std::string::npos)
        text.insert(i, std::string(1 + random.below(20), static_cast<char>('0' + random.below(10))));
      break;
    case 9:
      if (const std::size_t i = digit(); i != std::string::npos) text.erase(i, 1);
      break;
    case 10:
      if (const std::size_t i = digit(); i != std::string::npos) text.insert(i, 1, '.');
      break;
    default:
      if (const std::size_t i = text.find('.', at); i != std::string::npos) text.erase(i, 1 + random.below(3));
      break;
  }
}

/// Mutates each sample `rounds` times, one to three changes at once; returns the first disagreement.
/// out   tried, accepted: mutants, and those that the fast path took
template <class Decoder>
std::string mutants_disagree(Decoder& decoder, const std::vector<std::string>& samples, std::size_t rounds, std::uint64_t seed,
                             std::size_t& tried, std::size_t& accepted) {
  Random random(seed);
  GuardedBuffer guarded(std::size_t{1} << 20);
  FramePair pair;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const std::string& sample : samples) {
      std::string text = sample;
      for (std::size_t n = 1 + random.below(3); n > 0 && !text.empty(); --n) mutate(text, random);
      bool fast_ok = false;
      const std::string_view frame = round % 2 == 0 ? guarded.at_end(text) : guarded.at_begin(text);
      const std::string broken = disagreement(decoder, frame, pair, fast_ok);
      if (!broken.empty()) return broken + ": " + text;
      ++tried;
      accepted += fast_ok ? 1 : 0;
    }
  }
  return {};
}

/// Sanitizer builds are about ten times slower.
inline std::size_t mutant_rounds(std::size_t rounds) {
#ifdef MARTINET_SANITIZED
  return rounds / 20;
#else
  return rounds;
#endif
}

/// Lines of a text file, gzipped or not; ends the test program if it cannot be read.
inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) std::abort();
  std::string all;
  std::vector<char> buffer(1 << 16);
  for (int n = 0; (n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;)
    all.append(buffer.data(), static_cast<std::size_t>(n));
  gzclose(file);
  std::vector<std::string> lines;
  std::istringstream stream(all);
  for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
  return lines;
}

/// Messages of a capture: "recv_ns JSON" a line, or bare JSON a line.
inline std::vector<std::string> messages_of(const std::filesystem::path& path) {
  std::vector<std::string> lines = lines_of(path);
  for (std::string& line : lines) {
    if (!line.empty() && line[0] >= '0' && line[0] <= '9') line.erase(0, line.find(' ') + 1);
  }
  return lines;
}

/// Every distinct value of "key":"VALUE" in the messages.
inline std::vector<std::string> values_of(const std::vector<std::string>& messages, std::string_view key) {
  std::vector<std::string> values;
  const std::string pattern = "\"" + std::string(key) + "\":\"";
  for (const std::string& message : messages) {
    for (std::size_t at = message.find(pattern); at != std::string::npos; at = message.find(pattern, at + 1)) {
      const std::size_t begin = at + pattern.size();
      std::string value = message.substr(begin, message.find('"', begin) - begin);
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
    }
  }
  return values;
}

inline std::size_t occurrences(std::string_view text, std::string_view pattern) {
  std::size_t n = 0;
  for (std::size_t at = text.find(pattern); at != std::string_view::npos; at = text.find(pattern, at + 1)) ++n;
  return n;
}

}  // namespace martinet::test
