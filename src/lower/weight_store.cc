#include "lower/weight_store.h"

#include "lower/encoded_payload.h"
#include "lower/weight_rows.h"
#include "mil/ops/constexpr.h"

namespace cortland {
namespace {

// [n, 1, ..., 1] of a rank.
Shape column(int64_t n, size_t rank) {
  Shape shape(rank, 1);
  shape[0] = n;
  return shape;
}

mil::Literal zero_of_int8() { return {DType::i8, {}, {std::byte{0}}, {}}; }

}  // namespace

mil::Value add_encoded(mil::Builder& builder, std::string_view name, const std::shared_ptr<const EncodedMatrix>& matrix, const Shape& shape,
                       mil::Opset opset) {
  const auto part = [&](EncodedPart which, Shape part_shape) -> mil::Binding {
    return make_encoded_payload(matrix, which, std::move(part_shape));
  };
  const size_t rank = shape.size();
  const bool has_new_forms = opset >= mil::Opset::coreml8;
  if (matrix->scheme().codec == Codec::palette) {
    const int64_t entries = int64_t{1} << matrix->scheme().bits;
    if (!has_new_forms) {
      const auto bytes = static_cast<int64_t>(stored_size(static_cast<uint64_t>(element_count(shape)), matrix->scheme().bits));
      return builder.add(name, mil::ConstexprLutToDense16{.indices = make_byte_payload(matrix, bytes),
                                                          .lut = part(EncodedPart::tables, {entries}),
                                                          .shape = mil::Literal::of_unsigned(shape)});
    }
    Shape tables = column(matrix->groups(), rank);
    tables.insert(tables.end(), {entries, 1});
    return builder.add(name, mil::ConstexprLutToDense{.indices = part(EncodedPart::codes, shape), .lut = part(EncodedPart::tables, tables)});
  }
  if (!has_new_forms) {
    return builder.add(name, mil::ConstexprAffineDequantize{.quantized_data = part(EncodedPart::codes, shape),
                                                            .zero_point = zero_of_int8(),
                                                            .scale = part(EncodedPart::scales, {shape[0]}),
                                                            .axis = 0});
  }
  Shape blocks = column(shape[0], rank);
  blocks[1] = matrix->blocks();
  mil::ConstexprBlockwiseShiftScale op{.data = part(EncodedPart::codes, shape), .scale = part(EncodedPart::scales, blocks)};
  if (matrix->scheme().codec == Codec::uint4) op.offset = part(EncodedPart::offsets, blocks);
  return builder.add(name, op);
}

std::shared_ptr<const EncodedMatrix> WeightStore::find_matrix(const Binding& binding, const WeightRecipe& recipe, const SchemeChoice& choice) {
  auto matrix = std::make_shared<const EncodedMatrix>(std::make_shared<WeightRows>(weights_, binding, recipe, report_), choice.scheme);
  const auto [it, is_new] = matrices_.emplace(matrix->key(), matrix);
  if (is_new) report_.add_matrix({binding.entries.front()->name, matrix, choice.reason});
  return it->second;
}

mil::Value WeightStore::add(mil::Builder& builder, std::string_view name, const Binding& binding, const WeightRecipe& plain,
                            const Shape& shape, WeightPlace place) {
  const int64_t all = binding.parameter->shape[0], rows = shape[0];
  const bool is_matrix = binding.parameter->shape.size() >= 2;
  // A tied head that is not cut is the table of the embedding.
  if (place == WeightPlace::head && binding.parameter->id.role == Role::embedding && rows == all) place = WeightPlace::embedding;
  WeightRecipe recipe = plain;
  // An embedding multiplies nothing.
  if (place != WeightPlace::embedding) recipe.tuning = tuning_;
  const SchemeChoice choice = is_matrix ? choose_scheme(policy_, place, binding.entries.front()->name, rows, element_count(shape) / rows)
                                        : SchemeChoice{};
  const std::string part = rows == all ? "" : fmt::format("rows {} to {}, ", recipe.first_row, recipe.first_row + rows - 1);
  const std::string scaled = recipe.scale == 1 ? "" : fmt::format("times {:g}, ", recipe.scale);
  const std::string folded = recipe.folds(binding) ? "folded, " : "";
  report_.add_use(binding, name, fmt::format("{}{}{}{} {}", part, scaled, folded, to_string(choice.scheme), to_string(shape)));
  if (choice.scheme.codec == Codec::half) return builder.constant(name, make_weight_payload(weights_, binding, recipe, shape, report_));
  return add_encoded(builder, name, find_matrix(binding, recipe, choice), shape, opset_);
}

}  // namespace cortland
