// Killed at any moment, or out of space at any byte, a run leaves the old package, the new one or nothing.
#include "package/staging.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/memory_file.h"
#include "package/reader.h"
#include "package/sample.h"
#include "package/writer.h"

namespace cortland {
namespace {

constexpr const char* kPath = "dist/out.mlpackage";
constexpr const char* kDead = "999999999";  // above every kernel's largest process id

Package old_package() {
  Package package = flexible_package();
  package.author = "old";
  return package;
}
Package new_package() {
  Package package = sample_package();
  package.author = "new";
  return package;
}

enum class Before { nothing, old_package };
enum class Exchange { possible, impossible };

MemoryFileSystem prepare(Before before, Exchange exchange) {
  MemoryFileSystem files;
  files.make_directories("dist");
  if (exchange == Exchange::impossible) files.without_exchange();
  if (before == Before::old_package) write_package(files, kPath, old_package());
  return files;
}

// "old", "new" or "nothing"; reading must succeed if anything is there.
std::string found(const MemoryFileSystem& files) {
  return files.kind(kPath) ? read_package(files, kPath).author : "nothing";
}

class KilledRun : public ::testing::TestWithParam<std::pair<Before, Exchange>> {};

TEST_P(KilledRun, LeavesOldOrNewOrNothing) {
  const auto [before, exchange] = GetParam();
  const std::string untouched = before == Before::old_package ? "old" : "nothing";
  bool done = false;
  uint64_t kills = 0;
  for (; !done; ++kills) {
    MemoryFileSystem files = prepare(before, exchange);
    files.stop_after_changes(kills);
    try {
      write_package(files, kPath, new_package(), {.overwrite = true});
      EXPECT_EQ(found(files), "new");
      done = files.list("dist").size() == 1;  // otherwise killed while removing the old one
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "stopped by the test");
      const std::string state = found(files);
      EXPECT_TRUE(state == untouched || (state == "nothing" && exchange == Exchange::impossible)) << state;
    }
  }
  EXPECT_GT(kills, 10u);
}

INSTANTIATE_TEST_SUITE_P(Staging, KilledRun,
                         ::testing::Values(std::pair(Before::nothing, Exchange::possible),
                                           std::pair(Before::old_package, Exchange::possible),
                                           std::pair(Before::old_package, Exchange::impossible)));

TEST(Staging, FullDiskLeavesNothingBehind) {
  const uint64_t size = plan_package(new_package()).total_bytes;
  for (uint64_t space = 0; space <= size; space += space + 97 < size ? 97 : 1) {
    MemoryFileSystem files = prepare(Before::old_package, Exchange::possible);
    const auto before = files.snapshot();
    files.fail_after(space);
    if (space == size) {
      write_package(files, kPath, new_package(), {.overwrite = true});
      EXPECT_EQ(found(files), "new");
      break;
    }
    EXPECT_THROW(write_package(files, kPath, new_package(), {.overwrite = true}), Error);
    EXPECT_EQ(files.snapshot(), before);
    EXPECT_EQ(files.list("dist"), std::vector<std::string>{"out.mlpackage"});
  }
}

TEST(Staging, ReplacesWithAndWithoutExchange) {
  for (const Exchange exchange : {Exchange::possible, Exchange::impossible}) {
    MemoryFileSystem files = prepare(Before::old_package, exchange);
    write_package(files, kPath, new_package(), {.overwrite = true});
    EXPECT_EQ(found(files), "new");
    EXPECT_EQ(files.list("dist"), std::vector<std::string>{"out.mlpackage"});
  }
}

TEST(Staging, FoldersOfDeadRunsAreRemovedAndNothingElse) {
  MemoryFileSystem files = prepare(Before::old_package, Exchange::possible);
  const std::string ours = "dist/.out.mlpackage.cortland-";
  const std::vector<std::string> kept = {ours + "1-0",  // a live process
                                         ours + "x-0", ours + kDead, ours + kDead + std::string("-0.older"),
                                         std::string("dist/.other.mlpackage.cortland-") + kDead + "-0"};
  for (const std::string& folder : kept) files.make_directories(folder);
  files.make_directories(ours + kDead + std::string("-0/Data"));
  files.make_directories(ours + kDead + std::string("-3.old/Data"));
  files.write_text(ours + kDead + std::string("-7"), "a file, so not ours");
  write_package(files, kPath, new_package(), {.overwrite = true});
  for (const std::string& folder : kept) EXPECT_TRUE(files.kind(folder)) << folder;
  EXPECT_TRUE(files.kind(ours + kDead + std::string("-7")));
  EXPECT_FALSE(files.kind(ours + kDead + std::string("-0")));
  EXPECT_FALSE(files.kind(ours + kDead + std::string("-3.old")));
}

TEST(Staging, AnOldPackageCaughtBetweenTwoRenamesIsPutBack) {
  MemoryFileSystem files = prepare(Before::old_package, Exchange::impossible);
  files.rename(kPath, std::string("dist/.out.mlpackage.cortland-") + kDead + "-0.old");
  EXPECT_EQ(found(files), "nothing");
  EXPECT_THROW(write_package(files, kPath, new_package()), Error);
  EXPECT_EQ(found(files), "old");
}

std::string refusal(FileSystem& files, const std::string& path, Staging::Existing existing) {
  try {
    Staging::check(files, path, existing);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Staging, CheckLeavesNothingBehind) {
  MemoryFileSystem files = prepare(Before::old_package, Exchange::possible);
  EXPECT_EQ(refusal(files, kPath, Staging::Existing::replace), "");
  EXPECT_EQ(files.list("dist"), std::vector<std::string>{"out.mlpackage"});
  EXPECT_EQ(refusal(files, kPath, Staging::Existing::refuse),
            "dist/out.mlpackage: the output exists already; hint: --overwrite replaces it");
}

TEST(Staging, CheckNamesTheFolderThatCannotBeWrittenTo) {
  MemoryFileSystem files = prepare(Before::nothing, Exchange::possible);
  files.stop_after_changes(0);
  EXPECT_EQ(refusal(files, kPath, Staging::Existing::refuse),
            "dist/out.mlpackage: cannot write into the folder dist; stopped by the test");
}

TEST(Staging, AFileIsNeverReplaced) {
  MemoryFileSystem files = prepare(Before::nothing, Exchange::possible);
  files.write_text(kPath, "years of work");
  for (const auto existing : {Staging::Existing::refuse, Staging::Existing::replace}) {
    EXPECT_EQ(refusal(files, kPath, existing),
              "dist/out.mlpackage: the output exists and is not replaced; got a file, want a "
              "package; hint: choose another name");
  }
}

TEST(Staging, AFileTakesItsPlaceInOneStep) {
  MemoryFileSystem files;
  files.make_directories("dist");
  for (const std::string text : {"first", "second"}) {
    Staging staging(files, "dist/out.text", Staging::Existing::replace, Staging::Form::file);
    files.write_text(staging.staged(), text);
    EXPECT_NE(files.kind("dist/out.text") ? files.read_text("dist/out.text") : "", text);
    staging.place();
    EXPECT_EQ(files.read_text("dist/out.text"), text);
  }
  EXPECT_EQ(files.list("dist").size(), 1u);
  EXPECT_THROW(Staging(files, "dist/out.text", Staging::Existing::refuse, Staging::Form::file), Error);
  EXPECT_THROW(Staging(files, "dist/out.text", Staging::Existing::replace, Staging::Form::bundle), Error);
}

TEST(Staging, ABundleReplacesABundleOnly) {
  MemoryFileSystem files;
  files.make_directories("dist/mine");
  EXPECT_THROW(Staging(files, "dist/mine", Staging::Existing::replace, Staging::Form::bundle), Error);
  files.write_text("dist/mine/cortland.json", "{}");
  {
    Staging staging(files, "dist/mine", Staging::Existing::replace, Staging::Form::bundle);
    files.write_text(staging.staged() + "/cortland.json", "new");
    staging.place();
  }
  EXPECT_EQ(files.read_text("dist/mine/cortland.json"), "new");
  EXPECT_EQ(files.list("dist").size(), 1u);
}

TEST(Staging, WorksOnTheRealDisk) {
  const std::string folder = ::testing::TempDir() + "cortland_staging";
  disk().remove_all(folder);
  disk().make_directories(folder);
  const std::string path = join_path(folder, "out.mlpackage");
  write_package(disk(), path, old_package());
  EXPECT_THROW(write_package(disk(), path, new_package()), Error);
  EXPECT_EQ(read_package(disk(), path).author, "old");
  write_package(disk(), path, new_package(), {.overwrite = true});
  EXPECT_EQ(describe(read_package(disk(), path)), describe(new_package()));
  EXPECT_EQ(disk().list(folder), std::vector<std::string>{"out.mlpackage"});
  std::filesystem::create_symlink("out.mlpackage", join_path(folder, "link.mlpackage"));
  EXPECT_THROW(write_package(disk(), join_path(folder, "link.mlpackage"), old_package(), {.overwrite = true}), Error);
  EXPECT_EQ(read_package(disk(), path).author, "new");
  disk().remove_all(folder);
}

}  // namespace
}  // namespace cortland
