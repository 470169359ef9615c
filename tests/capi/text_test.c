/* The C API as a C program meets it. Exits with 0 when all is as it should be. */
#include <cortland/text.h>
#include <math.h>
#include <stdlib.h>

#include "capi/check.h"
#include "capi/fixture.h"
#include "capi/tests.h"

int checks_made = 0, checks_failed = 0;

cortland_text *open_bytes(fixture_bytes file) {
  cortland_error error;
  cortland_text *text = NULL;
  if (cortland_text_open_memory(file.bytes, file.size, &text, &error) == CORTLAND_OK) return text;
  fprintf(stderr, "the fixture cannot be opened: %s\n", error.message);
  exit(1);
}

static void test_opening(void) {
  const fixture_bytes file = fixture_text_file();
  cortland_text *text = (cortland_text *)&checks_made;
  cortland_error error;
  CHECK_INT(cortland_text_abi_version(), CORTLAND_TEXT_ABI_VERSION);
  CHECK_INT(cortland_text_open_memory("XXXXXXXXXXXXXXXXXXXX", 20, &text, &error), CORTLAND_CORRUPT);
  CHECK(text == NULL);
  CHECK_MESSAGE(error, "text file: this is another kind of file, or its first bytes are damaged");
  CHECK_INT(cortland_text_open_memory(file.bytes, file.size - 1, &text, NULL), CORTLAND_CORRUPT);
  CHECK_INT(cortland_text_open_memory(NULL, 0, &text, &error), CORTLAND_CORRUPT);
  CHECK_INT(cortland_text_open_memory(NULL, 1, &text, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "bytes: a pointer is missing; got NULL, want an address");
  cortland_text_free(NULL);

  /* At any address. */
  char *moved = malloc(file.size + 1);
  memcpy(moved + 1, file.bytes, file.size);
  CHECK_INT(cortland_text_open_memory(moved + 1, file.size, &text, &error), CORTLAND_OK);
  CHECK_MESSAGE(error, "");
  CHECK_INT(cortland_text_vocabulary_size(text), 1926);
  cortland_text_free(text);
  free(moved);
}

static void test_files(const char *folder) {
  const fixture_bytes bytes = fixture_text_file();
  char path[4096], want[4200];
  cortland_text *text = NULL;
  cortland_error error;
  snprintf(path, sizeof path, "%s/capi_test.text", folder);
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  if (file == NULL) return;
  CHECK_INT(fwrite(bytes.bytes, 1, bytes.size, file), bytes.size);
  CHECK_INT(fclose(file), 0);
  CHECK_INT(cortland_text_open_file(path, &text, &error), CORTLAND_OK);
  CHECK_INT(cortland_text_has_template(text), 1);
  cortland_text_free(text);

  file = fopen(path, "wb");
  CHECK_INT(fclose(file), 0);
  CHECK_INT(cortland_text_open_file(path, &text, &error), CORTLAND_IO);
  CHECK(text == NULL);
  snprintf(want, sizeof want, "%s: is empty; want a text file", path);
  CHECK_MESSAGE(error, want);
  CHECK_INT(remove(path), 0);
  CHECK_INT(cortland_text_open_file(path, &text, &error), CORTLAND_IO);
  snprintf(want, sizeof want, "%s: cannot be opened; got No such file or directory, want a text file", path);
  CHECK_MESSAGE(error, want);
  CHECK_INT(cortland_text_open_file(folder, &text, NULL), CORTLAND_IO);
}

static void test_contents(const cortland_text *text) {
  char buffer[64];
  int32_t ids[4], id = -7;
  size_t size = 0;
  cortland_error error;
  CHECK_INT(cortland_text_name(text, buffer, sizeof buffer, &size, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, size, "A model 모델");
  buffer[0] = '#';
  CHECK_INT(cortland_text_name(text, buffer, 13, &size, &error), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_MESSAGE(error, "buffer: too small; got 13, want 14");
  CHECK_INT(size, 14);
  CHECK_INT(buffer[0], '#');
  CHECK_INT(cortland_text_name(text, NULL, 0, &size, NULL), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(cortland_text_name(text, buffer, 14, &size, NULL), CORTLAND_OK);

  CHECK_INT(cortland_text_token(text, 1924, buffer, sizeof buffer, &size, &error), CORTLAND_OK);
  CHECK_TEXT(buffer, size, "<|eot_id|>");
  CHECK_INT(cortland_text_token(text, 1926, buffer, sizeof buffer, &size, &error), CORTLAND_NOT_FOUND);
  CHECK_MESSAGE(error, "token: there is none with this id; got 1926");
  CHECK_INT(cortland_text_token(text, -1, buffer, sizeof buffer, &size, &error), CORTLAND_NOT_FOUND);
  CHECK_INT(cortland_text_find_token(text, "<|eot_id|>", 10, &id, &error), CORTLAND_OK);
  CHECK_INT(id, 1924);
  CHECK_INT(cortland_text_find_token(text, "<|eot_id|", 9, &id, &error), CORTLAND_NOT_FOUND);
  CHECK_MESSAGE(error, "token: none is spelled so; got <|eot_id|");
  CHECK_INT(cortland_text_is_special(text, 1924), 1);
  CHECK_INT(cortland_text_is_special(text, 220), 0);
  CHECK_INT(cortland_text_is_special(text, -1), 0);

  CHECK_INT(cortland_text_special_ids(text, "bos", ids, 4, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 1);
  CHECK_INT(ids[0], 1920);
  CHECK_INT(cortland_text_special_ids(text, "eos", ids, 1, &size, &error), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(size, 2);
  CHECK_INT(cortland_text_special_ids(text, "pad", ids, 4, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(cortland_text_end_ids(text, ids, 4, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 2);
  CHECK_INT(ids[0], 1921);
  CHECK_INT(ids[1], 1924);
}

static void test_bare_file(void) {
  cortland_text *text = open_bytes(fixture_bare_file());
  cortland_error error;
  cortland_sampling sampling = cortland_sampling_default();
  cortland_chat chat = cortland_chat_default();
  int64_t limit = 9;
  size_t size = 9;
  CHECK_INT(cortland_text_has_template(text), 0);
  CHECK_INT(cortland_text_name(text, NULL, 0, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(cortland_text_end_ids(text, NULL, 0, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  CHECK_INT(cortland_text_sampling(text, CORTLAND_ANSWER_DIRECT, &sampling, &limit, &error), CORTLAND_OK);
  CHECK(sampling.temperature == 0);
  CHECK_INT(limit, 0);
  chat.messages.bytes = "[]";
  chat.messages.size = 2;
  CHECK_INT(cortland_text_render_chat(text, &chat, NULL, 0, &size, &error), CORTLAND_NOT_FOUND);
  CHECK_MESSAGE(error, "chat template: the model has none");
  CHECK_INT(cortland_text_encode(text, "xyz", 3, 0, 0, NULL, 0, &size, &error), CORTLAND_OK);
  CHECK_INT(size, 0);
  cortland_text_free(text);
}

static int same_ids(const int32_t *got, size_t count, const int32_t *want, size_t want_count) {
  return count == want_count && memcmp(got, want, count * sizeof *got) == 0;
}

static int same_bytes(const char *got, size_t size, fixture_bytes want) {
  return size == want.size && memcmp(got, want.bytes, size) == 0;
}

void test_golden_cases(const cortland_text *text) {
  size_t cases = 0, count = 0, size = 0;
  const fixture_case *all = fixture_cases(&cases);
  int32_t *ids = malloc(65536 * sizeof *ids);
  char *buffer = malloc(65536);
  CHECK(cases > 100);
  for (const fixture_case *one = all; one != all + cases; ++one) {
    const char *bytes = one->text.bytes;
    const size_t length = one->text.size;
    CHECK_INT(cortland_text_encode(text, bytes, length, CORTLAND_CONTROL_TOKENS_RECOGNIZED, CORTLAND_AFFIXES_NONE, ids,
                                   65536, &count, NULL), CORTLAND_OK);
    CHECK(same_ids(ids, count, one->ids, one->count));
    CHECK_INT(cortland_text_encode(text, bytes, length, CORTLAND_CONTROL_TOKENS_RECOGNIZED, CORTLAND_AFFIXES_ADDED, ids,
                                   65536, &count, NULL), CORTLAND_OK);
    CHECK(same_ids(ids, count, one->ids_special, one->count_special));
    CHECK_INT(cortland_text_encode(text, bytes, length, CORTLAND_CONTROL_TOKENS_PLAIN, CORTLAND_AFFIXES_NONE, ids,
                                   65536, &count, NULL), CORTLAND_OK);
    CHECK(same_ids(ids, count, one->ids_plain, one->count_plain));
    CHECK_INT(cortland_text_decode(text, one->ids, one->count, CORTLAND_SPECIAL_TOKENS_SHOWN, buffer, 65536, &size,
                                   NULL), CORTLAND_OK);
    CHECK(same_bytes(buffer, size, one->decoded));
    CHECK_INT(cortland_text_decode(text, one->ids, one->count, CORTLAND_SPECIAL_TOKENS_SKIPPED, buffer, 65536, &size,
                                   NULL), CORTLAND_OK);
    CHECK(same_bytes(buffer, size, one->decoded_skip));
  }
  free(buffer);
  free(ids);
}

static void test_encoding_fails(const cortland_text *text) {
  size_t count = 77;
  int32_t ids[2] = {-5, -5};
  cortland_error error;
  CHECK_INT(cortland_text_encode(text, "\xff", 1, 0, 0, ids, 2, &count, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "text: want well-formed UTF-8");
  CHECK_INT(count, 77);
  CHECK_INT(cortland_text_encode(text, "a b c", 5, 0, 0, ids, 2, &count, &error), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(count, 3);
  CHECK_INT(ids[0], -5);
  CHECK_INT(cortland_text_encode(text, "a", 1, 2, 0, ids, 2, &count, &error), CORTLAND_INVALID);
  CHECK_MESSAGE(error, "control_tokens: is no such choice; got 2, want 0 or 1");
  CHECK_INT(cortland_text_encode(text, "a", 1, 0, -1, ids, 2, &count, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_text_encode(text, NULL, 1, 0, 0, ids, 2, &count, &error), CORTLAND_INVALID);
  CHECK_INT(cortland_text_encode(text, NULL, 0, 0, 0, NULL, 0, &count, &error), CORTLAND_OK);
  CHECK_INT(count, 0);
}

int main(int argc, char **argv) {
  cortland_text *text = open_bytes(fixture_text_file());
  test_opening();
  test_files(argc > 1 ? argv[1] : ".");
  test_contents(text);
  test_bare_file();
  test_golden_cases(text);
  test_encoding_fails(text);
  test_streams(text);
  test_chats(text);
  test_sampling(text);
  test_missing_pointers(text);
  test_threads(text);
  test_host();
  cortland_text_free(text);
  printf("%d checks, %d failed\n", checks_made, checks_failed);
  return checks_failed == 0 && checks_made > 1000 ? 0 : 1;
}
