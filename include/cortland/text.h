/* The text core of Cortland in C: from conversations to token ids, from logits to the next token, and from ids to the
 * text that a person sees. It works from NAME.text, the file that lies beside a package (docs/text-file.md).
 * docs/c-api.md has a complete example; the rules that hold throughout stand in cortland/types.h.
 *
 * Handles keep what they need of a cortland_text: it may be freed before them. Behind CORTLAND_OUT_OF_MEMORY a handle
 * other than a cortland_text is good only for being freed.
 */
#ifndef CORTLAND_TEXT_H
#define CORTLAND_TEXT_H

#include <cortland/types.h>

CORTLAND_BEGIN

/* Rises when a program compiled with an older header could not go on as before. */
#define CORTLAND_TEXT_ABI_VERSION 1
/* CORTLAND_TEXT_ABI_VERSION of the library. Any thread. */
CORTLAND_ANY_THREAD
uint32_t cortland_text_abi_version(void) CORTLAND_NOEXCEPT;

/* ---- The text file ---- */

typedef struct cortland_text cortland_text;

/* Uses the bytes where they lie: they must not change until the handle and all that was made from it are freed. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_open_memory(const void *CORTLAND_NULLABLE bytes, size_t size,
                                          cortland_text *CORTLAND_NULLABLE *CORTLAND_NONNULL text,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Maps the file, which must not be changed or cut while it is open. `path` ends with a zero. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_open_file(const char *path, cortland_text *CORTLAND_NULLABLE *CORTLAND_NONNULL text,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_text_free(cortland_text *CORTLAND_NULLABLE text) CORTLAND_NOEXCEPT;

/* The name of the model; may be empty. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_name(const cortland_text *text, char *CORTLAND_NULLABLE buffer, size_t capacity,
                                   size_t *size, cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Every id is below. 0 for NULL. */
CORTLAND_ANY_THREAD
size_t cortland_text_vocabulary_size(const cortland_text *text) CORTLAND_NOEXCEPT;
/* 1 or 0. */
CORTLAND_ANY_THREAD
int32_t cortland_text_has_template(const cortland_text *text) CORTLAND_NOEXCEPT;

/* ---- Tokens ---- */

/* The string of a token. CORTLAND_NOT_FOUND for ids that are not in use. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_token(const cortland_text *text, int32_t id, char *CORTLAND_NULLABLE buffer,
                                    size_t capacity, size_t *size,
                                    cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The id of a token, by its string. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_find_token(const cortland_text *text, const char *CORTLAND_NULLABLE token, size_t size,
                                         int32_t *id, cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Whether the token is a special one, which decoding passes over: 1 or 0. */
CORTLAND_ANY_THREAD
int32_t cortland_text_is_special(const cortland_text *text, int32_t id) CORTLAND_NOEXCEPT;
/* The ids of a role: "bos", "eos", "pad" or "unk". `role` ends with a zero. Often none. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_special_ids(const cortland_text *text, const char *role, int32_t *CORTLAND_NULLABLE ids,
                                          size_t capacity, size_t *count,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Each of these ids ends an answer: those of the generation defaults; without them, those of the role "eos". */
CORTLAND_ANY_THREAD
cortland_status cortland_text_end_ids(const cortland_text *text, int32_t *CORTLAND_NULLABLE ids, size_t capacity,
                                      size_t *count, cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* ---- Encoding and decoding ---- */

/* What a text that spells a special token becomes: that token, or text like any. */
typedef int32_t cortland_control_tokens;
enum { CORTLAND_CONTROL_TOKENS_PLAIN = 0, CORTLAND_CONTROL_TOKENS_RECOGNIZED = 1 };

/* Whether encoding adds what the model wants before and behind a text, such as BOS. Chat templates do it themselves. */
typedef int32_t cortland_affixes;
enum { CORTLAND_AFFIXES_NONE = 0, CORTLAND_AFFIXES_ADDED = 1 };

/* CORTLAND_INVALID for text that is not UTF-8, or that holds a character for which the model has nothing. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_encode(const cortland_text *text, const char *CORTLAND_NULLABLE bytes, size_t bytes_size,
                                     cortland_control_tokens control_tokens, cortland_affixes affixes,
                                     int32_t *CORTLAND_NULLABLE ids, size_t capacity, size_t *count,
                                     cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* Whether decoding shows special tokens or passes over them. */
typedef int32_t cortland_special_tokens;
enum { CORTLAND_SPECIAL_TOKENS_SKIPPED = 0, CORTLAND_SPECIAL_TOKENS_SHOWN = 1 };

/* Ids without a token are passed over. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_decode(const cortland_text *text, const int32_t *CORTLAND_NULLABLE ids, size_t count,
                                     cortland_special_tokens special_tokens, char *CORTLAND_NULLABLE buffer,
                                     size_t capacity, size_t *size,
                                     cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* ---- Streams ----
 *
 * A stream takes all that it is given, even when the buffer is too small: it then keeps the result, and the next call
 * gives it first. That call may bring nothing new: CORTLAND_NO_TOKEN, a text of size 0, or finish once more. */

/* Decodes ids one by one; a character comes with the id that completes it. */
typedef struct cortland_detokenizer cortland_detokenizer;
#define CORTLAND_NO_TOKEN (-1)

CORTLAND_ANY_THREAD
cortland_status cortland_detokenizer_create(const cortland_text *text, cortland_special_tokens special_tokens,
                                            cortland_detokenizer *CORTLAND_NULLABLE *CORTLAND_NONNULL detokenizer,
                                            cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_detokenizer_free(cortland_detokenizer *CORTLAND_NULLABLE detokenizer) CORTLAND_NOEXCEPT;
/* The text that the id adds, often none. CORTLAND_INVALID behind finish, for anything but CORTLAND_NO_TOKEN. */
CORTLAND_ONE_THREAD
cortland_status cortland_detokenizer_push(cortland_detokenizer *detokenizer, int32_t id, char *CORTLAND_NULLABLE buffer,
                                          size_t capacity, size_t *size,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The text that was held back. */
CORTLAND_ONE_THREAD
cortland_status cortland_detokenizer_finish(cortland_detokenizer *detokenizer, char *CORTLAND_NULLABLE buffer,
                                            size_t capacity, size_t *size,
                                            cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* Ends a text at a stop string, and never gives a part of one. */
typedef struct cortland_stop_strings cortland_stop_strings;

/* At most 256 strings, none empty. */
CORTLAND_ANY_THREAD
cortland_status cortland_stop_strings_create(const cortland_string *CORTLAND_NULLABLE strings, size_t count,
                                             cortland_stop_strings *CORTLAND_NULLABLE *CORTLAND_NONNULL stop,
                                             cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_stop_strings_free(cortland_stop_strings *CORTLAND_NULLABLE stop) CORTLAND_NOEXCEPT;
/* All that may be shown now. `matched` becomes the index of the string that ended the text, or -1. */
CORTLAND_ONE_THREAD
cortland_status cortland_stop_strings_add(cortland_stop_strings *stop, const char *CORTLAND_NULLABLE bytes,
                                          size_t bytes_size, char *CORTLAND_NULLABLE buffer, size_t capacity,
                                          size_t *size, int32_t *CORTLAND_NULLABLE matched,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* At the end of the text: what was held back; nothing behind a match. */
CORTLAND_ONE_THREAD
cortland_status cortland_stop_strings_finish(cortland_stop_strings *stop, char *CORTLAND_NULLABLE buffer,
                                             size_t capacity, size_t *size,
                                             cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* Tells the reasoning of a model from its answer, as with <think> ... </think>. */
typedef struct cortland_reasoning cortland_reasoning;

/* Whether the prompt has opened the reasoning already. */
typedef int32_t cortland_reasoning_start;
enum { CORTLAND_REASONING_CLOSED = 0, CORTLAND_REASONING_OPENED = 1 };

/* `open` and `close` are the tags and end with a zero; NULL: <think> and </think>. Neither may be empty or begin with a
 * space or line end. */
CORTLAND_ANY_THREAD
cortland_status cortland_reasoning_create(const char *CORTLAND_NULLABLE open, const char *CORTLAND_NULLABLE close,
                                          cortland_reasoning_start start,
                                          cortland_reasoning *CORTLAND_NULLABLE *CORTLAND_NONNULL reasoning,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_reasoning_free(cortland_reasoning *CORTLAND_NULLABLE reasoning) CORTLAND_NOEXCEPT;
/* CORTLAND_REASONING_OPENED when the prompt ends with the tag, and white space at most. `open` as above. */
CORTLAND_ANY_THREAD
cortland_reasoning_start cortland_reasoning_start_of(const char *CORTLAND_NULLABLE prompt, size_t size,
                                                     const char *CORTLAND_NULLABLE open) CORTLAND_NOEXCEPT;
/* What has become certain: of the `size` bytes the first `reasoning_size` are reasoning, the rest is answer. */
CORTLAND_ONE_THREAD
cortland_status cortland_reasoning_add(cortland_reasoning *reasoning, const char *CORTLAND_NULLABLE bytes,
                                       size_t bytes_size, char *CORTLAND_NULLABLE buffer, size_t capacity, size_t *size,
                                       size_t *reasoning_size,
                                       cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* At the end of the text: what was held back. */
CORTLAND_ONE_THREAD
cortland_status cortland_reasoning_finish(cortland_reasoning *reasoning, char *CORTLAND_NULLABLE buffer,
                                          size_t capacity, size_t *size, size_t *reasoning_size,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* ---- The chat template ---- */

/* A moment as a clock on the wall shows it; all 0: the first of 1970. */
typedef struct cortland_local_time {
  int32_t year; /* 1 to 9999 */
  int32_t month, day;
  int32_t hour, minute, second;
} cortland_local_time;

typedef int32_t cortland_generation_prompt;
enum { CORTLAND_GENERATION_PROMPT_NONE = 0, CORTLAND_GENERATION_PROMPT_ADDED = 1 };

/* A conversation. The strings are JSON. */
typedef struct cortland_chat {
  size_t size;
  cortland_string messages;  /* a list of objects such as {"role": "user", "content": "Hello"} */
  cortland_string tools;     /* a list of objects; empty: none */
  cortland_string variables; /* an object of what else the template asks for, such as {"enable_thinking": true} */
  cortland_local_time now;   /* for templates that write the date */
  cortland_generation_prompt generation_prompt; /* whether the prompt ends where the model's answer begins */
  /* Of what the messages and tools spell. Those of the template itself and of the variables always count. */
  cortland_control_tokens control_tokens;
  size_t step_limit;   /* of one rendering; 0: 20,000,000 */
  size_t memory_limit; /* likewise, in bytes; 0: 256 MiB */
} cortland_chat;

static inline cortland_chat cortland_chat_default(void) CORTLAND_NOEXCEPT {
  const cortland_string none = {NULL, 0};
  const cortland_local_time start = {0, 0, 0, 0, 0, 0};
  cortland_chat chat;
  chat.size = sizeof(cortland_chat);
  chat.messages = none;
  chat.tools = none;
  chat.variables = none;
  chat.now = start;
  chat.generation_prompt = CORTLAND_GENERATION_PROMPT_ADDED;
  chat.control_tokens = CORTLAND_CONTROL_TOKENS_PLAIN;
  chat.step_limit = 0;
  chat.memory_limit = 0;
  return chat;
}

/* The prompt as text, to look at: encoded again, control tokens in the messages would come alive. CORTLAND_NOT_FOUND
 * without a template, CORTLAND_REFUSED when it does not take the conversation. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_render_chat(const cortland_text *text, const cortland_chat *chat,
                                          char *CORTLAND_NULLABLE buffer, size_t capacity, size_t *size,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The ids of the prompt. Fails likewise, and as cortland_text_encode does. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_encode_chat(const cortland_text *text, const cortland_chat *chat,
                                          int32_t *CORTLAND_NULLABLE ids, size_t capacity, size_t *count,
                                          cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* ---- Sampling ---- */

typedef struct cortland_logit_bias {
  double bias; /* is added to the logit; -infinity bans the token */
  int32_t id;
  int32_t reserved; /* 0 */
} cortland_logit_bias;

/* In the order in which the steps happen; each is off by default. */
typedef struct cortland_sampling {
  size_t size;
  const cortland_logit_bias *CORTLAND_NULLABLE logit_bias; /* each id once */
  size_t logit_bias_count;
  double repetition_penalty; /* above 0; 1: off */
  double frequency_penalty;
  double presence_penalty;
  int64_t no_repeat_ngram; /* 0: off */
  double temperature;      /* 0: greedy, and no step below */
  int64_t top_k;           /* 0: off */
  double top_p;            /* 0 to 1 */
  double min_p;            /* 0 to 1 */
  uint64_t seed;
} cortland_sampling;

static inline cortland_sampling cortland_sampling_default(void) CORTLAND_NOEXCEPT {
  cortland_sampling sampling;
  sampling.size = sizeof(cortland_sampling);
  sampling.logit_bias = NULL;
  sampling.logit_bias_count = 0;
  sampling.repetition_penalty = 1;
  sampling.frequency_penalty = 0;
  sampling.presence_penalty = 0;
  sampling.no_repeat_ngram = 0;
  sampling.temperature = 1;
  sampling.top_k = 0;
  sampling.top_p = 1;
  sampling.min_p = 0;
  sampling.seed = 0;
  return sampling;
}

typedef int32_t cortland_answer_mode;
enum { CORTLAND_ANSWER_DIRECT = 0, CORTLAND_ANSWER_REASONING = 1 };

/* How the model is meant to be sampled in this mode: greedily when the file does not say it. Leaves biases and seed as
 * they are; so begin with cortland_sampling_default(). `max_new_tokens` becomes 0 when the file does not say it. */
CORTLAND_ANY_THREAD
cortland_status cortland_text_sampling(const cortland_text *text, cortland_answer_mode mode,
                                       cortland_sampling *sampling, int64_t *CORTLAND_NULLABLE max_new_tokens,
                                       cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

/* What the model gave for the next token; needs no alignment. */
typedef struct cortland_logits {
  const void *CORTLAND_NULLABLE data;
  size_t count;  /* as many as the sampler's vocabulary has */
  size_t stride; /* from one to the next, in numbers; 1 or more */
  cortland_number number; /* CORTLAND_NUMBER_FP16 or CORTLAND_NUMBER_FP32 */
} cortland_logits;

typedef struct cortland_token_probability {
  double probability;
  double log_probability; /* natural logarithm */
  float score;            /* behind the temperature */
  int32_t id;
} cortland_token_probability;

/* Chooses tokens. The same options, prompt and logits give the same ones on every platform. */
typedef struct cortland_sampler cortland_sampler;

/* `vocabulary`: the number of logits, at most 1,048,576; often more than the tokenizer has ids. */
CORTLAND_ANY_THREAD
cortland_status cortland_sampler_create(const cortland_sampling *sampling, size_t vocabulary,
                                        cortland_sampler *CORTLAND_NULLABLE *CORTLAND_NONNULL sampler,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
CORTLAND_ONE_THREAD
void cortland_sampler_free(cortland_sampler *CORTLAND_NULLABLE sampler) CORTLAND_NOEXCEPT;
/* Begins an answer: only the ids of this prompt count as its history. After a failure all is as before. */
CORTLAND_ONE_THREAD
cortland_status cortland_sampler_begin(cortland_sampler *sampler, const int32_t *CORTLAND_NULLABLE prompt, size_t count,
                                       cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Adds a token to the answer that something else has chosen. */
CORTLAND_ONE_THREAD
cortland_status cortland_sampler_accept(cortland_sampler *sampler, int32_t id,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* Chooses a token and adds it to the answer. */
CORTLAND_ONE_THREAD
cortland_status cortland_sampler_sample(cortland_sampler *sampler, const cortland_logits *logits, int32_t *id,
                                        cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;
/* The likeliest of what the last sample chose from, the likeliest first: at most `capacity`, and `count` is how many
 * were written. None before the first sample, and behind one that failed. */
CORTLAND_ONE_THREAD
cortland_status cortland_sampler_top(cortland_sampler *sampler, cortland_token_probability *CORTLAND_NULLABLE tokens,
                                     size_t capacity, size_t *count,
                                     cortland_error *CORTLAND_NULLABLE error) CORTLAND_NOEXCEPT;

CORTLAND_END

#endif
