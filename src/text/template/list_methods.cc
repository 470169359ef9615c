#include "text/template/access.h"
#include "text/template/compare.h"
#include "text/template/dict.h"
#include "text/template/methods.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

Value count(Runtime& runtime, const Value& self, Arguments& given) {
  int64_t found = 0;
  for (const Value& element : self.sequence()->elements) {
    if (runtime.failed()) return {};
    if (is_equal(runtime, element, at(given, 0))) ++found;
  }
  return found;
}

Value index(Runtime& runtime, const Value& self, Arguments& given) {
  const std::vector<Value>& elements = self.sequence()->elements;
  for (size_t i = 0; i < elements.size() && !runtime.failed(); ++i) {
    if (is_equal(runtime, elements[i], at(given, 0))) return static_cast<int64_t>(i);
  }
  return runtime.fail("index finds no such element");
}

Value copy(Runtime&, const Value& self, Arguments&) { return self; }

Value view(Runtime& runtime, const Value& self, Sequence::Kind kind) {
  const std::vector<Dict::Entry>& entries = self.dict()->entries();
  if (!runtime.fits(entries.size() * sizeof(Value))) return {};
  std::vector<Value> elements;
  for (const auto& [key, value] : entries) {
    if (runtime.failed()) return {};
    elements.push_back(kind == Sequence::Kind::keys     ? key
                       : kind == Sequence::Kind::values ? value
                                                        : runtime.tuple({key, value}));
  }
  return runtime.sequence(kind, std::move(elements));
}

Value keys(Runtime& runtime, const Value& self, Arguments&) { return view(runtime, self, Sequence::Kind::keys); }
Value values(Runtime& runtime, const Value& self, Arguments&) { return view(runtime, self, Sequence::Kind::values); }
Value dict_items(Runtime& runtime, const Value& self, Arguments&) { return view(runtime, self, Sequence::Kind::items); }

Value get(Runtime& runtime, const Value& self, Arguments& given) {
  if (!is_key(at(given, 0))) return runtime.fail("not a key of a dict; got " + describe(at(given, 0)));
  if (const Value* found = self.dict()->find(at(given, 0))) return *found;
  return at(given, 1).is_given() ? at(given, 1) : Value(None{});
}

constexpr Builtin kList[] = {
    {"copy", "", 0, copy},      {"count", "value", 1, count}, {"index", "value", 1, index},
    {"append", "", 0, nullptr}, {"clear", "", 0, nullptr},    {"extend", "", 0, nullptr},
    {"insert", "", 0, nullptr}, {"pop", "", 0, nullptr},      {"remove", "", 0, nullptr},
    {"reverse", "", 0, nullptr}, {"sort", "", 0, nullptr},
};

constexpr Builtin kDict[] = {
    {"copy", "", 0, copy},      {"get", "key default", 1, get}, {"items", "", 0, dict_items}, {"keys", "", 0, keys},
    {"values", "", 0, values},  {"clear", "", 0, nullptr},      {"pop", "", 0, nullptr},    {"popitem", "", 0, nullptr},
    {"update", "", 0, nullptr}, {"setdefault", "", 0, nullptr},
};

}  // namespace

std::span<const Builtin> list_methods() { return kList; }
std::span<const Builtin> dict_methods() { return kDict; }

const Builtin* find_method(const Value& value, std::string_view name) {
  if (value.text()) return find_builtin(text_methods(), name);
  if (value.dict()) return find_builtin(dict_methods(), name);
  const Sequence* sequence = value.sequence();
  if (sequence == nullptr || sequence->kind > Sequence::Kind::range) return nullptr;
  const Builtin* method = find_builtin(list_methods(), name);
  // Tuples and ranges have no others.
  const bool is_shared = name == "count" || name == "index";
  return sequence->kind == Sequence::Kind::list || is_shared ? method : nullptr;
}

}  // namespace cortland::text
