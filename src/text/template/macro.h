// A macro, or what caller() calls: a block with parameters, which sees the variables of where it was written.
#pragma once

#include "text/template/object.h"
#include "text/template/statement.h"

namespace cortland::text {

class Macro : public Object {
 public:
  // All must outlive it; `scope` is one that is kept.
  Macro(const Signature& signature, const Block& body, const Scope& scope)
      : signature_(signature), body_(body), scope_(scope) {}

  std::string_view type_name() const override { return "Macro"; }
  Value call(Runtime& runtime, Arguments given) override;
  std::optional<Value> attribute(Runtime& runtime, std::string_view name) override;
  void print(Runtime& runtime, Writer& out) const override;

 private:
  void bind(Runtime& runtime, Arguments given) const;
  void bind_rest(Runtime& runtime, std::vector<Value> positional, Arguments named) const;

  const Signature& signature_;
  const Block& body_;
  const Scope& scope_;
};

}  // namespace cortland::text
