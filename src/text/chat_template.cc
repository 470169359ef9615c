#include "text/chat_template.h"

#include "text/template/globals.h"
#include "text/template/parser.h"
#include "text/template/runtime.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

// Fails when it is too deep or too large.
Value to_value(Runtime& runtime, const JsonValue& json) {
  const Level level(runtime);
  if (!level) return {};
  if (const bool* flag = json.boolean()) return *flag;
  if (const int64_t* integer = json.integer()) return *integer;
  if (const std::optional<double> number = json.number()) return *number;
  if (const std::string* text = json.text()) return runtime.text(*text);
  if (const JsonValue::Array* array = json.array()) {
    std::vector<Value> elements;
    for (const JsonValue& element : *array) {
      elements.push_back(to_value(runtime, element));
      if (runtime.failed()) return {};
    }
    return runtime.list(std::move(elements));
  }
  if (const JsonValue::Object* members = json.object()) {
    Dict dict;
    for (const auto& [name, value] : *members) {
      dict.set(runtime.text(name), to_value(runtime, value));
      if (runtime.failed()) return {};
    }
    return runtime.dict(std::move(dict));
  }
  return None{};
}

// Only what the template names is worth a conversion.
std::optional<Symbol> find_name(const Program& program, std::string_view name) {
  for (Symbol symbol = 0; symbol < program.names.size(); ++symbol) {
    if (program.names[symbol]->bytes == name) return symbol;
  }
  return std::nullopt;
}

void set_variable(Runtime& runtime, const Program& program, std::string_view name, const JsonValue& json) {
  const std::optional<Symbol> symbol = find_name(program, name);
  if (symbol) runtime.scopes().root().set(*symbol, to_value(runtime, json));
}

}  // namespace

Result<ChatTemplate> ChatTemplate::parse(std::string_view source) {
  Result<std::unique_ptr<const Program>> program = parse_program(source);
  if (!program) return Failure{program.message()};
  return ChatTemplate(std::move(*program));
}

Result<std::string> ChatTemplate::render(const Context& context) const {
  Runtime runtime(*program_, context.now, context.limits);
  set_variable(runtime, *program_, "messages", context.messages);
  set_variable(runtime, *program_, "tools", context.tools);
  set_variable(runtime, *program_, "documents", context.documents);
  if (const std::optional<Symbol> symbol = find_name(*program_, "add_generation_prompt")) {
    runtime.scopes().root().set(*symbol, context.add_generation_prompt);
  }
  for (const auto& [name, value] : context.variables) set_variable(runtime, *program_, name, value);
  if (!runtime.failed()) runtime.render(program_->body);
  if (runtime.failed()) return Failure{runtime.message()};
  return runtime.out().take();
}

std::optional<std::string_view> ChatTemplate::raised(std::string_view message) {
  if (!message.starts_with(kRaised)) return std::nullopt;
  return message.substr(kRaised.size());
}

}  // namespace cortland::text
