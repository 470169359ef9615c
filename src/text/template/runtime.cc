#include "text/template/runtime.h"

#include <algorithm>

#include "text/template/globals.h"

namespace cortland::text {
namespace {

constexpr size_t kSeenPerStep = 16;  // variables

}  // namespace

Runtime::Runtime(const Program& program, const LocalTime& now, const Limits& limits)
    : program_(program), now_(now), budget_(limits), root_(*this) {}

Value Runtime::fail(const std::string& problem) {
  if (!failed()) failure_ = "chat template: line " + std::to_string(line_) + ": " + problem;
  return {};
}

Value Runtime::raise(const std::string& message) {
  if (!failed()) failure_ = std::string(kRaised) + message;
  return {};
}

bool Runtime::spend(size_t steps) {
  if (failed()) return false;
  if (budget_.spend(steps)) return true;
  fail("it does not come to an end; want at most " + std::to_string(budget_.limits().steps) + " steps");
  return false;
}

bool Runtime::fits(size_t bytes) {
  if (failed()) return false;
  if (budget_.fits(bytes)) return true;
  fail("its values take too much memory; want at most " + std::to_string(budget_.limits().memory) + " bytes");
  return false;
}

Value Runtime::text(std::string bytes) {
  const size_t size = sizeof(Text) + bytes.size();
  if (!spend_bytes(size) || !fits(size)) return {};
  return std::make_shared<const Text>(Text{std::move(bytes), charge(size)});
}

Value Runtime::sequence(Sequence::Kind kind, std::vector<Value> elements) {
  const size_t size = sizeof(Sequence) + elements.size() * sizeof(Value);
  if (!spend_bytes(size) || !fits(size)) return {};
  int depth = 1;
  for (const Value& element : elements) depth = std::max(depth, depth_of(element) + 1);
  if (depth > budget_.limits().value_depth) {
    return fail("lists inside each other; want at most " + std::to_string(budget_.limits().value_depth) + " levels");
  }
  return std::make_shared<const Sequence>(Sequence{kind, std::move(elements), depth, charge(size)});
}

Value Runtime::dict(Dict dict) {
  const size_t size = dict.footprint();
  if (!spend_bytes(size) || !fits(size)) return {};
  if (dict.depth() > budget_.limits().value_depth) {
    return fail("dicts inside each other; want at most " + std::to_string(budget_.limits().value_depth) + " levels");
  }
  dict.hold(charge(size));
  return std::make_shared<const Dict>(std::move(dict));
}

Value Runtime::evaluate(const Expression& expression) {
  const Level level(*this);
  if (!level || !spend(1)) return {};
  line_ = expression.line;
  return expression.evaluate(*this);
}

Flow Runtime::render(const Block& block) {
  const Level level(*this);
  if (!level) return Flow::next;
  for (const StatementPointer& statement : block) {
    if (!spend(1)) break;
    line_ = statement->line;
    const Flow flow = statement->render(*this);
    if (flow != Flow::next) return flow;
  }
  return Flow::next;
}

Value Runtime::capture(const Block& block) {
  Writer writer(*this);
  Writer* before = redirect(writer);
  render(block);
  redirect(*before);
  return writer.finish();
}

void Runtime::set(Symbol name, Value value) {
  if (spend(scopes_.top().size() / kSeenPerStep)) scopes_.top().set(name, std::move(value));
}

Value Runtime::find(Symbol name) {
  size_t seen = 0;
  const Value* value = scopes_.top().find(name, seen);
  if (!spend(seen / kSeenPerStep)) return {};
  if (value != nullptr) return *value;
  if (const Builtin* function = find_global(name_of(name))) {
    const Value made = object_value<Function>(*function);
    scopes_.root().set(name, made);
    return made;
  }
  return Undefined{Undefined::Reason::no_name, program_.names[name]};
}

Level::Level(Runtime& runtime) : runtime_(runtime), is_good_(true) {
  const int limit = runtime.budget_.limits().depth;
  if (++runtime.depth_ <= limit && !runtime.failed()) return;
  is_good_ = false;
  runtime.fail("expressions, blocks and macros inside each other; want at most " + std::to_string(limit) + " levels");
}

}  // namespace cortland::text
