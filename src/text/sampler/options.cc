#include "text/sampler/options.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <utility>

namespace cortland::text {

using portable::Failure;
namespace {

constexpr double kLeastFloat = std::numeric_limits<float>::min();
constexpr double kLargestFloat = std::numeric_limits<float>::max();

struct Range {
  const char* name;
  double value;
  double least, most;
  const char* want;
};

std::string print_number(double value) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << value;
  return out.str();
}

Failure failure_of(const std::string& name, const std::string& what, const std::string& want) {
  return Failure{"sampling option " + name + ": " + what + ", want " + want};
}

std::optional<Failure> check_bias(const std::vector<LogitBias>& biases, int64_t vocabulary) {
  std::vector<int32_t> ids;
  for (const auto& [id, bias] : biases) {
    if (id < 0 || id >= vocabulary) {
      return failure_of("logit_bias", "a token id is out of range; got " + std::to_string(id),
                        "0 to " + std::to_string(vocabulary - 1));
    }
    if (!(bias <= kLargestFloat) || (bias < -kLargestFloat && !std::isinf(bias))) {
      const std::string what = "the bias of token " + std::to_string(id) + " is no float; got " + print_number(bias);
      return failure_of("logit_bias", what, "a finite number or -infinity");
    }
    ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice == ids.end()) return std::nullopt;
  return failure_of("logit_bias", "a token is named twice; got " + std::to_string(*twice) + " again", "each id once");
}

}  // namespace

std::optional<Failure> check_options(const SamplingOptions& options, int64_t vocabulary) {
  if (vocabulary < 1 || vocabulary > kMaxVocabulary) {
    return Failure{"sampler: the size of the vocabulary is out of range; got " + std::to_string(vocabulary) +
                   ", want 1 to " + std::to_string(kMaxVocabulary)};
  }
  if (auto failure = check_bias(options.logit_bias, vocabulary)) return failure;
  const bool greedy = options.temperature == 0;
  const Range ranges[] = {
      {"repetition_penalty", options.repetition_penalty, kLeastFloat, kLargestFloat, "a float above 0"},
      {"frequency_penalty", options.frequency_penalty, -kLargestFloat, kLargestFloat, "a finite float"},
      {"presence_penalty", options.presence_penalty, -kLargestFloat, kLargestFloat, "a finite float"},
      {"temperature", options.temperature, greedy ? 0 : kLeastFloat, kLargestFloat, "0 (greedy) or a float above 0"},
      {"top_p", options.top_p, 0, 1, "0 to 1"},
      {"min_p", options.min_p, 0, 1, "0 to 1"},
  };
  for (const auto& [name, value, least, most, want] : ranges) {
    if (!(value >= least && value <= most)) return failure_of(name, "out of range; got " + print_number(value), want);
  }
  const std::pair<const char*, int64_t> counts[] = {{"no_repeat_ngram", options.no_repeat_ngram},
                                                    {"top_k", options.top_k}};
  for (const auto& [name, value] : counts) {
    if (value < 0) return failure_of(name, "out of range; got " + std::to_string(value), "0 (off) or more");
  }
  return std::nullopt;
}

}  // namespace cortland::text
