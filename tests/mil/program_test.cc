#include "mil/program.h"

#include <gtest/gtest.h>

namespace cortland::mil {
namespace {

TEST(Type, PrintsAsMilWritesIt) {
  EXPECT_EQ(to_string(Type{DType::f16, {1, 64}}), "fp16[1, 64]");
  EXPECT_EQ(to_string(Type{DType::i32, {}}), "int32");
  EXPECT_EQ(to_string(Type{DType::f32, {kUnknown, 2}}), "fp32[?, 2]");
  EXPECT_EQ(to_string(Type{DType::f16, {2, 3}, true}), "state<fp16[2, 3]>");
}

TEST(Opset, NamesGoThereAndBack) {
  const std::pair<Opset, int> specs[] = {
      {Opset::coreml5, 6}, {Opset::coreml6, 7}, {Opset::coreml7, 8}, {Opset::coreml8, 9}, {Opset::coreml9, 10}};
  for (const auto& [opset, spec] : specs) {
    Opset found{};
    EXPECT_TRUE(find_opset(opset_name(opset), &found));
    EXPECT_EQ(found, opset);
    EXPECT_EQ(spec_version_of(opset), spec);
  }
  EXPECT_EQ(opset_name(Opset::coreml8), "CoreML8");
  Opset untouched = Opset::coreml7;
  for (const std::string_view name : {"CoreML4", "CoreML10", "coreml8", ""}) {
    EXPECT_FALSE(find_opset(name, &untouched)) << name;
  }
  EXPECT_EQ(untouched, Opset::coreml7);
}

TEST(Program, FindsFunctionsAndValuesByName) {
  Program program;
  program.functions.resize(2);
  program.functions[0].name = "decode";
  program.functions[1].name = "prefill";
  program.functions[1].values = {{"x", {DType::f16, {1}}, -1}, {"y", {DType::f16, {1}}, 0}};
  EXPECT_EQ(program.find("prefill"), &program.functions[1]);
  EXPECT_EQ(program.find("main"), nullptr);
  EXPECT_EQ(program.functions[1].find_value("y"), 1);
  EXPECT_EQ(program.functions[1].find_value("z"), -1);
  EXPECT_EQ(program.functions[1].value(0).name, "x");
}

}  // namespace
}  // namespace cortland::mil
