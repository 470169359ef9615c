// Weights below fp16, by their form alone.
#include <algorithm>

#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/constexpr.h"

namespace cortland::lint {
namespace {

// What a parameter of a constexpr op is bound to.
mil::Type type_of(const Graph& graph, const mil::Binding& binding) {
  if (const auto* id = std::get_if<mil::ValueId>(&binding)) return graph.type(*id);
  if (const auto* literal = std::get_if<mil::Literal>(&binding)) return {literal->dtype, literal->shape};
  const mil::Payload& payload = *std::get<mil::PayloadPtr>(binding);
  return {payload.dtype(), payload.shape()};
}

template <typename Op, typename Check>
void for_each(const Subject& subject, const Check& check) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      if (const auto op = graph.as<Op>(operation)) check(graph, operation, *op);
    }
  }
}

bool has_blocks(const Shape& scale) {
  return std::any_of(scale.begin() + (scale.empty() ? 0 : 1), scale.end(), [](int64_t n) { return n != 1; });
}

void check_blocks(const Subject& subject, Report& report) {
  const Report warning = report.milder(Severity::warning);
  for_each<mil::ConstexprBlockwiseShiftScale>(
      subject, [&](const Graph& graph, const mil::Operation& operation, const mil::ConstexprBlockwiseShiftScale& op) {
        const mil::Type data = type_of(graph, op.data), scale = type_of(graph, op.scale);
        // The scale of a palette's entries is none of the weight.
        if (std::any_of(operation.outputs.begin(), operation.outputs.end(), [&](mil::ValueId id) {
              const auto& users = graph.users(id);
              return std::any_of(users.begin(), users.end(),
                                 [](const mil::Operation* user) { return mil::is<mil::ConstexprLutToDense>(*user); });
            })) {
          return;
        }
        if (has_blocks(scale.shape)) {
          report.add(graph, operation, "{} with scales {}: blocks inside a channel", to_string(data),
                     to_string(scale.shape));
        } else if (data.dtype != DType::i8 && data.dtype != DType::u8) {
          warning.add(graph, operation, "{} with a scale for each channel; want int8", to_string(data));
        }
      });
}

void check_groups_divide(const Subject& subject, Report& report) {
  for_each<mil::ConstexprLutToDense>(
      subject, [&](const Graph& graph, const mil::Operation& operation, const mil::ConstexprLutToDense& op) {
        const Shape indices = type_of(graph, op.indices).shape, lut = type_of(graph, op.lut).shape;
        for (size_t i = 0; i < std::min(indices.size(), lut.size()); ++i) {
          if (lut[i] > 0 && indices[i] % lut[i] == 0) continue;
          report.add(graph, operation, "{} groups on an axis of {}", lut[i], indices[i]);
          break;
        }
      });
}

void check_index_width(const Subject& subject, Report& report) {
  constexpr DType kWidths[] = {DType::u1, DType::u2, DType::u3, DType::u4, DType::u6, DType::u8};
  for_each<mil::ConstexprLutToDense>(
      subject, [&](const Graph& graph, const mil::Operation& operation, const mil::ConstexprLutToDense& op) {
        const mil::Type indices = type_of(graph, op.indices), lut = type_of(graph, op.lut);
        const bool is_known = std::find(std::begin(kWidths), std::end(kWidths), indices.dtype) != std::end(kWidths);
        const int64_t entries = lut.shape.size() < 2 ? 0 : lut.shape[lut.shape.size() - 2];
        if (!is_known || entries != int64_t{1} << bits_of(indices.dtype)) {
          report.add(graph, operation, "indices {} into {} entries", name_of(indices.dtype), entries);
        }
      });
}

void check_tables_of_palettes(const Subject& subject, Report& report) {
  const Report warning = report.milder(Severity::warning);
  for_each<mil::ConstexprLutToDense>(subject, [&](const Graph& graph, const mil::Operation& operation,
                                                  const mil::ConstexprLutToDense& op) {
    const mil::Type lut = type_of(graph, op.lut);
    const size_t rank = type_of(graph, op.indices).shape.size();
    const bool is_blocked = lut.shape.size() > rank && rank > 0 &&
                            std::any_of(lut.shape.begin() + 1, lut.shape.begin() + static_cast<std::ptrdiff_t>(rank),
                                        [](int64_t n) { return n != 1; });
    const auto* id = std::get_if<mil::ValueId>(&op.lut);
    const bool is_scaled = id != nullptr && graph.made_by<mil::ConstexprBlockwiseShiftScale>(*id);
    if (is_blocked) {
      report.add(graph, operation, "tables {}: groups on another axis than the first", to_string(lut.shape));
    } else if (is_scaled || !is_float(lut.dtype)) {
      warning.add(graph, operation, "entries of 8 bits");
    } else if (!lut.shape.empty() && lut.shape.back() > 1) {
      warning.add(graph, operation, "entries are vectors of {}", lut.shape.back());
    }
  });
}

constexpr Rule kCompressionRules[] = {
    {"L32", Severity::error, Scope::ane,
     "Weights of less than fp16 are palettes, or int8 with a scale for each channel",
     "With scales for blocks the convolutions fell to the CPU, all 97 of 97",
     "convert: --precision int8, lut4, lut6 or lut8", "BOOK, CTdoc", Confidence::measured, check_blocks},
    {"L33", Severity::error, Scope::any, "Groups of palettes divide the channels",
     "Tools leave such a tensor as it is, and readers refuse it", "Choose a group that divides the channels",
     "CAI-COMP", Confidence::documented, check_groups_divide},
    {"L34", Severity::error, Scope::any,
     "Indices of palettes have 1, 2, 3, 4, 6 or 8 bits, and a table entry for each value", "The format has no others",
     "Choose one of these widths", "CT", Confidence::documented, check_index_width},
    {"L35", Severity::error, Scope::ane, "Palettes are grouped along the first axis, with fp16 numbers as entries",
     "Groups of rows and blocks fail to load (-14); entries of 8 bits made 73 operations leave the Neural Engine; vectors need "
     "newer chips",
     "Group output channels only, and keep entries in fp16", "CML, CAI-NE", Confidence::measured,
     check_tables_of_palettes},
};

}  // namespace

std::span<const Rule> compression_rules() { return kCompressionRules; }

}  // namespace cortland::lint
