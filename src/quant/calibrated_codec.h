// Rows of a matrix as codes, chosen by what its inputs are like.
#pragma once

#include "quant/encoded.h"
#include "quant/input_statistics.h"
#include "quant/scheme.h"

namespace cortland {

// Whether there is anything to gain: codes of 8 bits are close enough as they are.
constexpr bool is_worth_calibrating(const Scheme& scheme) { return scheme.codec != Codec::half && scheme.bits < 8; }

// For each row, or group of rows with a table, the best of four: codes as without calibration, scales and tables by
// importance, GPTQ on top of those, and coordinate descent on top of that, which of few tokens learns too much. What
// counts is the mean squared error of what the rows give for the inputs that were held out, times their importance, so
// none of them is ever made worse there. REQUIRES: is_worth_calibrating(); the columns of `rows` have no importance.
Encoded encode_calibrated(const Scheme& scheme, const Rows& rows, const InputStatistics& inputs,
                          std::span<const uint16_t> whole_table);

// [rows]: the sum of squares of what each row of a matrix of the shape of `rows` gives for the inputs that were held
// out, times the importance of the row.
std::vector<double> output_energies(std::span<const float> matrix, const Rows& rows, const InputStatistics& inputs);

// The same of the errors that codes make.
std::vector<double> measure_outputs(const Scheme& scheme, const Rows& rows, const Encoded& encoded,
                                    std::span<const uint16_t> whole_table, const InputStatistics& inputs);

}  // namespace cortland
