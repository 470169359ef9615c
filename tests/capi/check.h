/* Checks of a test that is a C program: they count, say what is wrong, and let the rest run. */
#ifndef CORTLAND_TESTS_CAPI_CHECK_H
#define CORTLAND_TESTS_CAPI_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

extern int checks_made, checks_failed;

#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_INT(got, want) check_int((int64_t)(got), (int64_t)(want), #got, __FILE__, __LINE__)
#define CHECK_TEXT(got, size, want) check_text(got, size, want, #got, __FILE__, __LINE__)
#define CHECK_MESSAGE(error, want) CHECK_TEXT((error).message, strlen((error).message), want)

static inline void check(int good, const char *what, const char *file, int line) {
  ++checks_made;
  if (good) return;
  ++checks_failed;
  fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
}

static inline void check_int(int64_t got, int64_t want, const char *what, const char *file, int line) {
  ++checks_made;
  if (got == want) return;
  ++checks_failed;
  fprintf(stderr, "%s:%d: %s: got %lld, want %lld\n", file, line, what, (long long)got, (long long)want);
}

static inline void check_text(const char *got, size_t size, const char *want, const char *what, const char *file,
                              int line) {
  ++checks_made;
  if (size == strlen(want) && memcmp(got, want, size) == 0) return;
  ++checks_failed;
  fprintf(stderr, "%s:%d: %s: got \"%.*s\", want \"%s\"\n", file, line, what, (int)size, got, want);
}

#endif
