#include "text/template/value.h"

#include "text/template/dict.h"
#include "text/template/object.h"

namespace cortland::text {

Value::Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Object* Value::object() const {
  Object* const* pointer = std::get_if<Object*>(&storage_);
  return pointer == nullptr ? nullptr : *pointer;
}

bool Value::is_given() const {
  const Undefined* undefined = get<Undefined>();
  return undefined == nullptr || undefined->reason != Undefined::Reason::not_given;
}

bool is_true(const Value& value) {
  if (value.is_undefined() || value.is_none()) return false;
  if (const bool* flag = value.get<bool>()) return *flag;
  if (const int64_t* integer = value.get<int64_t>()) return *integer != 0;
  if (const double* number = value.get<double>()) return *number != 0;
  if (const Text* text = value.text()) return !text->bytes.empty();
  if (const Dict* dict = value.dict()) return dict->size() > 0;
  if (const Sequence* sequence = value.sequence()) {
    return sequence->kind == Sequence::Kind::generator || !sequence->elements.empty();
  }
  return true;
}

const int64_t* as_integer(const Value& value, int64_t& storage) {
  if (const bool* flag = value.get<bool>()) {
    storage = *flag ? 1 : 0;
    return &storage;
  }
  return value.get<int64_t>();
}

int depth_of(const Value& value) {
  if (const Sequence* sequence = value.sequence()) return sequence->depth;
  if (const Dict* dict = value.dict()) return dict->depth();
  return 0;
}

std::string_view type_name(const Value& value) {
  if (value.is_undefined()) return "Undefined";
  if (value.is_none()) return "NoneType";
  if (value.get<bool>()) return "bool";
  if (value.get<int64_t>()) return "int";
  if (value.get<double>()) return "float";
  if (value.text()) return "str";
  if (value.dict()) return "dict";
  if (const Object* object = value.object()) return object->type_name();
  switch (value.sequence()->kind) {
    case Sequence::Kind::list: return "list";
    case Sequence::Kind::tuple: return "tuple";
    case Sequence::Kind::range: return "range";
    case Sequence::Kind::keys: return "dict_keys";
    case Sequence::Kind::values: return "dict_values";
    case Sequence::Kind::items: return "dict_items";
    case Sequence::Kind::generator: break;
  }
  return "generator";
}

std::string describe(const Undefined& undefined) {
  const std::string name = undefined.name == nullptr ? "" : "'" + undefined.name->bytes + "'";
  switch (undefined.reason) {
    case Undefined::Reason::no_name: return name + " is undefined";
    case Undefined::Reason::no_attribute: return "no attribute " + name;
    case Undefined::Reason::unsafe: return "attribute " + name + " is out of bounds for templates";
    case Undefined::Reason::no_argument: return "parameter " + name + " was not given";
    case Undefined::Reason::no_else: return "an inline if without else was false";
    case Undefined::Reason::no_element:
    case Undefined::Reason::not_given: break;
  }
  return "no such element";
}

std::string describe(const Value& value) {
  const Undefined* undefined = value.get<Undefined>();
  return undefined == nullptr ? std::string(type_name(value)) : "undefined (" + describe(*undefined) + ")";
}

}  // namespace cortland::text
