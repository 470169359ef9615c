/* What every caller of a package needs, in C: the contract that it carries (docs/contract.md), the calls that take in a
 * text, and the numbers that each call gets. Nothing here runs a model. The rules that hold throughout stand in
 * cortland/types.h.
 *
 * For each call that cortland_session_feed plans, in order: cortland_session_fill for each input, the call itself, then
 * cortland_session_keep for each output that the next calls want back, cortland_session_pass for what the next part of
 * a model takes, and cortland_session_logits where there are some.
 */
#ifndef CORTLAND_HOST_H
#define CORTLAND_HOST_H

#include <cortland/types.h>

CORTLAND_BEGIN

/* Rises when a program compiled with an older header could not go on as before. */
#define CORTLAND_HOST_ABI_VERSION 1
/* CORTLAND_HOST_ABI_VERSION of the library. */
CORTLAND_ANY_THREAD
uint32_t cortland_host_abi_version(void) CORTLAND_NOEXCEPT;

/* ---- The contract ---- */

/* The entry of a package's user-defined metadata that holds the contract. */
#define CORTLAND_CONTRACT_KEY "cortland.contract"

typedef struct cortland_contract cortland_contract;

/* CORTLAND_UNSUPPORTED for what is no contract, or one of a version or form that this library does not know. */
CORTLAND_ANY_THREAD
cortland_status cortland_contract_open(const char *CORTLAND_NULLABLE json, size_t size,
                                       cortland_contract *CORTLAND_NULLABLE *CORTLAND_NONNULL contract,
                                       cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The same of a package for several contexts: for the smallest that has room for so many tokens; 0: for the largest.
 * CORTLAND_UNSUPPORTED also when none has the room. */
CORTLAND_ANY_THREAD
cortland_status cortland_contract_open_for(const char *CORTLAND_NULLABLE json, size_t size, size_t tokens,
                                           cortland_contract *CORTLAND_NULLABLE *CORTLAND_NONNULL contract,
                                           cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_contract_free(cortland_contract *CORTLAND_NULLABLE contract) CORTLAND_NOEXCEPT;

/* "ane" or "gpu"; good as long as the contract. */
CORTLAND_ANY_THREAD
cortland_status cortland_contract_profile(const cortland_contract *contract, cortland_string *profile,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Tokens that a conversation has at most. This and all counts below: 0 for NULL. */
CORTLAND_ANY_THREAD
size_t cortland_contract_context(const cortland_contract *contract) CORTLAND_NOEXCEPT;
/* The contexts that the package has functions for, ascending; 0 for an index beyond. */
CORTLAND_ANY_THREAD
size_t cortland_contract_context_count(const cortland_contract *contract) CORTLAND_NOEXCEPT;
CORTLAND_ANY_THREAD
size_t cortland_contract_context_size(const cortland_contract *contract, size_t index) CORTLAND_NOEXCEPT;
/* The number of logits; every id is below. */
CORTLAND_ANY_THREAD
size_t cortland_contract_vocabulary_size(const cortland_contract *contract) CORTLAND_NOEXCEPT;
/* Tokens that a call takes at most. */
CORTLAND_ANY_THREAD
size_t cortland_contract_prefill_size(const cortland_contract *contract) CORTLAND_NOEXCEPT;
/* Tokens that a call takes at most that gives logits. */
CORTLAND_ANY_THREAD
size_t cortland_contract_step_size(const cortland_contract *contract) CORTLAND_NOEXCEPT;
/* Bytes of the keys and values that a session keeps for the host. */
CORTLAND_ANY_THREAD
size_t cortland_contract_kept_bytes(const cortland_contract *contract) CORTLAND_NOEXCEPT;
/* The functions of the package that calls use, and their names, which are good as long as the contract. */
CORTLAND_ANY_THREAD
size_t cortland_contract_function_count(const cortland_contract *contract) CORTLAND_NOEXCEPT;
CORTLAND_ANY_THREAD
cortland_status cortland_contract_function(const cortland_contract *contract, size_t index, cortland_string *name,
                                           cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The states of the functions, likewise; none where the host keeps keys and values. */
CORTLAND_ANY_THREAD
size_t cortland_contract_state_count(const cortland_contract *contract) CORTLAND_NOEXCEPT;
CORTLAND_ANY_THREAD
cortland_status cortland_contract_state(const cortland_contract *contract, size_t index, cortland_string *name,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* Packages that the model is cut into; 1 where it is one. Each has all functions. */
CORTLAND_ANY_THREAD
size_t cortland_contract_part_count(const cortland_contract *contract) CORTLAND_NOEXCEPT;
/* The name of the package of a part, beside the others, and whether it has states; the name is empty where the model is
 * one package. */
CORTLAND_ANY_THREAD
cortland_status cortland_contract_part(const cortland_contract *contract, size_t part, cortland_string *package,
                                       int32_t *has_states, cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* 1 when a part has a state, by its index above, 0 otherwise. */
CORTLAND_ANY_THREAD
int32_t cortland_contract_part_has(const cortland_contract *contract, size_t part, size_t state) CORTLAND_NOEXCEPT;

/* 1 when calls of a function go through a part, 0 otherwise: nobody needs what the head would give in a prefill. */
CORTLAND_ANY_THREAD
int32_t cortland_contract_needs(const cortland_contract *contract, size_t part, size_t function) CORTLAND_NOEXCEPT;

/* ---- The rows of an embedding that the host looks up ---- */

/* The name of the file that has them, beside the package. CORTLAND_NOT_FOUND where the package has them itself. */
CORTLAND_ANY_THREAD
cortland_status cortland_contract_embedding(const cortland_contract *contract, cortland_string *file,
                                            cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

typedef struct cortland_embedding cortland_embedding;

/* Maps that file, which must not change while this or a session that uses it is there. CORTLAND_IO when it cannot be
 * read, CORTLAND_CORRUPT for what is no such file. */
CORTLAND_ANY_THREAD
cortland_status cortland_embedding_open_file(const char *CORTLAND_NULLABLE path,
                                             cortland_embedding *CORTLAND_NULLABLE *CORTLAND_NONNULL embedding,
                                             cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_embedding_free(cortland_embedding *CORTLAND_NULLABLE embedding) CORTLAND_NOEXCEPT;

/* ---- A conversation ---- */

/* What a package has read, and the calls that add to it. Goes with one set of states. */
typedef struct cortland_session cortland_session;

/* Nothing was read yet. Contract and embedding may be freed before the session. `embedding`: NULL unless the contract
 * names a file; CORTLAND_INVALID when it does and the embedding is missing or of another size. */
CORTLAND_ANY_THREAD
cortland_status cortland_session_create(const cortland_contract *contract,
                                        const cortland_embedding *CORTLAND_NULLABLE embedding,
                                        cortland_session *CORTLAND_NULLABLE *CORTLAND_NONNULL session,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_session_free(cortland_session *CORTLAND_NULLABLE session) CORTLAND_NOEXCEPT;

/* How many tokens were fed. */
CORTLAND_ONE_THREAD
size_t cortland_session_position(const cortland_session *session) CORTLAND_NOEXCEPT;
/* Where the session can go on when it is taken back to `position`: there, unless a ring cache has lost what the next
 * tokens may see; then at 0. */
CORTLAND_ONE_THREAD
size_t cortland_session_resumable(const cortland_session *session, size_t position) CORTLAND_NOEXCEPT;
/* Forgets all tokens from there on, which cortland_session_position then tells, and the calls that were planned. States
 * and what was kept need no change. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_rewind(cortland_session *session, size_t position,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* Whether the logits behind the last token are wanted, or more tokens follow before any are. */
typedef int32_t cortland_feed_end;
enum { CORTLAND_FEED_END_LOGITS = 0, CORTLAND_FEED_END_MORE = 1 };

/* Plans the calls that take the tokens in, which replace those of the last feed; `calls` is how many. They count as fed
 * at once: after a call that failed, rewind to where the session was. CORTLAND_INVALID when there are none or more than
 * the context has room for, and for ids outside the vocabulary; then all is as before. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_feed(cortland_session *session, const int32_t *CORTLAND_NULLABLE ids, size_t count,
                                      cortland_feed_end end, size_t *calls,
                                      cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

typedef struct cortland_call {
  size_t function; /* its index in the contract */
  size_t start;    /* the position of the first row */
  size_t tokens;   /* rows */
  size_t used;     /* of them, the first that many hold tokens; the others only fill the call up */
  size_t input_count;
  size_t kept_count; /* outputs that the session keeps */
  size_t part;       /* which package it is a call of; 0 where the model is one */
} cortland_call;

/* One of the planned calls; `call` is its index, below too. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_call(const cortland_session *session, size_t call, cortland_call *description,
                                      cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* An input: ids and position are int32, all else is fp16. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_input(const cortland_session *session, size_t call, size_t input,
                                       cortland_feature *feature,
                                       cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Writes its numbers into an array of its shape, by the array's strides; what lies between them stays as it is. In
 * place of fp16 the array may have fp32. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_fill(const cortland_session *session, size_t call, size_t input,
                                      const cortland_array *array,
                                      cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The output with the logits, and which row of it is that of the last token. CORTLAND_NOT_FOUND when the call gives
 * none. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_logits(const cortland_session *session, size_t call, cortland_feature *feature,
                                        size_t *row, cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* An output with new keys or values. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_kept(const cortland_session *session, size_t call, size_t kept,
                                      cortland_feature *feature,
                                      cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The output that the call behind it takes, one of the next part: cortland_session_fill gives it to that.
 * CORTLAND_NOT_FOUND when no part follows. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_hidden(const cortland_session *session, size_t call, cortland_feature *feature,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Takes over what the call gave for it: an array of its shape, fp16 or fp32. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_pass(cortland_session *session, size_t call, const cortland_array *array,
                                      cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Takes over what the call gave for an output with new keys or values, likewise. */
CORTLAND_ONE_THREAD
cortland_status cortland_session_keep(cortland_session *session, size_t call, size_t kept, const cortland_array *array,
                                      cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

CORTLAND_END

#endif
