#include "text/template/builtin.h"

#include <algorithm>

#include "text/template/runtime.h"

namespace cortland::text {
namespace {

std::vector<std::string_view> split(std::string_view names) {
  std::vector<std::string_view> parts;
  while (!names.empty()) {
    const size_t end = std::min(names.find(' '), names.size());
    parts.push_back(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return parts;
}

// Gives every parameter its place. False when something has failed.
bool bind(Runtime& runtime, const Builtin& builtin, Arguments& given) {
  const std::vector<std::string_view> names = split(builtin.parameters);
  const std::string what = "'" + std::string(builtin.name) + "' ";
  if (given.positional.size() > names.size()) {
    runtime.fail(what + "got " + std::to_string(given.positional.size()) + " arguments; want at most " +
                 std::to_string(names.size()));
    return false;
  }
  for (size_t i = given.positional.size(); i < names.size(); ++i) {
    std::optional<Value> value = given.take(names[i]);
    if (!value && i < builtin.required) {
      runtime.fail(what + "wants an argument '" + std::string(names[i]) + "'");
      return false;
    }
    given.positional.push_back(value ? *value : Value(Undefined{Undefined::Reason::not_given, nullptr}));
  }
  if (given.named.empty()) return true;
  runtime.fail(what + "takes no argument '" + given.named[0].first->bytes + "', or not twice");
  return false;
}

}  // namespace

const Builtin* find_builtin(std::span<const Builtin> table, std::string_view name) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Builtin& one) { return one.name == name; });
  return row == table.end() ? nullptr : &*row;
}

Value apply(Runtime& runtime, const Builtin& builtin, const Value& self, Arguments given) {
  if (runtime.failed() || !runtime.spend(1)) return {};
  if (builtin.parameters != "*" && !bind(runtime, builtin, given)) return {};
  return builtin.apply(runtime, self, given);
}

int64_t integer_at(Runtime& runtime, const Arguments& given, size_t i, int64_t fallback) {
  const Value& value = at(given, i);
  if (!value.is_given() || value.is_none()) return fallback;
  int64_t storage = 0;
  if (const int64_t* integer = as_integer(value, storage)) return *integer;
  runtime.fail("argument " + std::to_string(i + 1) + " is no integer; got " + describe(value));
  return fallback;
}

const Text* text_at(Runtime& runtime, const Arguments& given, size_t i) {
  const Value& value = at(given, i);
  if (!value.is_given() || value.is_none()) return nullptr;
  if (!value.text()) runtime.fail("argument " + std::to_string(i + 1) + " is no text; got " + describe(value));
  return value.text();
}

}  // namespace cortland::text
