// Time per token of the sampler with fp16 logits, next to the plain way: convert, scale, sort the vocabulary, cut.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "text/sampler.h"

namespace {

using namespace cortland::text;

// As a model gives them: most near 0, few likely ones. Sums of uniform numbers, which are nearly normal.
std::vector<uint16_t> make_logits(int64_t vocabulary) {
  Random random(7);
  std::vector<uint16_t> logits(static_cast<size_t>(vocabulary));
  for (uint16_t& logit : logits) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random.next() >> 11) * 0x1p-53;
    const float value = static_cast<float>(2.5 * sum);
    const uint32_t bits = std::bit_cast<uint32_t>(std::abs(value) < 0x1p-14f ? 0x1p-14f : value);
    logit = static_cast<uint16_t>((bits >> 16 & 0x8000) | (((bits & 0x7FFFFFFF) - (112u << 23)) >> 13));
  }
  for (int i = 0; i < 20; ++i) {
    logits[random.below(logits.size())] = static_cast<uint16_t>(0x4A00 + 16 * i);  // 12 to 14.4
  }
  return logits;
}

std::vector<int32_t> make_prompt(int64_t vocabulary) {
  Random random(3);
  std::vector<int32_t> ids(2000);
  for (int32_t& id : ids) id = static_cast<int32_t>(random.below(static_cast<uint64_t>(vocabulary)));
  return ids;
}

struct Case {
  const char* name;
  SamplingOptions options;
};
const Case kCases[] = {
    {"greedy", {.temperature = 0}},
    {"temperature", {.temperature = 0.7}},
    {"top_k 40", {.temperature = 0.7, .top_k = 40}},
    {"top_p 0.95", {.temperature = 0.7, .top_p = 0.95}},
    {"min_p 0.05", {.temperature = 0.7, .min_p = 0.05}},
    {"top_k top_p min_p", {.temperature = 0.7, .top_k = 40, .top_p = 0.95, .min_p = 0.05}},
    {"all, history of 2000",
     {.repetition_penalty = 1.1, .frequency_penalty = 0.2, .presence_penalty = 0.5, .no_repeat_ngram = 4,
      .temperature = 0.7, .top_k = 40, .top_p = 0.95, .min_p = 0.05}},
};

void run_sampler(benchmark::State& state) {
  const int64_t vocabulary = state.range(0);
  const std::vector<uint16_t> logits = make_logits(vocabulary);
  const Case& row = kCases[state.range(1)];
  auto sampler = Sampler::make(row.options, vocabulary);
  const std::vector<int32_t> prompt = make_prompt(vocabulary);
  int64_t tokens = 0;
  for (auto _ : state) {
    if (tokens++ % 500 == 0) sampler->begin(prompt);
    benchmark::DoNotOptimize(*sampler->sample({.data = logits.data(), .count = vocabulary}));
  }
  state.SetLabel(row.name);
}

// All equal, and half of them to be dropped: the worst case of top_p.
void run_equal_logits(benchmark::State& state) {
  const int64_t vocabulary = state.range(0);
  const std::vector<uint16_t> logits(static_cast<size_t>(vocabulary), 0x3C00);
  auto sampler = Sampler::make({.top_p = 0.5}, vocabulary);
  for (auto _ : state) benchmark::DoNotOptimize(*sampler->sample({.data = logits.data(), .count = vocabulary}));
  state.SetLabel("top_p 0.5");
}

void run_full_sort(benchmark::State& state) {
  const int64_t vocabulary = state.range(0);
  const std::vector<uint16_t> logits = make_logits(vocabulary);
  Random random(0);
  std::vector<float> scores(logits.size());
  std::vector<int32_t> order(logits.size());
  for (auto _ : state) {
    for (size_t i = 0; i < logits.size(); ++i) scores[i] = to_fp32(logits[i]) / 0.7f;
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
    });
    double total = 0;
    const float best = scores[static_cast<size_t>(order[0])];
    for (const int32_t id : order) total += std::exp(scores[static_cast<size_t>(id)] - best);
    double place = 0.95 * total * static_cast<double>(random.next() >> 11) * 0x1p-53;
    size_t i = 0;
    while (i + 1 < order.size() && (place -= std::exp(scores[static_cast<size_t>(order[i])] - best)) > 0) ++i;
    benchmark::DoNotOptimize(order[i]);
  }
  state.SetLabel("sorts all, top_p 0.95");
}

BENCHMARK(run_sampler)->ArgsProduct({{102400, 262144}, {0, 1, 2, 3, 4, 5, 6}})->Unit(benchmark::kMicrosecond);
BENCHMARK(run_equal_logits)->Arg(102400)->Arg(262144)->Unit(benchmark::kMicrosecond);
BENCHMARK(run_full_sort)->Arg(102400)->Arg(262144)->Unit(benchmark::kMicrosecond);

}  // namespace
