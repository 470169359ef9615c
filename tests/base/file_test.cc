#include "base/file.h"

#include <gtest/gtest.h>

#include "base/memory_file.h"

namespace cortland {
namespace {

TEST(Path, JoinAddsOneSlash) {
  EXPECT_EQ(join_path("a/b", "c"), "a/b/c");
  EXPECT_EQ(join_path("a/b//", "c"), "a/b/c");
  EXPECT_EQ(join_path("", "c"), "c");
  EXPECT_EQ(join_path(".", "c"), "c");
  EXPECT_EQ(join_path("/", "c"), "/c");
  EXPECT_EQ(join_path("/a", "b/c"), "/a/b/c");
}

TEST(Path, ParentAndNameAreTheTwoHalves) {
  struct Case {
    std::string path, parent, name;
  };
  const Case cases[] = {{"a/b/c.txt", "a/b", "c.txt"}, {"a/b/", "a", "b"}, {"a", ".", "a"},
                        {"/a", "/", "a"},              {"/", "/", "/"},    {"a//", ".", "a"}};
  for (const Case& c : cases) {
    EXPECT_EQ(parent_path(c.path), c.parent) << c.path;
    EXPECT_EQ(base_name(c.path), c.name) << c.path;
  }
}

TEST(File, TextIsWrittenAndReadWhole) {
  MemoryFileSystem files;
  const std::string text("two\nlines\0nul", 13);
  files.write_text("t", text);
  EXPECT_EQ(files.read_text("t"), text);
  files.write_text("t", "");
  EXPECT_EQ(files.read_text("t"), "");
}

}  // namespace
}  // namespace cortland
