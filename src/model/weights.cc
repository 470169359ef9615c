#include "model/weights.h"

#include <set>

#include "base/error.h"
#include "model/config.h"
#include "tensor/convert.h"

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

bool is_ignored(const ModelSpec& spec, std::string_view name) {
  for (const std::string& pattern : spec.ignored_tensors) {
    if (matches(pattern, name)) return true;
  }
  return false;
}

}  // namespace

Weights::Weights(const ModelSpec& spec, const Checkpoint& checkpoint) : checkpoint_(checkpoint) {
  std::vector<std::string> reasons;
  bool is_corrupt = false;
  std::set<std::string_view> used;
  for (const Parameter& p : spec.parameters) {
    used.insert(p.tensor);
    const TensorEntry* entry = checkpoint.find(p.tensor);
    is_corrupt = is_corrupt || entry == nullptr || entry->shape != p.shape;
    if (entry == nullptr) {
      reasons.push_back(fmt::format("tensor {} is missing; want {}", p.tensor, to_string(p.shape)));
    } else if (entry->shape != p.shape) {
      reasons.push_back(
          fmt::format("tensor {}: got shape {}, want {}", p.tensor, to_string(entry->shape), to_string(p.shape)));
    } else if (!is_convertible(entry->dtype)) {
      reasons.push_back(fmt::format("tensor {}: got {}, want F16, BF16 or F32 (quantized checkpoints are not supported)",
                                    p.tensor, row_of(entry->dtype).safetensors));
    }
    entries_[{p.role, p.layer}] = entry;
  }
  for (const TensorEntry& entry : checkpoint.tensors()) {
    if (used.count(entry.name) != 0) continue;
    if (is_ignored(spec, entry.name)) {
      ignored_.push_back(entry.name);
    } else {
      reasons.push_back(fmt::format("tensor {} is not part of a model of type {}", printable(entry.name),
                                    spec.model_type));
    }
  }
  const ErrorCode code = is_corrupt ? ErrorCode::corrupt : ErrorCode::unsupported;
  if (!reasons.empty()) fail_with(code, list_reasons(checkpoint.folder(), reasons));
}

const TensorEntry& Weights::entry(Role role, int64_t layer) const {
  const auto it = entries_.find({role, layer});
  require(it != entries_.end(), ErrorCode::invalid, "the model has no parameter {} in layer {}", role_name(role),
          layer);
  return *it->second;
}

}  // namespace cortland
