// Whatever is done to a segment, a reader gives a prefix of what was written and never an invention (invariant I8), and tells a
// torn tail from damage.
#include <gtest/gtest.h>

#include "tests/engine/cold/journal/journal_support.hpp"

namespace martinet::journal_damage_test {

using namespace journal_test;

std::vector<Sample> small_samples() {
  Random random(3);
  std::vector<Sample> samples;
  for (const std::size_t size : {9UL, 0UL, 16UL, 1UL, 33UL, 8UL}) samples.push_back({journal::RecordType::alert, 5, random.bytes(size)});
  return samples;
}

std::size_t records_before(const std::vector<std::uint64_t>& offsets, std::uint64_t byte) {
  std::size_t count = 0;
  while (count + 1 < offsets.size() && offsets[count + 1] <= byte) ++count;
  return count;
}

TEST(JournalDamage, CutAtAnyByteLeavesAPrefix) {
  const std::vector<Sample> samples = small_samples();
  const Bytes whole = segment_of(samples);
  const auto offsets = offsets_of(samples);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    const Verdict verdict = judge(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), samples);
    if (size < 256) {
      EXPECT_EQ(verdict.code, size == 0 ? Errc::empty_file : Errc::truncated);
      continue;
    }
    const bool at_a_border = std::find(offsets.begin(), offsets.end(), size) != offsets.end();
    EXPECT_EQ(verdict.code, Errc::ok) << verdict.what;
    EXPECT_EQ(verdict.count, records_before(offsets, size));
    EXPECT_FALSE(verdict.invented);
    EXPECT_EQ(verdict.end, at_a_border ? JournalEnd::clean : JournalEnd::torn);
    EXPECT_EQ(verdict.offset, offsets[verdict.count]);
  }
}

TEST(JournalDamage, ZerosFromAnyByteOnLeaveAPrefix) {
  const std::vector<Sample> samples = small_samples();
  const Bytes whole = segment_of(samples);
  for (std::size_t from = 0; from < whole.size(); ++from) {
    SCOPED_TRACE(from);
    Bytes bytes = whole;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), std::byte{0});
    bytes.resize(bytes.size() + 1000);
    const Verdict verdict = judge(bytes, samples);
    if (from < 256) {
      EXPECT_NE(verdict.code, Errc::ok);
      EXPECT_EQ(verdict.count, 0U);
      continue;
    }
    EXPECT_EQ(verdict.code, Errc::ok) << verdict.what;
    EXPECT_FALSE(verdict.invented);
    // The last bytes of a record may be zeros already: then it is whole.
    EXPECT_GE(verdict.count, records_before(offsets_of(samples), from));
    EXPECT_LE(verdict.count, records_before(offsets_of(samples), from + 8));
  }
}

TEST(JournalDamage, NoSingleFlippedBitIsEverBelieved) {
  const std::vector<Sample> samples = small_samples();
  const auto offsets = offsets_of(samples);
  Bytes whole = segment_of(samples);
  const std::size_t used = whole.size();
  whole.resize(used + 256);  // some reserve
  std::size_t corrupted = 0, torn = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    const std::size_t byte = bit / 8;
    Bytes bytes = whole;
    bytes[byte] ^= static_cast<std::byte>(1U << (bit % 8));
    const Verdict verdict = judge(bytes, samples);
    ASSERT_FALSE(verdict.invented);
    if (byte < 256) {
      ASSERT_EQ(verdict.code, byte < 8 ? Errc::not_a_journal : byte < 12 ? Errc::unknown_version : Errc::corrupted);
      ASSERT_NE(verdict.what.find("segment"), std::string::npos);
      continue;
    }
    const std::size_t hit = byte < used ? records_before(offsets, byte) : samples.size();
    ASSERT_EQ(verdict.count, hit) << "all before the flip and nothing behind it";
    if (hit + 1 < samples.size()) {
      ASSERT_EQ(verdict.code, Errc::corrupted);
      ASSERT_NE(verdict.what.find("segment is damaged at offset " + std::to_string(offsets[hit]) + ":"), std::string::npos) << verdict.what;
      ASSERT_NE(verdict.what.find("record " + std::to_string(hit + 1) + " "), std::string::npos) << verdict.what;
      ++corrupted;
    } else {
      ASSERT_EQ(verdict.code, Errc::ok) << verdict.what;
      ASSERT_EQ(verdict.end, JournalEnd::torn);
      ++torn;
    }
  }
  EXPECT_GT(corrupted, 2000U);
  EXPECT_GT(torn, 300U);
}

TEST(JournalDamage, RandomDamageNeverInventsARecord) {
  Random random(99);
  std::vector<Sample> samples;
  for (int i = 0; i < 40; ++i) samples.push_back(random_sample(random, 300));
  const Bytes whole = segment_of(samples);
  for (int round = 0; round < 3000; ++round) {
    SCOPED_TRACE("seed 99, round " + std::to_string(round));
    Bytes bytes = whole;
    for (std::size_t n = 1 + random.below(4); n > 0; --n) {
      const std::size_t from = random.below(bytes.size()), size = std::min(bytes.size() - from, 1 + random.below(700));
      const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(from);
      switch (random.below(5)) {
        case 0:
          std::fill_n(at, size, std::byte{0});
          break;
        case 1:
          std::generate_n(at, size, [&random] { return static_cast<std::byte>(random.next()); });
          break;
        case 2:
          bytes.erase(at, at + static_cast<std::ptrdiff_t>(size));
          break;
        case 3:
          std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(random.below(whole.size() - size)), size, at);
          break;
        default:
          bytes.resize(from + 1);
      }
      if (bytes.empty()) bytes.resize(1);
    }
    const Verdict verdict = judge(bytes, samples);
    ASSERT_FALSE(verdict.invented);
    ASSERT_LE(verdict.count, samples.size());
  }
}

TEST(JournalDamage, ARecordOfAnotherJournalInItsPlaceIsNotBelieved) {
  std::vector<Sample> ours = small_samples(), theirs = small_samples();
  theirs[0].payload[0] ^= std::byte{1};
  Bytes bytes = segment_of(ours);
  const Bytes other = segment_of(theirs);
  const auto offsets = offsets_of(ours);
  std::copy(other.begin() + static_cast<std::ptrdiff_t>(offsets[2]), other.begin() + static_cast<std::ptrdiff_t>(offsets[3]),
            bytes.begin() + static_cast<std::ptrdiff_t>(offsets[2]));
  const Verdict verdict = judge(bytes, ours);
  EXPECT_EQ(verdict.count, 2U) << "the same sequence, size and payload, but of another chain";
  EXPECT_EQ(verdict.code, Errc::corrupted);
}

// The last group of a journal in which only some sectors reached the disk, in every combination: always torn or clean, never
// "damaged", never less than the groups before it.
TEST(JournalDamage, AnySubsetOfTheLastGroupsSectorsIsATornTail) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Random random(seed);
    std::vector<Sample> samples;
    MemoryStorage storage;
    JournalWriter writer(storage, small_options(16'384));
    ASSERT_TRUE(writer.begin_segment(1).ok());
    const auto append = [&](std::size_t size_max) {
      samples.push_back(random_sample(random, size_max));
      if (samples.size() % 3 == 0) std::fill(samples.back().payload.begin(), samples.back().payload.end(), std::byte{0});
      ASSERT_EQ(writer.append(samples.back().type, samples.back().ts_ns, samples.back().payload), Errc::ok);
    };
    for (int i = 0; i < 5; ++i) append(200);
    ASSERT_TRUE(writer.sync().ok());
    const Bytes before = storage.bytes();
    const std::size_t durable = samples.size();
    const std::size_t begin = offsets_of(samples).back();
    while (offsets_of(samples).back() < begin + 4200) append(seed % 2 == 0 ? 40 : 1500);
    ASSERT_TRUE(writer.sync().ok());
    const Bytes after = storage.bytes();
    const std::size_t first = begin / 512, last = (offsets_of(samples).back() - 1) / 512;
    ASSERT_LE(last - first + 1, 14U);
    for (std::size_t kept = 0; kept < std::size_t{1} << (last - first + 1); ++kept) {
      Bytes bytes = before;
      for (std::size_t sector = first; sector <= last; ++sector) {
        if ((kept >> (sector - first) & 1) != 0)
          std::copy_n(after.begin() + static_cast<std::ptrdiff_t>(sector * 512), 512,
                      bytes.begin() + static_cast<std::ptrdiff_t>(sector * 512));
      }
      const Verdict verdict = judge(bytes, samples);
      ASSERT_EQ(verdict.code, Errc::ok) << "seed " << seed << " sectors " << kept << ": " << verdict.what;
      ASSERT_FALSE(verdict.invented);
      ASSERT_GE(verdict.count, durable) << "what was acknowledged";
      const bool more = std::any_of(bytes.begin() + static_cast<std::ptrdiff_t>(verdict.offset), bytes.end(),
                                    [](std::byte b) { return b != std::byte{0}; });
      ASSERT_EQ(verdict.end, more ? JournalEnd::torn : JournalEnd::clean);
    }
  }
}

TEST(JournalDamage, ALostSectorFartherBackThanAGroupIsDamage) {
  Random random(8);
  std::vector<Sample> samples;
  for (int i = 0; i < 2'000; ++i) samples.push_back({journal::RecordType::sent, i, random.bytes(900)});
  Bytes bytes = segment_of(samples);
  ASSERT_GT(bytes.size(), journal::kGroupBytesMax + 8192);
  const std::size_t last_possible = bytes.size() - journal::kGroupBytesMax;
  const auto zero_sector = [&](std::size_t sector) {
    Bytes damaged = bytes;
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(sector * 512), 512, std::byte{0});
    return judge(std::move(damaged), samples);
  };
  const Verdict far = zero_sector(last_possible / 512 - 4);
  EXPECT_EQ(far.code, Errc::corrupted);
  EXPECT_FALSE(far.invented);
  const Verdict near = zero_sector(last_possible / 512 + 4);
  EXPECT_EQ(near.code, Errc::ok) << near.what;
  EXPECT_EQ(near.end, JournalEnd::torn);
}

TEST(JournalDamage, EverythingOverwrittenFartherThanAGroupIsDamageEvenWithNothingValidBehind) {
  Random random(12);
  std::vector<Sample> samples(3, {journal::RecordType::sent, 1, random.bytes(100)});
  Bytes bytes = segment_of(samples);
  const Bytes garbage = random.bytes(journal::kGroupBytesMax);
  bytes.insert(bytes.end(), garbage.begin(), garbage.end());
  if (bytes.back() == std::byte{0}) bytes.back() = std::byte{1};
  EXPECT_EQ(judge(bytes, samples).end, JournalEnd::torn);
  bytes.push_back(std::byte{1});
  const Verdict verdict = judge(bytes, samples);
  EXPECT_EQ(verdict.code, Errc::corrupted);
  EXPECT_EQ(verdict.count, 3U);
}

TEST(JournalDamage, ForeignEmptyShortAndZeroFilesAreNamedForWhatTheyAre) {
  const auto code = [](std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    return judge(Bytes(bytes.begin(), bytes.end()), {}).code;
  };
  EXPECT_EQ(code(""), Errc::empty_file);
  EXPECT_EQ(code("M"), Errc::truncated);
  EXPECT_EQ(code("MTNJRNL1"), Errc::truncated);
  EXPECT_EQ(code("X"), Errc::not_a_journal);
  EXPECT_EQ(code("MTCAPTUR"), Errc::not_a_journal);
  EXPECT_EQ(code(std::string(5000, 'x')), Errc::not_a_journal);
  EXPECT_EQ(judge(Bytes(100'000), {}).code, Errc::empty_file) << "a segment that was made and never written";
  Bytes late(100'000);
  late[99'999] = std::byte{1};
  EXPECT_EQ(judge(late, {}).code, Errc::truncated) << "its first sector never reached the disk";
  late.resize(journal::kGroupBytesMax + 1);
  late.back() = std::byte{1};
  EXPECT_EQ(judge(late, {}).code, Errc::not_a_journal);
}

TEST(JournalDamage, ARecordWhoseSizeRunsPastTheEndIsTorn) {
  const std::vector<Sample> samples = small_samples();
  Bytes bytes = segment_of(samples);
  const std::uint32_t size = journal::kPayloadMax;
  std::memcpy(bytes.data() + offsets_of(samples)[5] + 4, &size, 4);
  const Verdict verdict = judge(bytes, samples);
  EXPECT_EQ(verdict.code, Errc::ok);
  EXPECT_EQ(verdict.count, 5U);
  EXPECT_EQ(verdict.end, JournalEnd::torn);
}

TEST(JournalDamage, OpeningWhatIsNoFileFailsWithItsName) {
  const Folder folder;
  for (const auto& path : {folder.path(), folder.path() / "absent.mtj"}) {
    const auto reader = JournalReader::open(path);
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error().code, Errc::not_found);
    EXPECT_NE(reader.error().what.find(path.string()), std::string::npos);
  }
  const auto huge = folder.write("huge.mtj", segment_of(small_samples()));
  std::filesystem::resize_file(huge, journal::kSegmentBytesMax + 1);  // a hole: no disk is used
  const auto reader = JournalReader::open(huge);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code, Errc::frame_too_large);
}

}  // namespace martinet::journal_damage_test
