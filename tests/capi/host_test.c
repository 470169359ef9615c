/* The contract and the calls of a conversation. What is expected is written as docs/contract.md says it. */
#include <cortland/host.h>
#include <math.h>
#include <stdlib.h>

#include "capi/check.h"
#include "capi/tests.h"

/* Prefill of 8 tokens, a window of 4, two rotary frequencies. */
static const char kStates[] =
    "{\"version\": 1, \"profile\": \"ane\", \"context\": 32, \"vocabulary\": 100,"
    " \"functions\": [{\"name\": \"decode\", \"role\": \"decode\", \"tokens\": 1},"
    " {\"name\": \"prefill\", \"role\": \"prefill\", \"tokens\": 8}],"
    " \"ids\": \"input_ids\", \"position\": \"position\", \"logits\": \"logits\", \"hidden\": \"hidden\","
    " \"mask\": {\"value\": -10000.0, \"inputs\": [{\"name\": \"mask\", \"window\": 4}]},"
    " \"rope\": [{\"cos\": \"cos\", \"sin\": \"sin\", \"inv_freq\": [1.0, 0.25], \"attention_factor\": 0.5}],"
    " \"cache\": {\"kind\": \"state\", \"names\": [\"kv\"], \"slots\": \"position\"},"
    " \"embedding\": \"graph\", \"parts\": [], \"bos\": 1, \"eos\": [2]}";
/* The host keeps keys and values: 3 layers, 2 heads of 4, calls of 8 tokens. */
static const char kExplicit[] =
    "{\"version\": 1, \"profile\": \"ane\", \"context\": 32, \"vocabulary\": 100,"
    " \"functions\": [{\"name\": \"main\", \"role\": \"main\", \"tokens\": 8}],"
    " \"ids\": \"input_ids\", \"logits\": \"logits\", \"row\": \"row\","
    " \"mask\": {\"value\": -10000.0, \"inputs\": []}, \"rope\": [],"
    " \"cache\": {\"kind\": \"explicit\", \"names\": [\"past_keys\"], \"new_names\": [\"new_keys\"],"
    " \"shape\": [3, 2, 24, 4], \"slots\": \"past_then_new\"},"
    " \"embedding\": \"graph\", \"parts\": [], \"bos\": null, \"eos\": [2]}";
/* Calls of up to 8 tokens. */
static const char kFlexible[] =
    "{\"version\": 1, \"profile\": \"gpu\", \"context\": 32, \"vocabulary\": 100,"
    " \"functions\": [{\"name\": \"main\", \"role\": \"any\", \"tokens\": 8}],"
    " \"ids\": \"inputIds\", \"logits\": \"logits\","
    " \"mask\": {\"value\": -10000.0, \"inputs\": [{\"name\": \"causalMask\", \"window\": null}]},"
    " \"rope\": [],"
    " \"cache\": {\"kind\": \"state\", \"names\": [\"keyCache\", \"valueCache\"], \"slots\": \"position\"},"
    " \"embedding\": \"graph\", \"parts\": [], \"bos\": 1, \"eos\": [2]}";

/* A ring of 16 slots, and a smaller context without one. */
static const char kRing[] =
    "{\"version\": 1, \"profile\": \"ane\", \"context\": 64, \"vocabulary\": 100,"
    " \"functions\": [{\"name\": \"decode_64\", \"role\": \"decode\", \"tokens\": 1},"
    " {\"name\": \"prefill_64\", \"role\": \"prefill\", \"tokens\": 8}],"
    " \"ids\": \"input_ids\", \"position\": \"position\", \"logits\": \"logits\", \"hidden\": \"hidden\","
    " \"mask\": {\"value\": -10000.0, \"inputs\": [{\"name\": \"mask\", \"window\": null},"
    " {\"name\": \"mask_sliding\", \"window\": 4}]}, \"rope\": [],"
    " \"cache\": {\"kind\": \"state\", \"names\": [\"kv_64\"], \"slots\": \"ring\","
    " \"ring\": {\"slots\": 16, \"layers\": [0], \"names\": [\"kv_sliding_64\"], \"input\": \"slot\"}},"
    " \"contexts\": [{\"context\": 16, \"functions\": [{\"name\": \"decode_16\", \"role\": \"decode\", \"tokens\": 1}],"
    " \"cache\": {\"kind\": \"state\", \"names\": [\"kv_16\"], \"slots\": \"position\"}}, {\"context\": 64}],"
    " \"embedding\": \"graph\", \"parts\": [], \"bos\": 1, \"eos\": [2]}";

enum { MAX_NUMBERS = 4096 };

static cortland_contract *open_contract(const char *json) {
  cortland_contract *contract = NULL;
  cortland_error error;
  CHECK_INT(cortland_contract_open(json, strlen(json), &contract, &error), CORTLAND_OK);
  CHECK_MESSAGE(error, "");
  return contract;
}

/* A session, whose contract is freed already. */
static cortland_session *make_session(const char *json) {
  cortland_contract *contract = open_contract(json);
  cortland_session *session = NULL;
  CHECK_INT(cortland_session_create(contract, NULL, &session, NULL), CORTLAND_OK);
  cortland_contract_free(contract);
  return session;
}

/* Feeds that many ids: 1, 2, 3... Returns how many calls there are. */
static size_t feed(cortland_session *session, size_t count, cortland_feed_end end) {
  int32_t ids[64];
  size_t calls = 0;
  cortland_error error;
  for (size_t i = 0; i < count; ++i) ids[i] = (int32_t)(cortland_session_position(session) + i + 1);
  CHECK_INT(cortland_session_feed(session, ids, count, end, &calls, &error), CORTLAND_OK);
  CHECK_MESSAGE(error, "");
  return calls;
}

static cortland_call call_of(const cortland_session *session, size_t call) {
  cortland_call description = {0, 0, 0, 0, 0, 0, 0};
  CHECK_INT(cortland_session_call(session, call, &description, NULL), CORTLAND_OK);
  return description;
}

/* An array of the shape with a gap behind each number, all of it filled with a pattern. */
static cortland_array spaced_array(const cortland_feature *feature, cortland_number number, uint32_t *room) {
  cortland_array array = {room, number, feature->rank, {0}, {0}};
  size_t stride = 2;
  for (int32_t i = feature->rank - 1; i >= 0; --i) {
    array.shape[i] = feature->shape[i];
    array.strides[i] = stride;
    stride *= feature->shape[i];
  }
  CHECK(stride <= MAX_NUMBERS);
  memset(room, 0x7f, MAX_NUMBERS * sizeof *room);
  return array;
}

/* The numbers of an input as fp32 or int32, into `numbers`, which has the gaps. */
static cortland_feature fill(const cortland_session *session, size_t call, const char *name, uint32_t *numbers) {
  cortland_feature feature = {{NULL, 0}, 0, 0, {0}};
  for (size_t i = 0; i < call_of(session, call).input_count; ++i) {
    CHECK_INT(cortland_session_input(session, call, i, &feature, NULL), CORTLAND_OK);
    if (feature.name.size != strlen(name) || memcmp(feature.name.bytes, name, feature.name.size) != 0) continue;
    const int is_int = feature.number == CORTLAND_NUMBER_INT32;
    const cortland_array array =
        spaced_array(&feature, is_int ? CORTLAND_NUMBER_INT32 : CORTLAND_NUMBER_FP32, numbers);
    CHECK_INT(cortland_session_fill(session, call, i, &array, NULL), CORTLAND_OK);
    CHECK_INT(numbers[1], 0x7f7f7f7f);
    return feature;
  }
  const int has_input_of_the_name = 0;
  CHECK(has_input_of_the_name);
  return feature;
}

static float float_at(const uint32_t *numbers, size_t i) {
  float value = 0;
  memcpy(&value, &numbers[2 * i], sizeof value);
  return value;
}

static void test_contract(void) {
  cortland_contract *contract = open_contract(kStates);
  cortland_string name = {NULL, 0};
  cortland_error error;
  CHECK_INT(cortland_host_abi_version(), CORTLAND_HOST_ABI_VERSION);
  CHECK_INT(cortland_contract_context(contract), 32);
  CHECK_INT(cortland_contract_vocabulary_size(contract), 100);
  CHECK_INT(cortland_contract_prefill_size(contract), 8);
  CHECK_INT(cortland_contract_step_size(contract), 1);
  CHECK_INT(cortland_contract_kept_bytes(contract), 0);
  CHECK_INT(cortland_contract_function_count(contract), 2);
  CHECK_INT(cortland_contract_function(contract, 1, &name, NULL), CORTLAND_OK);
  CHECK_TEXT(name.bytes, name.size, "prefill");
  CHECK_INT(cortland_contract_state_count(contract), 1);
  CHECK_INT(cortland_contract_state(contract, 0, &name, NULL), CORTLAND_OK);
  CHECK_TEXT(name.bytes, name.size, "kv");
  CHECK_INT(cortland_contract_profile(contract, &name, NULL), CORTLAND_OK);
  CHECK_TEXT(name.bytes, name.size, "ane");
  CHECK_INT(cortland_contract_state(contract, 1, &name, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "index: is out of range; got 1, want less than 1");
  cortland_contract_free(contract);
  CHECK_INT(cortland_contract_open("{\"version\": 2}", 14, &contract, &error), CORTLAND_UNSUPPORTED);
  CHECK(contract == NULL && strstr(error.message, "version: 2 is not known, want 1") != NULL);
}

static void test_calls(void) {
  static uint32_t numbers[MAX_NUMBERS];
  cortland_session *session = make_session(kStates);
  /* 13 tokens: eight and four by prefill, the last one by decode. */
  CHECK_INT(feed(session, 13, CORTLAND_FEED_END_LOGITS), 3);
  const size_t functions[] = {1, 1, 0}, starts[] = {0, 8, 12}, used[] = {8, 4, 1};
  for (size_t i = 0; i < 3; ++i) {
    const cortland_call call = call_of(session, i);
    CHECK_INT(call.function, functions[i]);
    CHECK_INT(call.start, starts[i]);
    CHECK_INT(call.used, used[i]);
    CHECK_INT(call.tokens, i < 2 ? 8 : 1);
  }
  fill(session, 1, "input_ids", numbers);
  for (size_t i = 0; i < 8; ++i) CHECK_INT(numbers[2 * i], i < 4 ? 9 + i : 0);
  fill(session, 1, "position", numbers);
  CHECK_INT(numbers[0], 8);
  /* Rows that hold tokens see three positions before theirs; the others see themselves. */
  const cortland_feature mask = fill(session, 1, "mask", numbers);
  CHECK(mask.rank == 4 && mask.shape[2] == 8 && mask.shape[3] == 32 && mask.number == CORTLAND_NUMBER_FP16);
  for (size_t row = 0; row < 8; ++row) {
    for (size_t slot = 0; slot < 32; ++slot) {
      const size_t p = 8 + row;
      const int sees = row < 4 ? slot <= p && p - slot < 4 : slot == p;
      CHECK(float_at(numbers, row * 32 + slot) == (sees ? 0.0f : -10000.0f));
    }
  }
  fill(session, 2, "sin", numbers);
  for (size_t i = 0; i < 4; ++i) {
    const double sine = sin(12 * (i % 2 == 0 ? 1.0 : 0.25)) * 0.5;
    CHECK(fabs(float_at(numbers, i) - (i < 2 ? -sine : sine)) < 1e-6);
  }
  cortland_feature logits;
  size_t row = 9;
  cortland_error error;
  CHECK_INT(cortland_session_logits(session, 0, &logits, &row, &error), CORTLAND_NOT_FOUND);
  CHECK_INT(cortland_session_logits(session, 2, &logits, &row, &error), CORTLAND_OK);
  CHECK(logits.rank == 3 && logits.shape[1] == 1 && logits.shape[2] == 100 && row == 0);
  /* More follow: none of these has to go through decode. */
  CHECK_INT(cortland_session_rewind(session, 4, NULL), CORTLAND_OK);
  CHECK_INT(cortland_session_call(session, 0, &(cortland_call){0}, NULL), CORTLAND_INVALID);
  CHECK_INT(feed(session, 8, CORTLAND_FEED_END_MORE), 1);
  CHECK_INT(call_of(session, 0).used, 8);
  CHECK_INT(cortland_session_position(session), 12);
  CHECK_INT(cortland_session_rewind(session, 13, &error), CORTLAND_INVALID);
  cortland_session_free(session);
}

static void test_refusals(void) {
  cortland_session *session = make_session(kStates);
  const int32_t wrong[] = {1, 100};
  int32_t many[40] = {0};
  int32_t room[1] = {0};
  size_t calls = 7;
  cortland_error error;
  CHECK_INT(cortland_session_feed(session, wrong, 2, 0, &calls, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "token: got id 100, want 0 to 99");
  CHECK_INT(cortland_session_feed(session, many, 40, 0, &calls, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "context: got 40 tokens at position 0, want at most 32");
  CHECK_INT(cortland_session_feed(session, many, 0, 0, &calls, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_session_feed(session, many, 1, 2, &calls, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_session_position(session), 0);
  CHECK_INT(calls, 7);
  feed(session, 1, CORTLAND_FEED_END_LOGITS);
  cortland_array array = {room, CORTLAND_NUMBER_FP16, 2, {1, 1}, {1, 1}};
  CHECK_INT(cortland_session_fill(session, 0, 0, &array, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "input_ids: another kind of number; got fp16, want int32");
  array.number = CORTLAND_NUMBER_INT32;
  array.shape[1] = 2;
  CHECK_INT(cortland_session_fill(session, 0, 0, &array, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "input_ids: another shape; got [1, 2], want [1, 1]");
  array.shape[1] = 1;
  array.strides[0] = array.strides[1] = SIZE_MAX; /* of sides of one element, which nobody uses */
  CHECK_INT(cortland_session_fill(session, 0, 0, &array, &error), CORTLAND_OK);
  array.rank = 6;
  CHECK_INT(cortland_session_fill(session, 0, 0, &array, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_session_fill(session, 1, 0, &array, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_session_fill(session, 0, 9, &array, &error), CORTLAND_INVALID);
  cortland_session_free(session);
}

static void test_explicit_cache(void) {
  cortland_contract *contract = open_contract(kExplicit);
  CHECK_INT(cortland_contract_kept_bytes(contract), 3 * 2 * 24 * 4 * 2);
  cortland_contract_free(contract);
  static uint32_t numbers[MAX_NUMBERS];
  cortland_session *session = make_session(kExplicit);
  /* Ten tokens are two calls; the second has two rows that count. */
  CHECK_INT(feed(session, 10, CORTLAND_FEED_END_LOGITS), 2);
  CHECK_INT(call_of(session, 1).kept_count, 1);
  for (size_t call = 0; call < 2; ++call) {
    cortland_feature added;
    CHECK_INT(cortland_session_kept(session, call, 0, &added, NULL), CORTLAND_OK);
    CHECK(added.rank == 4 && added.shape[0] == 3 && added.shape[2] == 8 && added.shape[3] == 4);
    cortland_array array = spaced_array(&added, CORTLAND_NUMBER_FP32, numbers);
    for (size_t i = 0; i < 3 * 2 * 8 * 4; ++i) {
      const float value = (float)(1000 * call + i);
      memcpy(&numbers[2 * i], &value, sizeof value);
    }
    CHECK_INT(cortland_session_keep(session, call, 0, &array, NULL), CORTLAND_OK);
  }
  CHECK_INT(feed(session, 1, CORTLAND_FEED_END_LOGITS), 1);
  fill(session, 0, "past_keys", numbers);
  for (size_t plane = 0; plane < 6; ++plane) {
    for (size_t slot = 0; slot < 24; ++slot) {
      const size_t column = plane * 8 + slot % 8;
      const float want = slot < 8 ? (float)(column * 4) : slot < 10 ? (float)(1000 + column * 4) : 0;
      CHECK(float_at(numbers, (plane * 24 + slot) * 4) == want);
    }
  }
  fill(session, 0, "row", numbers);
  CHECK(float_at(numbers, 0) == 1 && float_at(numbers, 1) == 0);
  cortland_session_free(session);
}

static void test_flexible_calls(void) {
  static uint32_t numbers[MAX_NUMBERS];
  cortland_session *session = make_session(kFlexible);
  CHECK_INT(feed(session, 11, CORTLAND_FEED_END_LOGITS), 2);
  CHECK_INT(call_of(session, 1).tokens, 3);
  const cortland_feature mask = fill(session, 1, "causalMask", numbers);
  CHECK(mask.shape[2] == 3 && mask.shape[3] == 11);
  cortland_feature logits;
  size_t row = 0;
  CHECK_INT(cortland_session_logits(session, 1, &logits, &row, NULL), CORTLAND_OK);
  CHECK(logits.shape[1] == 3 && row == 2);
  cortland_session_free(session);
}

/* The pointers are variables, so that compilers that know of _Nonnull let it pass. */
static void test_missing_pointers_of_host(void) {
  static const cortland_contract *no_contract = NULL;
  static cortland_session *no_session = NULL;
  static size_t *no_size = NULL;
  cortland_session *session = NULL, *made = make_session(kStates);
  cortland_string name;
  const int32_t id = 1;
  size_t calls = 0;
  CHECK_INT(cortland_contract_context(no_contract), 0);
  CHECK_INT(cortland_contract_step_size(no_contract), 0);
  CHECK_INT(cortland_contract_context_count(no_contract), 0);
  CHECK_INT(cortland_contract_context_size(no_contract, 0), 0);
  CHECK_INT(cortland_contract_part_has(no_contract, 0, 0), 0);
  CHECK_INT(cortland_contract_profile(no_contract, &name, NULL), CORTLAND_INVALID);
  CHECK_INT(cortland_session_create(no_contract, NULL, &session, NULL), CORTLAND_INVALID);
  CHECK_INT(cortland_session_position(no_session), 0);
  CHECK_INT(cortland_session_resumable(no_session, 0), 0);
  CHECK_INT(cortland_session_feed(no_session, &id, 1, 0, &calls, NULL), CORTLAND_INVALID);
  CHECK_INT(cortland_session_feed(made, NULL, 1, 0, &calls, NULL), CORTLAND_INVALID);
  CHECK_INT(cortland_session_feed(made, &id, 1, 0, no_size, NULL), CORTLAND_INVALID);
  CHECK_INT(cortland_session_rewind(no_session, 0, NULL), CORTLAND_INVALID);
  cortland_session_free(made);
  cortland_session_free(NULL);
  cortland_contract_free(NULL);
}

static void test_ring(void) {
  static uint32_t numbers[MAX_NUMBERS];
  cortland_contract *contract = open_contract(kRing);
  cortland_string name;
  CHECK_INT(cortland_contract_state_count(contract), 2);
  CHECK_INT(cortland_contract_state(contract, 1, &name, NULL), CORTLAND_OK);
  CHECK(name.size == 13 && memcmp(name.bytes, "kv_sliding_64", 13) == 0);
  CHECK_INT(cortland_contract_part_has(contract, 0, 0), 1);
  CHECK_INT(cortland_contract_part_has(contract, 0, 1), 1);
  CHECK_INT(cortland_contract_part_has(contract, 0, 2), 0);
  CHECK_INT(cortland_contract_part_has(contract, 1, 0), 0);
  cortland_contract_free(contract);

  cortland_session *session = make_session(kRing);
  size_t calls = feed(session, 30, CORTLAND_FEED_END_LOGITS);
  const cortland_call last = call_of(session, calls - 1);
  CHECK_INT(last.start, 29);
  fill(session, calls - 1, "slot", numbers);
  CHECK_INT(numbers[0], 29 % 16);
  const cortland_feature mask = fill(session, calls - 1, "mask_sliding", numbers);
  CHECK_INT(mask.shape[3], 16);
  for (size_t slot = 0; slot < 16; ++slot) CHECK((float_at(numbers, slot) == 0) == (slot >= 10 && slot <= 13));
  CHECK_INT(cortland_session_resumable(session, 28), 28);
  CHECK_INT(cortland_session_resumable(session, 10), 0);
  CHECK_INT(cortland_session_resumable(session, 99), 30);
  CHECK_INT(cortland_session_rewind(session, 10, NULL), CORTLAND_OK);
  CHECK_INT(cortland_session_position(session), 0);
  cortland_session_free(session);
}

static void test_contexts(void) {
  cortland_contract *contract = NULL;
  cortland_error error;
  cortland_string name;
  CHECK_INT(cortland_contract_open_for(kRing, strlen(kRing), 16, &contract, NULL), CORTLAND_OK);
  CHECK_INT(cortland_contract_context(contract), 16);
  CHECK_INT(cortland_contract_context_count(contract), 2);
  CHECK_INT(cortland_contract_context_size(contract, 0), 16);
  CHECK_INT(cortland_contract_context_size(contract, 1), 64);
  CHECK_INT(cortland_contract_context_size(contract, 2), 0);
  CHECK_INT(cortland_contract_state_count(contract), 1);
  CHECK_INT(cortland_contract_function(contract, 0, &name, NULL), CORTLAND_OK);
  CHECK(name.size == 9 && memcmp(name.bytes, "decode_16", 9) == 0);
  cortland_contract_free(contract);
  CHECK_INT(cortland_contract_open_for(kRing, strlen(kRing), 17, &contract, NULL), CORTLAND_OK);
  CHECK_INT(cortland_contract_context(contract), 64);
  cortland_contract_free(contract);
  CHECK_INT(cortland_contract_open_for(kRing, strlen(kRing), 65, &contract, &error), CORTLAND_UNSUPPORTED);
  CHECK_MESSAGE(error, "contract: context: got 65 tokens, want at most 64");
  CHECK_INT(cortland_contract_open_for(kRing, strlen(kRing), SIZE_MAX, &contract, &error), CORTLAND_UNSUPPORTED);
}

void test_host(void) {
  test_contract();
  test_calls();
  test_refusals();
  test_explicit_cache();
  test_flexible_calls();
  test_ring();
  test_contexts();
  test_missing_pointers_of_host();
}
