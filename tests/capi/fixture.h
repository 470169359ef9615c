/* A text file as bytes, and what the reference implementation makes of some texts; for tests in C. */
#ifndef CORTLAND_TESTS_CAPI_FIXTURE_H
#define CORTLAND_TESTS_CAPI_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All of it lives as long as the program. */
typedef struct fixture_bytes {
  const char *bytes;
  size_t size;
} fixture_bytes;

/* A text file made of the golden tokenizer llama3, with the chat template of fixture.cc. */
fixture_bytes fixture_text_file(void);
/* The same without template, special tokens, defaults and name; with a tokenizer of a dozen tokens. */
fixture_bytes fixture_bare_file(void);

/* A line of tests/golden/text/tokenizers/llama3/cases.jsonl. */
typedef struct fixture_case {
  fixture_bytes text;
  const int32_t *ids;
  size_t count;
  const int32_t *ids_special;
  size_t count_special;
  const int32_t *ids_plain;
  size_t count_plain;
  fixture_bytes decoded, decoded_skip;
} fixture_case;
const fixture_case *fixture_cases(size_t *count);

/* A line of stream.jsonl whose text is well formed: one piece for each id, and one for the end. */
typedef struct fixture_stream {
  const int32_t *ids;
  size_t count;
  int32_t skip_special;
  const fixture_bytes *pieces;
} fixture_stream;
const fixture_stream *fixture_streams(size_t *count);

#ifdef __cplusplus
}
#endif
#endif
