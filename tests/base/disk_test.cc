#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/failure.h"
#include "base/file.h"

namespace cortland {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

class Disk : public testing::Test {
 protected:
  Disk() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cortland-disk-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = pattern;
  }
  ~Disk() override { std::filesystem::remove_all(root_); }

  std::string at(std::string_view name) const { return join_path(root_, name); }

  std::string root_;
  FileSystem& files_ = disk();
};

TEST_F(Disk, ReadsMapsAndOverwrites) {
  const auto out = files_.create(at("f"));
  out->append(bytes_of("hello "));
  out->append(bytes_of("world"));
  out->overwrite(0, bytes_of("J"));
  EXPECT_EQ(out->size(), 11u);
  out->close();

  const auto in = files_.open(at("f"));
  EXPECT_EQ(in->path(), at("f"));
  EXPECT_EQ(in->size(), 11u);
  std::string part(5, ' ');
  in->read(6, std::as_writable_bytes(std::span(part)));
  EXPECT_EQ(part, "world");
  ASSERT_EQ(in->map().size(), 11u);
  EXPECT_EQ(std::memcmp(in->map().data(), "Jello world", 11), 0);
  EXPECT_EQ(in->map().data(), in->map().data());
  EXPECT_EQ(failure([&] { in->read(7, std::as_writable_bytes(std::span(part))); }),
            "io: " + at("f") + ": ends early, want 5 bytes at 7");
  EXPECT_EQ(failure([&] { in->read(100, std::as_writable_bytes(std::span(part))); }),
            "io: " + at("f") + ": ends early, want 5 bytes at 100");
}

TEST_F(Disk, AFileThatShrinksIsNotReadAsZeros) {
  files_.write_text(at("f"), "0123456789");
  const auto in = files_.open(at("f"));
  std::filesystem::resize_file(at("f"), 4);
  std::string all(10, ' ');
  EXPECT_EQ(failure([&] { in->read(0, std::as_writable_bytes(std::span(all))); }),
            "io: " + at("f") + ": ends early, want 10 bytes at 0");
}

TEST_F(Disk, AnEmptyFileMapsToNothing) {
  files_.write_text(at("f"), "");
  EXPECT_TRUE(files_.open(at("f"))->map().empty());
  EXPECT_EQ(files_.read_text(at("f")), "");
}

TEST_F(Disk, CreateReplacesTheOldBytes) {
  files_.write_text(at("f"), "a long text");
  files_.write_text(at("f"), "short");
  EXPECT_EQ(files_.read_text(at("f")), "short");
}

TEST_F(Disk, KindsAndNames) {
  files_.make_directories(at("d/inner"));
  files_.make_directories(at("d/inner"));
  files_.write_text(at("d/b"), "1");
  files_.write_text(at("d/a"), "2");
  std::filesystem::create_symlink("d", at("link"));
  EXPECT_EQ(files_.kind(at("d")), FileKind::directory);
  EXPECT_EQ(files_.kind(at("d/a")), FileKind::file);
  EXPECT_EQ(files_.kind(at("link")), FileKind::directory);
  EXPECT_EQ(files_.kind(at("none")), std::nullopt);
  EXPECT_EQ(files_.kind(at("d/a/below")), std::nullopt);
  EXPECT_EQ(files_.list(at("d")), (std::vector<std::string>{"a", "b", "inner"}));
  files_.sync_directory(at("d"));
  files_.remove_all(at("d"));
  files_.remove_all(at("d"));
  EXPECT_EQ(files_.kind(at("d")), std::nullopt);
}

TEST_F(Disk, ErrorsNameThePathAndTheReason) {
  files_.write_text(at("f"), "1");
  const std::string none = at("none"), below = at("f/below"), f = at("f");
  EXPECT_EQ(failure([&] { files_.open(none); }), "not_found: " + none + ": cannot open; No such file or directory");
  EXPECT_EQ(failure([&] { files_.open(below); }), "not_found: " + below + ": cannot open; Not a directory");
  EXPECT_EQ(failure([&] { files_.open(root_); }), "corrupt: " + root_ + ": not a regular file");
  EXPECT_EQ(failure([&] { files_.create(below); }), "not_found: " + below + ": cannot create; Not a directory");
  EXPECT_EQ(failure([&] { files_.create(root_); }), "io: " + root_ + ": cannot create; Is a directory");
  EXPECT_EQ(failure([&] { files_.list(none); }), "not_found: " + none + ": cannot list; No such file or directory");
  EXPECT_EQ(failure([&] { files_.make_directories(below); }),
            "io: " + below + ": cannot make the folder; Not a directory");
  EXPECT_EQ(failure([&] { files_.sync_directory(none); }),
            "not_found: " + none + ": cannot open the folder; No such file or directory");
  EXPECT_EQ(failure([&] { files_.rename(none, at("g")); }),
            "not_found: " + at("g") + ": cannot rename into place; No such file or directory");
  EXPECT_EQ(failure([&] { files_.exchange(f, none); }),
            "not_found: " + none + ": cannot exchange; No such file or directory");
}

TEST_F(Disk, RenameRefusesAnExistingTargetEvenAnEmptyFolder) {
  files_.make_directories(at("from"));
  files_.write_text(at("from/f"), "1");
  files_.make_directories(at("empty"));
  files_.write_text(at("file"), "2");
  const std::string prefix = "io: ";
  for (const std::string name : {"empty", "file"}) {
    const std::string message = failure([&] { files_.rename(at("from"), at(name)); });
    // The system says "File exists"; where it has no exclusive rename, we do.
    EXPECT_TRUE(message == prefix + at(name) + ": cannot rename into place; File exists" ||
                message == prefix + at(name) + ": cannot rename into place; it exists")
        << message;
  }
  EXPECT_EQ(files_.read_text(at("from/f")), "1");
  files_.rename(at("from"), at("to"));
  EXPECT_EQ(files_.read_text(at("to/f")), "1");
  EXPECT_EQ(files_.kind(at("from")), std::nullopt);
}

TEST_F(Disk, ExchangeSwapsTwoFoldersOrSaysThatItCannot) {
  files_.make_directories(at("a"));
  files_.make_directories(at("b"));
  files_.write_text(at("a/f"), "1");
  files_.write_text(at("b/g"), "2");
  const bool exchanged = files_.exchange(at("a"), at("b"));
  EXPECT_EQ(files_.list(at("a")), std::vector<std::string>{exchanged ? "g" : "f"});
  EXPECT_EQ(files_.list(at("b")), std::vector<std::string>{exchanged ? "f" : "g"});
}

}  // namespace
}  // namespace cortland
