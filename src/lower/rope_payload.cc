#include "lower/rope_payload.h"

#include <fmt/ranges.h>

#include <cmath>

#include "tensor/convert.h"

namespace cortland {
namespace {

class RopePayload : public mil::Payload {
 public:
  RopePayload(const RopeTable& table, RopePart part, int64_t positions)
      : inv_freq_(table.inv_freq), factor_(table.attention_factor), part_(part),
        shape_{1, 1, positions, 2 * static_cast<int64_t>(table.inv_freq.size())} {
    key_ = fmt::format("{} of {} positions x {:a} at {:a}", part == RopePart::cos ? "cos" : "sin", positions, factor_,
                       fmt::join(inv_freq_, " "));
  }

  const std::string& key() const override { return key_; }
  DType dtype() const override { return DType::f16; }
  const Shape& shape() const override { return shape_; }

  void produce(uint64_t offset, std::span<std::byte> out) const override {
    const std::span halves(reinterpret_cast<uint16_t*>(out.data()), out.size() / sizeof(uint16_t));
    const size_t first = offset / sizeof(uint16_t);
    for (size_t i = 0; i < halves.size(); ++i) halves[i] = float_to_half(value(first + i));
  }

 private:
  float value(size_t index) const {
    const size_t half = inv_freq_.size(), column = index % (2 * half);
    const double angle = static_cast<double>(index / (2 * half)) * inv_freq_[column % half];
    if (part_ == RopePart::cos) return static_cast<float>(std::cos(angle) * factor_);
    const auto s = static_cast<float>(std::sin(angle) * factor_);
    return column < half ? -s : s;
  }

  std::vector<double> inv_freq_;  // [R/2]
  double factor_;
  RopePart part_;
  Shape shape_;
  std::string key_;
};

}  // namespace

mil::PayloadPtr make_rope_payload(const RopeTable& table, RopePart part, int64_t positions) {
  return std::make_shared<RopePayload>(table, part, positions);
}

}  // namespace cortland
