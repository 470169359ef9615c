#include "text/template/access.h"

#include <algorithm>

#include "text/template/builtin.h"
#include "text/template/code_points.h"
#include "text/template/dict.h"
#include "text/template/methods.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

// A method or attribute; nothing when it has none of that name.
std::optional<Value> own_attribute(Runtime& runtime, const Value& base, const TextPointer& name) {
  const std::string& bytes = name->bytes;
  if (bytes.starts_with("__") && bytes.ends_with("__")) return Undefined{Undefined::Reason::unsafe, name};
  if (Object* object = base.object()) return object->attribute(runtime, bytes);
  const Builtin* method = find_method(base, bytes);
  if (method == nullptr) return std::nullopt;
  if (method->apply == nullptr) return Undefined{Undefined::Reason::unsafe, name};
  return runtime.object_value<Function>(*method, base);
}

// nullptr when there is none, so also for a key of the wrong kind.
const Value* own_element(const Value& base, const Value& key) {
  if (const Dict* dict = base.dict()) return dict->find(key);
  const Sequence* sequence = base.sequence();
  int64_t storage = 0;
  const int64_t* index = as_integer(key, storage);
  if (sequence == nullptr || index == nullptr || sequence->kind > Sequence::Kind::range) return nullptr;
  const int64_t size = static_cast<int64_t>(sequence->elements.size());
  const int64_t place = *index < 0 ? *index + size : *index;
  return place < 0 || place >= size ? nullptr : &sequence->elements[static_cast<size_t>(place)];
}

Value character_of(Runtime& runtime, const Text& text, int64_t index) {
  std::string_view rest = text.bytes;
  if (!runtime.spend_bytes(2 * rest.size())) return {};
  if (index < 0) index += static_cast<int64_t>(count_code_points(rest));
  if (index < 0) return Undefined{};
  for (; index > 0 && !rest.empty(); --index) rest.remove_prefix(code_point_size(rest));
  return rest.empty() ? Value() : runtime.text(std::string(rest.substr(0, code_point_size(rest))));
}

// The places that a slice takes, as Python computes them.
bool plan_slice(Runtime& runtime, const SliceBounds& bounds, int64_t size, std::vector<size_t>& places) {
  const auto read = [&](const Value& value, int64_t fallback, bool& is_good) {
    int64_t storage = 0;
    const int64_t* given = as_integer(value, storage);
    is_good = is_good && (given || value.is_none());
    return given ? *given : fallback;
  };
  bool is_good = true;
  const int64_t step = read(bounds.step, 1, is_good);
  const bool is_back = step < 0;
  const auto clamp = [&](int64_t place) {
    if (place < 0) place = std::max<int64_t>(place + size, is_back ? -1 : 0);
    return std::min(place, is_back ? size - 1 : size);
  };
  const int64_t begin = clamp(read(bounds.begin, is_back ? INT64_MAX : 0, is_good));
  const int64_t end = bounds.end.is_none() ? (is_back ? -1 : size) : clamp(read(bounds.end, 0, is_good));
  if (!is_good || step == 0) {
    runtime.fail("a slice wants integers and a step other than 0; got " + describe(bounds.begin) + ", " +
                 describe(bounds.end) + " and " + describe(bounds.step));
    return false;
  }
  for (int64_t place = begin; is_back ? place > end : place < end;) {
    places.push_back(static_cast<size_t>(place));
    if (__builtin_add_overflow(place, step, &place)) break;
  }
  return runtime.spend_bytes(places.size() * 8);
}

}  // namespace

Value attribute_of(Runtime& runtime, const Value& base, const TextPointer& name) {
  if (runtime.failed()) return {};
  if (base.is_undefined()) {
    return runtime.fail("'" + name->bytes + "' of something undefined; got " + describe(*base.get<Undefined>()));
  }
  if (const std::optional<Value> own = own_attribute(runtime, base, name)) return *own;
  const Value* element = base.dict() ? base.dict()->find(name->bytes) : nullptr;
  return element ? *element : Value(Undefined{Undefined::Reason::no_attribute, name});
}

Value element_of(Runtime& runtime, const Value& base, const Value& key) {
  if (runtime.failed()) return {};
  if (base.is_undefined()) return runtime.fail("an element of something undefined; got " + describe(base));
  if (key.text() && !runtime.spend_bytes(key.text()->bytes.size())) return {};
  if (const Value* element = own_element(base, key)) return *element;
  int64_t storage = 0;
  const int64_t* index = as_integer(key, storage);
  if (base.text() && index) return character_of(runtime, *base.text(), *index);
  const TextPointer* name = key.get<TextPointer>();
  if (name == nullptr) return Undefined{};
  if (const std::optional<Value> own = own_attribute(runtime, base, *name)) return *own;
  return Undefined{Undefined::Reason::no_attribute, *name};
}

Value slice_of(Runtime& runtime, const Value& base, const SliceBounds& bounds) {
  if (runtime.failed()) return {};
  std::vector<size_t> places;
  if (const Text* text = base.text()) {
    const size_t size = text->bytes.size();
    if (!runtime.spend_bytes(4 * size) || !runtime.fits(16 * size)) return {};
    const CodePoints points = decode_utf8(text->bytes);
    if (!plan_slice(runtime, bounds, static_cast<int64_t>(points.size()), places)) return {};
    std::string out;
    for (const size_t place : places) append_code_point(points[place], out);
    return runtime.text(std::move(out));
  }
  const Sequence* sequence = base.sequence();
  if (sequence && sequence->kind <= Sequence::Kind::range) {
    if (!plan_slice(runtime, bounds, static_cast<int64_t>(sequence->elements.size()), places)) return {};
    if (!runtime.fits(places.size() * sizeof(Value))) return {};
    std::vector<Value> out;
    for (const size_t place : places) out.push_back(sequence->elements[place]);
    return runtime.sequence(sequence->kind, std::move(out));
  }
  return runtime.fail("a slice wants a text or a list; got " + describe(base));
}

SequencePointer elements_of(Runtime& runtime, const Value& value) {
  if (const SequencePointer* sequence = value.get<SequencePointer>()) return *sequence;
  std::vector<Value> elements;
  if (const Text* text = value.text()) {
    if (!runtime.spend(text->bytes.size())) return nullptr;
    std::string_view rest = text->bytes;
    while (!rest.empty() && !runtime.failed()) {
      const size_t size = code_point_size(rest);
      elements.push_back(runtime.text(std::string(rest.substr(0, size))));
      rest.remove_prefix(size);
    }
  } else if (const Dict* dict = value.dict()) {
    for (const Dict::Entry& entry : dict->entries()) elements.push_back(entry.key);
  } else if (!value.is_undefined()) {
    runtime.fail("it has no elements to go through; got " + describe(value));
    return nullptr;
  }
  const Value list = runtime.list(std::move(elements));
  return list.sequence() ? *list.get<SequencePointer>() : nullptr;
}

std::optional<size_t> length_of(Runtime& runtime, const Value& value) {
  if (value.is_undefined()) return 0;
  if (const Text* text = value.text()) {
    runtime.spend_bytes(text->bytes.size());
    return count_code_points(text->bytes);
  }
  if (const Dict* dict = value.dict()) return dict->size();
  if (const Sequence* sequence = value.sequence()) return sequence->elements.size();
  runtime.fail("it has no length; got " + describe(value));
  return std::nullopt;
}

}  // namespace cortland::text
