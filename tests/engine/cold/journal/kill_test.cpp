// A real process on real files, killed: it appends record after record, says through a pipe what it was told is durable, and gets
// SIGKILL at any moment. The next one finds at least that, and nothing that was not written.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "adapters/io/posix_files.hpp"
#include "adapters/io/uring_storage.hpp"
#include "tests/engine/cold/journal/journal_support.hpp"
#include "tests/engine/cold/journal/life_support.hpp"

namespace martinet::journal_kill_test {

using journal_life::Life;
using journal_life::Witness;

/// What the child says after every step: so far it has written, and was told is durable.
struct Word {
  std::uint64_t attempted = 0, acknowledged = 0, snapshot = 0, has_snapshot = 0;
};

[[noreturn]] void child(const std::string& root, Witness witness, int pipe, const std::string& script) {
  auto storage = UringStorage::create_ring();
  PosixFiles files;
  if (!storage) ::_exit(2);
  Life life(**storage, files, witness, root);
  const auto say = [&] {
    const Word word{witness.attempted.size(), witness.acknowledged, witness.snapshot_acknowledged, witness.has_snapshot ? 1ULL : 0ULL};
    if (::write(pipe, &word, sizeof(word)) != sizeof(word)) ::_exit(3);
  };
  if (const std::string wrong = life.boot(); !wrong.empty()) {
    std::fprintf(stderr, "child: %s\n", wrong.c_str());
    ::_exit(4);
  }
  say();
  life.begin(1 << 16);
  say();
  for (std::size_t i = 0; !life.stopped(); ++i) {
    life.step(script[i % script.size()]);
    say();
  }
  ::_exit(5);  // it only ends by being killed
}

TEST(JournalKill, ASecondProcessFindsWhatAKilledOneAcknowledged) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const journal_test::Folder temporary;
  const std::string root = temporary.path().string();
  const std::string script = "akbkackrkckspkbk";
  Witness witness;
  journal_test::Random random(11);
  std::size_t acknowledged = 0, sudden = 0;
  constexpr int kRuns = 100;
  for (int run = 0; run < kRuns; ++run) {
    int fds[2];
    ASSERT_EQ(::pipe(fds), 0);
    const pid_t pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      ::close(fds[0]);
      child(root, witness, fds[1], script);
    }
    ::close(fds[1]);
    // After the n-th word, at once or a little later: at another point of the next step each time.
    Word word, last;
    const auto words = static_cast<std::size_t>(run) % 40 + 1;
    std::size_t heard = 0;
    for (; heard < words && ::read(fds[0], &word, sizeof(word)) == sizeof(word); ++heard) last = word;
    if (random.below(2) == 0) ::usleep(static_cast<useconds_t>(random.below(2'000)));
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "run " << run << ": the child ended by itself with " << WEXITSTATUS(status);
    for (; ::read(fds[0], &word, sizeof(word)) == sizeof(word); ++heard, ++sudden) last = word;
    ::close(fds[0]);
    // The same steps again, in memory, give what the child has written: it has one epoch more.
    const std::uint64_t epoch = ++witness.epoch;
    const std::size_t before = witness.attempted.size();
    Witness next = witness;
    std::uint64_t sequence = before;
    for (std::size_t i = 0; sequence < last.attempted + 8; ++i) {
      const char what = script[i % script.size()];
      const std::size_t size = what == 'a' ? 8 : what == 'b' ? 300 : what == 'c' ? 1200 : 0;
      if (size == 0) continue;
      ++sequence;
      next.attempted.push_back(journal_life::payload_of(sequence, epoch, size));
    }
    ASSERT_GE(last.acknowledged, heard == 0 ? 0 : witness.acknowledged);
    next.acknowledged = std::max(witness.acknowledged, last.acknowledged);
    next.snapshot_acknowledged = std::max(witness.snapshot_acknowledged, last.snapshot);
    next.has_snapshot = witness.has_snapshot || last.has_snapshot != 0;
    acknowledged += last.acknowledged > witness.acknowledged ? last.acknowledged - witness.acknowledged : 0;
    PosixFiles files;
    auto storage = UringStorage::create_ring();
    Life life(**storage, files, next, root);
    // A child that was killed before it took its epoch has not used it.
    --next.epoch;
    ASSERT_EQ(life.boot(), "") << "run " << run << " after " << heard << " words";
    ASSERT_FALSE(life.stopped()) << "run " << run;
    witness = next;
    witness.acknowledged = witness.attempted.size();
  }
  std::printf("kill: %d processes killed, %zu records acknowledged to be found again (seed 11)\n", kRuns, acknowledged);
  EXPECT_GT(acknowledged, 300U);
}

TEST(JournalKill, TwoProcessesNeverWriteAtOnce) {
  const journal_test::Folder temporary;
  const std::string root = (temporary.path() / "state").string();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      PosixFiles files;
      const auto state = StateFolder::open(files, {root, "paper", "1", 0});
      const char answer = state.ok()                                                                                 ? 'y'
                          : state.error().code == Errc::held_elsewhere || state.error().code == Errc::exists_already ? 'n'
                                                                                                                     : '?';
      (void)!::write(ready[1], &answer, 1);
      ::pause();
      ::_exit(0);
    }
    children.push_back(pid);
  }
  int held = 0, refused = 0;
  for (int i = 0; i < 8; ++i) {
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    held += answer == 'y' ? 1 : 0;
    refused += answer == 'n' ? 1 : 0;
  }
  EXPECT_EQ(held, 1);
  EXPECT_EQ(refused, 7);
  for (const int fd : ready) ::close(fd);
  for (const pid_t pid : children) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  PosixFiles files;
  const auto state = StateFolder::open(files, {root, "paper", "1", 0});
  ASSERT_TRUE(state.ok()) << state.error().what;
  EXPECT_EQ((*state)->epoch(), 2U) << "the refused ones took none";
}

}  // namespace martinet::journal_kill_test
