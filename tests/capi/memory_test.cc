// Lets each allocation fail once: every call must then report it, and nothing may be lost or harmed.
#include <cortland/host.h>
#include <cortland/text.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "capi/fixture.h"

namespace {

long allocations_left = -1;  // before one fails; negative: none does
long alive = 0;              // allocations that have not been given back

[[noreturn]] void stop(const char* why, long round) {
  std::fprintf(stderr, "allocation %ld: %s\n", round, why);
  std::exit(1);
}

constexpr char kContract[] = R"({"version": 1, "profile": "ane", "context": 32, "vocabulary": 100,
 "functions": [{"name": "main", "role": "main", "tokens": 8}],
 "ids": "input_ids", "logits": "logits", "row": "row", "mask": {"value": -10000.0, "inputs": []}, "rope": [],
 "cache": {"kind": "explicit", "names": ["past_keys"], "new_names": ["new_keys"], "shape": [1, 1, 24, 4],
           "slots": "past_then_new"}, "embedding": "graph", "parts": [], "bos": null, "eos": [2]})";

// Some of everything. The first status that is neither success nor a small buffer.
cortland_status use_everything(fixture_bytes file) {
  cortland_text* text = nullptr;
  cortland_detokenizer* detokenizer = nullptr;
  cortland_stop_strings* stop = nullptr;
  cortland_reasoning* reasoning = nullptr;
  cortland_sampler* sampler = nullptr;
  cortland_contract* contract = nullptr;
  cortland_session* session = nullptr;
  cortland_sampling sampling = cortland_sampling_default();
  cortland_chat chat = cortland_chat_default();
  const char messages[] = R"([{"role": "user", "content": "a rather long text <|eot_id|>"}])";
  chat.messages = {messages, sizeof(messages) - 1};
  const cortland_string strings[] = {{"a stop string that is long", 26}};
  const cortland_logit_bias bias = {1, 2, 0};
  sampling.logit_bias = &bias;
  sampling.logit_bias_count = 1;
  const int32_t prompt[] = {1};
  const float scores[64] = {1, 2, 3};
  const cortland_logits logits = {scores, 64, 1, CORTLAND_NUMBER_FP32};
  cortland_error error;
  char buffer[256];
  float numbers[24 * 4] = {};
  const cortland_array past = {numbers, CORTLAND_NUMBER_FP32, 4, {1, 1, 24, 4}, {96, 96, 4, 1}};
  const cortland_array added = {numbers, CORTLAND_NUMBER_FP32, 4, {1, 1, 8, 4}, {32, 32, 4, 1}};
  int32_t ids[64];
  size_t count = 0, inner = 0;
  const char long_text[] = "some text that is held back by nothing at all";
  cortland_status status = CORTLAND_OK;
  const auto good = [&](cortland_status one) { return (status = one) == CORTLAND_OK; };
  static_cast<void>(
      good(cortland_text_open_memory(file.bytes, file.size, &text, &error)) &&
      good(cortland_text_name(text, buffer, sizeof(buffer), &count, &error)) &&
      good(cortland_text_encode(text, long_text, sizeof(long_text) - 1, 0, 1, ids, 64, &count, &error)) &&
      good(cortland_text_decode(text, ids, count, 1, buffer, sizeof(buffer), &count, &error)) &&
      good(cortland_text_encode_chat(text, &chat, ids, 64, &count, &error)) &&
      good(cortland_text_render_chat(text, &chat, buffer, sizeof(buffer), &count, &error)) &&
      good(cortland_detokenizer_create(text, 0, &detokenizer, &error)) &&
      good(cortland_detokenizer_push(detokenizer, 300, buffer, sizeof(buffer), &count, &error)) &&
      good(cortland_detokenizer_finish(detokenizer, buffer, sizeof(buffer), &count, &error)) &&
      good(cortland_stop_strings_create(strings, 1, &stop, &error)) &&
      good(cortland_stop_strings_add(stop, long_text, 40, buffer, sizeof(buffer), &count, nullptr, &error)) &&
      good(cortland_reasoning_create("<a long opening tag>", "</a long closing tag>", 1, &reasoning, &error)) &&
      good(cortland_reasoning_add(reasoning, long_text, 40, buffer, sizeof(buffer), &count, &inner, &error)) &&
      good(cortland_sampler_create(&sampling, 64, &sampler, &error)) &&
      good(cortland_sampler_begin(sampler, prompt, 1, &error)) &&
      good(cortland_sampler_sample(sampler, &logits, ids, &error)) &&
      good(cortland_contract_open(kContract, sizeof(kContract) - 1, &contract, &error)) &&
      good(cortland_session_create(contract, nullptr, &session, &error)) &&
      good(cortland_session_feed(session, prompt, 1, CORTLAND_FEED_END_LOGITS, &count, &error)) &&
      good(cortland_session_fill(session, 0, 2, &past, &error)) &&
      good(cortland_session_keep(session, 0, 0, &added, &error)));
  cortland_session_free(session);
  cortland_contract_free(contract);
  cortland_sampler_free(sampler);
  cortland_reasoning_free(reasoning);
  cortland_stop_strings_free(stop);
  cortland_detokenizer_free(detokenizer);
  cortland_text_free(text);
  return status;
}

}  // namespace

void* operator new(size_t size) {
  if (allocations_left == 0) throw std::bad_alloc();
  if (allocations_left > 0) --allocations_left;
  void* address = std::malloc(size == 0 ? 1 : size);
  if (address == nullptr) throw std::bad_alloc();
  ++alive;
  return address;
}

void operator delete(void* address) noexcept {
  if (address != nullptr) --alive;
  std::free(address);
}

void operator delete(void* address, size_t) noexcept { operator delete(address); }

int main() {
  const fixture_bytes file = fixture_text_file();
  if (use_everything(file) != CORTLAND_OK) stop("fails with enough memory", -1);  // fills what is made once and stays
  const long before = alive;
  long failed = 0;
  // Most are alike, so that behind the first hundred some are enough.
  for (long round = 0;; round += round < 100 ? 1 : 11) {
    allocations_left = round;
    const cortland_status status = use_everything(file);
    const bool all_done = allocations_left > 0;
    allocations_left = -1;
    if (alive != before) stop("memory is lost", round);
    if (status == CORTLAND_OK && all_done) break;
    if (status != CORTLAND_OUT_OF_MEMORY && status != CORTLAND_OK) stop("another failure is reported", round);
    failed += status == CORTLAND_OUT_OF_MEMORY;
    if (use_everything(file) != CORTLAND_OK) stop("does not work afterwards", round);
  }
  std::printf("%ld allocations failed\n", failed);
  return failed > 100 ? 0 : 1;
}
