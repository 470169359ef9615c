// Matrix products in fp32: CBLAS for dense operands, tiles decoded on the fly for stored weights.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/dtype.h"
#include "tensor/elements.h"

namespace cortland {

// A weight matrix as it is stored, [rows, cols] row-major. dtype: f16, bf16 or f32; any alignment. Or as codes.
struct WeightMatrix {
  DType dtype;
  int64_t rows;
  int64_t cols;
  const std::byte* data;              // nullptr: it is encoded
  const Elements* encoded = nullptr;
};

// Where the n vectors of an operand lie.
enum class VectorLayout {
  columns,  // x [cols, n], y [rows, n]   channels first
  rows,     // x [n, cols], y [n, rows]   token after token
};

// y = w * x for n vectors. Threaded; the result does not depend on the number of threads.
void multiply_weights(const WeightMatrix& w, const float* x, int64_t n, VectorLayout layout, float* y);

// How a dense operand of matmul() is stored.
enum class Storage { plain, transposed };

// c [m, n] = a [m, k] * b [k, n]; a transposed operand is stored as [k, m] or [n, k].
void matmul(const float* a, Storage a_storage, const float* b, Storage b_storage, int64_t m, int64_t n, int64_t k,
            float* c);

}  // namespace cortland
