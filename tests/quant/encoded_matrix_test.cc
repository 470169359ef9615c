#include "quant/encoded_matrix.h"

#include <gtest/gtest.h>

#include <thread>

#include "quant/samples.h"
#include "tensor/every_target.h"

namespace cortland {
namespace {

constexpr int64_t kRows = 1056, kCols = 256;  // two pieces

class SampleRows : public RowSource {
 public:
  SampleRows() {
    static const std::vector<float> kValues = sample(Law::student5, kRows * kCols);
    values_ = kValues;
  }
  int64_t rows() const override { return kRows; }
  int64_t cols() const override { return kCols; }
  const std::string& key() const override { return key_; }
  void read(int64_t first, std::span<float> out) const override {
    std::copy_n(values_.begin() + first * kCols, out.size(), out.begin());
  }

 private:
  std::vector<float> values_;
  std::string key_ = "sample";
};

std::vector<EncodedPart> parts_of(const Scheme& scheme) {
  switch (scheme.codec) {
    case Codec::uint4: return {EncodedPart::codes, EncodedPart::scales, EncodedPart::offsets};
    case Codec::palette: return {EncodedPart::codes, EncodedPart::tables};
    default: return {EncodedPart::codes, EncodedPart::scales};
  }
}

std::vector<std::byte> produce(const EncodedMatrix& matrix, EncodedPart part, uint64_t granules) {
  std::vector<std::byte> bytes(matrix.part_bytes(part));
  const uint64_t step = matrix.granule_bytes(part) * granules;
  for (uint64_t at = 0; at < bytes.size(); at += step) {
    matrix.produce(part, at, std::span(bytes).subspan(at, std::min<uint64_t>(step, bytes.size() - at)));
  }
  return bytes;
}

const Scheme kSchemes[] = {int8_scheme(),        int4_scheme(16),       int4_scheme(64),  uint4_scheme(),
                           palette_scheme(3, 8), palette_scheme(4, 44), palette_scheme(2)};

TEST(EncodedMatrix, BytesDependOnNeitherOrderNorThreads) {
  for (const Scheme& scheme : kSchemes) {
    const auto rows = std::make_shared<SampleRows>();
    const EncodedMatrix forwards(rows, scheme), backwards(rows, scheme), threaded(rows, scheme);
    std::vector<EncodedPart> parts = parts_of(scheme);
    std::vector<std::vector<std::byte>> want;
    for (const EncodedPart part : parts) want.push_back(produce(forwards, part, 1));
    for (size_t i = parts.size(); i-- > 0;) EXPECT_EQ(produce(backwards, parts[i], 3), want[i]) << to_string(scheme);
    std::vector<std::vector<std::byte>> got(parts.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < parts.size(); ++i) {
      threads.emplace_back([&, i] { got[i] = produce(threaded, parts[i], 2); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(got, want) << to_string(scheme);
    for (size_t i = 0; i < parts.size(); ++i) EXPECT_EQ(produce(forwards, parts[i], 1), want[i]) << "a second time";
  }
}

TEST(EncodedMatrix, BytesDoNotDependOnTheInstructionSet) {
  for (const Scheme& scheme : {int8_scheme(), int4_scheme(16), uint4_scheme(), palette_scheme(3, 8)}) {
    std::vector<std::byte> want;
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      const OnTarget on(target);
      const EncodedMatrix matrix(std::make_shared<SampleRows>(), scheme);
      const std::vector<std::byte> got = produce(matrix, EncodedPart::codes, 1);
      if (want.empty()) want = got;
      EXPECT_EQ(got, want) << to_string(scheme) << " " << hwy::TargetName(target);
    }
  }
}

TEST(EncodedMatrix, SizesFollowTheFormula) {
  for (const Scheme& scheme : kSchemes) {
    const EncodedMatrix matrix(std::make_shared<SampleRows>(), scheme);
    uint64_t bytes = 0;
    for (const EncodedPart part : parts_of(scheme)) bytes += matrix.part_bytes(part);
    EXPECT_NEAR(8.0 * static_cast<double>(bytes) / (kRows * kCols), bits_per_weight(scheme, kRows, kCols), 1e-9)
        << to_string(scheme);
  }
}

TEST(EncodedMatrix, ErrorsAreThoseOfTheWholeMatrix) {
  const EncodedMatrix matrix(std::make_shared<SampleRows>(), int4_scheme());
  produce(matrix, EncodedPart::codes, 1);
  const std::vector<float> values = sample(Law::student5, kRows * kCols);
  EXPECT_NEAR(matrix.error().signal, energy(values), 1e-4 * energy(values));
  EXPECT_NEAR(matrix.error().snr_db(), 19.2, 0.3);
}

TEST(EncodedMatrix, MeasuresWhatItWouldProduce) {
  const auto source = std::make_shared<SampleRows>();
  for (const Scheme& scheme : {int8_scheme(), uint4_scheme(), palette_scheme(2)}) {
    const EncodedMatrix matrix(source, scheme);
    const EncodingError measured = matrix.measure();
    EXPECT_EQ(matrix.error().signal, 0) << to_string(scheme);
    uint64_t bytes = 0;
    for (const EncodedPart part : parts_of(scheme)) bytes += produce(matrix, part, 1).size();
    EXPECT_EQ(matrix.error().noise, measured.noise) << to_string(scheme);
    EXPECT_EQ(matrix.error().signal, measured.signal) << to_string(scheme);
    EXPECT_NEAR(8.0 * static_cast<double>(bytes) / (kRows * kCols), bits_per_weight(scheme, kRows, kCols), 1e-9)
        << to_string(scheme);
  }
  EXPECT_EQ(EncodedMatrix(source, int8_scheme()).part_bytes(EncodedPart::tables), 0u);
  EXPECT_EQ(EncodedMatrix(source, palette_scheme(4, 32)).part_bytes(EncodedPart::scales), 0u);
}

}  // namespace
}  // namespace cortland
