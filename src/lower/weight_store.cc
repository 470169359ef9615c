#include "lower/weight_store.h"

#include "lower/encoded_op.h"
#include "lower/kept_rows.h"
#include "lower/weight_rows.h"

namespace cortland {
namespace {

// A tied head that is not cut is the table of the embedding.
WeightPlace placed(const Binding& binding, int64_t rows, WeightPlace place) {
  const Parameter& p = *binding.parameter;
  return place == WeightPlace::head && p.id.role == Role::embedding && rows == p.shape[0] ? WeightPlace::embedding
                                                                                          : place;
}

}  // namespace

std::shared_ptr<const EncodedMatrix> WeightStore::find_matrix(const Binding& binding, const WeightRecipe& recipe,
                                                              const SchemeChoice& choice) {
  const auto matrix = choice.is_kept
                          ? std::make_shared<const EncodedMatrix>(
                                std::make_shared<KeptRows>(weights_, binding, recipe, choice.scheme), choice.scheme)
                          : std::make_shared<const EncodedMatrix>(
                                std::make_shared<WeightRows>(weights_, binding, recipe, report_), choice.scheme);
  const auto [it, is_new] = matrices_.emplace(matrix->key(), matrix);
  if (is_new) report_.add_matrix({binding.entries.front()->name, matrix, choice, binding.parameter->id});
  return it->second;
}

SchemeChoice WeightStore::choose(const Binding& binding, int64_t rows, WeightPlace place) const {
  const Shape& shape = binding.parameter->shape;
  if (shape.size() < 2) return {};
  return choose_scheme(policy_, placed(binding, rows, place), binding.entries.front()->name, rows,
                       element_count(std::span(shape).subspan(1)),
                       policy_.keeps() ? stored_form(binding) : StoredForm{});
}

bool WeightStore::keeps(const Binding& binding, int64_t rows, WeightPlace place) const {
  return choose(binding, rows, place).is_kept;
}

StoredWeight WeightStore::add(std::string_view name, const Binding& binding, const WeightRecipe& plain,
                              const Shape& shape, WeightPlace place) {
  const int64_t all = binding.parameter->shape[0], rows = shape[0];
  const SchemeChoice choice = choose(binding, rows, place);
  WeightRecipe recipe = plain;
  // An embedding multiplies nothing.
  if (placed(binding, rows, place) != WeightPlace::embedding) recipe.tuning = tuning_;
  const std::string part =
      rows == all ? "" : fmt::format("rows {} to {}, ", recipe.first_row, recipe.first_row + rows - 1);
  const std::string scaled = recipe.scale == 1 ? "" : fmt::format("times {:g}, ", recipe.scale);
  const std::string folded = recipe.folds(binding) ? "folded, " : "";
  report_.add_use(binding, name,
                  fmt::format("{}{}{}{}{} {}", part, scaled, folded, choice.is_kept ? "kept as " : "",
                              to_string(choice.scheme), to_string(shape)));
  if (choice.scheme.codec == Codec::half && !choice.reason.empty()) {
    report_.add_half({binding.entries.front()->name, choice.reason});
  }
  if (choice.scheme.codec == Codec::half) {
    return {make_weight_payload(weights_, binding, recipe, shape, report_), nullptr};
  }
  return {nullptr, find_matrix(binding, recipe, choice)};
}

mil::Value WeightStore::add(mil::Builder& builder, std::string_view name, const Binding& binding,
                            const WeightRecipe& recipe, const Shape& shape, WeightPlace place) {
  const StoredWeight stored = add(name, binding, recipe, shape, place);
  if (stored.half) return builder.constant(name, stored.half);
  const EncodedOp encoded = make_encoded_op(stored.matrix, shape, opset_);
  return std::visit([&](const auto& op) { return builder.add(name, op); }, encoded);
}

}  // namespace cortland
