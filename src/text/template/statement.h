// What a template does: one struct per tag, with its parts and its meaning.
#pragma once

#include "text/template/expression.h"

namespace cortland::text {

// Where a value goes: a variable, an attribute of a namespace, or several of these that take it apart.
struct Target {
  Symbol name = 0;
  TextPointer attribute;        // nullptr: the variable itself
  std::vector<Target> several;  // unless empty, these and nothing else

  void assign(Runtime& runtime, const Value& value) const;
};

struct Data : Statement {
  std::string text;
  Flow render(Runtime& runtime) const override;
};

// {{ value }}
struct Output : Statement {
  ExpressionPointer value;
  Flow render(Runtime& runtime) const override;
};

struct If : Statement {
  struct Branch {
    ExpressionPointer test;  // nullptr: else
    Block body;
  };
  std::vector<Branch> branches;
  Flow render(Runtime& runtime) const override;
};

struct For : Statement {
  Target target;
  ExpressionPointer elements, test;  // test may be nullptr
  Symbol loop = 0;                   // the name `loop`
  bool is_recursive = false;
  Block body, otherwise;
  Flow render(Runtime& runtime) const override;
  void render_elements(Runtime& runtime, const Value& value, int depth) const;

 private:
  SequencePointer select(Runtime& runtime, const Value& value) const;
};

struct Break : Statement {
  Flow render(Runtime&) const override { return Flow::leave_loop; }
};

struct Continue : Statement {
  Flow render(Runtime&) const override { return Flow::next_iteration; }
};

struct Set : Statement {
  Target target;
  ExpressionPointer value;
  Flow render(Runtime& runtime) const override;
};

// A block as a value, through filters if there are any.
struct Captured {
  Block body;
  ExpressionPointer filters;  // may be nullptr
  Value evaluate(Runtime& runtime) const;
};

struct SetBlock : Statement {
  Target target;
  Captured block;
  Flow render(Runtime& runtime) const override;
};

// {% filter name %} and {% generation %}
struct CapturedBlock : Statement {
  Captured block;
  Flow render(Runtime& runtime) const override;
};

struct With : Statement {
  std::vector<std::pair<Target, ExpressionPointer>> variables;
  Block body;
  Flow render(Runtime& runtime) const override;
};

// What a macro or the body of a call block is made of.
struct Signature {
  struct Parameter {
    Symbol name = 0;
    ExpressionPointer value;  // nullptr: none by default
  };
  std::string name;
  std::vector<Parameter> parameters;
  // What the body uses besides: only then may more be given than there are parameters.
  std::optional<Symbol> caller, varargs, kwargs;
};

struct MacroDefinition : Statement {
  Symbol name = 0;
  Signature signature;
  Block body;
  Flow render(Runtime& runtime) const override;
};

struct CallBlock : Statement {
  ExpressionPointer call;  // as_call() is not nullptr
  TextPointer caller;  // the name `caller`
  Signature signature;
  Block body;
  Flow render(Runtime& runtime) const override;
};

}  // namespace cortland::text
