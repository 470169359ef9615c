// The chat template of a checkpoint: conversations become prompts, as Jinja does it under the settings of the Hugging
// Face libraries (trim_blocks, lstrip_blocks, no escaping, loop controls, `generation`, an immutable sandbox).
//
// What differs from Jinja: integers have 64 bits; lists that filters give are made at once, not one element at a time;
// `safe` marks nothing, since nothing is escaped; include, import, extends, block and autoescape are unknown tags, and
// filters that only suit web pages are unknown too.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portable/json.h"
#include "portable/result.h"
#include "text/template/budget.h"
#include "text/template/local_time.h"

namespace cortland::text {

struct Program;

class ChatTemplate {
 public:
  struct Context {
    portable::JsonValue messages;   // an array of objects
    portable::JsonValue tools;      // an array of objects, or null
    portable::JsonValue documents;  // likewise
    bool add_generation_prompt = false;
    // Whatever else the template may ask for: bos_token and its like, enable_thinking, ... These overrule those above.
    portable::JsonValue::Object variables;
    LocalTime now;  // for strftime_now
    Limits limits;
  };

  // The text of chat_template.jinja, at most 1 MiB. Fails for what is no template.
  static portable::Result<ChatTemplate> parse(std::string_view source);

  // Fails when the template asks for it, does what is undefined, or goes beyond the limits. Any number of threads may
  // call it at once.
  portable::Result<std::string> render(const Context& context) const;

  // The template's own words, when the failure with this message is one that it raised; nothing for all others.
  static std::optional<std::string_view> raised(std::string_view message);

 private:
  explicit ChatTemplate(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;
};

}  // namespace cortland::text
