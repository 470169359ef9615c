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
    const size_t first = offset / sizeof(uint16_t), half = inv_freq_.size();
    for (size_t i = 0; i < halves.size(); ++i) {
      const size_t row = (first + i) / (2 * half), column = (first + i) % (2 * half);
      // The second half of a row is the first one, and a sine has the other sign.
      const bool is_known = column >= half && i >= half;
      const uint16_t bits = is_known ? halves[i - half] : float_to_half(value(row, column % half));
      halves[i] = part_ == RopePart::sin && (is_known || column < half) ? bits ^ kSign : bits;
    }
  }

 private:
  static constexpr uint16_t kSign = 0x8000;

  // Of an element of the second half.
  float value(size_t row, size_t frequency) const {
    const double angle = static_cast<double>(row) * inv_freq_[frequency];
    return static_cast<float>((part_ == RopePart::cos ? std::cos(angle) : std::sin(angle)) * factor_);
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
