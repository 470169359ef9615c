#include "pipeline/ranges.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/failure.h"
#include "pipeline/changed_checkpoint.h"
#include "pipeline/package_fixture.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

class Ranges : public PackageTest {
 protected:
  RangesReport measure(const std::string& checkpoint, const RangesRequest& request = {}) const {
    RangesRequest mine = request;
    ConvertRequest conversion{.source = checkpoint, .ane = {.context = 64}};
    conversion.fp16_scaling.mode = Fp16Scaling::Mode::off;
    mine.package = convert(conversion, "X.mlpackage");
    Progress silent;
    return measure_ranges(disk(), mine, silent);
  }
  static const ValueRange& find(const RangesReport& report, const std::string& name) {
    const auto it =
        std::find_if(report.values.begin(), report.values.end(), [&](const ValueRange& v) { return v.value == name; });
    if (it == report.values.end()) throw std::runtime_error(name);
    return *it;
  }
  // EXAONE norms what comes out of a branch: its size alone changes nothing.
  std::string exaone() const { return copy_golden("exaone4-full", "checkpoint"); }
  static std::string mlp_weight(const char* what) { return fmt::format("model.layers.1.mlp.{}_proj.weight", what); }
};

TEST_F(Ranges, AnOrdinaryModelFits) {
  const RangesReport report = measure(golden_folder("exaone4-full"));
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.tokens, 64);
  EXPECT_FALSE(report.overflow);
  EXPECT_FALSE(report.parting);
  EXPECT_GT(report.logits.psnr_db, kHalfPsnr);
  EXPECT_TRUE(std::isfinite(report.logits.psnr_db));
  // Two layers, and the outside.
  EXPECT_EQ(report.peaks.size(), 3u);
  EXPECT_EQ(report.values[report.peaks.back()].layer, -1);
  for (const ValueRange& value : report.values) EXPECT_LE(value.peak, report.peak()) << value.value;
  EXPECT_EQ(find(report, "layers_0_gate").op, "conv");
}

TEST_F(Ranges, TheFirstOverflowIsNamed) {
  constexpr int kUp = 10, kDown = 11;
  const float before = find(measure(golden_folder("exaone4-full")), "layers_1_down").peak;
  const std::string checkpoint = exaone();
  scale_tensor(checkpoint, mlp_weight("up"), kUp);
  scale_tensor(checkpoint, mlp_weight("down"), kDown);
  const RangesReport report = measure(checkpoint);
  EXPECT_FALSE(report.passed());
  ASSERT_TRUE(report.overflow);
  const ValueRange& first = report.values[*report.overflow];
  EXPECT_EQ(first.value, "layers_1_down");
  EXPECT_EQ(first.layer, 1);
  EXPECT_GT(first.overflows, 0u);
  EXPECT_NEAR(first.peak / std::ldexp(before, kUp + kDown), 1, 1e-4);
  EXPECT_EQ(report.parting, report.overflow);
  EXPECT_GT(first.operand_snr_db, kHalfPsnr);
}

TEST_F(Ranges, UnderflowIsWhereTheyPart) {
  const std::string checkpoint = exaone();
  scale_tensor(checkpoint, mlp_weight("gate"), -13);
  scale_tensor(checkpoint, mlp_weight("up"), -13);
  scale_tensor(checkpoint, mlp_weight("down"), 10);
  const RangesReport report = measure(checkpoint, {.tokens = 16});
  ASSERT_TRUE(report.parting);
  const ValueRange& first = report.values[*report.parting];
  EXPECT_EQ(first.value, "layers_1_product");
  EXPECT_GT(first.vanished, 0u);
  EXPECT_GT(first.operand_snr_db, kHalfPsnr);
  EXPECT_FALSE(report.overflow);
}

TEST_F(Ranges, IdsBeginAsATextDoes) {
  const std::vector<int32_t> ids = range_ids("", 7, 100, 10);
  EXPECT_EQ(ids.size(), 10u);
  EXPECT_EQ(ids.front(), 7);
  EXPECT_EQ(range_ids("", 100, 100, 10), range_ids("", {}, 100, 10));
  EXPECT_EQ(measure(golden_folder("exaone4-full"), {.ids = {5, 6, 7}}).tokens, 3);
  EXPECT_EQ(measure(golden_folder("exaone4-full"), {.tokens = 1000}).tokens, 64);
  EXPECT_THAT(failure([&] { measure(golden_folder("exaone4-full"), {.ids = {100000}}); }),
              testing::HasSubstr("got id 100000, want 0 to"));
}

}  // namespace
}  // namespace cortland
