#include "text/sampler.h"

#include <limits>

#include "capi/app/text_handle.h"

using namespace cortland;
using namespace cortland::capi;

struct cortland_sampler {
  text::Sampler sampler;
};

namespace {

portable::Result<text::SamplingOptions> read_options(const cortland_sampling* from) {
  const auto sampling = read_struct("sampling", from);
  if (!sampling) return portable::Failure{sampling.message()};
  const auto biases = list_of(sampling->logit_bias, sampling->logit_bias_count);
  if (!biases) return portable::Failure{missing("logit_bias").message};
  text::SamplingOptions options{.repetition_penalty = sampling->repetition_penalty,
                                .frequency_penalty = sampling->frequency_penalty,
                                .presence_penalty = sampling->presence_penalty,
                                .no_repeat_ngram = sampling->no_repeat_ngram,
                                .temperature = sampling->temperature,
                                .top_k = sampling->top_k,
                                .top_p = sampling->top_p,
                                .min_p = sampling->min_p,
                                .seed = sampling->seed};
  for (const cortland_logit_bias& bias : *biases) {
    if (bias.reserved != 0) {
      return portable::Failure{"logit_bias: reserved is in use; got " + std::to_string(bias.reserved) + ", want 0"};
    }
    options.logit_bias.push_back({.id = bias.id, .bias = bias.bias});
  }
  return options;
}

Outcome outcome_of(const std::optional<portable::Failure>& failure) {
  return failure ? invalid(failure->message) : Outcome{};
}

// What does not fit is too much for every check that follows.
int64_t clamp_size(size_t size) {
  constexpr size_t kMost = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::min(size, kMost));
}

}  // namespace

cortland_status cortland_text_sampling(const cortland_text* text, cortland_answer_mode mode,
                                       cortland_sampling* sampling, int64_t* max_new_tokens,
                                       cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    if (auto bad = check_choice("mode", mode)) return *bad;
    auto known = read_struct("sampling", sampling);
    if (!known) return invalid(known.message());
    const OpenText& open = *text->open;
    const text::GenerationDefaults& defaults = mode == CORTLAND_ANSWER_REASONING ? open.reasoning : open.direct;
    known->repetition_penalty = defaults.sampling.repetition_penalty;
    known->frequency_penalty = defaults.sampling.frequency_penalty;
    known->presence_penalty = defaults.sampling.presence_penalty;
    known->no_repeat_ngram = defaults.sampling.no_repeat_ngram;
    known->temperature = defaults.sampling.temperature;
    known->top_k = defaults.sampling.top_k;
    known->top_p = defaults.sampling.top_p;
    known->min_p = defaults.sampling.min_p;
    std::memcpy(sampling, &*known, sizeof(*known));
    if (max_new_tokens != nullptr) *max_new_tokens = defaults.max_new_tokens.value_or(0);
    return {};
  });
}

cortland_status cortland_sampler_create(const cortland_sampling* sampling, size_t vocabulary,
                                        cortland_sampler** sampler, cortland_error* error) noexcept {
  return create(sampler, error, [&]() -> Outcome {
    auto options = read_options(sampling);
    if (!options) return invalid(options.message());
    auto made = text::Sampler::make(std::move(*options), clamp_size(vocabulary));
    if (!made) return invalid(made.message());
    *sampler = new cortland_sampler{std::move(*made)};
    return {};
  });
}

void cortland_sampler_free(cortland_sampler* sampler) noexcept { delete sampler; }

cortland_status cortland_sampler_begin(cortland_sampler* sampler, const int32_t* prompt, size_t count,
                                       cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (sampler == nullptr) return missing("sampler");
    const auto list = list_of(prompt, count);
    return list ? outcome_of(sampler->sampler.begin(*list)) : missing("prompt");
  });
}

cortland_status cortland_sampler_accept(cortland_sampler* sampler, int32_t id, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    return sampler == nullptr ? missing("sampler") : outcome_of(sampler->sampler.add(id));
  });
}

cortland_status cortland_sampler_sample(cortland_sampler* sampler, const cortland_logits* logits, int32_t* id,
                                        cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (sampler == nullptr) return missing("sampler");
    if (logits == nullptr) return missing("logits");
    if (id == nullptr) return missing("id");
    if (auto bad = check_choice("number", logits->number)) return *bad;
    const auto type = logits->number == CORTLAND_NUMBER_FP16 ? text::LogitType::fp16 : text::LogitType::fp32;
    const auto chosen = sampler->sampler.sample({.data = logits->data, .type = type,
                                                 .count = clamp_size(logits->count),
                                                 .stride = clamp_size(logits->stride)});
    if (!chosen) return invalid(chosen.message());
    *id = *chosen;
    return {};
  });
}

cortland_status cortland_sampler_top(cortland_sampler* sampler, cortland_token_probability* tokens, size_t capacity,
                                     size_t* count, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (sampler == nullptr) return missing("sampler");
    if (auto bad = check_result(tokens, capacity, count)) return *bad;
    *count = 0;
    for (const text::TokenProbability& token : sampler->sampler.top(capacity)) {
      tokens[(*count)++] = {.probability = token.probability, .log_probability = token.log_probability,
                            .score = token.score, .id = token.id};
    }
    return {};
  });
}
