// Exact powers of two against fp16's limit: no result changes, and what overflowed does not.
#include "pipeline/fp16_scale.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/failure.h"
#include "lower/ane.h"
#include "lower/gpu.h"
#include "package/reader.h"
#include "pipeline/changed_checkpoint.h"
#include "pipeline/package_fixture.h"
#include "pipeline/runner.h"
#include "pipeline/source.h"
#include "pipeline/verify.h"
#include "support/golden.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

// Every exponent that the form of the model permits, no two neighbours alike.
Rescale every_exponent(const ModelSpec& spec) {
  Rescale rescale;
  for (size_t place = 0; place <= 2 * spec.layers.size(); ++place) {
    rescale.stream.push_back(static_cast<int>(place % 3) + 1);
  }
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    if (layer.parallel) rescale.stream[2 * i + 1] = rescale.stream[2 * i];
    rescale.layers.push_back(
        {.value = 2, .up = activation_degree(layer.mlp) > 0 ? 3 : 0, .attention_output = 1, .mlp_output = 2});
  }
  return rescale;
}

// PSNR of the logits of a program in fp32 math against what transformers computes.
double psnr_of(const GoldenCase& golden, mil::Program program, const std::string& contract) {
  PackagedModel model{
      .contract = *host::parse_contract(contract), .paths = {}, .packages = {}, .embedding_file = {}, .embedding = {}};
  model.packages.emplace_back().program = std::move(program);
  Runner runner(model, Math::fp32);
  host::Session session(runner.contract());
  DifferenceSum sum;
  // Beyond every window; no exponent depends on the position.
  for (size_t i = 0; i < 10; ++i) sum.add(golden.expected(0, i), runner.decode(session, golden.ids[0][i]));
  return sum.result().psnr_db;
}

TEST(Rescaling, ChangesNoResultOfAnyFamily) {
  for (const std::string& name : golden_names()) {
    const GoldenCase golden = load_golden(name);
    if (!golden.has_all_logits()) continue;
    const auto source = open_source(disk(), golden.folder);
    WeightReport report;
    // Norms in fp32 have every epsilon; in fp16 those of these models become a few units of its last place.
    GpuPlan gpu = make_gpu_plan(source->spec, {.context = golden.context});
    AnePlan ane = make_ane_plan(source->spec, {.context = golden.context});
    gpu.rescale = ane.rescale = every_exponent(source->spec);
    EXPECT_GE(psnr_of(golden, lower_gpu(gpu, source->weights, report), gpu_contract(gpu)), 55) << name;
    EXPECT_GE(psnr_of(golden, lower_ane(ane, source->weights, report).front(), ane_contract(ane)), 40) << name;
  }
}

// Every value of a model beyond fp16, or as near to it as a test wants.
Magnitudes large_values(const ModelSpec& spec, float peak, double square) {
  const size_t layers = spec.layers.size();
  return {.tokens = 8,
          .stream = std::vector<StreamPeak>(2 * layers + 1, {peak, square}),
          .attention = std::vector<BranchPeaks>(layers, {.inner = peak, .output = peak, .output_square = square}),
          .mlp = std::vector<BranchPeaks>(layers, {.inner = peak, .output = peak, .output_square = square})};
}

TEST(ChooseFp16Scale, EveryFamilyIsScaledOrSaysWhyNot) {
  for (const std::string& name : golden_names()) {
    const auto source = open_source(disk(), load_golden(name).folder);
    const ModelSpec& spec = source->spec;
    // 2e5 / 2^5 is below an eighth of 65504.
    const Fp16Scale scale = choose_fp16_scale(spec, large_values(spec, 2e5f, 1e6), NormPrecision::half);
    EXPECT_EQ(scale.rescale.stream, std::vector<int>(2 * spec.layers.size() + 1, 5)) << name;
    std::string notes;
    for (const std::string& note : scale.notes) notes += note + "\n";
    for (size_t i = 0; i < spec.layers.size(); ++i) {
      const LayerSpec& layer = spec.layers[i];
      const Rescale::Layer& chosen = scale.rescale.layers[i];
      const int degree = activation_degree(layer.mlp);
      EXPECT_EQ(chosen.value, 5) << name;
      EXPECT_EQ(chosen.up, degree == 2 ? 3 : 5 * degree) << name;
      EXPECT_EQ(chosen.attention_output, layer.post_attention_norm ? 5 : 0) << name;
      EXPECT_EQ(chosen.mlp_output, layer.post_mlp_norm ? 5 : 0) << name;
      const std::string reason =
          fmt::format("layer {}: the mlp reaches 2e+05 behind an activation that no factor passes through", i);
      EXPECT_EQ(notes.find(reason) != std::string::npos, degree == 0) << name << "\n" << notes;
    }
  }
}

TEST(ChooseFp16Scale, OnlyWhatIsNearTheLimitIsScaled) {
  const auto source = open_source(disk(), load_golden("llama-gqa").folder);
  const auto needs = [&](float peak) {
    return choose_fp16_scale(source->spec, large_values(source->spec, peak, 1e6), NormPrecision::half)
        .rescale.is_needed();
  };
  EXPECT_FALSE(needs(16376));
  EXPECT_TRUE(needs(16377));
  const Fp16Scale broken =
      choose_fp16_scale(source->spec, large_values(source->spec, INFINITY, 1), NormPrecision::half);
  EXPECT_FALSE(broken.rescale.is_needed());
  EXPECT_THAT(broken.notes, testing::ElementsAre(testing::HasSubstr("the checkpoint itself overflows")));
}

// Where a token is small, epsilon decides what its norm gives, and fp16 has no smaller one than 2^-24.
TEST(ChooseFp16Scale, EpsilonsSetALimitInHalfPrecision) {
  const auto source = open_source(disk(), load_golden("llama-gqa").folder);
  const Magnitudes small = large_values(source->spec, 2e5f, 1e-4);
  const Fp16Scale half = choose_fp16_scale(source->spec, small, NormPrecision::half);
  EXPECT_THAT(half.rescale.stream, testing::Each(testing::Lt(3)));
  EXPECT_THAT(half.notes, testing::Contains(testing::HasSubstr("epsilon that fp16 cannot hold any smaller")));
  EXPECT_EQ(choose_fp16_scale(source->spec, small, NormPrecision::single).rescale.stream, std::vector<int>(5, 5));
}

TEST(Fp16ScalingText, IsReadAndWritten) {
  for (const char* text : {"auto", "off", "1", "0.5", "0.0625", "6.103515625e-05"}) {
    EXPECT_EQ(fp16_scaling_text(parse_fp16_scaling("--fp16-scale", text)), text);
  }
  EXPECT_EQ(parse_fp16_scaling("--fp16-scale", "0.0625").exponent, 4);
  for (const char* text : {"", "0", "-0.5", "2", "0.48", "0.5x", "1e-9", "nan"}) {
    EXPECT_THAT(failure([&] { parse_fp16_scaling("--fp16-scale", text); }),
                testing::HasSubstr("want auto, off, or a power of two"))
        << text;
  }
  const Rescale rescale{.stream = {0, 0, 5}, .layers = {{.up = 3}}};
  EXPECT_EQ(fp16_scale_text(rescale),
            R"({"stream":[0,0,5],"layers":[{"layer":0,"value":0,"up":3,"attention_output":0,"mlp_output":0}]})");
  EXPECT_EQ(recorded_stream(fp16_scale_text(rescale)), rescale.stream);
  for (const char* text : {"", "[]", R"({"stream": 1})", R"({"stream": [1, "2"]})", R"({"stream": [1000]})"}) {
    EXPECT_TRUE(recorded_stream(text).empty()) << text;
  }
}

// Checkpoints with a few channels that are 2^17 times as large as the others, as massive activations are; what reads
// them makes up for it, as training does.
class Outliers : public PackageTest {
 protected:
  static constexpr int kMassive = 17;
  static bool is_outlier(size_t channel) { return channel == 5 || channel == 20; }
  static float sign(size_t channel) { return channel == 5 ? 1.0f : -1.0f; }  // so that their mean is 0

  // Gains of a norm that reads the outliers: they are in the mean square, so that all others become small.
  static void mend_gains(const std::string& folder, const std::vector<std::string>& tensors) {
    for (const std::string& tensor : tensors) {
      change_tensor(folder, tensor,
                    [](float old, size_t row, size_t) { return std::ldexp(old, is_outlier(row) ? -8 : kMassive - 4); });
    }
  }

  // Norms before the branches, a gated mlp without biases.
  std::string llama() const {
    const std::string folder = copy_golden("llama-gqa", "checkpoint");
    constexpr int kUp = 8;
    scale_tensor(folder, "model.layers.0.mlp.up_proj.weight", kUp);
    change_tensor(folder, "model.layers.0.mlp.down_proj.weight", [](float old, size_t row, size_t) {
      return is_outlier(row) ? std::ldexp(old, 16) : std::ldexp(old, -kUp);
    });
    mend_gains(folder, {"model.layers.1.input_layernorm.weight", "model.layers.1.post_attention_layernorm.weight",
                        "model.norm.weight"});
    return folder;
  }

  // Norms behind the branches; linear layers read the stream itself.
  std::string exaone() const {
    const std::string folder = copy_golden("exaone4-full", "checkpoint");
    scale_tensor(folder, "model.layers.0.mlp.up_proj.weight", 10);
    scale_tensor(folder, "model.layers.0.mlp.down_proj.weight", 11);
    change_tensor(folder, "model.layers.0.post_feedforward_layernorm.weight", [](float old, size_t row, size_t) {
      return is_outlier(row) ? std::ldexp(sign(row), kMassive - 2) : old;
    });
    for (const char* reader : {"self_attn.q", "self_attn.k", "self_attn.v", "mlp.gate", "mlp.up"}) {
      change_tensor(folder, fmt::format("model.layers.1.{}_proj.weight", reader), [](float old, size_t, size_t column) {
        return is_outlier(column) ? std::ldexp(old, -kMassive) : old;
      });
    }
    mend_gains(folder, {"model.norm.weight"});
    return folder;
  }

  // Biases make the outliers: `bias` in layer 0, and `gains` of the norms behind it.
  std::string biased(const std::string& golden, const std::string& bias, const std::vector<std::string>& gains) const {
    const std::string folder = copy_golden(golden, "checkpoint");
    change_tensor(folder, bias, [](float old, size_t row, size_t) {
      return is_outlier(row) ? std::ldexp(sign(row), kMassive) : old;
    });
    mend_gains(folder, gains);
    return folder;
  }
  std::string gpt2() const {
    return biased("gpt2", "transformer.h.0.mlp.c_proj.bias",
                  {"transformer.h.1.ln_1.weight", "transformer.h.1.ln_2.weight", "transformer.ln_f.weight"});
  }
  std::string phi() const {
    return biased("phi", "model.layers.0.mlp.fc2.bias",
                  {"model.layers.1.input_layernorm.weight", "model.final_layernorm.weight"});
  }

  // PSNR of the logits in fp16 math against the checkpoint in fp32, of a package that is read back from disk.
  VerifyReport verify_half(const std::string& checkpoint, Fp16Scaling::Mode mode) const {
    return verify_half(ConvertRequest{.source = checkpoint, .ane = {.context = 64}}, mode);
  }
  VerifyReport verify_half(ConvertRequest request, Fp16Scaling::Mode mode) const {
    request.fp16_scaling.mode = mode;
    const std::string checkpoint = request.source;
    Progress silent;
    const VerifyRequest verification{.package = convert(request, "X.mlpackage"),
                                     .checkpoint = checkpoint,
                                     .math = Math::fp16,
                                     .tokens = 24,
                                     .probe = true};
    return verify(disk(), verification, silent);
  }

  void expect_rescue(const std::string& checkpoint) const {
    const VerifyReport before = verify_half(checkpoint, Fp16Scaling::Mode::off);
    const VerifyReport after = verify_half(checkpoint, Fp16Scaling::Mode::automatic);
    EXPECT_FALSE(before.checkpoint_fault);
    EXPECT_LT(before.logits.psnr_db, 15);
    EXPECT_GE(after.logits.psnr_db, 35);
    for (const ActivationPeak& peak : after.peaks) EXPECT_LT(peak.magnitude, kHalfMax / 2) << peak.value;
    // The residual stream is that of the checkpoint, times powers of two that the package tells.
    for (const ProbeResult& probe : after.probes) EXPECT_GT(probe.difference.psnr_db, 35) << probe.place;
  }
};

TEST_F(Outliers, NormsBeforeBranches) { expect_rescue(llama()); }
TEST_F(Outliers, NormsBehindBranches) { expect_rescue(exaone()); }
TEST_F(Outliers, BiasesAndLayerNorms) { expect_rescue(gpt2()); }
TEST_F(Outliers, ParallelBranches) { expect_rescue(phi()); }

TEST_F(Outliers, OtherFormsOfPackages) {
  const std::string checkpoint = llama();
  const ConvertRequest gpu{.source = checkpoint, .gpu = GpuOptions{.context = 64}};
  ConvertRequest older{.source = checkpoint, .ane = {.context = 64, .target = targets().front()}}, codes = gpu;
  codes.precision.precision = "int8";
  codes.evaluated_tokens = 0;
  for (const ConvertRequest& request : {gpu, older, codes}) {
    EXPECT_LT(verify_half(request, Fp16Scaling::Mode::off).logits.psnr_db, 15);
    const bool has_codes = request.precision.precision == "int8";
    EXPECT_GE(verify_half(request, Fp16Scaling::Mode::automatic).logits.psnr_db, has_codes ? 30 : 35);
  }
  const Package package = read_package(disk(), path("X.mlpackage"));
  EXPECT_THAT(recorded_stream(package.metadata.at(kFp16ScaleKey)),
              testing::ElementsAre(0, 0, testing::Gt(2), testing::Gt(2), testing::Gt(2)));
}

}  // namespace
}  // namespace cortland
