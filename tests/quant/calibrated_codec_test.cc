// Layers as trained models have them: heavy-tailed weights that are small where inputs are large, and correlated inputs
// with a few massive channels. What counts is the error of what the layer gives for inputs that nobody has seen.
#include "quant/calibrated_codec.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/parallel.h"
#include "quant/coordinate_descent.h"
#include "quant/decoder.h"
#include "quant/encoded_matrix.h"
#include "quant/gptq.h"
#include "quant/row_codec.h"
#include "quant/samples.h"
#include "tensor/every_target.h"
#include "tensor/matmul.h"

namespace cortland {
namespace {

constexpr int64_t kOutputs = 96, kInputs = 256;

struct Layer {
  explicit Layer(uint64_t seed) : sizes(kInputs), loadings(sample(Law::gauss, kInputs * kFactors, seed + 7)) {
    const std::vector<float> numbers = sample(Law::gauss, kInputs, seed);
    for (size_t j = 0; j < kInputs; ++j) sizes[j] = std::exp(0.7f * numbers[j] / 0.02f) * (j % 43 == 5 ? 12.0f : 1.0f);
    weights = sample(Law::student5, kOutputs * kInputs, seed + 1);
    for (size_t i = 0; i < weights.size(); ++i) weights[i] /= std::sqrt(sizes[i % kInputs]);
  }

  // x_j = size_j (own_j + what it has in common with others).
  std::vector<float> inputs(size_t tokens, uint64_t seed) const {
    const std::vector<float> own = sample(Law::student5, tokens * kInputs, seed),
                             common = sample(Law::student5, tokens * kFactors, seed + 1);
    std::vector<float> x(own.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t t = i / kInputs, j = i % kInputs;
      float sum = 0;
      for (size_t f = 0; f < kFactors; ++f) sum += common[t * kFactors + f] * loadings[j * kFactors + f] * 50;
      x[i] = sizes[j] * (own[i] + 0.6f * sum);
    }
    return x;
  }

  InputMoments moments(size_t tokens) const {
    const std::vector<float> x = inputs(tokens, 100);
    std::vector<float> products(kInputs * kInputs), energy;
    matmul(x.data(), Storage::transposed, x.data(), Storage::plain, kInputs, kInputs, static_cast<int64_t>(tokens),
           products.data());
    for (float& product : products) product /= static_cast<float>(tokens);
    for (size_t i = 0; i < kInputs; ++i) energy.push_back(products[i * kInputs + i]);
    return {energy, {products}, inputs(256, 200)};
  }

  Rows rows(std::span<const float> importance = {}) const { return {weights, kInputs, importance}; }

  static constexpr size_t kFactors = 24;
  std::vector<float> sizes, loadings, weights;
};

// The signal-to-noise ratio of what the layer gives for unseen inputs, in dB.
double output_snr(const Layer& layer, const Scheme& scheme, const Encoded& encoded) {
  InputStatistics unseen;
  unseen.held_out = layer.inputs(256, 300);
  const auto error_of = [&](const Scheme& used, const Encoded& codes) {
    const std::vector<double> sums = measure_outputs(used, layer.rows(), codes, {}, unseen);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
  };
  // Codes of zero leave the signal itself as the error.
  Encoded nothing;
  nothing.codes.resize(layer.weights.size());
  nothing.scales.resize(static_cast<size_t>(kOutputs), 0x3c00);
  return decibel(error_of(int8_scheme(), nothing), error_of(scheme, encoded));
}

// As coremltools does it.
Encoded encode_plainly(const Layer& layer) {
  Encoded out;
  out.codes.resize(layer.weights.size());
  for (size_t at = 0; at < layer.weights.size(); at += 32) {
    float largest = 0;
    for (size_t i = at; i < at + 32; ++i) largest = std::max(largest, std::abs(layer.weights[i]));
    out.scales.push_back(float_to_half(largest / 7));
    const float scale = half_to_float(out.scales.back());
    for (size_t i = at; i < at + 32; ++i) {
      out.codes[i] = static_cast<uint8_t>(
          static_cast<int>(std::clamp(std::nearbyint(layer.weights[i] / scale), -7.0f, 7.0f)) & 0xf);
    }
  }
  return out;
}

TEST(CalibratedCodec, EachStepOfInt4IsBetterThanTheOneBefore) {
  for (const uint64_t seed : {1u, 20u}) {
    const Layer layer(seed);
    const Scheme scheme = int4_scheme();
    const InputStatistics inputs = make_statistics(layer.moments(2048));
    const double plain = output_snr(layer, scheme, encode_plainly(layer));
    const double searched = output_snr(layer, scheme, encode_rows(scheme, layer.rows(), {}));
    Encoded codes = encode_rows(scheme, layer.rows(inputs.importance), {});
    const double weighted = output_snr(layer, scheme, codes);
    std::vector<float> errors = choose_with_feedback(scheme, layer.rows(), inputs.correlations[0], {}, codes);
    const double feedback = output_snr(layer, scheme, codes);
    descend(scheme, layer.rows(), inputs.correlations[0], {}, 2, errors, codes);
    const double descended = output_snr(layer, scheme, codes);
    EXPECT_GT(searched, plain + 0.5) << seed;
    EXPECT_GT(weighted, searched + 1.5) << seed;
    EXPECT_GT(feedback, weighted + 3) << seed;
    EXPECT_GT(descended, feedback + 0.1) << seed;
    EXPECT_GT(output_snr(layer, scheme, encode_calibrated(scheme, layer.rows(), inputs, {})), descended - 0.1) << seed;
  }
}

TEST(CalibratedCodec, EveryCodecGains) {
  const Layer layer(3);
  const InputStatistics inputs = make_statistics(layer.moments(2048));
  for (const Scheme& scheme :
       {int4_scheme(64), uint4_scheme(), palette_scheme(4, 32), palette_scheme(3, 8), palette_scheme(6, 32)}) {
    const double plain = output_snr(layer, scheme, encode_rows(scheme, layer.rows(), {}));
    EXPECT_GT(output_snr(layer, scheme, encode_calibrated(scheme, layer.rows(), inputs, {})), plain + 4)
        << to_string(scheme);
  }
}

TEST(CalibratedCodec, NoRowIsMadeWorseOnWhatIsHeldOut) {
  const Layer layer(5);
  // So few tokens mislead: what they say of the correlations is noise.
  InputStatistics inputs = make_statistics(layer.moments(40));
  for (const Scheme& scheme : {int4_scheme(), uint4_scheme(), palette_scheme(4, 8)}) {
    const auto sums = [&](const Encoded& codes) { return measure_outputs(scheme, layer.rows(), codes, {}, inputs); };
    const std::vector<double> before = sums(encode_rows(scheme, layer.rows(), {}));
    const std::vector<double> after = sums(encode_calibrated(scheme, layer.rows(), inputs, {}));
    const auto unit = static_cast<std::ptrdiff_t>(std::max<int64_t>(scheme.group, 1));
    for (auto at = before.begin(), now = after.begin(); at != before.end(); at += unit, now += unit) {
      EXPECT_LE(std::accumulate(now, now + unit, 0.0), std::accumulate(at, at + unit, 0.0)) << to_string(scheme);
    }
  }
}

// The paper, word for word: round a column, spread its error by the inverse of H over the columns that are left, and
// take the column out of the inverse.
std::vector<uint8_t> textbook_codes(const Layer& layer, const InputMoments& moments, const InputStatistics& inputs,
                                    const Encoded& grid) {
  constexpr size_t n = kInputs;
  std::vector<double> a(n * n), inverse(n * n);
  double damping = 0;
  for (const float energy : moments.energy) damping += 0.01 * static_cast<double>(energy) / n;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) a[i * n + j] = static_cast<double>(moments.products[0][i * n + j]);
    a[i * n + i] += damping;
    inverse[i * n + i] = 1;
  }
  for (size_t p = 0; p < n; ++p) {  // Gauss and Jordan
    const double pivot = a[p * n + p];
    for (size_t j = 0; j < n; ++j) a[p * n + j] /= pivot, inverse[p * n + j] /= pivot;
    for (size_t i = 0; i < n; ++i) {
      const double factor = i == p ? 0 : a[i * n + p];
      for (size_t j = 0; factor != 0 && j < n; ++j) {
        a[i * n + j] -= factor * a[p * n + j], inverse[i * n + j] -= factor * inverse[p * n + j];
      }
    }
  }
  std::vector<double> w(layer.weights.begin(), layer.weights.end());
  std::vector<uint8_t> codes(w.size());
  for (const int32_t column : inputs.correlations[0].order) {
    const auto j = static_cast<size_t>(column);
    const double pivot = inverse[j * n + j];
    for (size_t r = 0; r < kOutputs; ++r) {
      const double scale = static_cast<double>(half_to_float(grid.scales[(r * n + j) / 32]));
      const double code = std::clamp(std::nearbyint(w[r * n + j] / scale), -8.0, 7.0);
      codes[r * n + j] = static_cast<uint8_t>(static_cast<int>(code) & 0xf);
      const double error = (w[r * n + j] - code * scale) / pivot;
      for (size_t k = 0; k < n; ++k) w[r * n + k] -= error * inverse[j * n + k];
    }
    const std::vector<double> row(inverse.begin() + static_cast<std::ptrdiff_t>(j * n),
                                  inverse.begin() + static_cast<std::ptrdiff_t>((j + 1) * n));
    for (size_t i = 0; i < n; ++i) {
      for (size_t k = 0; k < n; ++k) inverse[i * n + k] -= row[i] * row[k] / pivot;
    }
  }
  return codes;
}

TEST(Gptq, IsWhatThePaperSays) {
  const Layer layer(9);
  const InputMoments moments = layer.moments(1024);
  const InputStatistics inputs = make_statistics(moments);
  Encoded codes = encode_rows(int4_scheme(), layer.rows(inputs.importance), {});
  const std::vector<uint8_t> want = textbook_codes(layer, moments, inputs, codes);
  choose_with_feedback(int4_scheme(), layer.rows(), inputs.correlations[0], {}, codes);
  // Half a step can go either way in fp32, and one code that differs changes others of its row.
  const size_t differences = std::inner_product(want.begin(), want.end(), codes.codes.begin(), size_t{0}, std::plus<>(),
                                                std::not_equal_to<>());
  EXPECT_LT(differences, want.size() / 50);
}

TEST(Gptq, InputsThatAreNeverSeenDoNoHarm) {
  const Layer layer(11);
  InputMoments moments = layer.moments(256);
  for (size_t i = 0; i < kInputs; ++i) {
    for (const size_t dead : {0u, 77u, 255u}) {
      moments.products[0][i * kInputs + dead] = moments.products[0][dead * kInputs + i] = 0;
    }
  }
  for (const size_t dead : {0u, 77u, 255u}) moments.energy[dead] = 0;
  const InputStatistics inputs = make_statistics(moments);
  Encoded codes = encode_rows(int4_scheme(), layer.rows(inputs.importance), {});
  const Encoded nearest = codes;
  choose_with_feedback(int4_scheme(), layer.rows(), inputs.correlations[0], {}, codes);
  for (size_t r = 0; r < kOutputs; ++r) {
    for (const size_t dead : {0u, 77u, 255u}) {
      EXPECT_EQ(codes.codes[r * kInputs + dead], nearest.codes[r * kInputs + dead]);
    }
  }
  moments.energy.assign(kInputs, 0);
  moments.products[0].assign(kInputs * kInputs, 0);
  const InputStatistics silent = make_statistics(moments);
  EXPECT_EQ(silent.importance, std::vector<float>(kInputs, 1.0f));
}

// e H e^T of some rows in double, H damped, from the moments alone; 0 of the others.
std::vector<double> costs(const InputMoments& moments, std::span<const float> weights, std::span<const float> decoded) {
  constexpr size_t n = kInputs;
  double damping = 0;
  for (const float energy : moments.energy) damping += 0.01 * static_cast<double>(energy) / n;
  std::vector<double> out(static_cast<size_t>(kOutputs));
  for (size_t r = 0; r < out.size(); r += 19) {
    const auto error = [&](size_t j) { return static_cast<double>(weights[r * n + j] - decoded[r * n + j]); };
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        out[r] += error(i) * static_cast<double>(moments.products[0][i * n + j]) * error(j);
      }
      out[r] += damping * error(i) * error(i);
    }
  }
  return out;
}

std::vector<float> decode_all(const Scheme& scheme, const Encoded& encoded) {
  const Decoder decoder(scheme, kInputs, encoded, {});
  std::vector<float> out(static_cast<size_t>(kOutputs * kInputs));
  for (size_t at = 0; at < out.size(); at += decoder.run()) {
    decoder.decode(at, std::span(out).subspan(at, decoder.run()));
  }
  return out;
}

TEST(CoordinateDescent, EndsWhereNoCodeAloneCanBeBetter) {
  const Layer layer(15);
  const InputMoments moments = layer.moments(1024);
  const InputStatistics inputs = make_statistics(moments);
  const Scheme scheme = palette_scheme(4, 32);
  Encoded codes = encode_rows(scheme, layer.rows(inputs.importance), {});
  std::vector<float> errors = choose_with_feedback(scheme, layer.rows(), inputs.correlations[0], {}, codes);
  std::vector<double> cost = costs(moments, layer.weights, decode_all(scheme, codes));
  for (const int sweeps : {1, 1, 60}) {
    descend(scheme, layer.rows(), inputs.correlations[0], {}, sweeps, errors, codes);
    const std::vector<double> less = costs(moments, layer.weights, decode_all(scheme, codes));
    for (size_t r = 0; r < cost.size(); ++r) EXPECT_LE(less[r], cost[r] * (1 + 1e-4)) << r;
    cost = less;
  }
  const std::vector<float> decoded = decode_all(scheme, codes);
  for (size_t i = 0; i < 16; ++i) {  // of all places some, of all codes all
    std::vector<float> tried = decoded;
    for (size_t r = 0; r < static_cast<size_t>(kOutputs); ++r) {
      tried[r * kInputs + (r * 37 + i * 101) % kInputs] = half_to_float(codes.tables[r / 32 * 16 + i]);
    }
    const std::vector<double> other = costs(moments, layer.weights, tried);
    for (size_t r = 0; r < cost.size(); ++r) EXPECT_GE(other[r], cost[r] * (1 - 1e-4)) << r << " " << i;
  }
}

TEST(InputStatistics, WideInputsAreCutInRanges) {
  const auto widths = [](size_t cols) {
    std::vector<size_t> out;
    for (const ColumnRange& range : split_columns(cols)) out.push_back(range.width);
    return out;
  };
  EXPECT_EQ(widths(8192), std::vector<size_t>{8192});
  EXPECT_EQ(widths(8193), (std::vector<size_t>{4097, 4096}));
  EXPECT_EQ(widths(27392), (std::vector<size_t>(4, 6848)));
}

// A matrix beside itself, and inputs that come twice: two ranges are two matrices.
TEST(CalibratedCodec, RangesOfColumnsDoNotHeedEachOther) {
  const Layer layer(19);
  const InputMoments half = layer.moments(512);
  InputMoments both{half.energy, {half.products[0], half.products[0]}, {}, split_columns(2 * kInputs, kInputs)};
  both.energy.insert(both.energy.end(), half.energy.begin(), half.energy.end());
  std::vector<float> weights;
  for (int64_t r = 0; r < kOutputs; ++r) {
    for (int copies = 0; copies < 2; ++copies) {
      weights.insert(weights.end(), layer.weights.begin() + r * kInputs, layer.weights.begin() + (r + 1) * kInputs);
    }
  }
  const auto encode = [](const Rows& rows, const InputStatistics& inputs) {
    Encoded out = encode_rows(int4_scheme(), {rows.values, rows.cols, inputs.importance}, {});
    for (const Correlations& range : inputs.correlations) {
      std::vector<float> errors = choose_with_feedback(int4_scheme(), rows, range, {}, out);
      descend(int4_scheme(), rows, range, {}, 1, errors, out);
    }
    return out.codes;
  };
  const std::vector<uint8_t> codes = encode({weights, 2 * kInputs, {}}, make_statistics(both)),
                             want = encode(layer.rows(), make_statistics(half));
  for (size_t i = 0; i < codes.size(); ++i) {
    ASSERT_EQ(codes[i], want[i / (2 * kInputs) * kInputs + i % kInputs]) << i;
  }
}

TEST(CalibratedCodec, TablesHeedRowsThatMatter) {
  const Layer layer(17);
  const InputStatistics inputs = make_statistics(layer.moments(2048));
  const Scheme scheme = palette_scheme(4, 32);
  std::vector<float> importance(static_cast<size_t>(kOutputs));
  for (size_t r = 0; r < importance.size(); ++r) importance[r] = r % 4 == 0 ? 3.7f : 0.1f;
  const Rows rows{layer.weights, kInputs, {}, importance};
  const auto total = [&](const Rows& encoded) {
    const std::vector<double> sums =
        measure_outputs(scheme, rows, encode_calibrated(scheme, encoded, inputs, {}), {}, inputs);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
  };
  EXPECT_LT(total(rows), 0.95 * total(layer.rows()));
}

class LayerRows : public RowSource {
 public:
  int64_t rows() const override { return kOutputs; }
  int64_t cols() const override { return kInputs; }
  const std::string& key() const override { return key_; }
  void read(int64_t first, std::span<float> out) const override {
    std::copy_n(layer_.weights.begin() + first * kInputs, out.size(), out.begin());
  }
  std::shared_ptr<const InputStatistics> inputs() const override {
    return std::make_shared<const InputStatistics>(make_statistics(layer_.moments(300)));
  }

 private:
  Layer layer_{13};
  std::string key_ = "layer";
};

TEST(CalibratedCodec, BytesDoNotDependOnThreads) {
  for (const Scheme& scheme : {int4_scheme(), palette_scheme(4, 32), palette_scheme(4)}) {
    std::vector<std::vector<std::byte>> results;
    for (const int threads : {1, 4}) {
      const ThreadLimit limit(threads);
      const EncodedMatrix matrix(std::make_shared<LayerRows>(), scheme);
      results.emplace_back(static_cast<size_t>(kOutputs * kInputs / 2));
      matrix.produce(EncodedPart::codes, 0, results.back());
    }
    EXPECT_EQ(results[0], results[1]) << to_string(scheme);
  }
}

TEST(CalibratedCodec, CodesDoNotDependOnTheInstructionSet) {
  const auto rows = std::make_shared<LayerRows>();
  for (const Scheme& scheme : {int4_scheme(), palette_scheme(4, 32)}) {
    std::vector<std::byte> want;
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      const OnTarget on(target);
      std::vector<std::byte> got(static_cast<size_t>(kOutputs * kInputs / 2));
      EncodedMatrix(rows, scheme).produce(EncodedPart::codes, 0, got);
      if (want.empty()) want = got;
      EXPECT_EQ(got, want) << to_string(scheme) << " " << hwy::TargetName(target);
    }
  }
}

TEST(CalibratedCodec, OneTableForAMatrixIsTheBetterOfTwo) {
  const Layer layer(13);
  const InputStatistics inputs = make_statistics(layer.moments(300));
  const auto total = [&](std::span<const uint16_t> table, const Encoded& codes) {
    const std::vector<double> sums = measure_outputs(palette_scheme(4), layer.rows(), codes, table, inputs);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
  };
  const auto table_of = [](const EncodedMatrix& matrix) {
    std::vector<uint16_t> table(16);
    matrix.produce(EncodedPart::tables, 0, std::as_writable_bytes(std::span(table)));
    return table;
  };
  class Plain : public LayerRows {
    std::shared_ptr<const InputStatistics> inputs() const override { return nullptr; }
  };
  const std::vector<uint16_t> plain = table_of(EncodedMatrix(std::make_shared<Plain>(), palette_scheme(4)));
  const std::vector<uint16_t> table = table_of(EncodedMatrix(std::make_shared<LayerRows>(), palette_scheme(4)));
  EXPECT_LE(total(table, encode_calibrated(palette_scheme(4), layer.rows(), inputs, table)),
            0.5 * total(plain, encode_rows(palette_scheme(4), layer.rows(), plain)));
}

}  // namespace
}  // namespace cortland
