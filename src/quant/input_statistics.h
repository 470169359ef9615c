// What is known of the inputs of a matrix, so that its codes err where it hurts least.
//
// For a matrix W [m, n] and inputs x with H = E[x x^T], codes that stand for W + D cost tr(D H D^T), the mean squared
// error of what the matrix gives. The diagonal of H alone says how much a column matters; H with its correlations lets
// the columns that are still free make up for the errors of those before them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cortland {

// Columns from `first` on.
struct ColumnRange {
  size_t first = 0, width = 0;
};

inline constexpr size_t kWidestRange = 8192;

// As few consecutive ranges of at most `widest` columns as there can be, of one width but for the last. Of more inputs
// than kWidestRange, only the correlations within a range are heeded: those of all would take gigabytes.
std::vector<ColumnRange> split_columns(size_t cols, size_t widest = kWidestRange);

// Sums over the calibration text, of n inputs each.
struct InputMoments {
  std::vector<float> energy;                 // [n]: E[x_j^2]
  std::vector<std::vector<float>> products;  // of each range of columns, [width, width]: E[x x^T]
  std::vector<float> held_out;  // [tokens, n]: inputs that are part of neither; codes are compared on them

  std::vector<ColumnRange> ranges = split_columns(energy.size());

  // The same of inputs x_j / divisors_j.
  void divide(std::span<const float> divisors);
};

inline constexpr int64_t kFeedbackPanel = 128;

// Columns of one range.
struct Correlations {
  std::vector<int32_t> order;   // [width]: columns of the matrix, those of most energy first
  std::vector<float> products;  // [width, width]: H, damped; columns and rows by `order`
  // V of the .cc, columns and rows by `order`: how much of the error of the i-th column the k-th makes up for. In
  // panels of kFeedbackPanel columns k, the last one narrower, each [rows up to its last column, columns]; zeros up to
  // the diagonal.
  std::vector<float> feedback;
};

struct InputStatistics {
  std::vector<float> importance;           // [n]: weights of squared errors; positive
  std::vector<Correlations> correlations;  // of each range
  std::vector<float> held_out;             // [tokens, n], as InputMoments

  int64_t cols() const { return static_cast<int64_t>(importance.size()); }
};

// H is damped: 0.01 times the mean of its diagonal is added there, so that inputs that were never seen do no harm.
// Threaded; the result does not depend on the number of threads.
InputStatistics make_statistics(InputMoments moments);

}  // namespace cortland
