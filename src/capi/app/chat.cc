// Conversations to prompts.
#include "capi/app/text_handle.h"

using namespace cortland;
using namespace cortland::capi;
using portable::Failure;
using portable::JsonValue;
using portable::Result;

namespace {

// An empty text is null.
Result<JsonValue> read_json(const char* name, const cortland_string& string) {
  const auto text = text_of(string.bytes, string.size);
  if (!text) return Failure{missing(name).message};
  if (text->empty()) return JsonValue();
  Result<JsonValue> value = portable::parse_json(*text);
  if (!value) return Failure{std::string(name) + ": " + value.message()};
  return value;
}

Result<JsonValue> read_objects(const char* name, const cortland_string& string) {
  Result<JsonValue> value = read_json(name, string);
  if (!value || value->is_null()) return value;
  const JsonValue::Array* list = value->array();
  const auto is_object = [](const JsonValue& item) { return item.object() != nullptr; };
  if (list == nullptr || !std::all_of(list->begin(), list->end(), is_object)) {
    return Failure{std::string(name) + ": is of the wrong kind; got other JSON, want a list of objects"};
  }
  return value;
}

Result<text::LocalTime> read_time(const cortland_local_time& time) {
  constexpr cortland_local_time kNone{};
  if (std::memcmp(&time, &kNone, sizeof(time)) == 0) return text::LocalTime{};
  const struct {
    const char* name;
    int32_t value, least, most;
  } ranges[] = {{"year", time.year, 1, 9999}, {"month", time.month, 1, 12},   {"day", time.day, 1, 31},
                {"hour", time.hour, 0, 23},   {"minute", time.minute, 0, 59}, {"second", time.second, 0, 60}};
  for (const auto& [name, value, least, most] : ranges) {
    if (value < least || value > most) {
      return Failure{"now: the " + std::string(name) + " is out of range; got " + std::to_string(value) + ", want " +
                     std::to_string(least) + " to " + std::to_string(most)};
    }
  }
  return text::LocalTime{.year = time.year, .month = time.month, .day = time.day, .hour = time.hour,
                         .minute = time.minute, .second = time.second};
}

// What the template sees. The names of special tokens count only where the caller gives no others: the last one counts.
Result<text::ChatTemplate::Context> read_context(const OpenText& open, const cortland_chat& chat) {
  text::ChatTemplate::Context context;
  Result<JsonValue> messages = read_objects("messages", chat.messages), tools = read_objects("tools", chat.tools);
  const Result<JsonValue> variables = read_json("variables", chat.variables);
  const Result<text::LocalTime> now = read_time(chat.now);
  if (!messages) return Failure{messages.message()};
  if (!tools) return Failure{tools.message()};
  if (!variables) return Failure{variables.message()};
  if (!now) return Failure{now.message()};
  if (messages->is_null()) return Failure{"messages: are missing; got no JSON, want a list of objects"};
  if (!variables->is_null() && variables->object() == nullptr) {
    return Failure{"variables: are of the wrong kind; got other JSON, want an object"};
  }
  const bool plain = chat.control_tokens == CORTLAND_CONTROL_TOKENS_PLAIN;
  context.messages = plain ? open.prompts.quote(*messages) : std::move(*messages);
  context.tools = plain ? open.prompts.quote(*tools) : std::move(*tools);
  context.add_generation_prompt = chat.generation_prompt == CORTLAND_GENERATION_PROMPT_ADDED;
  const auto& tokens = open.contents.special_tokens;
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {  // of several with one role the first counts
    context.variables.emplace_back(token->role + "_token", JsonValue(token->token));
  }
  if (variables->object() != nullptr) {
    context.variables.insert(context.variables.end(), variables->object()->begin(), variables->object()->end());
  }
  context.now = *now;
  if (chat.step_limit != 0) context.limits.steps = chat.step_limit;
  if (chat.memory_limit != 0) context.limits.memory = chat.memory_limit;
  return context;
}

// The prompt with the marks of PromptEncoder, then `use` of it.
template <typename Use>
Outcome render(const cortland_text* text, const cortland_chat* from, Use use) {
  if (text == nullptr) return missing("text");
  const Result<cortland_chat> chat = read_struct("chat", from);
  if (!chat) return invalid(chat.message());
  if (auto bad = check_choice("generation_prompt", chat->generation_prompt)) return *bad;
  if (auto bad = check_choice("control_tokens", chat->control_tokens)) return *bad;
  const OpenText& open = *text->open;
  if (!open.chat_template) return {CORTLAND_NOT_FOUND, "chat template: the model has none"};
  const Result<text::ChatTemplate::Context> context = read_context(open, *chat);
  if (!context) return invalid(context.message());
  const Result<std::string> prompt = open.chat_template->render(*context);
  if (!prompt) return {CORTLAND_REFUSED, prompt.message()};
  return use(open, *prompt);
}

}  // namespace

cortland_status cortland_text_render_chat(const cortland_text* text, const cortland_chat* chat, char* buffer,
                                          size_t capacity, size_t* size, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    return render(text, chat, [&](const OpenText&, const std::string& prompt) {
      return give(text::PromptEncoder::unquote(prompt), buffer, capacity, size);
    });
  });
}

cortland_status cortland_text_encode_chat(const cortland_text* text, const cortland_chat* chat, int32_t* ids,
                                          size_t capacity, size_t* count, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    return render(text, chat, [&](const OpenText& open, const std::string& prompt) -> Outcome {
      const Result<std::vector<int32_t>> encoded = open.prompts.encode(prompt);
      if (!encoded) return invalid(encoded.message());
      return give(*encoded, ids, capacity, count);
    });
  });
}
