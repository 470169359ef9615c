#include "pipeline/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/memory_file.h"
#include "base/parallel.h"
#include "pipeline/package_fixture.h"
#include "pipeline/source.h"

namespace cortland {
namespace {

// 160 ids of a vocabulary of 400: 8 pieces of 20, of which the fourth and the eighth are held out.
std::vector<int32_t> some_ids() {
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < 160; ++i) ids.push_back(i * i * 7 % 399);
  return ids;
}

class CalibrationTest : public PackageTest {
 protected:
  std::unique_ptr<Calibration> make() const {
    return std::make_unique<Calibration>(source_->spec, source_->weights, 64, some_ids());
  }

  std::unique_ptr<SourceModel> source_ = open_source(disk(), golden_folder("exaone4-full"));
};

// The model has no norm in front of its attention: the first layer reads the embedding.
TEST_F(CalibrationTest, TheFirstLayerReadsTheEmbedding) {
  const std::vector<float> table = source_->weights.values({Role::embedding});
  const auto width = static_cast<size_t>(source_->spec.width);
  const std::vector<int32_t> ids = some_ids();
  std::vector<double> energy(width);
  std::vector<float> held_out;
  for (size_t t = 0; t < ids.size(); ++t) {
    const auto row = table.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(ids[t]) * width);
    if (t / 20 % 4 == 3) held_out.insert(held_out.end(), row, row + static_cast<std::ptrdiff_t>(width));
    if (t / 20 % 4 == 3) continue;
    for (size_t j = 0; j < width; ++j) {
      energy[j] += std::pow(static_cast<double>(row[static_cast<std::ptrdiff_t>(j)]), 2) / 120;
    }
  }
  double damping = 0;
  for (const double e : energy) damping += 0.01 * e / static_cast<double>(width);
  const auto inputs = make()->statistics({Role::key, 0}, {});
  ASSERT_EQ(inputs->importance.size(), width);
  for (size_t j = 0; j < width; ++j) EXPECT_NEAR(inputs->importance[j], energy[j] + damping, 1e-5 * energy[j] + 1e-9);
  EXPECT_EQ(inputs->held_out, held_out);
}

TEST_F(CalibrationTest, WhatReadsTheSameSharesWhatIsKnown) {
  const auto calibration = make();
  EXPECT_EQ(calibration->statistics({Role::query, 1}, {}), calibration->statistics({Role::value, 1}, {}));
  EXPECT_EQ(calibration->statistics({Role::gate, 1}, {}), calibration->statistics({Role::up, 1}, {}));
  EXPECT_NE(calibration->statistics({Role::query, 1}, {}), calibration->statistics({Role::gate, 1}, {}));
  EXPECT_EQ(calibration->statistics({Role::down, 1}, {})->cols(), 96);
  EXPECT_EQ(calibration->statistics({Role::embedding}, {})->cols(), 128) << "of a tied head";
  EXPECT_EQ(calibration->statistics({Role::embedding_projection}, {}), nullptr);
}

TEST_F(CalibrationTest, NeitherOrderNorThreadsChangeAnything) {
  const std::vector<ParameterId> all = {
      {Role::query, 0}, {Role::attention_output, 0}, {Role::down, 0}, {Role::up, 1}, {Role::down, 1}, {Role::head}};
  const auto collect = [&](bool backwards, int threads) {
    const ThreadLimit limit(threads);
    const auto calibration = make();
    std::vector<std::vector<float>> out(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      const size_t at = backwards ? all.size() - 1 - i : i;
      out[at] = calibration->statistics(all[at], {})->correlations.at(0).feedback;
    }
    return out;
  };
  const auto want = collect(false, 1);
  EXPECT_EQ(collect(true, 1), want);
  EXPECT_EQ(collect(false, 4), want);
}

// H of columns that one range has is the same whatever the other ranges are.
TEST_F(CalibrationTest, WideInputsAreKnownInRanges) {
  const ParameterId weight{Role::down, 1};  // of 96 inputs
  const auto whole = make()->statistics(weight, {});
  const Calibration narrow(source_->spec, source_->weights, 64, some_ids(), 40);
  const auto parts = narrow.statistics(weight, {});
  EXPECT_EQ(parts->importance, whole->importance);
  ASSERT_EQ(whole->correlations.size(), 1u);
  ASSERT_EQ(parts->correlations.size(), 3u);
  const Correlations& all = whole->correlations[0];
  std::vector<size_t> place(96);  // of a column in all.order
  for (size_t i = 0; i < place.size(); ++i) place[static_cast<size_t>(all.order[i])] = i;
  const double scale = static_cast<double>(all.products[0]);
  for (size_t r = 0; r < 3; ++r) {
    const Correlations& part = parts->correlations[r];
    ASSERT_EQ(part.order.size(), 32u);
    for (size_t i = 0; i < 32; ++i) {
      const auto column = static_cast<size_t>(part.order[i]);
      EXPECT_EQ(column / 32, r);
      for (size_t j = 0; j < 32; ++j) {
        const double want =
            static_cast<double>(all.products[place[column] * 96 + place[static_cast<size_t>(part.order[j])]]);
        EXPECT_NEAR(part.products[i * 32 + j], want, 1e-5 * scale) << r << " " << i << " " << j;
      }
    }
  }
}

TEST_F(CalibrationTest, DivisorsAreThoseOfTheInputs) {
  std::vector<float> divisors(96, 1.0f);
  divisors[5] = 4;
  const auto plain = make()->statistics({Role::down, 0}, {}), divided = make()->statistics({Role::down, 0}, divisors);
  EXPECT_EQ(divided->held_out[5], plain->held_out[5] / 4);
  EXPECT_EQ(divided->held_out[6], plain->held_out[6]);
}

TEST(CalibrationIds, AreReadOrRefused) {
  using testing::HasSubstr;
  MemoryFileSystem files;
  std::string list;
  for (int i = 0; i < 100; ++i) list += fmt::format("{} ", i);
  files.write_text("a.ids", list);
  files.write_text("few.json", "[1, 2, 3]");
  files.write_text("a.txt", "text");
  EXPECT_EQ(read_calibration_ids(files, {.file = "a.ids", .tokens = 64}, "").size(), 64u);
  EXPECT_EQ(read_calibration_ids(files, {.file = "a.ids"}, "").back(), 99);
  const auto message = [&](const char* file) -> std::string {
    try {
      read_calibration_ids(files, {.file = file}, "");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("few.json"), HasSubstr("got 3 tokens, want at least 64"));
  EXPECT_THAT(message("a.txt"), HasSubstr("no tokenizer"));
}

}  // namespace
}  // namespace cortland
