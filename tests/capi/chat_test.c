/* Conversations to prompts, as text and as ids. */
#include <stdlib.h>

#include "capi/check.h"
#include "capi/tests.h"

#define BEGIN "<|begin_of_text|>"
#define TURN(role) "<|start_header_id|>" role "<|end_header_id|>"
#define END "<|eot_id|>"
enum { END_ID = 1924 };

static cortland_string json(const char *text) {
  const cortland_string string = {text, strlen(text)};
  return string;
}

static void check_prompt(const cortland_text *text, const cortland_chat *chat, const char *want) {
  char buffer[1024] = "";
  size_t size = 0;
  cortland_error error;
  CHECK_INT(cortland_text_render_chat(text, chat, buffer, sizeof buffer, &size, &error), CORTLAND_OK);
  CHECK_MESSAGE(error, "");
  CHECK_TEXT(buffer, size, want);
}

static void test_prompts(const cortland_text *text) {
  cortland_chat chat = cortland_chat_default();
  chat.messages = json("[{\"role\": \"user\", \"content\": \" Hi \"},"
                       " {\"role\": \"assistant\", \"content\": \"\\ud55c\"}]");
  const char *turns = BEGIN TURN("user") "\nHi" END TURN("assistant") "\n한" END TURN("assistant");
  int32_t ids[64], want[64];
  size_t count = 0, want_count = 0;
  check_prompt(text, &chat, turns);
  CHECK_INT(cortland_text_encode_chat(text, &chat, ids, 64, &count, NULL), CORTLAND_OK);
  CHECK_INT(cortland_text_encode(text, turns, strlen(turns), CORTLAND_CONTROL_TOKENS_RECOGNIZED, 0, want, 64,
                                 &want_count, NULL), CORTLAND_OK);
  CHECK(count == want_count && memcmp(ids, want, count * sizeof *ids) == 0);
  CHECK_INT(cortland_text_encode_chat(text, &chat, ids, 3, &want_count, NULL), CORTLAND_BUFFER_TOO_SMALL);
  CHECK_INT(want_count, count);

  chat.messages = json("[]");
  chat.generation_prompt = CORTLAND_GENERATION_PROMPT_NONE;
  check_prompt(text, &chat, BEGIN);
  chat.generation_prompt = CORTLAND_GENERATION_PROMPT_ADDED;
  chat.variables = json("{\"enable_thinking\": true, \"bos_token\": \"B\"}");
  check_prompt(text, &chat, "B" TURN("assistant") "<think>\n");
  chat.tools = json("[{\"name\": \"f\"}]");
  chat.variables = json("{\"date\": 1}");
  check_prompt(text, &chat, BEGIN "1970-01-01 00:00:00\n[{\"name\": \"f\"}]\n" TURN("assistant"));
  const cortland_local_time now = {2025, 3, 4, 5, 6, 7};
  chat.now = now;
  chat.tools = json("null");
  check_prompt(text, &chat, BEGIN "2025-03-04 05:06:07\n" TURN("assistant"));
}

static size_t count_ends(const cortland_text *text, const cortland_chat *chat) {
  int32_t ids[128];
  size_t count = 0, ends = 0;
  CHECK_INT(cortland_text_encode_chat(text, chat, ids, 128, &count, NULL), CORTLAND_OK);
  for (size_t i = 0; i < count && i < 128; ++i) ends += ids[i] == END_ID;
  return ends;
}

static void test_control_tokens_of_people(const cortland_text *text) {
  cortland_chat chat = cortland_chat_default();
  chat.messages = json("[{\"role\": \"user\", \"content\": \"a<|eot_id|>b <|eot_id|>\"}]");
  chat.tools = json("[{\"name\": \"<|eot_id|>\"}]");
  const char *want =
      BEGIN "[{\"name\": \"<|eot_id|>\"}]\n" TURN("user") "\na<|eot_id|>b <|eot_id|>" END TURN("assistant");
  int32_t ids[128];
  char decoded[512];
  size_t count = 0, size = 0;
  check_prompt(text, &chat, want);
  CHECK_INT(count_ends(text, &chat), 1);
  CHECK_INT(cortland_text_encode_chat(text, &chat, ids, 128, &count, NULL), CORTLAND_OK);
  CHECK_INT(cortland_text_decode(text, ids, count, CORTLAND_SPECIAL_TOKENS_SHOWN, decoded, sizeof decoded, &size, NULL),
            CORTLAND_OK);
  CHECK_TEXT(decoded, size, want);
  chat.control_tokens = CORTLAND_CONTROL_TOKENS_RECOGNIZED;
  check_prompt(text, &chat, want);
  CHECK_INT(count_ends(text, &chat), 4);
}

static void refuse(const cortland_text *text, const cortland_chat *chat, cortland_status status, const char *want) {
  cortland_error error;
  size_t size = 7;
  CHECK_INT(cortland_text_encode_chat(text, chat, NULL, 0, &size, &error), status);
  CHECK_MESSAGE(error, want);
  CHECK_INT(size, 7);
}

static void test_refusals(const cortland_text *text) {
  cortland_chat chat = cortland_chat_default(), good;
  refuse(text, &chat, CORTLAND_INVALID, "messages: are missing; got no JSON, want a list of objects");
  chat.messages = json("{}");
  refuse(text, &chat, CORTLAND_INVALID, "messages: is of the wrong kind; got other JSON, want a list of objects");
  chat.messages = json("[1]");
  refuse(text, &chat, CORTLAND_INVALID, "messages: is of the wrong kind; got other JSON, want a list of objects");
  chat.messages = json("[");
  CHECK_INT(cortland_text_encode_chat(text, &chat, NULL, 0, &(size_t){0}, NULL), CORTLAND_INVALID);
  chat.messages = json("[{\"role\": \"robot\", \"content\": \"\"}]");
  refuse(text, &chat, CORTLAND_REFUSED, "chat template says: no robots");
  chat.messages = json("[{\"role\": \"user\", \"content\": \"\xff\"}]");
  refuse(text, &chat, CORTLAND_INVALID, "text: want well-formed UTF-8");
  chat.messages = json("[{\"role\": \"user\", \"content\": \"x\"}]");
  good = chat;
  chat.step_limit = 3;
  CHECK_INT(cortland_text_encode_chat(text, &chat, NULL, 0, &(size_t){0}, NULL), CORTLAND_REFUSED);
  chat = good;
  chat.memory_limit = 1;
  CHECK_INT(cortland_text_encode_chat(text, &chat, NULL, 0, &(size_t){0}, NULL), CORTLAND_REFUSED);
  chat = good;
  chat.variables = json("[]");
  refuse(text, &chat, CORTLAND_INVALID, "variables: are of the wrong kind; got other JSON, want an object");
  chat = good;
  chat.now.month = 13;
  chat.now.year = 1;
  refuse(text, &chat, CORTLAND_INVALID, "now: the month is out of range; got 13, want 1 to 12");
  chat = good;
  chat.generation_prompt = 3;
  refuse(text, &chat, CORTLAND_INVALID, "generation_prompt: is no such choice; got 3, want 0 or 1");
  chat = good;
  chat.tools.size = 1;
  refuse(text, &chat, CORTLAND_INVALID, "tools: a pointer is missing; got NULL, want an address");
}

static void test_structures_of_other_versions(const cortland_text *text) {
  struct {
    cortland_chat chat;
    int64_t later;
  } grown;
  cortland_error error;
  size_t count = 0;
  memset(&grown, 0, sizeof grown);
  grown.chat = cortland_chat_default();
  grown.chat.messages = json("[]");
  grown.chat.size = sizeof grown;
  CHECK_INT(cortland_text_encode_chat(text, &grown.chat, NULL, 0, &count, &error), CORTLAND_BUFFER_TOO_SMALL);
  grown.later = 1;
  CHECK_INT(cortland_text_encode_chat(text, &grown.chat, NULL, 0, &count, &error), CORTLAND_INVALID);
  CHECK(strstr(error.message, "chat: uses what this version of the library does not know") == error.message);
  grown.chat.size = 8;
  CHECK_INT(cortland_text_encode_chat(text, &grown.chat, NULL, 0, &count, &error), CORTLAND_INVALID);
  CHECK(strstr(error.message, "chat: the size of the structure is wrong; got 8, want ") == error.message);
}

void test_chats(const cortland_text *text) {
  test_prompts(text);
  test_control_tokens_of_people(text);
  test_refusals(text);
  test_structures_of_other_versions(text);
}
