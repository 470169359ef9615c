#include "pipeline/diff.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "mil/builder.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"
#include "package/writer.h"
#include "pipeline/alignment.h"
#include "pipeline/package_fixture.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

using testing::ElementsAre;

// The length of the longest common subsequence, by the textbook.
size_t longest(std::span<const int32_t> a, std::span<const int32_t> b) {
  if (a.empty() || b.empty()) return 0;
  if (a.back() == b.back()) return longest(a.first(a.size() - 1), b.first(b.size() - 1)) + 1;
  return std::max(longest(a.first(a.size() - 1), b), longest(a, b.first(b.size() - 1)));
}

TEST(Align, FindsAsManyPairsAsThereAre) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::vector<int32_t> sides[2];
    for (auto& side : sides) {
      for (size_t n = random() % 9; n > 0; --n) side.push_back(static_cast<int32_t>(random() % 3));
    }
    const auto pairs = align(sides[0], sides[1]);
    EXPECT_EQ(pairs.size(), longest(sides[0], sides[1]));
    for (size_t k = 0; k < pairs.size(); ++k) {
      EXPECT_EQ(sides[0][pairs[k].first], sides[1][pairs[k].second]);
      if (k == 0) continue;
      EXPECT_LT(pairs[k - 1].first, pairs[k].first);
      EXPECT_LT(pairs[k - 1].second, pairs[k].second);
    }
  }
}

mil::PayloadPtr halves(const Shape& shape, const std::vector<float>& values) {
  std::vector<uint16_t> bits(values.size());
  floats_to_halves(values, bits);
  const auto bytes = std::as_bytes(std::span(bits));
  return mil::make_bytes_payload(DType::f16, shape, {bytes.begin(), bytes.end()});
}

// What the tests vary.
struct SmallModel {
  std::string prefix = {};              // of names inside
  std::vector<float> weight = std::vector<float>(16, 1);
  Shape weight_shape = {4, 4};
  bool is_swapped = false;    // two operations that do not depend on each other
  bool is_crossed = false;    // the operands of the difference
  bool has_relu = false;      // one more operation
  int32_t axis = -1;          // of the softmax
  std::string author = "Somebody";
  std::map<std::string, std::string> metadata = {{"numbers", R"({"a": 1, "b": {"c": [1, 2]}})"}, {"text", "t"}};
};

class Diff : public PackageTest {
 protected:
  std::string write(const std::string& name, const SmallModel& v) const {
    mil::Builder b("main", mil::Opset::coreml8);
    const mil::Value x = b.input("x", {DType::f16, {1, 4}});
    const mil::Value weight = b.constant(v.prefix + "weight", halves(v.weight_shape, v.weight));
    mil::Value left, right;
    const auto add_left = [&] { left = b.add(v.prefix + "left", mil::Sqrt{.x = x}); };
    const auto add_right = [&] { right = b.add(v.prefix + "right", mil::Exp{.x = x}); };
    if (v.is_swapped) add_right();
    add_left();
    if (!v.is_swapped) add_right();
    if (v.has_relu) left = b.add(v.prefix + "relu", mil::Relu{.x = left});
    const mil::Value difference =
        b.add(v.prefix + "difference", mil::Sub{.x = v.is_crossed ? right : left, .y = v.is_crossed ? left : right});
    mil::Value matrix = weight;
    if (v.weight_shape.size() > 2) {
      matrix = b.add(v.prefix + "flat", mil::Reshape{.x = weight, .shape = std::vector<int32_t>{4, 4}});
    }
    const mil::Value product = b.add(v.prefix + "product", mil::Matmul{.x = difference, .y = matrix});
    b.output(b.add(v.prefix + "shares", mil::Softmax{.x = product, .axis = v.axis}), "y");
    Package package;
    package.program.functions = {b.finish()};
    package.default_function = "main";
    package.author = v.author;
    package.metadata = v.metadata;
    write_package(disk(), path(name), package, {.overwrite = true});
    return path(name);
  }

  DiffView compare_with(const SmallModel& variant) const {
    return diff_packages(disk(), write("first.mlpackage", {}), write("second.mlpackage", variant));
  }

  static std::vector<std::string> lines(const DiffView& view) {
    std::vector<std::string> list;
    for (const OperationChange& c : view.functions.at(0).program.changes) {
      list.push_back(fmt::format("{} {} {}", c.type,
                                 c.first.empty()    ? "+" + c.second
                                 : c.second.empty() ? "-" + c.first
                                                    : c.second,
                                 fmt::join(c.what, ", ")));
    }
    return list;
  }
};

TEST_F(Diff, NamesAndTheOrderOfIndependentOperationsCountForNothing) {
  const DiffView view = compare_with({.prefix = "other_", .is_swapped = true});
  EXPECT_TRUE(view.is_equal());
  EXPECT_EQ(view.functions.at(0).program.same, 5u);
  EXPECT_EQ(view.functions.at(0).program.moved, 1u);
  EXPECT_EQ(view.weight_counts, (std::map<WeightRelation, size_t>{{WeightRelation::equal, 1}}));
}

TEST_F(Diff, OneChangeIsOneLine) {
  EXPECT_THAT(lines(compare_with({.axis = 0})), ElementsAre("softmax y axis: -1 -> 0"));
  EXPECT_THAT(lines(compare_with({.is_crossed = true})),
              ElementsAre("sub difference x: another value, y: another value"));
  EXPECT_THAT(lines(compare_with({.has_relu = true})), ElementsAre("sub difference x: another value", "relu +relu "));
  EXPECT_FALSE(compare_with({.axis = 0}).is_equal());
}

TEST_F(Diff, WeightsAreComparedByValue) {
  std::vector<float> weight(16, 1);
  weight[5] = 2;
  const DiffView view = compare_with({.weight = weight});
  EXPECT_TRUE(view.functions.at(0).is_equal());
  EXPECT_FALSE(view.is_equal());
  ASSERT_EQ(view.weights.size(), 1u);
  EXPECT_EQ(view.weights[0].difference.relation, WeightRelation::changed);
  EXPECT_NEAR(view.weights[0].difference.snr_db, 10 * std::log10(16), 1e-9);
  EXPECT_EQ(view.weights[0].difference.max_abs, 1);
  EXPECT_EQ(view.weights[0].first_bytes, 32u);
}

TEST_F(Diff, PowersOfTwoAreSeen) {
  std::vector<float> weight(16, 0.25f);
  const DiffView view = compare_with({.weight = weight});
  EXPECT_EQ(view.weights.at(0).difference.relation, WeightRelation::scaled);
  EXPECT_EQ(view.weights[0].difference.exponent, -2);
  weight[3] = 0;
  EXPECT_EQ(compare_with({.weight = weight}).weights.at(0).difference.relation, WeightRelation::changed);
  EXPECT_EQ(compare_with({.weight = std::vector<float>(16, 0)}).weights.at(0).difference.relation,
            WeightRelation::changed);
}

// The operation that reads it is another one, and it is found by its name.
TEST_F(Diff, DimensionsOfOneCountForNothing) {
  const DiffView view = compare_with({.weight_shape = {4, 4, 1, 1}});
  ASSERT_EQ(view.weights.size(), 1u);
  EXPECT_EQ(view.weights[0].difference.relation, WeightRelation::recoded);
  EXPECT_THAT(lines(view), ElementsAre("matmul product y: a weight -> a value", "reshape +flat "));
}

TEST_F(Diff, DescriptionsAndMembersOfMetadata) {
  const DiffView view =
      compare_with({.author = "Nobody", .metadata = {{"numbers", R"({"b": {"c": [1, 3]}, "a": 1})"}, {"more", "m"}}});
  const auto text = [](const std::vector<TextChange>& changes) {
    std::vector<std::string> list;
    for (const TextChange& c : changes) list.push_back(c.what + ": " + c.first + " -> " + c.second);
    return list;
  };
  EXPECT_THAT(text(view.description), ElementsAre("author: Somebody -> Nobody"));
  EXPECT_THAT(text(view.metadata), ElementsAre("more:  -> m", "numbers /b/c/1: 2 -> 3", "text: t -> "));
}

TEST_F(Diff, AScaledStreamIsNothingButPowersOfTwo) {
  ConvertRequest request{.source = golden_folder("llama-gqa"), .ane = {.context = 64}};
  const std::string plain = convert(request, "plain.mlpackage");
  request.fp16_scaling = {.mode = Fp16Scaling::Mode::fixed, .exponent = 1};
  const DiffView view = diff_packages(disk(), plain, convert(request, "scaled.mlpackage"));
  // Of two layers what is added to the stream.
  EXPECT_EQ(view.weight_counts.at(WeightRelation::scaled), 4u);
  EXPECT_EQ(view.weight_counts.size(), 2u);
  for (const WeightChange& w : view.weights) EXPECT_EQ(w.difference.exponent, -1) << w.first;
}

// Functions share weights: each counts once.
TEST_F(Diff, QuantizedWeightsAreFoundAsSuch) {
  const std::string half = convert(golden_folder("exaone4-full"), {.context = 64}, "half.mlpackage");
  ConvertRequest request{.source = golden_folder("exaone4-full"), .ane = {.context = 64}, .evaluated_tokens = 0};
  request.precision.precision = "int8";
  const std::string codes = convert(request, "int8.mlpackage");
  const DiffView there = diff_packages(disk(), half, codes), back = diff_packages(disk(), codes, half);
  EXPECT_EQ(there.weight_counts, back.weight_counts);
  EXPECT_EQ(there.weights.size(), there.weight_counts.at(WeightRelation::quantized));
  EXPECT_GE(there.weights.size(), 7u);
  for (const FunctionChange& function : there.functions) EXPECT_TRUE(function.is_equal()) << function.name;
  for (const WeightChange& w : there.weights) {
    EXPECT_GT(w.difference.snr_db, 35) << w.first;
    EXPECT_EQ(w.second_form, "8 bits (blockwise_shift_scale)");
    EXPECT_LT(w.second_bytes, w.first_bytes);
  }
  EXPECT_TRUE(diff_packages(disk(), codes, codes).is_equal());
}

TEST_F(Diff, OtherContextsKeepTheWeights) {
  const std::string a = convert(golden_folder("exaone4-full"), {.context = 64}, "a.mlpackage");
  const std::string b = convert(golden_folder("exaone4-full"), {.context = 128}, "b.mlpackage");
  const DiffView view = diff_packages(disk(), a, b);
  EXPECT_TRUE(view.weights.empty());
  for (const FunctionChange& f : view.functions) {
    EXPECT_EQ(f.program.first_operations, f.program.second_operations);
    for (const OperationChange& c : f.program.changes) EXPECT_EQ(c.kind, OperationChange::Kind::changed) << c.first;
    EXPECT_FALSE(f.interface.empty());
  }
}

}  // namespace
}  // namespace cortland
