/* Sampling, and all of it from several threads. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "capi/check.h"
#include "capi/tests.h"

enum { VOCABULARY = 8 };

static cortland_sampler *make_sampler(const cortland_sampling *sampling) {
  cortland_sampler *sampler = NULL;
  cortland_error error;
  CHECK_INT(cortland_sampler_create(sampling, VOCABULARY, &sampler, &error), CORTLAND_OK);
  CHECK_MESSAGE(error, "");
  return sampler;
}

static void test_defaults(const cortland_text *text) {
  cortland_sampling sampling = cortland_sampling_default();
  int64_t limit = 0;
  sampling.seed = 5;
  CHECK_INT(cortland_text_sampling(text, CORTLAND_ANSWER_DIRECT, &sampling, &limit, NULL), CORTLAND_OK);
  CHECK(sampling.temperature == 0 && sampling.top_p == 1 && sampling.repetition_penalty == 1.1);
  CHECK_INT(sampling.top_k, 50);
  CHECK_INT(sampling.seed, 5);
  CHECK_INT(limit, 256);
  CHECK_INT(cortland_text_sampling(text, CORTLAND_ANSWER_REASONING, &sampling, NULL, NULL), CORTLAND_OK);
  CHECK(sampling.temperature == 0.6 && sampling.top_p == 0.95 && sampling.repetition_penalty == 1.1);
  CHECK_INT(cortland_text_sampling(text, 2, &sampling, NULL, NULL), CORTLAND_INVALID);
  sampling.size = 0;
  CHECK_INT(cortland_text_sampling(text, CORTLAND_ANSWER_DIRECT, &sampling, NULL, NULL), CORTLAND_INVALID);
}

static void test_greedy(void) {
  cortland_sampling sampling = cortland_sampling_default();
  const float scores[VOCABULARY] = {0, 3, -1, 2.5f, 1, 1, 1, 1};
  /* 0, 1, 0.5, 2, ... as fp16, each followed by a number that is not meant. */
  const uint16_t halves[2 * VOCABULARY] = {
      0, 0x7E00, 0x3C00, 0x7E00, 0x3800, 0x7E00, 0x4000, 0x7E00, 0, 1, 0, 1, 0, 1, 0, 1,
  };
  cortland_logits logits = {scores, VOCABULARY, 1, CORTLAND_NUMBER_FP32};
  const int32_t prompt[] = {1, 2}, wrong[] = {VOCABULARY};
  cortland_token_probability top[3];
  cortland_error error;
  int32_t id = -1;
  size_t count = 9;
  sampling.temperature = 0;
  sampling.repetition_penalty = 2;
  cortland_sampler *sampler = make_sampler(&sampling);
  CHECK_INT(cortland_sampler_top(sampler, top, 3, &count, &error), CORTLAND_OK);
  CHECK_INT(count, 0);
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 1);
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 3); /* 1 has been chosen, and its score halved */
  CHECK_INT(cortland_sampler_top(sampler, top, 3, &count, &error), CORTLAND_OK);
  CHECK_INT(count, 3);
  CHECK_INT(top[0].id, 3);
  CHECK_INT(top[1].id, 1);
  CHECK(top[0].score == 2.5f && fabs(log(top[0].probability) - top[0].log_probability) < 1e-9);
  CHECK_INT(cortland_sampler_begin(sampler, prompt, 2, &error), CORTLAND_OK);
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 3); /* the prompt counts */
  CHECK_INT(cortland_sampler_begin(sampler, NULL, 0, &error), CORTLAND_OK);
  CHECK_INT(cortland_sampler_accept(sampler, 1, &error), CORTLAND_OK);
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 3);

  logits.data = halves;
  logits.stride = 2;
  logits.number = CORTLAND_NUMBER_FP16;
  CHECK_INT(cortland_sampler_begin(sampler, NULL, 0, &error), CORTLAND_OK);
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 3);

  logits.count = VOCABULARY - 1;
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "logits: not one per token of the vocabulary; got 7, want 8");
  logits.count = VOCABULARY;
  logits.stride = 1;
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "logits: the model gave no number for token 1; got NaN, want a finite number or -infinity");
  logits.stride = 0;
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_INVALID);
  logits.number = 2;
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_sampler_begin(sampler, wrong, 1, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_sampler_accept(sampler, -1, &error), CORTLAND_INVALID);
  cortland_sampler_free(sampler);
}

static void test_options(void) {
  cortland_sampling sampling = cortland_sampling_default();
  cortland_sampler *sampler = NULL;
  cortland_error error;
  const float scores[VOCABULARY] = {0, 3, -1, 2.5f, 1, 1, 1, 1};
  const cortland_logits logits = {scores, VOCABULARY, 1, CORTLAND_NUMBER_FP32};
  const cortland_logit_bias ban[] = {{-INFINITY, 1, 0}, {9, 6, 0}};
  int32_t id = -1;
  sampling.temperature = 0;
  sampling.logit_bias = ban;
  sampling.logit_bias_count = 1;
  sampler = make_sampler(&sampling);
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 3);
  cortland_sampler_free(sampler);
  sampling.logit_bias_count = 2;
  sampler = make_sampler(&sampling);
  CHECK_INT(cortland_sampler_sample(sampler, &logits, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 6);
  cortland_sampler_free(sampler);
  const cortland_logit_bias later = {0, 0, 1};
  sampling.logit_bias = &later;
  sampling.logit_bias_count = 1;
  CHECK_INT(cortland_sampler_create(&sampling, VOCABULARY, &sampler, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "logit_bias: reserved is in use; got 1, want 0");
  sampling.logit_bias = NULL;
  CHECK_INT(cortland_sampler_create(&sampling, VOCABULARY, &sampler, &error), CORTLAND_INVALID);
  CHECK(sampler == NULL);

  sampling = cortland_sampling_default();
  sampling.top_p = 2;
  CHECK_INT(cortland_sampler_create(&sampling, VOCABULARY, &sampler, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "sampling option top_p: out of range; got 2, want 0 to 1");
  sampling = cortland_sampling_default();
  CHECK_INT(cortland_sampler_create(&sampling, 0, &sampler, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_sampler_create(&sampling, SIZE_MAX, &sampler, &error), CORTLAND_INVALID);
  sampling.size = 1;
  CHECK_INT(cortland_sampler_create(&sampling, VOCABULARY, &sampler, &error), CORTLAND_INVALID);
  const cortland_sampling* none = NULL;  // in words, it would be a warning
  CHECK_INT(cortland_sampler_create(none, VOCABULARY, &sampler, &error), CORTLAND_INVALID);
}

static uint32_t draw(uint64_t seed) {
  cortland_sampling sampling = cortland_sampling_default();
  const float scores[VOCABULARY] = {0};
  const cortland_logits logits = {scores, VOCABULARY, 1, CORTLAND_NUMBER_FP32};
  cortland_sampler *sampler = NULL;
  uint32_t drawn = 0;
  int32_t id = -1;
  sampling.seed = seed;
  if (cortland_sampler_create(&sampling, VOCABULARY, &sampler, NULL) != CORTLAND_OK) return 0;
  for (int i = 0; i < 10; ++i) {
    if (cortland_sampler_sample(sampler, &logits, &id, NULL) == CORTLAND_OK) drawn = drawn * VOCABULARY + (uint32_t)id;
  }
  cortland_sampler_free(sampler);
  return drawn;
}

void test_sampling(const cortland_text *text) {
  test_defaults(text);
  test_greedy();
  test_options();
  CHECK_INT(draw(1), draw(1));
  CHECK(draw(1) != draw(2));
}

/* All that one thread does with a shared text; how often it was wrong. */
static void *use_text(void *argument) {
  const cortland_text *text = argument;
  size_t cases = 0, count = 0, wrong = 0, size = 0;
  const fixture_case *all = fixture_cases(&cases);
  int32_t *ids = malloc(4096 * sizeof *ids);
  char *buffer = malloc(16384);
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < cases; ++i) {
      const fixture_case *one = &all[i];
      cortland_text_encode(text, one->text.bytes, one->text.size, 1, 0, ids, 4096, &count, NULL);
      wrong += count != one->count || memcmp(ids, one->ids, count * sizeof *ids) != 0;
      cortland_text_decode(text, ids, count, 1, buffer, 16384, &size, NULL);
      wrong += size != one->decoded.size || memcmp(buffer, one->decoded.bytes, size) != 0;
    }
    cortland_chat chat = cortland_chat_default();
    chat.messages.bytes = "[]";
    chat.messages.size = 2;
    wrong += cortland_text_encode_chat(text, &chat, ids, 4096, &count, NULL) != CORTLAND_OK || ids[0] != 1920;
    wrong += draw(1) != draw(1);
  }
  free(buffer);
  free(ids);
  return (void *)(uintptr_t)wrong;
}

void test_threads(const cortland_text *text) {
  pthread_t threads[2];
  void *wrong = NULL;
  for (int i = 0; i < 2; ++i) CHECK_INT(pthread_create(&threads[i], NULL, use_text, (void *)(uintptr_t)text), 0);
  for (int i = 0; i < 2; ++i) {
    CHECK_INT(pthread_join(threads[i], &wrong), 0);
    CHECK_INT((uintptr_t)wrong, 0);
  }
}
