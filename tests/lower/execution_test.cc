// The lowered functions run: they agree with each other, and every form computes the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "interp/machine.h"
#include "lower/parts.h"
#include "lower/tiny.h"

namespace cortland {
namespace {

using Numbers = std::vector<float>;

constexpr float kMasked = -10000;

const std::vector<int32_t> kIds{5, 17, 149, 0, 64, 65, 3, 120, 77, 12};

// What a host sends for these ids from position `start` on.
Interpreter::Values inputs(const Tiny& tiny, const std::vector<int32_t>& ids, int32_t start) {
  const auto tokens = static_cast<int64_t>(ids.size());
  Interpreter::Values values{{"input_ids", ints({1, tokens}, ids)}, {"position", ints({1}, {start})}};
  for (const MaskInput& mask : tiny.plan.masks) {
    Numbers m;
    for (int64_t p = start; p < start + tokens; ++p) {
      for (int64_t j = 0; j < tiny.plan.context; ++j) {
        m.push_back(j <= p && (!mask.window || p - j < *mask.window) ? 0 : kMasked);
      }
    }
    values[mask.name] = floats({1, 1, tokens, tiny.plan.context}, m, DType::f16);
  }
  Numbers cosines, sines;
  for (int64_t p = start; p < start + tokens; ++p) {
    for (const double sign : {-1.0, 1.0}) {
      for (const double f : tiny.spec.rope_tables[0].inv_freq) {
        cosines.push_back(static_cast<float>(std::cos(static_cast<double>(p) * f)));
        sines.push_back(static_cast<float>(sign * std::sin(static_cast<double>(p) * f)));
      }
    }
  }
  values["cos"] = floats({1, 1, tokens, 10}, cosines, DType::f16);
  values["sin"] = floats({1, 1, tokens, 10}, sines, DType::f16);
  return values;
}

// A lowered model with its states.
struct Session {
  explicit Session(const AneOptions& options = tiny_options(), Math math = Math::fp32)
      : tiny(tiny_spec(), options), states(tiny.program), decoder(tiny.decode(), math),
        prefiller(tiny.prefill(), math) {}

  Numbers decode(size_t at) {
    return values_of(decoder.run(inputs(tiny, {kIds[at]}, static_cast<int32_t>(at)), states).at("logits"));
  }
  // Ids 0 to 7 as positions from `start` on.
  Numbers prefill(int32_t start = 0) {
    return values_of(prefiller.run(inputs(tiny, {kIds.begin(), kIds.begin() + 8}, start), states).at("hidden"));
  }

  const Tiny tiny;
  States states;
  const Interpreter decoder, prefiller;
};

// The logits of the last of kIds, token by token.
Numbers last_logits(Session& session) {
  for (size_t i = 0; i + 1 < kIds.size(); ++i) session.decode(i);
  return session.decode(kIds.size() - 1);
}

float spread(const Numbers& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *high - *low;
}

void expect_close(const Numbers& got, const Numbers& want, float tolerance) {
  ASSERT_EQ(got.size(), want.size());
  ASSERT_GT(spread(want), 1) << "logits that say nothing";
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], tolerance * spread(want)) << i;
}

TEST(Execution, PrefillLeavesTheCacheThatDecodeWouldLeave) {
  Session session, other;
  session.prefill();
  session.decode(8);
  expect_close(session.decode(9), last_logits(other), 1e-3f);
}

TEST(Execution, HiddenIsWhatTheHeadReads) {
  Session session, other;
  const Numbers hidden = session.prefill();
  for (size_t i = 0; i < 7; ++i) other.decode(i);
  const Numbers table = session.tiny.weights.values({Role::embedding});
  Numbers logits(150);
  for (size_t v = 0; v < logits.size(); ++v) {
    for (size_t d = 0; d < 24; ++d) logits[v] += hidden[7 * 24 + d] * table[v * 24 + d];
  }
  expect_close(logits, other.decode(7), 2e-3f);
}

TEST(Execution, BothFormsOfAttentionAgree) {
  Session matmul, sdpa({.context = 64, .prefill = 8, .attention = AttentionForm::sdpa});
  expect_close(last_logits(sdpa), last_logits(matmul), 2e-3f);
}

// One function for targets without states: every row that `row` picks gives what decoding gives there, and keys and
// values that the host hands back count as if they had been of the same call.
TEST(Execution, TheExplicitCacheGivesTheSameLogits) {
  const Tiny tiny(tiny_spec(), {.context = 64, .prefill = 8, .target = targets().front()});
  const Interpreter main(tiny.program.functions[0], Math::fp32);
  States none(tiny.program);
  constexpr size_t kPast = 56, kTokens = 8, kPlanes = 3 * 4, kWidth = 32;  // [L * K', S - T, E'] and T
  Numbers keys(kPlanes * kPast * kWidth, 7), values = keys;  // what nobody may see
  // Ids from `start` on, so many of them; the rest of the call is padding.
  const auto run = [&](size_t start, size_t used, size_t row) {
    std::vector<int32_t> ids(kTokens, 0);
    std::copy_n(kIds.begin() + static_cast<std::ptrdiff_t>(start), used, ids.begin());
    Interpreter::Values in = inputs(tiny, ids, static_cast<int32_t>(start));
    in.erase("position");
    for (const MaskInput& mask : tiny.plan.masks) {
      Numbers m(kTokens * 64, kMasked);
      for (size_t i = 0; i < kTokens; ++i) {
        for (size_t j = 0; j <= start + i; ++j) {
          const bool sees =
              i >= used ? j == start + i : !mask.window || static_cast<int64_t>(start + i - j) < *mask.window;
          if (sees) m[i * 64 + (j < start ? j : kPast + j - start)] = 0;
        }
      }
      in[mask.name] = floats({1, 1, kTokens, 64}, m, DType::f16);
    }
    Numbers one_hot(kTokens, 0);
    one_hot[row] = 1;
    in["row"] = floats({1, 1, 1, kTokens}, one_hot, DType::f16);
    in["past_keys"] = floats({3, 4, kPast, kWidth}, keys, DType::f16);
    in["past_values"] = floats({3, 4, kPast, kWidth}, values, DType::f16);
    return main.run(in, none);
  };
  Session decoder;
  for (size_t i = 0; i < 5; ++i) expect_close(values_of(run(0, 5, i).at("logits")), decoder.decode(i), 1e-3f);
  const Interpreter::Values first = run(0, 5, 4);
  for (auto [past, name] : {std::pair(&keys, "new_keys"), std::pair(&values, "new_values")}) {
    const Numbers columns = values_of(first.at(name));
    for (size_t plane = 0; plane < kPlanes; ++plane) {
      const auto from = columns.begin() + static_cast<std::ptrdiff_t>(plane * kTokens * kWidth);
      std::copy_n(from, 5 * kWidth, past->begin() + static_cast<std::ptrdiff_t>(plane * kPast * kWidth));
    }
  }
  for (size_t i = 0; i < 5; ++i) expect_close(values_of(run(5, 5, i).at("logits")), decoder.decode(5 + i), 1e-3f);
}

TEST(Execution, ASplitHeadGivesTheSameLogits) {
  Session one, two({.context = 64, .prefill = 8, .head_splits = 2});
  EXPECT_EQ(last_logits(two), last_logits(one));
}

TEST(Execution, ARowThatSeesNothingStaysFinite) {
  Session session(tiny_options(), Math::fp16);
  Interpreter::Values values = inputs(session.tiny, {kIds[0]}, 0);
  const Tensor nothing = floats({1, 1, 1, 64}, Numbers(64, kMasked), DType::f16);
  values["mask"] = values["mask_sliding"] = nothing;
  const Numbers logits = values_of(session.decoder.run(values, session.states).at("logits"));
  for (const float v : logits) EXPECT_TRUE(std::isfinite(v));
}

TEST(Execution, TheCacheHoldsPositionsAndZeroElsewhere) {
  Session session;
  session.prefill(5);
  const Numbers kv = values_of(session.states.at("kv"));  // [6, 4, 64, 32]
  size_t filled = 0, misplaced = 0;
  for (size_t i = 0; i < kv.size(); ++i) {
    const size_t width = i % 32, slot = i / 32 % 64, head = i / 32 / 64 % 4;
    const bool is_place = width < 10 && slot >= 5 && slot < 13 && head < 3;
    if (kv[i] != 0) ++(is_place ? filled : misplaced);
  }
  EXPECT_EQ(misplaced, 0u);
  EXPECT_GT(filled, 6u * 3 * 8 * 10 * 9 / 10);
}

// The logits that the `gpu` function gives for kIds[from, to), which stand at these positions, row behind row.
Numbers run_gpu(const GpuPlan& plan, const Interpreter& main, States& states, size_t from, size_t to) {
  const auto q = static_cast<int64_t>(to - from), k = static_cast<int64_t>(to);
  Interpreter::Values values{{"inputIds", ints({1, q}, {kIds.begin() + static_cast<std::ptrdiff_t>(from),
                                                        kIds.begin() + static_cast<std::ptrdiff_t>(to)})}};
  for (const MaskInput& mask : plan.masks) {
    Numbers m;
    for (int64_t p = k - q; p < k; ++p) {
      for (int64_t j = 0; j < k; ++j) m.push_back(j <= p && (!mask.window || p - j < *mask.window) ? 0 : kMasked);
    }
    values[mask.name] = floats({1, 1, q, k}, m, DType::f16);
  }
  return values_of(main.run(values, states).at("logits"));
}

// The function with its states.
struct GpuSession {
  explicit GpuSession(const GpuOptions& options = {.context = 50}, const ModelSpec& model = tiny_spec())
      : tiny(model, options), states(tiny.program), main(tiny.main(), Math::fp32) {}

  Numbers run(size_t from, size_t to) { return run_gpu(tiny.plan, main, states, from, to); }

  const TinyGpu tiny;
  States states;
  const Interpreter main;
};

TEST(Execution, GpuCallsOfEveryLengthGiveTheLogitsOfAneSteps) {
  for (const AttentionForm form : {AttentionForm::matmul, AttentionForm::sdpa}) {
    for (const std::vector<size_t>& ends : {std::vector<size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {10}, {3, 4, 9, 10}}) {
      GpuSession gpu({.context = 50, .attention = form});
      Session ane;
      size_t at = 0;
      for (const size_t end : ends) {
        const Numbers rows = gpu.run(at, end);
        for (size_t row = 0; at < end; ++row, ++at) {
          const auto first = rows.begin() + static_cast<std::ptrdiff_t>(row * 150);
          expect_close(Numbers(first, first + 150), ane.decode(at), 2e-3f);
        }
      }
    }
  }
}

TEST(Execution, TheGpuCacheHoldsPositionsAndZeroElsewhere) {
  GpuSession session;
  session.run(0, 7);
  session.run(7, 10);
  for (const char* name : {"keyCache", "valueCache"}) {
    const Numbers cache = values_of(session.states.at(name));  // [3, 1, 3, 50, 10]
    size_t filled = 0, misplaced = 0;
    for (size_t i = 0; i < cache.size(); ++i) {
      if (cache[i] != 0) ++(i / 10 % 50 < 10 ? filled : misplaced);
    }
    EXPECT_EQ(misplaced, 0u);
    EXPECT_GT(filled, 3u * 3 * 10 * 10 * 9 / 10);
  }
}

TEST(Execution, AlibiOfGroupedHeadsIsThatOfEachHead) {
  ModelSpec spec = tiny_spec();
  for (LayerSpec& layer : spec.layers) layer.attention.alibi_slopes = {1, 0.5, 0.25, 0.125, 0.0625, 0.03125};
  GpuSession gpu({.context = 50}, spec);
  const Tiny ane(spec);
  States states(ane.program);
  const Interpreter decoder(ane.decode(), Math::fp32);
  const Numbers rows = gpu.run(0, 10);
  for (size_t at = 0; at < 10; ++at) {
    const auto position = static_cast<int32_t>(at);
    Interpreter::Values values = inputs(ane, {kIds[at]}, position);
    Numbers distance(64);
    for (int32_t j = 0; j < position; ++j) distance[static_cast<size_t>(j)] = static_cast<float>(j - position);
    values["distance"] = floats({1, 1, 1, 64}, distance, DType::f16);
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(at * 150);
    expect_close(Numbers(first, first + 150), values_of(decoder.run(values, states).at("logits")), 2e-3f);
  }
}

// A checkpoint whose columns differ in size as those of trained models do, with a bias of the values.
struct Uneven {
  Uneven() : spec(make_spec()), checkpoint(open_checkpoint(make_tensors(spec))), weights(spec, checkpoint) {}

  // Layer 2 has norms before its branches, and the head is a matrix of its own.
  static ModelSpec make_spec() {
    ModelSpec plain = tiny_spec();
    std::swap(plain.layers[2].pre_attention_norm, plain.layers[2].post_attention_norm);
    std::swap(plain.layers[2].pre_mlp_norm, plain.layers[2].post_mlp_norm);
    plain.tied_head = false;
    ModelSpec spec = with_parameters(plain);
    spec.parameters.push_back(
        {.id = {Role::value, 1, Part::bias}, .shape = {30}, .tensors = {"1.value.bias"}, .stored = {30}});
    return spec;
  }
  static std::vector<StoredTensor> make_tensors(const ModelSpec& spec) {
    std::vector<StoredTensor> tensors = tiny_tensors(spec);
    for (size_t i = 0; i < tensors.size(); ++i) {
      const Parameter& p = spec.parameters[i];
      if (p.shape.size() != 2 || p.id.role == Role::embedding) continue;
      std::vector<float> numbers = tiny_numbers(static_cast<size_t>(element_count(p.shape)), static_cast<uint32_t>(i));
      const auto cols = static_cast<size_t>(p.shape[1]);
      for (size_t e = 0; e < numbers.size(); ++e) numbers[e] *= std::exp2(static_cast<float>(e % cols * 7 % 5) - 2);
      tensors[i].bytes = bytes_of(numbers);
    }
    return tensors;
  }

  Numbers logits(std::shared_ptr<const Folds> folds) const {
    GpuPlan plan = make_gpu_plan(spec, {.context = 50});
    plan.tuning = std::make_shared<const WeightTuning>(WeightTuning{nullptr, std::move(folds)});
    WeightReport report;
    const mil::Program program = lower_gpu(plan, weights, report);
    States states(program);
    return run_gpu(plan, Interpreter(program.functions.front(), Math::fp32), states, 0, kIds.size());
  }

  const ModelSpec spec;
  const Checkpoint checkpoint;
  const Weights weights;
};

TEST(Execution, FoldsChangeWeightsAndNoLogit) {
  const Uneven uneven;
  const auto folds = std::make_shared<const Folds>(uneven.spec, uneven.weights);
  for (int64_t layer = 0; layer < 3; ++layer) {
    for (const auto& [first, second] :
         {std::pair{Role::value, Role::attention_output}, std::pair{Role::up, Role::down}}) {
      const auto rows = folds->rows({first, layer}), columns = folds->columns({second, layer});
      EXPECT_GT(std::count_if(rows.begin(), rows.end(), [](float factor) { return factor != 1; }), 5) << layer;
      EXPECT_TRUE(std::all_of(rows.begin(), rows.end(),
                              [](float factor) { return std::exp2(std::nearbyint(std::log2(factor))) == factor; }));
      // Two query heads of width 10 share each key/value head.
      for (size_t c = 0; c < columns.size(); ++c) {
        EXPECT_EQ(columns[c] * rows[first == Role::up ? c : c / 20 * 10 + c % 10], 1) << c;
      }
    }
    EXPECT_TRUE(folds->rows({Role::gate, layer}).empty());
    EXPECT_EQ(folds->columns({Role::value, layer}).empty(), layer != 2);
  }
  for (const auto& [norm, readers] :
       {std::pair{ParameterId{Role::pre_attention_norm, 2}, std::vector{Role::query, Role::key, Role::value}},
        std::pair{ParameterId{Role::pre_mlp_norm, 2}, std::vector{Role::gate, Role::up}},
        std::pair{ParameterId{Role::final_norm}, std::vector{Role::head}}}) {
    const auto rows = folds->rows(norm);
    EXPECT_GT(std::count_if(rows.begin(), rows.end(), [](float factor) { return factor != 1; }), 5) << to_string(norm);
    for (const Role role : readers) {
      const auto columns = folds->columns({role, norm.layer});
      ASSERT_EQ(columns.size(), rows.size());
      for (size_t c = 0; c < columns.size(); ++c) EXPECT_EQ(columns[c] * rows[c], 1) << c;
    }
  }
  EXPECT_EQ(folds->rows({Role::value, 1, Part::bias}).size(), 30u);
  EXPECT_EQ(uneven.logits(folds), uneven.logits(nullptr));
}

TEST(Execution, NothingIsFoldedWhereSomethingLiesBetween) {
  ModelSpec spec = with_parameters(tiny_spec());
  spec.layers[0].attention.clamp = 4;
  spec.layers[1].mlp.gated = false;
  const Checkpoint checkpoint = open_checkpoint(tiny_tensors(spec));
  const Weights weights(spec, checkpoint);
  const Folds folds(spec, weights);
  EXPECT_FALSE(folds.has({Role::value, 0}));
  EXPECT_FALSE(folds.has({Role::down, 1}));
  EXPECT_FALSE(folds.has({Role::embedding}));
  EXPECT_FALSE(folds.has({Role::final_norm}));  // its head is the embedding
  EXPECT_FALSE(folds.has({Role::query, 2}));    // which no norm precedes
  EXPECT_TRUE(folds.has({Role::up, 0}));
}

TEST(Execution, RopeRotatesPairsOfHalves) {
  const Tiny tiny;
  WeightReport report;
  WeightStore store(tiny.weights, tiny.plan, report);
  Graph graph{.plan = tiny.plan,
              .weights = tiny.weights,
              .store = store,
              .report = report,
              .builder = mil::Builder("main", mil::Opset::coreml8),
              .tokens = 3};
  const mil::Value x = graph.builder.input("x", {DType::f16, {1, 2, 3, 10}});
  graph.cos.push_back(graph.builder.input("cos", {DType::f16, {1, 1, 3, 10}}));
  graph.sin.push_back(graph.builder.input("sin", {DType::f16, {1, 1, 3, 10}}));
  graph.builder.output(lower_rope(graph, "y", x, 0), "out");
  Machine machine(graph.builder.finish());
  const Numbers heads = tiny_numbers(60, 3);
  const Interpreter::Values tables = inputs(tiny, {0, 0, 0}, 4);
  const Numbers y = machine.run({{"x", floats({1, 2, 3, 10}, heads, DType::f16)},
                                 {"cos", tables.at("cos")},
                                 {"sin", tables.at("sin")}});
  for (size_t row = 0; row < 6; ++row) {
    for (size_t i = 0; i < 5; ++i) {
      const double angle = static_cast<double>(4 + row % 3) * tiny.spec.rope_tables[0].inv_freq[i];
      const double a = heads[row * 10 + i], b = heads[row * 10 + i + 5];
      EXPECT_NEAR(y[row * 10 + i], a * std::cos(angle) - b * std::sin(angle), 1e-3) << row << " " << i;
      EXPECT_NEAR(y[row * 10 + i + 5], b * std::cos(angle) + a * std::sin(angle), 1e-3) << row << " " << i;
    }
  }
}

}  // namespace
}  // namespace cortland
