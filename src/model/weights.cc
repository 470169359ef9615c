#include "model/weights.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "model/config.h"
#include "tensor/convert.h"
#include "tensor/magnitude.h"

namespace cortland {
namespace {

// Whether `text` matches `pattern`, where `*` stands for any text.
bool matches(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (text.substr(0, star) != pattern.substr(0, star)) return false;
  pattern.remove_prefix(star + 1);
  for (size_t at = star; at <= text.size(); ++at) {
    if (matches(pattern, text.substr(at))) return true;
  }
  return false;
}

int64_t row_size(const Shape& shape) { return shape.empty() ? 1 : element_count(std::span(shape).subspan(1)); }

std::string renamed(std::string name, const std::vector<Renaming>& naming) {
  for (const auto& [from, to] : naming) {
    if (name.starts_with(from)) return to + name.substr(from.size());
  }
  return name;
}

bool is_ignored(const ModelSpec& spec, std::string_view name, const std::vector<Renaming>& naming) {
  return std::any_of(spec.ignored_tensors.begin(), spec.ignored_tensors.end(), [&](const std::string& pattern) {
    return matches(pattern, name) || matches(renamed(pattern, naming), name);
  });
}

std::vector<Renaming> choose_naming(const ModelSpec& spec, const Checkpoint& checkpoint) {
  const Parameter* embedding = spec.find({Role::embedding});
  for (const auto& naming : spec.namings) {
    if (checkpoint.find(renamed(embedding->tensors.front(), naming)) != nullptr) return naming;
  }
  return spec.namings.empty() ? std::vector<Renaming>{} : spec.namings.front();
}

}  // namespace

Weights::Weights(const ModelSpec& spec, const Checkpoint& checkpoint) : checkpoint_(checkpoint) {
  const std::vector<Renaming> naming = choose_naming(spec, checkpoint);
  std::vector<std::string> reasons;
  bool is_corrupt = false;
  std::set<std::string> used;
  const auto bind = [&](const Parameter& p, const std::string& stored_name) {
    const std::string name = renamed(stored_name, naming);
    const bool is_first = used.insert(name).second;
    const TensorEntry* entry = checkpoint.find(name);
    if (!is_first && (entry == nullptr || entry->shape != p.stored)) return entry;  // said already
    is_corrupt = is_corrupt || entry == nullptr || entry->shape != p.stored;
    if (entry == nullptr) {
      reasons.push_back(fmt::format("tensor {} is missing; want {}", name, to_string(p.stored)));
    } else if (entry->shape != p.stored) {
      reasons.push_back(
          fmt::format("tensor {}: got shape {}, want {}", name, to_string(entry->shape), to_string(p.stored)));
    } else if (!is_convertible(entry->dtype)) {
      reasons.push_back(fmt::format("tensor {}: got {}, want F16, BF16 or F32 (config.json says of no quantization)",
                                    name, entry->type_name()));
    } else if (entry->codes != nullptr && entry->blocks == nullptr && p.transposed) {
      reasons.push_back(fmt::format("tensor {}: {} is not supported where a model stores weights [in, out]", name,
                                    entry->type_name()));
    }
    return entry;
  };
  for (const Parameter& p : spec.parameters) {
    Binding& binding = bindings_[p.id];
    binding.parameter = &p;
    for (const std::string& name : p.tensors) binding.entries.push_back(bind(p, name));
  }
  for (const TensorEntry& entry : checkpoint.tensors()) {
    if (used.count(entry.name) != 0) continue;
    if (is_ignored(spec, entry.name, naming)) {
      ignored_.push_back(entry.name);
    } else {
      reasons.push_back(fmt::format("tensor {} is not part of a model of type {}", printable(entry.name),
                                    spec.model_type));
    }
  }
  const ErrorCode code = is_corrupt ? ErrorCode::corrupt : ErrorCode::unsupported;
  if (!reasons.empty()) fail_with(code, list_reasons(checkpoint.folder(), reasons));
}

const Binding& Weights::binding(const ParameterId& id) const {
  const auto it = bindings_.find(id);
  require(it != bindings_.end(), ErrorCode::invalid, "the model has no parameter {}", to_string(id));
  return it->second;
}

void Weights::read(const Binding& binding, int64_t first, std::span<float> out) const {
  const Parameter& p = *binding.parameter;
  if (p.transposed) {
    // Element (r, c) is stored at (c, rows[r]): each stored row gives one column.
    const int64_t columns = row_size(p.shape), stored_columns = p.stored[1];
    std::vector<float> stored(static_cast<size_t>(stored_columns));
    for (int64_t c = 0; c < columns; ++c) {
      checkpoint_.read_floats(*binding.entries.front(), c * stored_columns, stored);
      const int64_t skipped = (c - first % columns + columns) % columns;
      for (int64_t at = skipped; at < static_cast<int64_t>(out.size()); at += columns) {
        const auto row = static_cast<size_t>((first + at) / columns);
        out[static_cast<size_t>(at)] = stored[p.rows.empty() ? row : static_cast<size_t>(p.rows[row])];
      }
    }
  } else if (!p.columns.empty()) {
    const auto cols = static_cast<int64_t>(p.columns.size());
    std::vector<float> row(p.columns.size());
    for (int64_t at = 0, count = static_cast<int64_t>(out.size()); at < count;) {
      read_runs(binding, (first + at) / cols * cols, row);
      for (int64_t c = (first + at) % cols; c < cols && at < count; ++c, ++at) {
        out[static_cast<size_t>(at)] = row[static_cast<size_t>(p.columns[static_cast<size_t>(c)])];
      }
    }
  } else {
    read_runs(binding, first, out);
  }
  if (p.offset != 0) {
    for (float& value : out) value += static_cast<float>(p.offset);
  }
}

void Weights::read_runs(const Binding& binding, int64_t first, std::span<float> out) const {
  size_t at = 0;
  for_each_run(binding, first, static_cast<int64_t>(out.size()),
               [&](const TensorEntry& entry, int64_t begin, int64_t count) {
                 checkpoint_.read_floats(entry, begin, out.subspan(at, static_cast<size_t>(count)));
                 at += static_cast<size_t>(count);
               });
}

std::vector<float> Weights::values(const ParameterId& id) const {
  const Binding& bound = binding(id);
  std::vector<float> out(static_cast<size_t>(element_count(bound.parameter->shape)));
  read(bound, 0, out);
  if (std::isinf(largest_magnitude(out))) refuse_non_finite(bound);
  return out;
}

void Weights::refuse_non_finite(const Binding& binding) const {
  fail(ErrorCode::corrupt, "{}: tensor {}: holds a NaN or an infinity; hint: the file is damaged, or training diverged",
       checkpoint_.folder(), binding.entries.front()->name);
}

const TensorEntry* find_tensor(const ModelSpec& spec, const Checkpoint& checkpoint, const std::string& name) {
  return checkpoint.find(renamed(name, choose_naming(spec, checkpoint)));
}

void for_each_run(const Binding& binding, int64_t first, int64_t count,
                  const std::function<void(const TensorEntry& entry, int64_t first, int64_t count)>& run) {
  const Parameter& p = *binding.parameter;
  const int64_t width = row_size(p.shape), in_tensor = element_count(p.stored);
  while (count > 0) {
    // Where the elements from `first` on are in the stored tensors, counted through all of them, and how many follow.
    int64_t at = first, piece = count;
    if (!p.rows.empty()) {
      auto row = static_cast<size_t>(first / width);
      at = p.rows[row] * width + first % width;
      piece = width - first % width;
      for (; piece < count && p.rows[row + 1] == p.rows[row] + 1; ++row) piece += width;
    }
    piece = std::min({piece, count, in_tensor - at % in_tensor});
    run(*binding.entries[static_cast<size_t>(at / in_tensor)], at % in_tensor, piece);
    first += piece;
    count -= piece;
  }
}

}  // namespace cortland
