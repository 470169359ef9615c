// Models that are cut into parts: how they are cut, and what is checked of them. What they compute: golden_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "host/contract.h"
#include "package/check.h"
#include "package/reader.h"
#include "package/writer.h"
#include "pipeline/package_fixture.h"
#include "pipeline/verify.h"

namespace cortland {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Parts : public PackageTest {
 protected:
  static constexpr const char* kGolden = "exaone4-hybrid";

  ConvertRequest request(const AneOptions& options) const {
    return {.source = golden_folder(kGolden), .ane = options, .evaluated_tokens = 0};
  }
  static VerifyReport verified(const std::string& package) {
    Progress silent;
    return verify(disk(), {.package = package, .checkpoint = golden_folder(kGolden), .tokens = 40}, silent);
  }
  static std::vector<int64_t> first_layers(const PackagedModel& model) {
    std::vector<int64_t> layers;
    for (const auto& part : model.contract.parts) layers.push_back(part.first_layer);
    return layers;
  }
  // The findings about a part whose contract is changed.
  std::vector<Finding> findings(const std::string& part, const std::function<void(Package&)>& change) const {
    Package package = read_package(disk(), part);
    change(package);
    write_package(disk(), path("Y.mlpackage"), package, {.overwrite = true});
    return check_package(disk(), path("Y.mlpackage"));
  }
};

TEST_F(Parts, LayersAreBalanced) {
  EXPECT_THAT(first_layers(read(convert(request({.context = 64, .parts = 1}), "A/"))), ElementsAre(0, 4));
  EXPECT_THAT(first_layers(read(convert(request({.context = 64, .parts = 3}), "B/"))), ElementsAre(0, 2, 3, 4));
  EXPECT_THAT(first_layers(read(convert(request({.context = 64, .parts = 4}), "C/"))), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(Parts, HaveOnlyTheInputsThatTheirLayersUse) {
  const PackagedModel model = read(convert(request({.context = 64, .parts = 4}), "X/"));
  // Three layers with a window rotate, and the fourth sees everything and does not.
  EXPECT_THAT(model.contract.parts[0].inputs, ElementsAre("hidden_states", "position", "mask_sliding", "cos", "sin"));
  EXPECT_THAT(model.contract.parts[3].inputs, ElementsAre("hidden_states", "position", "mask"));
  EXPECT_THAT(model.contract.parts[4].inputs, ElementsAre("hidden_states"));
}

// Twice the size that is allowed: two parts.
TEST_F(Parts, AreAsFewAsTheLimitAllows) {
  ConvertRequest automatic = request({.context = 64});
  automatic.auto_parts = true;
  EXPECT_TRUE(read(convert(automatic, "A/")).contract.parts.empty());
  const PackagedModel two = read(convert(request({.context = 64, .parts = 2}), "B/"));
  const uint64_t half = plan_package(two.packages[0]).weight_bytes;
  automatic.max_part_bytes = half;
  EXPECT_EQ(read(convert(automatic, "C/")).contract.parts.size(), 3u);
  automatic.max_part_bytes = half - 1;  // of three parts the first one would have two of the four layers
  EXPECT_EQ(read(convert(automatic, "D/")).contract.parts.size(), 5u);
  // No layer is cut: as many parts as layers, and a note.
  automatic.max_part_bytes = 1000;
  automatic.output = path("E/");
  Progress silent;
  const Conversion conversion(disk(), automatic, silent);
  EXPECT_EQ(conversion.summary().functions.size(), 2 * 5u);
  EXPECT_THAT(conversion.summary().notes, testing::Contains(HasSubstr("neither a layer nor the head is cut further")));
}

TEST_F(Parts, SayWhatTheWholeModelSays) {
  const std::string whole = convert(request({.context = 64}), "X.mlpackage"),
                    cut = convert(request({.context = 64, .parts = 2}), "X/");
  const VerifyReport a = verified(whole), b = verified(cut);
  EXPECT_TRUE(b.passed());
  EXPECT_EQ(a.greedy.package, b.greedy.package);
  EXPECT_EQ(a.peaks.size(), b.peaks.size());
}

TEST_F(Parts, AnEmbeddingOfTheHostNeedsNoParts) {
  ConvertRequest request_with_table = request({.context = 64});
  request_with_table.host_embedding = true;
  const PackagedModel model = read(convert(request_with_table, "X/"));
  EXPECT_TRUE(model.contract.parts.empty());
  EXPECT_EQ(model.embedding->kind(), host::EmbeddingTable::Kind::fp16);
  EXPECT_TRUE(verified(path("X/")).passed());
}

TEST_F(Parts, TheTableHasInt8RowsWithFewBits) {
  ConvertRequest low = request({.context = 64, .parts = 2});
  low.precision.precision = "int8";
  const PackagedModel model = read(convert(low, "X/"));
  EXPECT_EQ(model.embedding->kind(), host::EmbeddingTable::Kind::int8);
  // The same rows as in the package.
  low.ane.parts.reset();
  const VerifyReport whole = verified(convert(low, "W.mlpackage")), cut = verified(path("X/"));
  EXPECT_LT(whole.logits.psnr_db, 60);
  EXPECT_NEAR(cut.logits.psnr_db, whole.logits.psnr_db, 0.5);
  low.ane.parts = 2;
  low.precision.embedding = "int4";
  EXPECT_THAT(failure([&] { convert(low, "Y/"); }),
              HasSubstr("unsupported: --embedding host: the rows of a file are float16 or int8"));
}

TEST_F(Parts, AreABundle) {
  EXPECT_THAT(failure([&] { convert(request({.context = 64, .parts = 2}), "X.mlpackage"); }),
              HasSubstr("want a folder for the parts of the model"));
  EXPECT_THAT(failure([&] { convert(request({.context = 64, .parts = 5}), "X/"); }),
              HasSubstr("--parts: got 5, want 1 to 4, the layers of the model"));
}

TEST_F(Parts, WhatIsMissingOrForeignIsNamed) {
  const std::string bundle = convert(request({.context = 64, .parts = 2}), "X/");
  const std::string other = convert(request({.context = 32, .parts = 2}), "Y/");
  const std::string part = join_path(bundle, "body-2.mlpackage");
  std::filesystem::remove_all(part);
  EXPECT_THAT(failure([&] { read(bundle); }), HasSubstr("body-2.mlpackage"));
  std::filesystem::copy(join_path(other, "body-2.mlpackage"), part, std::filesystem::copy_options::recursive);
  EXPECT_THAT(failure([&] { read(bundle); }), HasSubstr("body-2.mlpackage: has another contract than"));
  std::filesystem::remove(join_path(other, "embedding.table"));
  EXPECT_THAT(failure([&] { read(other); }), HasSubstr("embedding.table"));
}

TEST_F(Parts, EachIsCheckedAgainstItsPlaceInTheContract) {
  const std::string bundle = convert(request({.context = 64, .parts = 2}), "X/");
  const std::string body = join_path(bundle, "body-1.mlpackage");
  for (const auto& entry : {"body-1.mlpackage", "body-2.mlpackage", "head.mlpackage"}) {
    EXPECT_TRUE(check_package(disk(), join_path(bundle, entry)).empty()) << entry;
  }
  const struct {
    std::string number, rule, message;
  } cases[] = {
      {"1", "contract-name", "the function has no such input"},  // the mask of its one layer
      {"2", "contract-name", "no function has the output logits"},
      {"3", "contract-part", "got 3, want 0 to 2"},
      {"-1", "contract-part", "got -1, want 0 to 2"},
  };
  for (const auto& [number, rule, message] : cases) {
    const auto found = findings(body, [&](Package& package) { package.metadata["cortland.part"] = number; });
    ASSERT_FALSE(found.empty()) << number;
    EXPECT_EQ(found.front().rule, rule) << number;
    EXPECT_THAT(found.front().message, HasSubstr(message)) << number;
  }
  const auto found = findings(body, [](Package& package) { package.metadata.erase("cortland.part"); });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().rule, "contract-part");
}

}  // namespace
}  // namespace cortland
