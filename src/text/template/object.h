// What is neither plain data nor shared: functions, macros, loops, namespaces. The Runtime owns them all until the end
// of the rendering, so that cycles between them and the values that they hold do no harm.
#pragma once

#include <optional>

#include "text/template/dict.h"
#include "text/template/value.h"

namespace cortland::text {

class Runtime;
class Writer;

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<TextPointer, Value>> named;

  // Takes a named argument out; nothing when there is none.
  std::optional<Value> take(std::string_view name);
};

class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  virtual std::string_view type_name() const = 0;
  virtual bool is_callable() const { return true; }
  virtual Value call(Runtime& runtime, Arguments arguments) = 0;
  // Nothing when it has no such attribute.
  virtual std::optional<Value> attribute(Runtime& runtime, std::string_view name);
  // As {{ object }} shows it.
  virtual void print(Runtime& runtime, Writer& out) const;
};

// What `{% set namespace.name = value %}` may change.
class Namespace : public Object {
 public:
  std::string_view type_name() const override { return "Namespace"; }
  bool is_callable() const override { return false; }
  Value call(Runtime& runtime, Arguments arguments) override;
  std::optional<Value> attribute(Runtime& runtime, std::string_view name) override;
  void print(Runtime& runtime, Writer& out) const override;
  void set(Runtime& runtime, const Value& name, Value value);

 private:
  Dict entries_;
};

}  // namespace cortland::text
