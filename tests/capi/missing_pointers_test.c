/* NULL where a pointer is wanted. The pointers are variables, so that compilers that know of _Nonnull let it pass. */
#include "capi/check.h"
#include "capi/tests.h"

static const cortland_text *no_text = NULL;
static cortland_text **no_handle = NULL;
static size_t *no_size = NULL;
static int32_t *no_id = NULL;
static const char *no_string = NULL;

#define REFUSED(call) CHECK_INT(call, CORTLAND_INVALID)

static void test_no_handles(void) {
  size_t n = 0;
  int32_t id = 0;
  cortland_detokenizer *detokenizer = NULL;
  cortland_stop_strings *stop = NULL;
  cortland_reasoning *reasoning = NULL;
  cortland_sampler *sampler = NULL;
  cortland_sampling sampling = cortland_sampling_default();
  const cortland_chat chat = cortland_chat_default();
  const cortland_logits logits = {&n, 1, 1, 0};
  char c;
  CHECK_INT(cortland_text_vocabulary_size(no_text), 0);
  CHECK_INT(cortland_text_has_template(no_text), 0);
  CHECK_INT(cortland_text_is_special(no_text, 0), 0);
  REFUSED(cortland_text_name(no_text, &c, 1, &n, NULL));
  REFUSED(cortland_text_token(no_text, 0, &c, 1, &n, NULL));
  REFUSED(cortland_text_find_token(no_text, "a", 1, &id, NULL));
  REFUSED(cortland_text_special_ids(no_text, "eos", &id, 1, &n, NULL));
  REFUSED(cortland_text_end_ids(no_text, &id, 1, &n, NULL));
  REFUSED(cortland_text_encode(no_text, "a", 1, 0, 0, &id, 1, &n, NULL));
  REFUSED(cortland_text_decode(no_text, &id, 1, 0, &c, 1, &n, NULL));
  REFUSED(cortland_text_render_chat(no_text, &chat, &c, 1, &n, NULL));
  REFUSED(cortland_text_encode_chat(no_text, &chat, &id, 1, &n, NULL));
  REFUSED(cortland_text_sampling(no_text, 0, &sampling, NULL, NULL));
  REFUSED(cortland_detokenizer_create(no_text, 0, &detokenizer, NULL));
  REFUSED(cortland_detokenizer_push(detokenizer, 0, &c, 1, &n, NULL));
  REFUSED(cortland_detokenizer_finish(detokenizer, &c, 1, &n, NULL));
  REFUSED(cortland_stop_strings_add(stop, "a", 1, &c, 1, &n, NULL, NULL));
  REFUSED(cortland_stop_strings_finish(stop, &c, 1, &n, NULL));
  REFUSED(cortland_reasoning_add(reasoning, "a", 1, &c, 1, &n, &n, NULL));
  REFUSED(cortland_reasoning_finish(reasoning, &c, 1, &n, &n, NULL));
  REFUSED(cortland_sampler_begin(sampler, &id, 1, NULL));
  REFUSED(cortland_sampler_accept(sampler, 0, NULL));
  REFUSED(cortland_sampler_sample(sampler, &logits, &id, NULL));
  REFUSED(cortland_sampler_top(sampler, NULL, 0, &n, NULL));
  cortland_detokenizer_free(NULL);
  cortland_stop_strings_free(NULL);
  cortland_reasoning_free(NULL);
  cortland_sampler_free(NULL);
}

void test_missing_pointers(const cortland_text *text) {
  size_t n = 0;
  int32_t id = 0;
  char c;
  const cortland_string empty_handed = {NULL, 1};
  const cortland_chat *no_chat = NULL;
  cortland_sampling *no_sampling = NULL;
  cortland_stop_strings *stop = NULL;
  test_no_handles();
  REFUSED(cortland_text_open_memory("x", 1, no_handle, NULL));
  REFUSED(cortland_text_open_file("x", no_handle, NULL));
  cortland_text *opened = NULL;
  REFUSED(cortland_text_open_file(no_string, &opened, NULL));
  REFUSED(cortland_text_name(text, &c, 1, no_size, NULL));
  REFUSED(cortland_text_name(text, NULL, 1, &n, NULL));
  REFUSED(cortland_text_token(text, 220, &c, 1, no_size, NULL));
  REFUSED(cortland_text_find_token(text, NULL, 1, &id, NULL));
  REFUSED(cortland_text_find_token(text, "a", 1, no_id, NULL));
  REFUSED(cortland_text_special_ids(text, no_string, &id, 1, &n, NULL));
  REFUSED(cortland_text_end_ids(text, NULL, 1, &n, NULL));
  REFUSED(cortland_text_encode(text, "a", 1, 0, 0, NULL, 1, &n, NULL));
  REFUSED(cortland_text_encode(text, "a", 1, 0, 0, &id, 1, no_size, NULL));
  REFUSED(cortland_text_decode(text, NULL, 1, 0, &c, 1, &n, NULL));
  REFUSED(cortland_text_render_chat(text, no_chat, &c, 1, &n, NULL));
  REFUSED(cortland_text_sampling(text, 0, no_sampling, NULL, NULL));
  REFUSED(cortland_stop_strings_create(NULL, 1, &stop, NULL));
  REFUSED(cortland_stop_strings_create(&empty_handed, 1, &stop, NULL));
}
