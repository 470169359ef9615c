#include "text/template/object.h"

#include <algorithm>

#include "text/template/print.h"
#include "text/template/runtime.h"
#include "text/template/writer.h"

namespace cortland::text {

std::optional<Value> Arguments::take(std::string_view name) {
  const auto found =
      std::find_if(named.begin(), named.end(), [&](const auto& one) { return one.first->bytes == name; });
  if (found == named.end()) return std::nullopt;
  Value value = std::move(found->second);
  named.erase(found);
  return value;
}

std::optional<Value> Object::attribute(Runtime&, std::string_view) { return std::nullopt; }

void Object::print(Runtime&, Writer& out) const {
  out.write("<");
  out.write(type_name());
  out.write(">");
}

Value Namespace::call(Runtime& runtime, Arguments) { return runtime.fail("a namespace cannot be called"); }

std::optional<Value> Namespace::attribute(Runtime&, std::string_view name) {
  const Value* value = entries_.find(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

void Namespace::print(Runtime& runtime, Writer& out) const {
  out.write("<Namespace ");
  print_repr(runtime, entries_, out);
  out.write(">");
}

void Namespace::set(Runtime& runtime, const Value& name, Value value) {
  const size_t before = entries_.footprint();
  entries_.set(name, std::move(value));
  if (entries_.footprint() == before) return;
  entries_.hold({});
  if (runtime.fits(entries_.footprint())) entries_.hold(runtime.charge(entries_.footprint()));
}

}  // namespace cortland::text
