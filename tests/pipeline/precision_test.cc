// Every preset in every form, read back from disk, against transformers.
#include <gtest/gtest.h>

#include "package/check.h"
#include "pipeline/package_fixture.h"
#include "pipeline/quantization.h"
#include "pipeline/runner.h"
#include "pipeline/verdict.h"
#include "support/golden.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

// Of EXAONE; the others have the same kinds of weights.
std::vector<std::string> exaone_names() {
  std::vector<std::string> names = golden_names();
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("exaone"); });
  return names;
}

struct Form {
  std::string_view target;
  bool is_gpu = false;
};
constexpr Form kForms[] = {{"iOS17"}, {"iOS18"}, {"iOS18", true}};

// One case has every preset in every form; each of the others has every preset, by turns in one form.
bool is_left_out(const std::string& name, size_t preset, size_t form) {
  return name != "exaone4-full" && form != (name.size() + preset) % std::size(kForms);
}

const Target& target_of(const Form& form) {
  return *std::find_if(targets().begin(), targets().end(),
                       [&](const Target& target) { return target.name() == form.target; });
}

class PrecisionGolden : public PackageTest, public testing::WithParamInterface<std::string> {
 protected:
  std::string convert_to(const Preset& preset, const Form& form) const {
    ConvertRequest request{.source = golden_.folder,
                           .ane = {.context = 64, .prefill = 8, .target = target_of(form)},
                           .precision = {.precision = std::string(preset.name)},
                           .evaluated_tokens = 0};
    if (form.is_gpu) request.gpu = GpuOptions{.context = 64, .target = target_of(form)};
    return convert(request, "X.mlpackage");
  }

  // Of the positions that have expected logits among the first ones.
  double psnr_of(const PackagedModel& model) const {
    constexpr size_t kSteps = 10;
    Runner runner(model, Math::fp32);
    host::Session session(runner.contract());
    const std::vector<int32_t>& ids = golden_.ids[0];
    DifferenceSum sum;
    if (!golden_.has_all_logits()) {
      sum.add(golden_.expected(0, ids.size() - 1), runner.feed(session, ids));
      return sum.result().psnr_db;
    }
    for (size_t t = 0; t < kSteps; ++t) sum.add(golden_.expected(0, t), runner.decode(session, ids[t]));
    return sum.result().psnr_db;
  }

  GoldenCase golden_ = load_golden(GetParam());
};

TEST_P(PrecisionGolden, EveryPresetOfEveryTargetKeepsWhatItsBitsCan) {
  size_t number = 0;
  for (const Preset& preset : presets()) {
    ++number;
    if (preset.body.bits == kHalfBits || preset.body.codec == Codec::stored) continue;
    for (const Form& form : kForms) {
      if (is_left_out(GetParam(), number, static_cast<size_t>(&form - kForms))) continue;
      SCOPED_TRACE(fmt::format("{} for {}{}", preset.name, form.target, form.is_gpu ? " gpu" : ""));
      const std::string path = convert_to(preset, form);
      const std::vector<Finding> findings = check_package(disk(), path);
      EXPECT_TRUE(findings.empty()) << findings.front().message;
      const PackagedModel model = read(path);
      const Package& package = model.packages.front();
      EXPECT_EQ(package.specification_version, target_of(form).specification_version());
      EXPECT_EQ(precision_of(package), preset.name);
      const double psnr = psnr_of(model);
      EXPECT_GE(psnr, thresholds_for(Math::fp32, preset.body.bits).psnr_db);
      EXPECT_LT(psnr, 75);  // codes that lose nothing are none
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Exaone, PrecisionGolden, testing::ValuesIn(exaone_names()), [](const auto& variant) {
  std::string name = variant.param;
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace cortland
