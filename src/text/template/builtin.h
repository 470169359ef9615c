// Functions that templates find: filters, tests, methods and globals are rows of tables of these.
#pragma once

#include <span>

#include "text/template/object.h"

namespace cortland::text {

struct Builtin {
  std::string_view name;
  // Names of what it takes besides `self`, with spaces between; "*": whatever is given.
  std::string_view parameters;
  size_t required;  // so many of them
  // `self`: what is filtered, tested, or has the method. `given`: one value per parameter, those left out !is_given().
  // nullptr: there, but not for templates, since it changes its value.
  Value (*apply)(Runtime& runtime, const Value& self, Arguments& given);
};

const Builtin* find_builtin(std::span<const Builtin> table, std::string_view name);
// Fails when the arguments are not those that it wants.
Value apply(Runtime& runtime, const Builtin& builtin, const Value& self, Arguments given);

// Parameter i after binding.
inline const Value& at(const Arguments& given, size_t i) { return given.positional[i]; }
// An integer, or `fallback` for what was not given or is none; fails for all else.
int64_t integer_at(Runtime& runtime, const Arguments& given, size_t i, int64_t fallback);
inline bool flag_at(const Arguments& given, size_t i) { return is_true(at(given, i)); }
// The text, or nullptr for what was not given or is none; fails for all else.
const Text* text_at(Runtime& runtime, const Arguments& given, size_t i);

// A builtin as a value: a global function, or a method of `self`.
class Function : public Object {
 public:
  explicit Function(const Builtin& builtin, Value self = {}) : builtin_(builtin), self_(std::move(self)) {}
  std::string_view type_name() const override { return "function"; }
  Value call(Runtime& runtime, Arguments arguments) override {
    return apply(runtime, builtin_, self_, std::move(arguments));
  }

 private:
  const Builtin& builtin_;
  Value self_;
};

}  // namespace cortland::text
