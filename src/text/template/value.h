// The values of a template: those of Python that a chat template can meet. Lists and dicts never change once made, as
// in an immutable sandbox, so they are shared and hold no cycles; what does change is an Object and belongs to the
// Runtime.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "text/template/budget.h"

namespace cortland::text {

class Dict;
class Object;
struct Sequence;
struct Text;
using TextPointer = std::shared_ptr<const Text>;
using SequencePointer = std::shared_ptr<const Sequence>;
using DictPointer = std::shared_ptr<const Dict>;

// Prints as nothing and iterates over nothing; whatever else is done with it fails and tells the reason.
struct Undefined {
  enum class Reason : uint8_t { no_name, no_attribute, no_element, unsafe, no_argument, no_else, not_given };
  Reason reason = Reason::no_element;
  TextPointer name;  // may be nullptr
};

struct None {};

class Value {
 public:
  using Storage =
      std::variant<Undefined, None, bool, int64_t, double, TextPointer, SequencePointer, DictPointer, Object*>;

  // Not inline: they are large, and many files include this.
  Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();
  template <typename T>
    requires std::is_constructible_v<Storage, T> && (!std::is_same_v<std::decay_t<T>, Value>)
  Value(T&& value) : storage_(std::forward<T>(value)) {}

  // nullptr when the value is of another kind.
  template <typename T>
  const T* get() const { return std::get_if<T>(&storage_); }
  const Text* text() const { return pointee<TextPointer>(); }
  const Sequence* sequence() const { return pointee<SequencePointer>(); }
  const Dict* dict() const { return pointee<DictPointer>(); }
  Object* object() const;

  bool is_undefined() const { return get<Undefined>() != nullptr; }
  bool is_none() const { return get<None>() != nullptr; }
  // A parameter that the call left out. Whatever else is undefined was given.
  bool is_given() const;
  bool is_number() const { return get<bool>() || get<int64_t>() || get<double>(); }  // a bool is one in Python
  const Storage& storage() const { return storage_; }

 private:
  template <typename T>
  auto pointee() const -> decltype(std::declval<T>().get()) {
    const T* pointer = get<T>();
    return pointer == nullptr ? nullptr : pointer->get();
  }

  Storage storage_;
};

struct Text {
  std::string bytes;  // UTF-8; a byte that is none counts as one character
  Charge charge;
};

struct Sequence {
  enum class Kind : uint8_t { list, tuple, range, keys, values, items, generator };
  Kind kind = Kind::list;
  std::vector<Value> elements;
  int depth = 1;  // levels of lists and dicts
  Charge charge;
};

bool is_true(const Value& value);
// A bool or an integer; nothing for all others.
const int64_t* as_integer(const Value& value, int64_t& storage);
int depth_of(const Value& value);
// Python's name of its type: int, str, NoneType, ...
std::string_view type_name(const Value& value);
// What a use of an undefined value says.
std::string describe(const Undefined& undefined);
// For messages: the type, or for something undefined the reason.
std::string describe(const Value& value);

}  // namespace cortland::text
