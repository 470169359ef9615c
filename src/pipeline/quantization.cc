#include "pipeline/quantization.h"

#include <array>
#include <map>

#include "base/json.h"

namespace cortland {

std::string quantization_text(const WeightPolicy& policy, std::string_view preset, const WeightReport& report) {
  OrderedJson json = {{"weights", preset}};
  if (!policy.is_half()) {
    json["body"] = to_string(policy.body);
    json["embedding"] = to_string(policy.embedding);
    json["head"] = to_string(policy.head);
  }
  std::map<std::string, int> fallbacks;
  for (const EncodedWeight& weight : report.matrices()) {
    if (weight.choice.obstacle != Obstacle::none) ++fallbacks[to_string(weight.matrix->scheme())];
  }
  if (!fallbacks.empty()) json["fallbacks"] = fallbacks;
  return json.dump();
}

std::vector<std::string> target_fallbacks(const WeightReport& report) {
  std::map<std::array<std::string, 3>, int> counts;
  for (const auto& [tensor, matrix, choice] : report.matrices()) {
    if (choice.obstacle == Obstacle::target) ++counts[{to_string(choice.scheme), to_string(choice.wanted), choice.reason}];
  }
  std::vector<std::string> lines;
  for (const auto& [kind, count] : counts) {
    const auto& [scheme, wanted, reason] = kind;
    lines.push_back(fmt::format("{} takes the place of {} in {} {}: {}", scheme, wanted, count, count == 1 ? "matrix" : "matrices", reason));
  }
  return lines;
}

std::string precision_of(const Package& package) {
  const auto entry = package.metadata.find("cortland.quantization");
  const Json json = entry == package.metadata.end() ? Json() : Json::parse(entry->second, nullptr, false);
  return json.is_object() && json.contains("weights") && json["weights"].is_string() ? json["weights"].get<std::string>() : "unknown";
}

std::vector<std::string> encoding_lines(const WeightReport& report) {
  std::vector<std::string> lines;
  for (const auto& [tensor, matrix, choice] : report.matrices()) {
    lines.push_back(fmt::format("{} [{}, {}]: {}, {:.3f} bits per weight, SNR {:.1f} dB{}{}", tensor, matrix->rows(), matrix->cols(),
                                to_string(matrix->scheme()), bits_per_weight(matrix->scheme(), matrix->rows(), matrix->cols()),
                                matrix->error().snr_db(), choice.reason.empty() ? "" : ": ", choice.reason));
  }
  return lines;
}

}  // namespace cortland
