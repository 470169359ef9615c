#include "pipeline/package_paths.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/memory_file.h"

namespace cortland {
namespace {

TEST(PackagePaths, OfWhatIsToBeWritten) {
  const PackagePaths lone = output_paths("out/A.mlpackage", "demo");
  EXPECT_EQ(lone.package, "out/A.mlpackage");
  EXPECT_EQ(lone.text, "out/A.text");
  EXPECT_EQ(lone.shown(), "out/A.mlpackage");
  const PackagePaths bundle = output_paths("out/B//", "demo");
  EXPECT_EQ(bundle.bundle, "out/B");
  EXPECT_EQ(bundle.package, "out/B/B.mlpackage");
  EXPECT_EQ(bundle.text, "out/B/B.text");
  EXPECT_EQ(bundle.moved_to("staged").text, "staged/B.text");
  EXPECT_EQ(output_paths("", "demo").package, "demo.mlpackage");
  for (const char* bad : {"out", ".mlpackage", "out/.mlpackage", "A.mlmodel"}) {
    EXPECT_THROW(output_paths(bad, "demo"), Error) << bad;
  }
}

TEST(PackagePaths, OfWhatIsThere) {
  MemoryFileSystem files;
  files.make_directories("B/X.mlpackage");
  EXPECT_EQ(find_package(files, "B/X.mlpackage/").text, "B/X.text");
  EXPECT_EQ(find_package(files, "B").package, "B");  // no bundle: who reads it will say so
  files.write_text("B/cortland.json", R"({"package": "X.mlpackage"})");
  const PackagePaths found = find_package(files, "B/");
  EXPECT_EQ(found.package, "B/X.mlpackage");
  EXPECT_EQ(found.text, "B/X.text");
  for (const char* bad : {"[]", "{}", R"({"package": 1})", R"({"package": "../X.mlpackage"})", R"({"package": "X"})"}) {
    files.write_text("B/cortland.json", bad);
    EXPECT_THROW(find_package(files, "B"), Error) << bad;
  }
}

}  // namespace
}  // namespace cortland
