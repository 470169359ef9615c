// Codes to test with, and scales for them.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "tensor/convert.h"
#include "tensor/elements.h"

namespace cortland {

// Codes of 3,000 random bytes: their numbers as Elements reads them one by one.
class SomeCodes {
 public:
  explicit SomeCodes(DType dtype) : bytes_(3000) {
    std::mt19937 random(static_cast<unsigned>(dtype));
    for (std::byte& byte : bytes_) {
      byte = static_cast<std::byte>(random() & 0xff);
    }
    elements_ = make_stored_elements(dtype, bytes_, nullptr);
    codes_ = elements_->codes().value();
  }
  const Codes& codes() const { return codes_; }
  float at(size_t i) const {
    float value = 0;
    elements_->read(static_cast<int64_t>(i), {&value, 1});
    return value;
  }

 private:
  std::vector<std::byte> bytes_;
  ElementsPtr elements_;
  Codes codes_;
};

inline float rounded_to_half(float value) { return half_to_float(float_to_half(value)); }

// Scales of fp16: ordinary ones, and those whose numbers leave the normal range of fp16 at either end.
inline float some_scale(size_t block, float magnitude) {
  return rounded_to_half(magnitude * (0.37f + static_cast<float>(block)) * (block % 3 == 1 ? -1.0f : 1.0f));
}

}  // namespace cortland
