#include "lower/weight_payload.h"

#include <algorithm>

#include "base/error.h"

namespace cortland {
namespace {

constexpr size_t kHalfSize = sizeof(uint16_t);
constexpr size_t kPieceElements = 64 << 10;  // what is read and converted at a time: it stays in the cache of a core

bool is_stored_as_floats(const Binding& binding) {
  return std::all_of(binding.entries.begin(), binding.entries.end(),
                     [](const TensorEntry* entry) { return !entry->is_quantized(); });
}

class WeightPayload : public mil::Payload {
 public:
  WeightPayload(const Weights& weights, const Binding& binding, const WeightRecipe& recipe, Shape shape,
                WeightReport& report)
      : weights_(weights), binding_(binding), recipe_(recipe), shape_(std::move(shape)), report_(report) {
    const Parameter& p = *binding.parameter;
    const int64_t row_elements = element_count(std::span(p.shape).subspan(std::min<size_t>(1, p.shape.size())));
    first_element_ = recipe.first_row * row_elements;
    is_plain_ = !p.transposed && p.offset == 0 && recipe.scale == 1 && recipe.folds(binding) == nullptr &&
                is_stored_as_floats(binding);
    key_ =
        fmt::format("fp16 {}[{}:+{}] x {}{}{}", binding.entries.front()->name, first_element_, element_count(shape_),
                    recipe.scale, recipe.folds(binding) ? " folded" : "", p.is_plain() ? "" : " as " + to_string(p.id));
  }

  const std::string& key() const override { return key_; }
  DType dtype() const override { return DType::f16; }
  const Shape& shape() const override { return shape_; }

  void produce(uint64_t offset, std::span<std::byte> out) const override {
    const int64_t first = first_element_ + static_cast<int64_t>(offset / kHalfSize);
    const std::span halves(reinterpret_cast<uint16_t*>(out.data()), out.size() / kHalfSize);
    const ConvertStats stats = is_plain_ ? copy(first, halves) : compute(first, halves);
    if (stats.non_finite) weights_.refuse_non_finite(binding_);
    report_.add(binding_, stats);
  }

 private:
  // From stored bytes, run by run.
  ConvertStats copy(int64_t first, std::span<uint16_t> halves) const {
    ConvertStats stats;
    std::vector<std::byte> stored;
    for_each_run(binding_, first, static_cast<int64_t>(halves.size()),
                 [&](const TensorEntry& entry, int64_t begin, int64_t count) {
                   const auto element_size = static_cast<size_t>(bits_of(entry.dtype) / 8);
                   stored.resize(std::min(kPieceElements, static_cast<size_t>(count)) * element_size);
                   for (size_t at = 0; at < static_cast<size_t>(count); at += kPieceElements) {
                     const size_t n = std::min(kPieceElements, static_cast<size_t>(count) - at);
                     weights_.checkpoint().read(entry, (static_cast<size_t>(begin) + at) * element_size,
                                                std::span(stored).first(n * element_size));
                     stats.merge(to_halves(entry.dtype, stored.data(), halves.first(n)));
                     halves = halves.subspan(n);
                   }
                 });
    return stats;
  }

  // By way of fp32. A transposed tensor is read through for every piece, so there is only one.
  ConvertStats compute(int64_t first, std::span<uint16_t> halves) const {
    const size_t piece = binding_.parameter->transposed ? halves.size() : std::min(kPieceElements, halves.size());
    std::vector<float> values(piece);
    ConvertStats stats;
    for (size_t at = 0; at < halves.size(); at += piece) {
      const size_t n = std::min(piece, halves.size() - at);
      weights_.read(binding_, first + static_cast<int64_t>(at), std::span(values).first(n));
      recipe_.apply(binding_, first + static_cast<int64_t>(at), std::span(values).first(n));
      stats.merge(to_halves(DType::f32, reinterpret_cast<const std::byte*>(values.data()), halves.subspan(at, n)));
    }
    return stats;
  }

  const Weights& weights_;
  const Binding& binding_;
  WeightRecipe recipe_;
  Shape shape_;
  WeightReport& report_;
  int64_t first_element_ = 0;
  bool is_plain_ = false;  // rounding is all that happens to an element
  std::string key_;
};

}  // namespace

const Folds* WeightRecipe::folds(const Binding& binding) const {
  const Folds* folds = tuning == nullptr ? nullptr : tuning->folds.get();
  return folds != nullptr && folds->has(binding.parameter->id) ? folds : nullptr;
}

void WeightRecipe::apply(const Binding& binding, int64_t first, std::span<float> values) const {
  if (scale != 1) {
    for (float& value : values) value *= static_cast<float>(scale);
  }
  const Folds* found = folds(binding);
  if (found == nullptr) return;
  const Shape& shape = binding.parameter->shape;
  const auto cols = static_cast<size_t>(element_count(std::span(shape).subspan(1))), begin = static_cast<size_t>(first);
  const std::span<const float> by_row = found->rows(binding.parameter->id),
                               by_column = found->columns(binding.parameter->id);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!by_row.empty()) values[i] *= by_row[(begin + i) / cols];
    if (!by_column.empty()) values[i] *= by_column[(begin + i) % cols];
  }
}

void WeightReport::add_use(const Binding& binding, std::string_view constant, std::string recipe) {
  const std::lock_guard lock(mutex_);
  const TensorEntry& entry = *binding.entries.front();
  const Parameter& p = *binding.parameter;
  if (!p.is_plain()) {
    recipe =
        fmt::format("{}{}{}{}{}, {}", p.tensors.size() > 1 ? fmt::format("{} tensors like it, ", p.tensors.size()) : "",
                    p.transposed ? "transposed, " : "", p.rows.empty() ? "" : fmt::format("{} rows, ", p.rows.size()),
                    p.columns.empty() ? "" : "columns by group, ", to_string(p.id), recipe);
  }
  if (!noted_.insert(fmt::format("{}|{}|{}", entry.name, constant, recipe)).second) return;
  uses_.push_back({fmt::format("{} {} {}", entry.name, entry.type_name(), to_string(entry.shape)),
                   std::string(constant), std::move(recipe)});
}

std::vector<WeightUse> WeightReport::uses() const {
  const std::lock_guard lock(mutex_);
  return uses_;
}

void WeightReport::add(const Binding& binding, const ConvertStats& stats) {
  const std::lock_guard lock(mutex_);
  tensors_[binding.entries.front()->name].merge(stats);
}

std::map<std::string, ConvertStats> WeightReport::saturated() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, ConvertStats> out;
  for (const auto& [tensor, stats] : tensors_) {
    if (stats.saturated > 0) out[tensor] = stats;
  }
  return out;
}

void WeightReport::add_matrix(EncodedWeight weight) {
  const std::lock_guard lock(mutex_);
  matrices_.push_back(std::move(weight));
}

std::vector<EncodedWeight> WeightReport::matrices() const {
  const std::lock_guard lock(mutex_);
  return matrices_;
}

void WeightReport::add_half(HalfWeight weight) {
  const std::lock_guard lock(mutex_);
  if (noted_.insert("half|" + weight.tensor).second) halves_.push_back(std::move(weight));
}

std::vector<HalfWeight> WeightReport::halves() const {
  const std::lock_guard lock(mutex_);
  return halves_;
}

mil::PayloadPtr make_weight_payload(const Weights& weights, const Binding& binding, const WeightRecipe& recipe,
                                    Shape shape, WeightReport& report) {
  return std::make_shared<WeightPayload>(weights, binding, recipe, std::move(shape), report);
}

mil::PayloadPtr make_half_payload(Shape shape, std::vector<float> values, const Binding& binding,
                                  WeightReport& report) {
  std::vector<std::byte> bytes(values.size() * kHalfSize);
  report.add(binding, to_halves(DType::f32, reinterpret_cast<const std::byte*>(values.data()),
                                {reinterpret_cast<uint16_t*>(bytes.data()), values.size()}));
  return mil::make_bytes_payload(DType::f16, std::move(shape), std::move(bytes));
}

}  // namespace cortland
