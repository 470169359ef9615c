#include "support/golden.h"

#include <bit>
#include <cmath>
#include <stdexcept>

#include "support/expected.h"

namespace cortland {
namespace {

// Of the big vocabulary every 16th logit of the last position is stored; the others are the products of the last hidden
// state, which is stored, with the rows of the tied table. [V]
std::vector<float> logits_of_table(const GoldenCase& golden, const std::vector<float>& stored) {
  constexpr size_t kStep = 16;
  const std::vector<uint16_t> table =
      Expected(golden.folder + "/model.safetensors").all<uint16_t>("model.embed_tokens.weight");  // bf16 [V, D]
  const size_t vocabulary = stored.size() * kStep, width = table.size() / vocabulary;
  const std::span hidden = std::span(golden.hidden).last(width);
  std::vector<float> logits(vocabulary);
  for (size_t id = 0; id < vocabulary; ++id) {
    double sum = 0;
    for (size_t i = 0; i < width; ++i) {
      sum += static_cast<double>(std::bit_cast<float>(uint32_t{table[id * width + i]} << 16)) * hidden[i];
    }
    logits[id] = static_cast<float>(sum);
    if (id % kStep == 0 && !(std::abs(logits[id] - stored[id / kStep]) < 1e-5)) {
      throw std::runtime_error(golden.name + ": logits_last is not hidden_states times the table");
    }
  }
  return logits;
}

}  // namespace

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
  out.hidden = expected.all<float>("hidden_states");
  out.logits = expected.rows<float>("logits");
  if (!out.argmax.empty()) out.logits = {logits_of_table(out, expected.all<float>("logits_last"))};
  out.tokens = static_cast<int64_t>(out.ids.front().size());
  out.vocabulary = static_cast<int64_t>(out.logits.front().size()) / (out.argmax.empty() ? out.tokens : 1);
  return out;
}

std::vector<std::string> golden_names() { return disk().list(std::string(CORTLAND_TEST_DATA) + "/golden/checkpoints"); }

}  // namespace cortland
