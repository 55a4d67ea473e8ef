// Goal: a checkpoint is read back as it was written; whatever is cut off or changed in length is refused, once and for good.
#include "engine/base/archive.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace martinet::archive_test {
namespace {

struct State {
  std::int64_t a = 0;
  double b = 0;
  bool operator==(const State&) const = default;
};

std::vector<std::byte> written() {
  ArchiveWriter writer;
  writer.put(std::uint32_t{0x31545354});
  writer.put(State{-5, 2.5});
  const std::array<std::int32_t, 3> numbers = {1, 2, 3};
  writer.put_span(std::span<const std::int32_t>(numbers));
  writer.put_span(std::span<const std::int32_t>(numbers));
  writer.put_span(std::span<const std::int32_t>());
  return {writer.bytes().begin(), writer.bytes().end()};
}

bool read(ArchiveReader& reader, State& state, std::array<std::int32_t, 3>& fixed, std::vector<std::int32_t>& free_size) {
  std::vector<std::int32_t> none = {9};
  return reader.expect(std::uint32_t{0x31545354}) && reader.get(state) && reader.get_span(std::span<std::int32_t>(fixed)) &&
         reader.get_vector(free_size, 3) && reader.get_vector(none, 3) && none.empty();
}

TEST(Archive, ReadsWhatWasWritten) {
  const std::vector<std::byte> bytes = written();
  EXPECT_EQ(bytes.size(), 4U + 16U + 2 * (8U + 12U) + 8U);
  ArchiveReader reader(bytes);
  State state;
  std::array<std::int32_t, 3> fixed{};
  std::vector<std::int32_t> free_size;
  ASSERT_TRUE(read(reader, state, fixed, free_size));
  EXPECT_EQ(state, (State{-5, 2.5}));
  EXPECT_EQ(fixed, (std::array<std::int32_t, 3>{1, 2, 3}));
  EXPECT_EQ(free_size, (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.status(), Errc::ok);
}

TEST(Archive, RefusesEveryTruncation) {
  const std::vector<std::byte> bytes = written();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ArchiveReader reader(std::span<const std::byte>(bytes).first(size));
    State state;
    std::array<std::int32_t, 3> fixed{};
    std::vector<std::int32_t> free_size;
    ASSERT_FALSE(read(reader, state, fixed, free_size)) << size;
    ASSERT_FALSE(reader.done());
    ASSERT_EQ(reader.status(), Errc::checkpoint_mismatch);
  }
}

TEST(Archive, IsNotDoneWhileBytesAreLeft) {
  std::vector<std::byte> bytes = written();
  bytes.push_back(std::byte{0});
  ArchiveReader reader(bytes);
  State state;
  std::array<std::int32_t, 3> fixed{};
  std::vector<std::int32_t> free_size;
  ASSERT_TRUE(read(reader, state, fixed, free_size));
  EXPECT_FALSE(reader.done());
  EXPECT_EQ(reader.status(), Errc::ok);
}

TEST(Archive, StaysFailedAndLeavesTargetsAlone) {
  ArchiveWriter writer;
  writer.put(std::uint64_t{7});
  writer.put(std::uint64_t{8});
  ArchiveReader reader(writer.bytes());
  EXPECT_FALSE(reader.expect(std::uint64_t{6}));
  std::uint64_t value = 1;
  EXPECT_FALSE(reader.get(value)) << "eight more bytes are there, but what they mean is no longer known";
  EXPECT_EQ(value, 1U);
  EXPECT_FALSE(reader.expect(std::uint64_t{8}));
  EXPECT_EQ(reader.status(), Errc::checkpoint_mismatch);
}

TEST(Archive, RefusesASpanOfAnotherSizeAndAVectorThatIsTooLong) {
  ArchiveWriter writer;
  const std::array<std::int32_t, 3> numbers = {1, 2, 3};
  writer.put_span(std::span<const std::int32_t>(numbers));
  std::array<std::int32_t, 2> shorter{7, 7};
  std::array<std::int32_t, 4> longer{};
  std::vector<std::int32_t> free_size;
  EXPECT_FALSE(ArchiveReader(writer.bytes()).get_span(std::span<std::int32_t>(shorter)));
  EXPECT_EQ(shorter, (std::array<std::int32_t, 2>{7, 7}));
  EXPECT_FALSE(ArchiveReader(writer.bytes()).get_span(std::span<std::int32_t>(longer)));
  EXPECT_FALSE(ArchiveReader(writer.bytes()).get_vector(free_size, 2));
  EXPECT_TRUE(ArchiveReader(writer.bytes()).get_vector(free_size, 3));
}

TEST(Archive, RefusesACountThatTheBytesCannotHold) {
  // A damaged count must not become an allocation of exabytes, nor wrap when it is multiplied by the element's size.
  for (const std::uint64_t count : {std::uint64_t{4}, UINT64_MAX, UINT64_MAX / 4 + 1, std::uint64_t{1} << 62}) {
    ArchiveWriter writer;
    writer.put(count);
    writer.put(std::int32_t{1});
    std::vector<std::int32_t> values;
    EXPECT_FALSE(ArchiveReader(writer.bytes()).get_vector(values, SIZE_MAX)) << count;
  }
}

}  // namespace
}  // namespace martinet::archive_test
