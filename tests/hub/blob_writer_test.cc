#include "hub/blob_writer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/failure.h"
#include "base/file.h"
#include "base/sha256.h"
#include "hub/file_lock.h"

namespace cortland {
namespace {

const std::string kContent = "what is up, doc?";
// git's name of it: from the book Pro Git, chapter 10.2.
constexpr const char* kGitSha1 = "bd9dbf5aae1a3862dd1526723246b20206e5fc37";

class Blob : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "cortland-blob-" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    disk().remove_all(folder_);
    disk().make_directories(folder_);
  }
  void TearDown() override { disk().remove_all(folder_); }

  std::string path(const std::string& name) const { return join_path(folder_, name); }
  static void append(BlobWriter& writer, std::string_view text) { writer.append(std::as_bytes(std::span(text))); }

  std::string folder_;
  RepositoryFile sha256_{"w", kContent.size(), sha256_of(kContent)}, sha1_{"config.json", kContent.size(), kGitSha1};
  std::function<void()> tick_ = [] {};
};

TEST_F(Blob, IsNamedWhenItIsWhole) {
  for (const RepositoryFile& file : {sha256_, sha1_}) {
    BlobWriter writer(folder_, file, tick_);
    append(writer, kContent.substr(0, 5));
    append(writer, kContent.substr(5));
    EXPECT_TRUE(writer.is_full());
    EXPECT_FALSE(disk().kind(path(file.digest)));
    EXPECT_TRUE(writer.finish());
    EXPECT_EQ(disk().read_text(path(file.digest)), kContent);
    EXPECT_FALSE(disk().kind(path(file.digest + ".incomplete")));
  }
}

TEST_F(Blob, GoesOnWhereAnEarlierOneStopped) {
  { BlobWriter writer(folder_, sha1_, tick_); append(writer, kContent.substr(0, 5)); }
  int ticks = 0;
  BlobWriter writer(folder_, sha1_, [&] { ++ticks; });
  EXPECT_EQ(writer.size(), 5);
  EXPECT_EQ(ticks, 1);
  append(writer, kContent.substr(5));
  EXPECT_TRUE(writer.finish());
}

TEST_F(Blob, WrongContentIsDropped) {
  BlobWriter writer(folder_, sha256_, tick_);
  append(writer, std::string(kContent.size(), 'x'));
  EXPECT_FALSE(writer.finish());
  EXPECT_EQ(writer.wrong_digest(), sha256_of(std::string(kContent.size(), 'x')));
  EXPECT_EQ(writer.size(), 0);
  append(writer, kContent);
  EXPECT_TRUE(writer.finish());
}

TEST_F(Blob, NoMoreThanWasAnnounced) {
  BlobWriter writer(folder_, sha256_, tick_);
  append(writer, kContent);
  EXPECT_EQ(failure([&] { append(writer, "x"); }), "corrupt: w: the Hub sends more than it announced; want 16 bytes");
  disk().write_text(path(sha1_.digest + ".incomplete"), kContent + "x");
  EXPECT_EQ(BlobWriter(folder_, sha1_, tick_).size(), 0);
}

TEST_F(Blob, ALinkIsNotFollowed) {
  disk().write_text(path("victim"), "keep");
  std::filesystem::create_symlink("victim", path(sha256_.digest + ".incomplete"));
  EXPECT_EQ(failure([&] { BlobWriter(folder_, sha256_, tick_); }).substr(0, 4), "io: ");
  EXPECT_EQ(disk().read_text(path("victim")), "keep");
}

TEST_F(Blob, ALockHasOneOwner) {
  const std::string name = path("deep/er.lock");
  {
    const auto first = FileLock::try_take(name);
    EXPECT_TRUE(first);
    EXPECT_FALSE(FileLock::try_take(name));
  }
  auto again = FileLock::try_take(name);
  ASSERT_TRUE(again);
  // Other tools remove the file: who comes then locks a new one, and who opened the old one notices.
  disk().remove_all(name);
  EXPECT_TRUE(FileLock::try_take(name));
}

}  // namespace
}  // namespace cortland
