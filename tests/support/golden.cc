#include "support/golden.h"

#include "support/expected.h"

namespace cortland {

std::span<const float> GoldenCase::expected(size_t sequence, size_t position) const {
  const auto width = static_cast<size_t>(vocabulary);
  return std::span(logits[sequence]).subspan(has_all_logits() ? position * width : 0, width);
}

GoldenCase load_golden(const std::string& name) {
  GoldenCase out;
  out.name = name;
  out.folder = std::string(CORTLAND_TEST_DATA) + "/golden/checkpoints/" + name;
  const Expected expected(out.folder + "/expected.safetensors");
  out.ids = expected.rows<int32_t>("input_ids");
  out.greedy = expected.rows<int32_t>("greedy");
  out.argmax = expected.rows<int32_t>("argmax");
  out.logits = expected.rows<float>(out.argmax.empty() ? "logits" : "logits_last");
  out.hidden = expected.all<float>("hidden_states");
  out.tokens = static_cast<int64_t>(out.ids.front().size());
  out.vocabulary = static_cast<int64_t>(out.logits.front().size()) / (out.argmax.empty() ? out.tokens : 1);
  return out;
}

std::vector<std::string> golden_names() { return disk().list(std::string(CORTLAND_TEST_DATA) + "/golden/checkpoints"); }

}  // namespace cortland
