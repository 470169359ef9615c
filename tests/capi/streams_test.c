/* Detokenizer, stop strings and reasoning. */
#include <stdlib.h>

#include "capi/check.h"
#include "capi/tests.h"

static void test_golden_streams(const cortland_text *text) {
  size_t streams = 0, size = 0;
  const fixture_stream *all = fixture_streams(&streams);
  char buffer[4096];
  CHECK(streams > 10);
  for (const fixture_stream *one = all; one != all + streams; ++one) {
    cortland_detokenizer *detokenizer = NULL;
    const cortland_special_tokens shown =
        one->skip_special ? CORTLAND_SPECIAL_TOKENS_SKIPPED : CORTLAND_SPECIAL_TOKENS_SHOWN;
    CHECK_INT(cortland_detokenizer_create(text, shown, &detokenizer, NULL), CORTLAND_OK);
    for (size_t i = 0; i < one->count; ++i) {
      CHECK_INT(cortland_detokenizer_push(detokenizer, one->ids[i], buffer, sizeof buffer, &size, NULL), CORTLAND_OK);
      CHECK(size == one->pieces[i].size && memcmp(buffer, one->pieces[i].bytes, size) == 0);
    }
    CHECK_INT(cortland_detokenizer_finish(detokenizer, buffer, sizeof buffer, &size, NULL), CORTLAND_OK);
    CHECK(size == one->pieces[one->count].size && memcmp(buffer, one->pieces[one->count].bytes, size) == 0);
    cortland_detokenizer_free(detokenizer);
  }
}

static void test_detokenizer_keeps_what_does_not_fit(void) {
  /* It may outlive its text. */
  cortland_text *text = open_bytes(fixture_bare_file());
  cortland_detokenizer *detokenizer = NULL;
  cortland_error error;
  char buffer[8];
  size_t size = 0;
  CHECK_INT(cortland_detokenizer_create(text, 0, &detokenizer, &error), CORTLAND_OK);
  cortland_text_free(text);
  CHECK_INT(cortland_detokenizer_push(detokenizer, 2, buffer, 1, &size, &error), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(size, 2);
  CHECK_INT(cortland_detokenizer_push(detokenizer, 3, NULL, 0, &size, &error), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(size, 3);
  CHECK_INT(cortland_detokenizer_push(detokenizer, 0, NULL, 1, &size, &error), CORTLAND_INVALID); /* not taken */
  CHECK_INT(cortland_detokenizer_push(detokenizer, CORTLAND_NO_TOKEN, buffer, 8, &size, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, size, "abc");
  CHECK_INT(cortland_detokenizer_push(detokenizer, 99, buffer, 8, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(cortland_detokenizer_finish(detokenizer, buffer, 8, &size, &error), CORTLAND_OK);
  CHECK_INT(cortland_detokenizer_finish(detokenizer, buffer, 8, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(cortland_detokenizer_push(detokenizer, 0, buffer, 8, &size, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "detokenizer: is at its end; got another id, want none behind finish");
  CHECK_INT(cortland_detokenizer_push(detokenizer, CORTLAND_NO_TOKEN, buffer, 8, &size, &error), CORTLAND_OK);
  cortland_detokenizer_free(detokenizer);
}

static void test_stop_strings(void) {
  const cortland_string strings[] = {{"\n\n", 2}, {"stop", 4}};
  const cortland_string nothing = {"", 0};
  cortland_stop_strings *stop = NULL;
  cortland_error error;
  char buffer[16];
  size_t size = 0;
  int32_t matched = 7;
  CHECK_INT(cortland_stop_strings_create(strings, 2, &stop, &error), CORTLAND_OK);
  CHECK_INT(cortland_stop_strings_add(stop, "one st", 6, buffer, 16, &size, &matched, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, size, "one ");
  CHECK_INT(matched, -1);
  CHECK_INT(cortland_stop_strings_add(stop, "ep s", 4, buffer, 3, &size, &matched, &error), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(size, 5);
  CHECK_INT(cortland_stop_strings_add(stop, "top it", 6, buffer, 16, &size, &matched, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, size, "step ");
  CHECK_INT(matched, 1);
  CHECK_INT(cortland_stop_strings_add(stop, NULL, 0, buffer, 16, &size, NULL, &error), CORTLAND_OK);
  CHECK_INT(cortland_stop_strings_finish(stop, buffer, 16, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  cortland_stop_strings_free(stop);

  CHECK_INT(cortland_stop_strings_create(strings, 2, &stop, &error), CORTLAND_OK);
  CHECK_INT(cortland_stop_strings_add(stop, "sto", 3, buffer, 16, &size, &matched, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(cortland_stop_strings_finish(stop, buffer, 2, &size, &error), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(cortland_stop_strings_finish(stop, buffer, 16, &size, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, size, "sto");
  CHECK_INT(cortland_stop_strings_add(stop, "p", 1, buffer, 16, &size, &matched, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "stop strings: the text is at its end; got more of it, want none behind finish");
  cortland_stop_strings_free(stop);

  CHECK_INT(cortland_stop_strings_create(&nothing, 1, &stop, &error), CORTLAND_INVALID);
  CHECK(stop == NULL);
  CHECK(strlen(error.message) > 0);
  CHECK_INT(cortland_stop_strings_create(strings, 257, &stop, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "stop strings: too many; got 257, want at most 256");
  CHECK_INT(cortland_stop_strings_create(NULL, 0, &stop, &error), CORTLAND_OK);
  cortland_stop_strings_free(stop);
}

static void test_reasoning(void) {
  cortland_reasoning *reasoning = NULL;
  cortland_error error;
  char buffer[64];
  size_t size = 0, inner = 0;
  CHECK_INT(cortland_reasoning_create(NULL, NULL, CORTLAND_REASONING_CLOSED, &reasoning, &error), CORTLAND_OK);
  CHECK_INT(cortland_reasoning_add(reasoning, "<thi", 4, buffer, 64, &size, &inner, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(cortland_reasoning_add(reasoning, "nk>\nLet", 7, buffer, 1, &size, &inner, &error),
            CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(size, 3);
  CHECK_INT(cortland_reasoning_add(reasoning, " me</think>\n\nYes", 16, buffer, 64, &size, &inner, &error),
            CORTLAND_OK);
  CHECK_TEXT(buffer, inner, "Let me");
  CHECK_TEXT(buffer + inner, size - inner, "Yes");
  CHECK_INT(cortland_reasoning_finish(reasoning, buffer, 64, &size, &inner, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(inner, 0);
  CHECK_INT(cortland_reasoning_add(reasoning, "x", 1, buffer, 64, &size, &inner, &error), CORTLAND_INVALID);
  cortland_reasoning_free(reasoning);

  CHECK_INT(cortland_reasoning_create("[R]", "[/R]", CORTLAND_REASONING_OPENED, &reasoning, &error), CORTLAND_OK);
  CHECK_INT(cortland_reasoning_add(reasoning, "why [/", 6, buffer, 64, &size, &inner, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, inner, "why");
  CHECK_INT(cortland_reasoning_finish(reasoning, buffer, 64, &size, &inner, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, inner, " [/");
  CHECK_INT(size, inner);
  cortland_reasoning_free(reasoning);

  CHECK_INT(cortland_reasoning_create("", NULL, 0, &reasoning, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "reasoning tag: is empty or begins with white space; got \"\"");
  CHECK_INT(cortland_reasoning_create(NULL, " x", 0, &reasoning, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_reasoning_create(NULL, NULL, 2, &reasoning, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_reasoning_start_of("a<think>\n", 9, NULL), CORTLAND_REASONING_OPENED);
  CHECK_INT(cortland_reasoning_start_of("a<think>b", 9, NULL), CORTLAND_REASONING_CLOSED);
  CHECK_INT(cortland_reasoning_start_of("a[R]", 4, "[R]"), CORTLAND_REASONING_OPENED);
  CHECK_INT(cortland_reasoning_start_of(NULL, 4, ""), CORTLAND_REASONING_CLOSED);
}

void test_streams(const cortland_text *text) {
  test_golden_streams(text);
  test_detokenizer_keeps_what_does_not_fit();
  test_stop_strings();
  test_reasoning();
}
