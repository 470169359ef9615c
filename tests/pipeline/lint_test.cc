// What lint says of packages that we convert.
#include "pipeline/lint.h"

#include <gmock/gmock.h>

#include "mil/builder.h"
#include "mil/ops/state.h"
#include "pipeline/package_fixture.h"

namespace cortland {
namespace {

class LintTest : public PackageTest {
 protected:
  // Of a conversion that is planned and not written.
  static std::string blockers(const std::string& source, const std::string& precision, const AneOptions& options = {}) {
    Progress silent;
    ConvertRequest request{.source = source, .output = "lint-writes-nothing.mlpackage", .ane = options};
    request.precision.precision = precision;
    request.fp16_scaling.mode = Fp16Scaling::Mode::off;  // takes no look at the values
    request.evaluated_tokens = 0;
    const Conversion conversion(disk(), request, silent);
    std::string text;
    for (const lint::Finding& f : conversion.summary().lint) {
      if (f.severity == lint::Severity::error) text += fmt::format("{} {}: {}\n", f.rule->id, f.where, f.message);
    }
    return text;
  }
  static std::string rules(const std::vector<lint::Finding>& findings) {
    std::string text;
    for (const lint::Finding& f : findings) {
      if (f.severity >= lint::Severity::warning && text.find(f.rule->id) == std::string::npos) {
        text += fmt::format("{} ", f.rule->id);
      }
    }
    return text;
  }
};

TEST_F(LintTest, NoDefaultPackageHasABlocker) {
  for (const auto& entry : std::filesystem::directory_iterator(golden_folder(""))) {
    EXPECT_EQ(blockers(entry.path().string(), "float16"), "") << entry.path();
  }
}

TEST_F(LintTest, NorAtOtherPrecisions) {
  for (const char* precision : {"float16", "int8", "lut4", "lut6", "lut8"}) {
    for (const std::string& source :
         {std::string(CORTLAND_ROOT) + "/models/demo", golden_folder("exaone4-hybrid"), golden_folder("gpt2")}) {
      EXPECT_EQ(blockers(source, precision), "") << source << " " << precision;
    }
  }
}

TEST_F(LintTest, OtherFormsAreFoundAsTheyAre) {
  const std::string source = golden_folder("exaone4-full");
  EXPECT_THAT(blockers(source, "float16", {.attention = AttentionForm::sdpa}),
              testing::StartsWith("L25 decode: layers_0_"));
  EXPECT_THAT(blockers(source, "int4"), testing::StartsWith("L32 decode: "));
}

TEST_F(LintTest, PlannedAndWrittenPackagesAreJudgedAlike) {
  const std::string package = convert(golden_folder("exaone4-full"), {.context = 64});
  const LintView view = lint_package(disk(), {.package = package});
  EXPECT_EQ(view.unit, lint::Unit::ane);
  // One lookup at the beginning, of a table that the app could read itself.
  EXPECT_EQ(rules(view.findings), "L43 ");
  Progress silent;
  const Conversion planned(
      disk(), {.source = golden_folder("exaone4-full"), .output = path("Y.mlpackage"), .ane = {.context = 64}}, silent);
  ASSERT_EQ(planned.summary().lint.size(), view.findings.size());
  for (size_t i = 0; i < view.findings.size(); ++i) {
    EXPECT_EQ(planned.summary().lint[i].message, view.findings[i].message);
  }
}

TEST_F(LintTest, GpuPackagesAreJudgedForTheGpu) {
  const std::string package = convert_gpu(golden_folder("exaone4-full"), {.context = 50});
  EXPECT_EQ(lint_package(disk(), {.package = package}).unit, lint::Unit::gpu);
  EXPECT_EQ(rules(lint_package(disk(), {.package = package}).findings), "");
  EXPECT_THAT(rules(lint_package(disk(), {.package = package, .unit = lint::Unit::ane}).findings),
              testing::HasSubstr("L02 "));
}

// A finding about a size, and one that is none.
TEST(SizeNotes, SayWhatWillHappenAndWhatToDo) {
  mil::Builder b("main", mil::Opset::coreml8);
  const mil::Value x = b.input("kv", {DType::f16, {3, 128, 8192, 64}, true});
  b.output(b.add("read", mil::ReadState{.input = x}), "y");
  Package package;
  package.program.functions = {b.finish()};
  EXPECT_EQ(
      size_notes(lint_converted(package)),
      std::vector<std::string>{
          "states of 403 MB; want at most 268 MB. Every token costs time in proportion to the length of the cache, and "
          "memory may not suffice. Choose a smaller --context (lint L24)"});
  package.program.functions[0].values[0].type.shape[0] = 2;
  EXPECT_EQ(size_notes(lint_converted(package)), std::vector<std::string>{});
}

}  // namespace
}  // namespace cortland
