#include "lower/weight_payload.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"

namespace cortland {
namespace {

constexpr size_t kHalfSize = sizeof(uint16_t);
constexpr size_t kPieceElements = 64 << 10;  // what is read and converted at a time: it stays in the cache of a core

void require_finite(const Checkpoint& checkpoint, const TensorEntry& entry, bool non_finite) {
  require(!non_finite, ErrorCode::corrupt, "{}: tensor {}: holds a NaN or an infinity; hint: the file is damaged, "
          "or training diverged", checkpoint.folder(), entry.name);
}

class WeightPayload : public mil::Payload {
 public:
  WeightPayload(const Checkpoint& checkpoint, const TensorEntry& entry, const WeightRecipe& recipe, Shape shape,
                WeightReport& report)
      : checkpoint_(checkpoint), entry_(entry), scale_(static_cast<float>(recipe.scale)), shape_(std::move(shape)),
        report_(report) {
    const int64_t row_elements = element_count(std::span(entry.shape).subspan(std::min<size_t>(1, entry.shape.size())));
    first_element_ = static_cast<uint64_t>(recipe.first_row * row_elements);
    key_ = fmt::format("fp16 {}[{}:+{}] x {}", entry.name, first_element_, element_count(shape_), recipe.scale);
  }

  const std::string& key() const override { return key_; }
  DType dtype() const override { return DType::f16; }
  const Shape& shape() const override { return shape_; }

  void produce(uint64_t offset, std::span<std::byte> out) const override {
    const auto element_size = static_cast<size_t>(bits_of(entry_.dtype) / 8);
    const uint64_t first = first_element_ + offset / kHalfSize;
    const std::span halves(reinterpret_cast<uint16_t*>(out.data()), out.size() / kHalfSize);
    std::vector<std::byte> stored(std::min(kPieceElements, halves.size()) * element_size);
    std::vector<float> scaled(scale_ == 1 ? 0 : std::min(kPieceElements, halves.size()));
    ConvertStats stats;
    for (size_t at = 0; at < halves.size(); at += kPieceElements) {
      const size_t n = std::min(kPieceElements, halves.size() - at);
      checkpoint_.read(entry_, (first + at) * element_size, std::span(stored).first(n * element_size));
      if (scale_ == 1) {
        stats.merge(to_halves(entry_.dtype, stored.data(), halves.subspan(at, n)));
      } else {
        to_floats(entry_.dtype, stored.data(), std::span(scaled).first(n));
        for (float& value : scaled) value *= scale_;
        stats.merge(to_halves(DType::f32, reinterpret_cast<const std::byte*>(scaled.data()), halves.subspan(at, n)));
      }
    }
    require_finite(checkpoint_, entry_, stats.non_finite);
    report_.add(entry_.name, stats);
  }

 private:
  const Checkpoint& checkpoint_;
  const TensorEntry& entry_;
  float scale_;
  Shape shape_;
  WeightReport& report_;
  uint64_t first_element_ = 0;
  std::string key_;
};

}  // namespace

void WeightReport::add_use(const TensorEntry& entry, std::string_view constant, std::string recipe) {
  const std::lock_guard lock(mutex_);
  if (!noted_.insert(fmt::format("{}|{}|{}", entry.name, constant, recipe)).second) return;
  uses_.push_back({fmt::format("{} {} {}", entry.name, row_of(entry.dtype).safetensors, to_string(entry.shape)),
                   std::string(constant), std::move(recipe)});
}

std::vector<WeightUse> WeightReport::uses() const {
  const std::lock_guard lock(mutex_);
  return uses_;
}

void WeightReport::add(const std::string& tensor, const ConvertStats& stats) {
  const std::lock_guard lock(mutex_);
  tensors_[tensor].merge(stats);
}

std::map<std::string, ConvertStats> WeightReport::saturated() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, ConvertStats> out;
  for (const auto& [tensor, stats] : tensors_) {
    if (stats.saturated > 0) out[tensor] = stats;
  }
  return out;
}

mil::PayloadPtr make_weight_payload(const Checkpoint& checkpoint, const TensorEntry& entry, const WeightRecipe& recipe,
                                    Shape shape, WeightReport& report) {
  return std::make_shared<WeightPayload>(checkpoint, entry, recipe, std::move(shape), report);
}

std::vector<float> read_floats(const Checkpoint& checkpoint, const TensorEntry& entry) {
  std::vector<std::byte> stored(entry.size_bytes);
  checkpoint.read(entry, 0, stored);
  std::vector<float> values(static_cast<size_t>(element_count(entry.shape)));
  to_floats(entry.dtype, stored.data(), values);
  const bool finite = std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  require_finite(checkpoint, entry, !finite);
  return values;
}

mil::PayloadPtr make_half_payload(Shape shape, const std::vector<float>& values) {
  std::vector<std::byte> bytes(values.size() * kHalfSize);
  floats_to_halves(values, {reinterpret_cast<uint16_t*>(bytes.data()), values.size()});
  return mil::make_bytes_payload(DType::f16, std::move(shape), std::move(bytes));
}

}  // namespace cortland
