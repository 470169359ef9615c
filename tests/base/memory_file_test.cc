#include "base/memory_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "base/failure.h"

namespace cortland {
namespace {

std::span<const std::byte> bytes_in(std::string_view text) { return std::as_bytes(std::span(text)); }

using Snapshot = std::map<std::string, std::string>;

TEST(MemoryFile, ReadsWhatWasWritten) {
  MemoryFileSystem files;
  const auto out = files.create("f");
  out->append(bytes_in("hello world"));
  out->overwrite(0, bytes_in("J"));
  EXPECT_EQ(out->size(), 11u);
  out->close();
  const auto in = files.open("f");
  EXPECT_EQ(in->path(), "f");
  EXPECT_EQ(in->size(), 11u);
  std::string part(5, ' ');
  in->read(6, std::as_writable_bytes(std::span(part)));
  EXPECT_EQ(part, "world");
  ASSERT_EQ(in->map().size(), 11u);
  EXPECT_EQ(std::memcmp(in->map().data(), "Jello world", 11), 0);
  EXPECT_EQ(failure([&] { in->read(7, std::as_writable_bytes(std::span(part))); }),
            "io: f: ends at byte 11, want 5 bytes at 7");
  EXPECT_EQ(failure([&] { in->read(UINT64_MAX, std::as_writable_bytes(std::span(part))); }),
            "io: f: ends at byte 11, want 5 bytes at 18446744073709551615");
}

TEST(MemoryFile, FoldersComeBeforeTheirFiles) {
  MemoryFileSystem files;
  EXPECT_EQ(failure([&] { files.create("a/b/f"); }), "not_found: a/b/f: cannot create; No such file or directory");
  files.make_directories("a/b");
  files.write_text("a/b/f", "1");
  files.write_text("a/g", "2");
  EXPECT_EQ(files.kind("a"), FileKind::directory);
  EXPECT_EQ(files.kind("a/b/f"), FileKind::file);
  EXPECT_EQ(files.kind("a/none"), std::nullopt);
  EXPECT_EQ(files.list("a"), (std::vector<std::string>{"b", "g"}));
  EXPECT_EQ(files.list("."), (std::vector<std::string>{"a"}));
  EXPECT_EQ(failure([&] { files.list("a/none"); }), "not_found: a/none: cannot list; No such file or directory");
  EXPECT_EQ(failure([&] { files.create("a/b"); }), "io: a/b: cannot create; Is a directory");
  EXPECT_EQ(failure([&] { files.make_directories("a/g/h"); }), "io: a/g/h: cannot make the folder; Not a directory");
  EXPECT_EQ(failure([&] { files.open("a/none"); }), "not_found: a/none: cannot open; No such file or directory");
  EXPECT_EQ(failure([&] { files.sync_directory("a/none"); }), "not_found: a/none: no such folder");
  EXPECT_EQ(failure([&] { files.contents("x"); }), "not_found: x: cannot open; No such file or directory");
}

TEST(MemoryFile, RenameMovesATreeAndNeverReplaces) {
  MemoryFileSystem files;
  files.make_directories("a/b");
  files.make_directories("ab");
  files.write_text("a/b/f", "1");
  files.write_text("ab/g", "2");
  EXPECT_EQ(failure([&] { files.rename("a", "ab"); }), "io: ab: cannot rename into place; it exists");
  EXPECT_EQ(failure([&] { files.rename("none", "c"); }), "not_found: none: cannot rename; No such file or directory");
  EXPECT_EQ(failure([&] { files.rename("a", "x/y"); }),
            "not_found: x/y: cannot rename into place; No such file or directory");
  files.rename("a", "c");
  EXPECT_EQ(files.snapshot(), (Snapshot{{"ab/g", "2"}, {"c/b/f", "1"}}));
  EXPECT_EQ(files.kind("a"), std::nullopt);
  EXPECT_EQ(files.kind("c/b"), FileKind::directory);
}

TEST(MemoryFile, ExchangeSwapsTwoTrees) {
  MemoryFileSystem files;
  files.make_directories("a");
  files.make_directories("b/inner");
  files.write_text("a/f", "1");
  files.write_text("b/inner/g", "2");
  EXPECT_TRUE(files.exchange("a", "b"));
  EXPECT_EQ(files.snapshot(), (Snapshot{{"a/inner/g", "2"}, {"b/f", "1"}}));
  EXPECT_EQ(failure([&] { files.exchange("a", "c"); }), "not_found: c: cannot exchange; No such file or directory");
  files.without_exchange();
  EXPECT_FALSE(files.exchange("a", "b"));
  EXPECT_EQ(files.snapshot(), (Snapshot{{"a/inner/g", "2"}, {"b/f", "1"}}));
}

TEST(MemoryFile, RemoveTakesTheTreeAndForgivesNothingThere) {
  MemoryFileSystem files;
  files.make_directories("a/b");
  files.make_directories("ab");
  files.write_text("a/b/f", "1");
  files.write_text("ab/g", "2");
  files.remove_all("a");
  files.remove_all("none");
  EXPECT_EQ(files.snapshot(), (Snapshot{{"ab/g", "2"}}));
  EXPECT_EQ(files.kind("a/b"), std::nullopt);
}

TEST(MemoryFile, AFullDiskTakesWhatFits) {
  MemoryFileSystem files;
  files.fail_after(5);
  const auto out = files.create("f");
  out->append(bytes_in("abc"));
  EXPECT_EQ(failure([&] { out->append(bytes_in("def")); }), "io: cannot write; No space left on device");
  out->append(bytes_in("de"));
  EXPECT_EQ(files.contents("f"), "abcde");
  EXPECT_EQ(failure([&] { out->append(bytes_in("f")); }), "io: cannot write; No space left on device");
}

TEST(MemoryFile, EveryChangeBeyondTheLimitStops) {
  // Each entry is one change; whatever the limit is, exactly so many of them happen.
  const std::vector<std::function<void(MemoryFileSystem&)>> changes = {
      [](MemoryFileSystem& files) { files.make_directories("a"); },
      [](MemoryFileSystem& files) { files.create("f"); },
      [](MemoryFileSystem& files) { files.rename("f", "a/f"); },
      [](MemoryFileSystem& files) { files.make_directories("b"); },
      [](MemoryFileSystem& files) { files.exchange("a", "b"); },
      [](MemoryFileSystem& files) { files.remove_all("b"); },
  };
  for (size_t limit = 0; limit <= changes.size(); ++limit) {
    MemoryFileSystem files;
    files.stop_after_changes(limit);
    size_t done = 0;
    const std::string stopped = failure([&] {
      for (const auto& change : changes) {
        change(files);
        ++done;
      }
    });
    EXPECT_EQ(done, limit);
    EXPECT_EQ(stopped, limit == changes.size() ? "no error" : "io: stopped by the test");
  }
}

TEST(MemoryFile, WritingCountsAsChangesToo) {
  MemoryFileSystem files;
  files.stop_after_changes(3);
  const auto out = files.create("f");
  out->append(bytes_in("a"));
  out->overwrite(0, bytes_in("b"));
  EXPECT_EQ(failure([&] { out->append(bytes_in("c")); }), "io: stopped by the test");
  EXPECT_EQ(failure([&] { out->overwrite(0, bytes_in("c")); }), "io: stopped by the test");
  EXPECT_EQ(failure([&] { out->close(); }), "io: stopped by the test");
  EXPECT_EQ(files.contents("f"), "b");
}

}  // namespace
}  // namespace cortland
