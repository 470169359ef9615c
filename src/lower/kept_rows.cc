#include "lower/kept_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint/ggml_blocks.h"
#include "quant/kept_codes.h"

namespace cortland {
namespace {

StoredForm no_form(std::string reason) { return {.is_quantized = true, .reason = std::move(reason)}; }

// That has just these codes.
Scheme scheme_of(const CodeTraits& traits, int64_t cols) {
  const int64_t block = cols / traits.groups;
  const bool is_signed = traits.is_centred && !traits.has_negative_scales;
  if (traits.bits == 4) return is_signed ? int4_scheme(block) : uint4_scheme(block);
  return {.codec = is_signed ? Codec::int8 : Codec::uint8, .bits = 8, .block = traits.groups == 1 ? 0 : block};
}

}  // namespace

StoredForm stored_form(const Binding& binding) {
  const Parameter& p = *binding.parameter;
  if (std::none_of(binding.entries.begin(), binding.entries.end(),
                   [](const TensorEntry* entry) { return entry->is_quantized(); })) {
    return {};
  }
  const TensorEntry& entry = *binding.entries.front();
  if (entry.codes == nullptr) {
    return no_form(
        fmt::format("{} has {}", entry.type_name(), entry.blocks != nullptr ? entry.blocks->obstacle : "no codes"));
  }
  if (binding.entries.size() > 1) return no_form("it is made of several tensors");
  if (p.transposed || p.offset != 0) return no_form("its codes are not those of the weights");
  const CodeTraits& traits = entry.codes->traits();
  if (!traits.group_of.empty() && p.columns != entry.codes->columns_by_group()) {
    return no_form("its columns are grouped in activation order");
  }
  return {.is_quantized = true, .scheme = scheme_of(traits, entry.codes->cols()),
          .reason = traits.has_half_scales ? "" : "its scales are rounded to fp16"};
}

KeptRows::KeptRows(const Weights& weights, const Binding& binding, const WeightRecipe& recipe, const Scheme& scheme)
    : binding_(binding), first_row_(recipe.first_row), scheme_(scheme) {
  const Parameter& p = *binding.parameter;
  const std::string& name = binding.entries.front()->name;
  where_ = fmt::format("{}: tensor {}", weights.checkpoint().folder(), name);
  cols_ = p.shape[1];
  rows_ = recipe.rows < 0 ? p.shape[0] - recipe.first_row : recipe.rows;
  key_ = fmt::format("{} rows {}:+{}{}", name, recipe.first_row, rows_, p.is_plain() ? "" : " as " + to_string(p.id));
}

Encoded KeptRows::read(int64_t first, int64_t rows) const {
  const Parameter& p = *binding_.parameter;
  std::vector<int64_t> stored(static_cast<size_t>(rows));
  for (size_t i = 0; i < stored.size(); ++i) {
    const int64_t row = first_row_ + first + static_cast<int64_t>(i);
    stored[i] = p.rows.empty() ? row : p.rows[static_cast<size_t>(row)];
  }
  CodeRows read;
  binding_.entries.front()->codes->read(stored, read);
  if (!p.columns.empty()) {
    const std::vector<uint8_t> as_stored = read.codes;
    const auto cols = static_cast<size_t>(cols_);
    for (size_t at = 0; at < read.codes.size(); ++at) {
      read.codes[at] = as_stored[at / cols * cols + static_cast<size_t>(p.columns[at % cols])];
    }
  }
  return keep_codes({read.codes, read.scales, read.zeros}, scheme_, where_);
}

}  // namespace cortland
