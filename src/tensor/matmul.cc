#include "tensor/matmul.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>

#include "base/parallel.h"
#include "tensor/convert.h"
#include "tensor/dots.h"

#if defined(__APPLE__)
#include <Accelerate/Accelerate.h>
#else
#include <cblas.h>
#endif

namespace cortland {
namespace {

constexpr int64_t kRowTile = 96;  // BLAS packs the vectors once for each
constexpr int64_t kFewVectors = 16;
constexpr int64_t kCachedElements = 16384;

int to_int(int64_t value) { return static_cast<int>(value); }

// Loops here are threaded already; a threaded BLAS below them would only fight for the same cores.
void use_one_blas_thread() {
#if defined(OPENBLAS_VERSION)
  static std::once_flag once;
  std::call_once(once, [] { openblas_set_num_threads(1); });
#endif
}

size_t row_bytes_of(const WeightMatrix& w) {
  return static_cast<size_t>(stored_size(static_cast<uint64_t>(w.cols), w.dtype));
}

void read_rows(const WeightMatrix& w, int64_t first, std::span<float> out) {
  if (w.encoded != nullptr) {
    w.encoded->read(first * w.cols, out);
  } else {
    to_floats(w.dtype, w.data + static_cast<size_t>(first) * row_bytes_of(w), out);
  }
}

// The products of some rows with one vector.
void multiply_by_one(const WeightMatrix& w, int64_t first, int64_t rows, const float* x, float* y) {
  const auto cols = static_cast<size_t>(w.cols);
  if (w.encoded != nullptr) {
    w.encoded->multiply(first * w.cols, {x, cols}, {y + first, static_cast<size_t>(rows)});
    return;
  }
  const size_t row_bytes = row_bytes_of(w);
  for (int64_t row = first; row < first + rows; ++row) {
    y[row] = dot(w.dtype, w.data + static_cast<size_t>(row) * row_bytes, x, cols);
  }
}

// With a few, token after token; the rows that are read at a time stay in the nearest cache.
void multiply_by_few(const WeightMatrix& w, int64_t first, int64_t rows, const float* x, int64_t n, float* y,
                     float* decoded) {
  const auto cols = static_cast<size_t>(w.cols);
  const int64_t pairs = std::max(kCachedElements / 2 / w.cols, int64_t{1});
  const int64_t at_once = std::min(rows, 2 * pairs);
  for (int64_t row = first; row < first + rows; row += at_once) {
    const auto count = static_cast<size_t>(std::min(at_once, first + rows - row));
    read_rows(w, row, {decoded, count * cols});
    multiply_rows(decoded, count, cols, x, static_cast<size_t>(n), y + row, static_cast<size_t>(w.rows));
  }
}

}  // namespace

void matmul(const float* a, Storage a_storage, const float* b, Storage b_storage, int64_t m, int64_t n, int64_t k,
            float* c) {
  use_one_blas_thread();
  const bool ta = a_storage == Storage::transposed, tb = b_storage == Storage::transposed;
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, to_int(m), to_int(n),
              to_int(k), 1.0f, a, to_int(ta ? m : k), b, to_int(tb ? k : n), 0.0f, c, to_int(n));
}

void multiply_weights(const WeightMatrix& w, const float* x, int64_t n, VectorLayout layout, float* y) {
  use_one_blas_thread();
  const auto tiles = static_cast<size_t>((w.rows + kRowTile - 1) / kRowTile);
  parallel_for(tiles, grain_for(static_cast<size_t>(kRowTile * w.cols * n)), [&](size_t begin, size_t end) {
    // Not zeroed: what is read is written before.
    const size_t size = n == 1 ? 0 : static_cast<size_t>(std::min(kRowTile, w.rows) * w.cols);
    const auto decoded = std::make_unique_for_overwrite<float[]>(size);
    for (size_t tile = begin; tile < end; ++tile) {
      const int64_t first = static_cast<int64_t>(tile) * kRowTile;
      const int64_t rows = std::min(kRowTile, w.rows - first);
      if (n == 1) {
        multiply_by_one(w, first, rows, x, y);
        continue;
      }
      if (n <= kFewVectors && layout == VectorLayout::rows) {
        multiply_by_few(w, first, rows, x, n, y, decoded.get());
        continue;
      }
      read_rows(w, first, {decoded.get(), static_cast<size_t>(rows * w.cols)});
      if (layout == VectorLayout::columns) {
        matmul(decoded.get(), Storage::plain, x, Storage::plain, rows, n, w.cols, y + first * n);
      } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, to_int(n), to_int(rows), to_int(w.cols), 1.0f, x,
                    to_int(w.cols), decoded.get(), to_int(w.cols), 0.0f, y + first, to_int(w.rows));
      }
    }
  });
}

}  // namespace cortland
