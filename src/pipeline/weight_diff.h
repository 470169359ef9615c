// Two weights side by side: by value, whatever form they are stored in.
#pragma once

#include <string>
#include <string_view>

#include "mil/program.h"
#include "tensor/elements.h"

namespace cortland {

enum class WeightRelation {
  equal,        // the same values, stored alike
  recoded,      // the same values in another form
  scaled,       // the same values times one power of two
  quantized,    // another form of nearly these values
  changed,      // other values
  reshaped,     // of another shape, so that values are not compared
  only_first,
  only_second,
};
std::string_view to_string(WeightRelation relation);

// Below this SNR another form is no form of the same values: one bit for each number still has about 4 dB.
inline constexpr double kLeastSnr = 3;

struct WeightDifference {
  WeightRelation relation = WeightRelation::equal;
  double snr_db =
      0;  // 10 log10(sum first^2 / sum (first - second)^2); +inf when equal; -inf where a number is not finite
  double max_abs = 0;  // of the difference
  int exponent = 0;    // of two, which `scaled` multiplies the first with
};

// A constant as it is stored: "fp16", "4 bits (lut_to_dense)".
std::string stored_form(const mil::Function& function, mil::ValueId id);

// The numbers of a constant.
struct WeightValues {
  DType dtype = DType::f16;
  Shape shape;
  ElementsPtr elements;
  mil::PayloadPtr payload;  // where a file holds them as they are; nullptr elsewhere
};
// Of floats in a weight file, read piece by piece; of anything else, what the interpreter makes of it, with the codes
// of this one constant in memory. Errors: as Constants::evaluate().
WeightValues weight_values(const mil::Function& function, mil::ValueId id);

// Reads both piece by piece. Dimensions of 1 count for nothing.
WeightDifference compare_weights(const WeightValues& first, const WeightValues& second, bool is_form_equal);

}  // namespace cortland
