/* What the headers of the C API share: failures, strings and arrays. Include the header that you need.
 *
 * Rules that hold throughout:
 * - Every function that can fail returns a cortland_status and, where `error` is not NULL, fills it in; on success its
 *   message is "". Nothing throws, and there is no global state.
 * - Text is UTF-8 with a size in bytes, and need not end with a zero. A pointer may be NULL where its size is 0. What
 *   is handed in is only read during the call, unless a comment says more. A pointer that must not be NULL and is gives
 *   CORTLAND_INVALID.
 * - Results go into the caller's buffer: at most `capacity` elements, and no zero behind them. `size` or `count` is set
 *   to how many there are. When that is more than `capacity`, the status is CORTLAND_BUFFER_TOO_SMALL and nothing is
 *   written; with capacity 0 the buffer may be NULL, to ask for the size.
 * - Threads: each function says whether several threads may be in it at once with the same handle. Free a handle once,
 *   when no call with it is running.
 * - A structure that begins with `size` is made by the ..._default function below it, which sets `size` to what
 *   the caller was compiled with. The library takes structures of later versions while what it does not know is 0.
 */
#ifndef CORTLAND_TYPES_H
#define CORTLAND_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define CORTLAND_NULLABLE _Nullable
#define CORTLAND_NONNULL _Nonnull
#define CORTLAND_NONNULL_BEGIN                                                                  \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wnullability-extension\"") \
      _Pragma("clang assume_nonnull begin")
#define CORTLAND_NONNULL_END _Pragma("clang assume_nonnull end") _Pragma("clang diagnostic pop")
#else
#define CORTLAND_NULLABLE
#define CORTLAND_NONNULL
#define CORTLAND_NONNULL_BEGIN
#define CORTLAND_NONNULL_END
#endif

/* Any number of threads may call it at once, with the same handle too. */
#define CORTLAND_ANY_THREAD
/* One thread at a time for each handle; with different handles at once. */
#define CORTLAND_ONE_THREAD

#ifdef __cplusplus
#define CORTLAND_NOEXCEPT noexcept
#define CORTLAND_BEGIN CORTLAND_NONNULL_BEGIN extern "C" {
#define CORTLAND_END } CORTLAND_NONNULL_END
#else
#define CORTLAND_NOEXCEPT
#define CORTLAND_BEGIN CORTLAND_NONNULL_BEGIN
#define CORTLAND_END CORTLAND_NONNULL_END
#endif

CORTLAND_BEGIN

/* ---- Failures ---- */

typedef int32_t cortland_status;
enum {
  CORTLAND_OK = 0,
  CORTLAND_BUFFER_TOO_SMALL = 1,
  CORTLAND_INVALID = 2,       /* an argument is not as it has to be */
  CORTLAND_CORRUPT = 3,       /* a file is of another kind, or is damaged */
  CORTLAND_IO = 4,            /* the system could not open or map a file */
  CORTLAND_NOT_FOUND = 5,     /* there is no such token, file or name, or the model has no chat template */
  CORTLAND_REFUSED = 6,       /* the chat template does not take the conversation */
  CORTLAND_OUT_OF_MEMORY = 7,
  CORTLAND_INTERNAL = 8,      /* an error in Cortland */
  CORTLAND_UNSUPPORTED = 9    /* this version does not know it */
};

/* One sentence for people, "where: what; got X, want Y"; cut where it is too long. Ends with a zero. */
typedef struct cortland_error {
  char message[512];
} cortland_error;

/* ---- Text and numbers ---- */

typedef struct cortland_string {
  const char *CORTLAND_NULLABLE bytes;
  size_t size;
} cortland_string;

/* Kinds of numbers. */
typedef int32_t cortland_number;
enum { CORTLAND_NUMBER_FP16 = 0, CORTLAND_NUMBER_FP32 = 1, CORTLAND_NUMBER_INT32 = 2 };

#define CORTLAND_MAX_RANK 5

/* What an input or an output is. The first `rank` sides count, the last one fastest. */
typedef struct cortland_feature {
  cortland_string name; /* lives as long as the handle that it came from */
  cortland_number number;
  int32_t rank; /* 1 to CORTLAND_MAX_RANK */
  size_t shape[CORTLAND_MAX_RANK];
} cortland_feature;

/* Numbers of the caller's, as they lie in memory; no alignment is needed. */
typedef struct cortland_array {
  void *CORTLAND_NULLABLE data; /* the first number */
  cortland_number number;
  int32_t rank;
  size_t shape[CORTLAND_MAX_RANK];
  size_t strides[CORTLAND_MAX_RANK]; /* from one to the next, in numbers */
} cortland_array;

CORTLAND_END

#endif
