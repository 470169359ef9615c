// Products of rows with a few vectors by SIMD, for which packing the rows as BLAS does costs more than the products.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cortland {

// y[v * y_stride + r] = sum over c of rows[r * cols + c] * x[v * cols + c], in fp32, for r < row_count, v < n.
void multiply_rows(const float* rows, size_t row_count, size_t cols, const float* x, size_t n, float* y,
                   size_t y_stride);

}  // namespace cortland
