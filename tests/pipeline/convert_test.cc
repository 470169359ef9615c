#include "pipeline/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/failure.h"
#include "base/json.h"
#include "package/reader.h"
#include "pipeline/package_fixture.h"
#include "pipeline/units.h"

namespace cortland {
namespace {

class Convert : public PackageTest {
 protected:
  // Every file of a package with its bytes.
  static std::map<std::string, std::string> tree(const std::string& package) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(package)) {
      if (entry.is_regular_file()) {
        files[entry.path().lexically_relative(package).string()] = disk().read_text(entry.path().string());
      }
    }
    return files;
  }

  std::vector<std::string> notes(const std::string& golden, const AneOptions& options) const {
    Progress silent;
    return Conversion(disk(), {.source = golden_folder(golden), .output = path("X.mlpackage"), .ane = options}, silent)
        .summary()
        .notes;
  }
};

TEST_F(Convert, TheNameOfTheFolderIsNotInTheBytes) {
  const std::string one = copy_golden("exaone4-full", "one"), other = copy_golden("exaone4-full", "other");
  const std::string a = convert(one, {.context = 64}, "A.mlpackage"),
                    b = convert(other, {.context = 64}, "B.mlpackage");
  EXPECT_EQ(tree(a), tree(b));
  const Json source = parse_json(read_package(disk(), a).metadata.at("cortland.source"), "source");
  EXPECT_TRUE(source.at("model_id").is_null());
  EXPECT_TRUE(source.at("revision").is_null());
  EXPECT_TRUE(source.at("sha256").contains("config.json"));
}

TEST_F(Convert, TheDefaultOutputHasTheNameOfTheFolder) {
  Progress silent;
  const std::string folder = copy_golden("exaone4-full", "demo");
  for (const char* end : {"", "/", "/."}) {
    const Conversion conversion(disk(), {.source = folder + end, .output = "", .ane = {.context = 64}}, silent);
    EXPECT_EQ(conversion.summary().paths.package, "demo.mlpackage") << end;
    EXPECT_EQ(conversion.summary().source.id, "demo") << end;
  }
}

TEST_F(Convert, NotesTellThePriceOfTheHead) {
  using testing::EndsWith;
  const char* price =
      "MB more; --head-splits 1 shares it, but parts above 16384 rows are beyond what older Neural Engines take";
  EXPECT_THAT(notes("exaone4-bigvocab", {.context = 64}).back(), EndsWith(price));
  Progress silent;
  const ConvertRequest whole{.source = golden_folder("exaone4-bigvocab"),
                             .output = path("X.mlpackage"),
                             .ane = {.context = 64, .head_splits = 1}};
  EXPECT_EQ(Conversion(disk(), whole, silent).summary().lint.front().rule->id, "L07");  // the worst: an axis of 102400
  EXPECT_THAT(notes("exaone4-full", {.context = 64, .head_splits = 2}).back(),
              EndsWith("more; --head-splits 1 shares it"));
}

TEST_F(Convert, AFallbackIsInTheMetadata) {
  const std::string why = "attention is lowered as matmul, not sdpa: the target has no fused op";
  const AneOptions options{.context = 64, .attention = AttentionForm::sdpa, .target = targets().front()};
  EXPECT_THAT(notes("exaone4-full", options), testing::Contains(why));
  const Package package = read_package(disk(), convert(golden_folder("exaone4-full"), options));
  EXPECT_EQ(package.metadata.at("cortland.fallbacks"), "[\"" + why + "\"]");
  EXPECT_EQ(package.metadata.at("cortland.command"),
            "convert --context 64 --prefill 8 --precision float16 --profile ane --target iOS17 --attention sdpa");
  const Package plain =
      read_package(disk(), convert(golden_folder("exaone4-full"), {.context = 64, .target = targets().front()}));
  EXPECT_EQ(plain.metadata.count("cortland.fallbacks"), 0u);
}

TEST_F(Convert, AStrictRequestIsMetOrRefused) {
  const auto strict = [&](const AneOptions& options) {
    return failure([&] {
      Progress silent;
      Conversion(
          disk(),
          {.source = golden_folder("exaone4-full"), .output = path("X.mlpackage"), .ane = options, .strict = true},
          silent);
    });
  };
  EXPECT_EQ(
      strict({.context = 64, .attention = AttentionForm::sdpa, .target = targets().front()}),
      "unsupported: --strict: the package cannot be what was asked for: attention is lowered as matmul, not sdpa: the "
      "target has no fused op; hint: without --strict the nearest form is written");
  EXPECT_EQ(strict({.context = 64, .attention = AttentionForm::sdpa}), failure([] {}));
}

TEST(Units, AreDecimal) {
  EXPECT_EQ(rounded_size(3'221'000'000), "3.22 GB");
  EXPECT_EQ(rounded_size(335'544'320), "336 MB");
  EXPECT_EQ(rounded_size(12'345), "12 kB");
}

}  // namespace
}  // namespace cortland
