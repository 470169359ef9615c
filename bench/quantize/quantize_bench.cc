// Times of the codecs on one matrix.
//
//   quantize_bench FILE ROWS COLS REPEATS    FILE: fp32, row-major; prints {"int4": {"seconds": ..., "snr_db": ...},
//   ...}: the best
//                                            of the repeats, on all cores
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/parallel.h"
#include "quant/encoded_matrix.h"

namespace cortland {
namespace {

class FileRows : public RowSource {
 public:
  FileRows(const std::string& path, int64_t rows, int64_t cols) : rows_(rows), cols_(cols), key_(path) {
    const std::string bytes = disk().read_text(path);
    values_.resize(static_cast<size_t>(rows * cols));
    require(bytes.size() == values_.size() * sizeof(float), ErrorCode::invalid, "{}: got {} bytes, want {}", path,
            bytes.size(), values_.size() * sizeof(float));
    std::memcpy(values_.data(), bytes.data(), bytes.size());
  }
  int64_t rows() const override { return rows_; }
  int64_t cols() const override { return cols_; }
  const std::string& key() const override { return key_; }
  void read(int64_t first, std::span<float> out) const override {
    std::copy_n(values_.begin() + first * cols_, out.size(), out.begin());
  }

 private:
  int64_t rows_, cols_;
  std::vector<float> values_;
  std::string key_;
};

// All codes, piece by piece on all cores, as the writer asks for them.
void encode_all(const EncodedMatrix& matrix) {
  const uint64_t granule = matrix.granule_bytes(EncodedPart::codes);
  const uint64_t size =
      stored_size(static_cast<uint64_t>(matrix.rows() * matrix.cols()), matrix.dtype(EncodedPart::codes));
  parallel_for((size + granule - 1) / granule, 1, [&](size_t begin, size_t end) {
    std::vector<std::byte> bytes;
    for (size_t piece = begin; piece < end; ++piece) {
      bytes.resize(std::min(granule, size - piece * granule));
      matrix.produce(EncodedPart::codes, piece * granule, bytes);
    }
  });
}

int run(const std::string& path, int64_t rows, int64_t cols, int repeats) {
  const auto source = std::make_shared<FileRows>(path, rows, cols);
  const std::pair<const char*, Scheme> schemes[] = {
      {"int8", int8_scheme()}, {"int4", int4_scheme()}, {"int4-asym", uint4_scheme()}, {"lut4", palette_scheme(4, 32)},
      {"lut6", palette_scheme(6, 32)}, {"lut8", palette_scheme(8)}};
  OrderedJson out = OrderedJson::object();
  for (const auto& [name, scheme] : schemes) {
    double best = std::numeric_limits<double>::max(), snr = 0;
    for (int i = 0; i < repeats; ++i) {
      const EncodedMatrix matrix(source, scheme);
      const auto start = std::chrono::steady_clock::now();
      encode_all(matrix);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      snr = matrix.error().snr_db();
    }
    out[name] = {{"seconds", best}, {"snr_db", snr}};
  }
  fmt::print("{}\n", json_text(out));
  return 0;
}

}  // namespace
}  // namespace cortland

int main(int argc, char** argv) {
  try {
    cortland::require(argc == 5, cortland::ErrorCode::invalid, "usage: quantize_bench FILE ROWS COLS REPEATS");
    return cortland::run(argv[1], std::stoll(argv[2]), std::stoll(argv[3]), std::stoi(argv[4]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "quantize_bench: {}\n", error.what());
    return 2;
  }
}
