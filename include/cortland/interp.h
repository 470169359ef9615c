/* Runs Core ML packages on the CPU, operation by operation: what a package computes, wherever there is no Core ML. It
 * is for tests of hosts; apps do not ship it. It is a shared library of its own, libcortland_interp. The rules that
 * hold throughout stand in cortland/types.h.
 *
 * What was made from a cortland_interp_package keeps what it needs of it: it may be freed first.
 */
#ifndef CORTLAND_INTERP_H
#define CORTLAND_INTERP_H

#include <cortland/types.h>

CORTLAND_BEGIN

/* Rises when a program compiled with an older header could not go on as before. */
#define CORTLAND_INTERP_ABI_VERSION 1
/* CORTLAND_INTERP_ABI_VERSION of the library. */
CORTLAND_ANY_THREAD
uint32_t cortland_interp_abi_version(void) CORTLAND_NOEXCEPT;

/* ---- Packages ---- */

typedef struct cortland_interp_package cortland_interp_package;

/* Reads NAME.mlpackage; `path` ends with a zero. The weights are used where they lie: the files must not change.
 * CORTLAND_NOT_FOUND, CORTLAND_CORRUPT, CORTLAND_IO, and CORTLAND_UNSUPPORTED for a model that is no ML Program. */
CORTLAND_ANY_THREAD
cortland_status cortland_interp_package_open(
    const char *path, cortland_interp_package *CORTLAND_NULLABLE *CORTLAND_NONNULL package,
    cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_interp_package_free(cortland_interp_package *CORTLAND_NULLABLE package) CORTLAND_NOEXCEPT;

/* A function of a package. All strings of this and of the next functions are good as long as the package. */
typedef struct cortland_interp_function {
  cortland_string name;
  size_t input_count, output_count, state_count;
} cortland_interp_function;

/* 0 for NULL. */
CORTLAND_ANY_THREAD
size_t cortland_interp_function_count(const cortland_interp_package *package) CORTLAND_NOEXCEPT;
CORTLAND_ANY_THREAD
cortland_status cortland_interp_function_at(const cortland_interp_package *package, size_t function,
                                            cortland_interp_function *description,
                                            cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The index of the function that runs unless another one is asked for; 0 for NULL. */
CORTLAND_ANY_THREAD
size_t cortland_interp_default_function(const cortland_interp_package *package) CORTLAND_NOEXCEPT;

/* What a feature of a function is for. */
typedef int32_t cortland_interp_role;
enum { CORTLAND_INTERP_INPUT = 0, CORTLAND_INTERP_OUTPUT = 1, CORTLAND_INTERP_STATE = 2 };

/* The sides that an input may have, both ends included; equal where a side is fixed. */
typedef struct cortland_interp_range {
  size_t lower[CORTLAND_MAX_RANK];
  size_t upper[CORTLAND_MAX_RANK];
} cortland_interp_range;

/* An input, an output or a state. The shape of an input is the one that nobody has to ask for; sides of an output that
 * depend on the inputs are 0. CORTLAND_UNSUPPORTED for numbers and ranks that cortland/types.h does not have, and for
 * inputs whose shapes are listed. */
CORTLAND_ANY_THREAD
cortland_status cortland_interp_feature(const cortland_interp_package *package, size_t function,
                                        cortland_interp_role role, size_t index, cortland_feature *feature,
                                        cortland_interp_range *CORTLAND_NULLABLE range,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* The user-defined metadata, by key; 0 for NULL. */
CORTLAND_ANY_THREAD
size_t cortland_interp_metadata_count(const cortland_interp_package *package) CORTLAND_NOEXCEPT;
CORTLAND_ANY_THREAD
cortland_status cortland_interp_metadata(const cortland_interp_package *package, size_t index, cortland_string *key,
                                         cortland_string *value,
                                         cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* ---- Predictions ---- */

/* How sums and intermediate values are computed: in fp32, which is what the package means; or with each result rounded
 * to fp16, which is nearer to what a device does. */
typedef int32_t cortland_interp_math;
enum { CORTLAND_INTERP_MATH_FP32 = 0, CORTLAND_INTERP_MATH_FP16 = 1 };

/* A function that is ready to run. */
typedef struct cortland_interp_program cortland_interp_program;

/* CORTLAND_CORRUPT and CORTLAND_UNSUPPORTED for operations that cannot be run. */
CORTLAND_ANY_THREAD
cortland_status cortland_interp_program_create(
    const cortland_interp_package *package, size_t function, cortland_interp_math math,
    cortland_interp_program *CORTLAND_NULLABLE *CORTLAND_NONNULL program,
    cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_interp_program_free(cortland_interp_program *CORTLAND_NULLABLE program) CORTLAND_NOEXCEPT;

/* The states of all functions of a package, zeros at first. */
typedef struct cortland_interp_states cortland_interp_states;

CORTLAND_ANY_THREAD
cortland_status cortland_interp_states_create(
    const cortland_interp_package *package, cortland_interp_states *CORTLAND_NULLABLE *CORTLAND_NONNULL states,
    cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_interp_states_free(cortland_interp_states *CORTLAND_NULLABLE states) CORTLAND_NOEXCEPT;
/* A state where it lies, to be read or changed; good until the next prediction with these states. CORTLAND_NOT_FOUND
 * when there is none of the name. */
CORTLAND_ONE_THREAD
cortland_status cortland_interp_states_array(cortland_interp_states *states, const char *CORTLAND_NULLABLE name,
                                             size_t size, cortland_array *array,
                                             cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

typedef struct cortland_interp_input {
  cortland_string name;
  cortland_array array;
} cortland_interp_input;

/* What a prediction gave. */
typedef struct cortland_interp_result cortland_interp_result;

/* Runs a program on all of its inputs. `states` may be NULL where the function has none; they belong to one prediction
 * at a time. CORTLAND_INVALID for inputs that are missing, unknown, or of another kind or shape, and then the states
 * are as before; after any other failure they are zeros. */
CORTLAND_ANY_THREAD
cortland_status cortland_interp_predict(const cortland_interp_program *program,
                                        cortland_interp_states *CORTLAND_NULLABLE states,
                                        const cortland_interp_input *CORTLAND_NULLABLE inputs, size_t count,
                                        cortland_interp_result *CORTLAND_NULLABLE *CORTLAND_NONNULL result,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_interp_result_free(cortland_interp_result *CORTLAND_NULLABLE result) CORTLAND_NOEXCEPT;
/* An output, by its index in the function, where it lies; good as long as the result. */
CORTLAND_ANY_THREAD
cortland_status cortland_interp_result_array(const cortland_interp_result *result, size_t output, cortland_array *array,
                                             cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

CORTLAND_END

#endif
