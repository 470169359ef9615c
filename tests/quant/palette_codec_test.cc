#include "quant/palette_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "quant/kmeans.h"
#include "quant/samples.h"

namespace cortland {
namespace {

// Cost of the best clustering of sorted points by the quadratic program.
double best_cost(const Points& points, size_t k) {
  const size_t n = points.values.size();
  const auto cost = [&](size_t begin, size_t end) {
    double w = 0, s = 0, q = 0;
    for (size_t i = begin; i < end; ++i) {
      const double x = static_cast<double>(points.values[i]);
      w += points.weights[i];
      s += points.weights[i] * x;
      q += points.weights[i] * x * x;
    }
    return q - s * s / w;
  };
  std::vector<double> best(n + 1, std::numeric_limits<double>::infinity());
  best[0] = 0;
  for (size_t c = 0; c < k; ++c) {
    std::vector<double> next(n + 1, std::numeric_limits<double>::infinity());
    for (size_t i = 1; i <= n; ++i) {
      for (size_t j = 0; j < i; ++j) next[i] = std::min(next[i], best[j] + cost(j, i));
    }
    best = next;
  }
  return best[n];
}

double cost_of(const Points& points, const std::vector<float>& centres) {
  double sum = 0;
  for (size_t i = 0; i < points.values.size(); ++i) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const float centre : centres) {
      nearest = std::min(nearest, squared(static_cast<double>(points.values[i]) - static_cast<double>(centre)));
    }
    sum += points.weights[i] * nearest;
  }
  return sum;
}

Points random_points(size_t n, uint64_t seed) {
  std::vector<float> values = sample(Law::student3, n, seed);
  std::sort(values.begin(), values.end());
  std::mt19937_64 random(seed);
  Points points;
  for (const float value : values) {
    if (!points.values.empty() && points.values.back() == value) continue;
    points.values.push_back(value);
    points.weights.push_back(static_cast<double>(1 + random() % 9));
  }
  return points;
}

TEST(Cluster, EqualsTheQuadraticProgram) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    for (const size_t k : {2u, 3u, 4u, 8u, 16u}) {
      const Points points = random_points(20 + seed * 7, seed);
      const double want = best_cost(points, k), got = cost_of(points, cluster(points, k));
      EXPECT_NEAR(got, want, 1e-6 * want + 1e-12)
          << "seed " << seed << ", " << k << " clusters of " << points.values.size();
    }
  }
}

TEST(Cluster, FewPointsAreKept) {
  const Points points{{-1, 0.5f, 2}, {1, 1, 1}};
  EXPECT_EQ(cluster(points, 4), points.values);
  EXPECT_EQ(cluster(points, 3), points.values);
  EXPECT_TRUE(cluster({}, 4).empty());
}

TEST(PaletteCodec, FewValuesAreExact) {
  std::vector<float> values(256);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 16) * 0.25f - 2;
  const Encoded encoded = encode_palette({values, 64, {}}, 4, 4);
  ASSERT_EQ(encoded.tables.size(), 16u);
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(half_to_float(encoded.tables[encoded.codes[i]]), values[i]);
}

TEST(PaletteCodec, EveryGroupHasItsTable) {
  std::vector<float> values(128, 1.0f);
  std::fill(values.begin() + 64, values.end(), -2.0f);
  const Encoded encoded = encode_palette({values, 16, {}}, 2, 4);
  ASSERT_EQ(encoded.tables.size(), 8u);
  EXPECT_EQ(half_to_float(encoded.tables[encoded.codes[0]]), 1.0f);
  EXPECT_EQ(half_to_float(encoded.tables[4 + encoded.codes[64]]), -2.0f);
}

TEST(PaletteCodec, EveryValueGetsTheNearestEntry) {
  const std::vector<float> values = sample(Law::student5, 1 << 12);
  for (const int bits : {1, 2, 3, 4, 6, 8}) {
    const Encoded encoded = encode_palette({values, 64, {}}, bits, 32);
    for (size_t i = 0; i < values.size(); ++i) {
      const uint16_t* table = encoded.tables.data() + (i / (64 * 32) << bits);
      const float got = std::abs(values[i] - half_to_float(table[encoded.codes[i]]));
      for (size_t e = 0; e < size_t{1} << bits; ++e) {
        EXPECT_LE(got, std::abs(values[i] - half_to_float(table[e])) * (1 + 1e-6f));
      }
    }
  }
}

TEST(PaletteCodec, EqualImportanceChangesNothing) {
  const std::vector<float> values = sample(Law::gauss, 1 << 12), importance(64, 3.0f);
  EXPECT_EQ(encode_palette({values, 64, {}}, 4, 16).tables, encode_palette({values, 64, importance}, 4, 16).tables);
}

// The error of a group, its rows weighted.
double weighted_error(const Encoded& encoded, std::span<const float> values, std::span<const float> row_importance) {
  const size_t cols = values.size() / row_importance.size();
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto difference = static_cast<double>(values[i] - half_to_float(encoded.tables[encoded.codes[i]]));
    sum += squared(difference) * static_cast<double>(row_importance[i / cols]);
  }
  return sum;
}

TEST(PaletteCodec, ATableHeedsTheRowsThatMatter) {
  std::vector<float> values = sample(Law::gauss, 8 * 64);
  for (size_t i = 4 * 64; i < values.size(); ++i) values[i] *= 0.1f;
  const std::vector<float> importance{0.01f, 0.01f, 0.01f, 0.01f, 2, 2, 2, 2};
  const Encoded plain = encode_palette({values, 64, {}}, 3, 8),
                heeding = encode_palette({values, 64, {}, importance}, 3, 8);
  EXPECT_LT(weighted_error(heeding, values, importance), 0.8 * weighted_error(plain, values, importance));
  const std::vector<float> same(8, 1.0f);
  EXPECT_EQ(encode_palette({values, 64, {}, same}, 3, 8).tables, plain.tables);
  // Each group has its own rows.
  const std::vector<float> two = [&] {
    std::vector<float> twice = values;
    twice.insert(twice.end(), values.begin(), values.end());
    return twice;
  }();
  std::vector<float> mixed(8, 1.0f);
  mixed.insert(mixed.end(), importance.begin(), importance.end());
  std::vector<uint16_t> want = plain.tables;
  want.insert(want.end(), heeding.tables.begin(), heeding.tables.end());
  EXPECT_EQ(encode_palette({two, 64, {}, mixed}, 3, 8).tables, want);
}

TEST(PaletteCodec, ZerosAndSubnormals) {
  std::vector<float> values(64, 0.0f);
  Encoded encoded = encode_palette({values, 64, {}}, 4, 1);
  EXPECT_EQ(encoded.tables[encoded.codes[7]], 0);
  values[3] = 0x1p-24f;
  encoded = encode_palette({values, 64, {}}, 4, 1);
  EXPECT_EQ(encoded.tables[encoded.codes[3]], 1);
  EXPECT_EQ(encoded.tables[encoded.codes[4]], 0);
}

}  // namespace
}  // namespace cortland
