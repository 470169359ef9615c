#include "pipeline/quantization.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/error.h"
#include "base/json.h"

namespace cortland {

std::string quantization_text(const WeightPolicy& policy, std::string_view preset, const WeightReport& report) {
  OrderedJson json = {{"weights", preset}};
  if (!policy.is_half()) {
    json["body"] = to_string(policy.body);
    json["embedding"] = to_string(policy.embedding);
    json["head"] = to_string(policy.head);
  }
  std::map<std::string, int> kept, fallbacks;
  for (const EncodedWeight& weight : report.matrices()) {
    if (weight.matrix->is_kept()) {
      ++kept[to_string(weight.matrix->scheme())];
    } else if (weight.choice.obstacle != Obstacle::none) {
      ++fallbacks[to_string(weight.matrix->scheme())];
    }
  }
  if (!policy.chosen.empty()) {
    std::map<std::string, std::vector<std::string>> chosen;
    for (const KeepRule& rule : policy.chosen) chosen[to_string(rule.scheme)].push_back(rule.pattern);
    json["chosen"] = chosen;
  }
  if (!kept.empty()) json["kept"] = kept;
  if (!fallbacks.empty()) json["fallbacks"] = fallbacks;
  return json_text(json);
}

std::vector<std::string> target_fallbacks(const WeightReport& report) {
  std::map<std::array<std::string, 3>, int> counts;
  for (const auto& [tensor, matrix, choice, _] : report.matrices()) {
    if (choice.obstacle == Obstacle::target) {
      ++counts[{to_string(choice.scheme), to_string(choice.wanted), choice.reason}];
    }
  }
  std::vector<std::string> lines;
  for (const auto& [kind, count] : counts) {
    const auto& [scheme, wanted, reason] = kind;
    lines.push_back(fmt::format("{} takes the place of {} in {} {}: {}", scheme, wanted, count,
                                count == 1 ? "matrix" : "matrices", reason));
  }
  return lines;
}

void add_fallbacks(std::map<std::string, std::string>& metadata, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  std::string& entry = metadata["cortland.fallbacks"];
  OrderedJson all = read_if_json(entry);
  if (!all.is_array()) all = OrderedJson::array();
  for (const std::string& line : lines) all.push_back(line);
  entry = json_text(all);
}

void refuse_fallbacks(const std::vector<std::string>& lines) {
  require(lines.empty(), ErrorCode::unsupported,
          "--strict: the package cannot be what was asked for: {}; hint: without --strict the nearest form is written",
          fmt::join(lines, "; "));
}

std::string precision_of(const Package& package) {
  const auto entry = package.metadata.find("cortland.quantization");
  const OrderedJson json = entry == package.metadata.end() ? OrderedJson() : read_if_json(entry->second);
  return json.is_object() && json.contains("weights") && json["weights"].is_string()
             ? json["weights"].get<std::string>()
             : "unknown";
}

std::vector<std::string> kept_notes(const WeightPolicy& policy, const Checkpoint& checkpoint,
                                    const WeightReport& report) {
  const auto& tensors = checkpoint.tensors();
  const auto first =
      std::find_if(tensors.begin(), tensors.end(), [](const TensorEntry& entry) { return entry.is_quantized(); });
  if (first == tensors.end()) {
    if (!policy.keeps()) return {};
    return {"the checkpoint is not quantized: there is nothing to keep, and its weights are float16"};
  }
  std::vector<std::string> notes;
  const bool has_activations = checkpoint.packing() && checkpoint.packing()->has_quantized_activations;
  if (has_activations) {
    notes.push_back("the original model quantizes activations while it runs; the package does not, which is closer");
  }
  if (!policy.keeps()) {
    notes.push_back(fmt::format(
        "the checkpoint is quantized ({}): its weights are decoded; --precision keep carries their codes over",
        first->type_name()));
    return notes;
  }
  // By what happens and why: the tensors.
  std::map<std::pair<std::string, std::string>, std::set<std::string>> changed;
  for (const auto& [tensor, matrix, choice, _] : report.matrices()) {
    if (choice.reason.empty()) continue;
    changed[{matrix->is_kept() ? "keep their codes, but not exactly"
                               : "are quantized again, " + to_string(matrix->scheme()),
             choice.reason}]
        .insert(tensor);
  }
  for (const auto& [tensor, reason] : report.halves()) changed[{"are float16", reason}].insert(tensor);
  for (const auto& [what, names] : changed) {
    notes.push_back(fmt::format("{} weights {}: {} ({}{})", names.size(), what.first, what.second, *names.begin(),
                                names.size() > 1 ? ", ..." : ""));
  }
  return notes;
}

std::vector<std::string> encoding_lines(const WeightReport& report) {
  std::vector<std::string> lines;
  for (const auto& [tensor, matrix, choice, _] : report.matrices()) {
    const std::string quality =
        matrix->is_kept() ? "as stored" : fmt::format("SNR {:.1f} dB", matrix->error().snr_db());
    lines.push_back(fmt::format("{} [{}, {}]: {}, {:.3f} bits per weight, {}{}{}", tensor, matrix->rows(),
                                matrix->cols(), to_string(matrix->scheme()),
                                bits_per_weight(matrix->scheme(), matrix->rows(), matrix->cols()), quality,
                                choice.reason.empty() ? "" : ": ", choice.reason));
  }
  return lines;
}

}  // namespace cortland
