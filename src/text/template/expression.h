// What a template computes: one struct per form, with its parts and its meaning.
#pragma once

#include "text/template/access.h"
#include "text/template/arithmetic.h"
#include "text/template/builtin.h"
#include "text/template/program.h"

namespace cortland::text {

struct Constant : Expression {
  Value value;
  Value evaluate(Runtime& runtime) const override;
};

struct Variable : Expression {
  Symbol name = 0;
  Value evaluate(Runtime& runtime) const override;
};

// [a, b] or (a, b)
struct Display : Expression {
  Sequence::Kind kind = Sequence::Kind::list;
  std::vector<ExpressionPointer> elements;
  Value evaluate(Runtime& runtime) const override;
};

struct DictDisplay : Expression {
  std::vector<std::pair<ExpressionPointer, ExpressionPointer>> entries;
  Value evaluate(Runtime& runtime) const override;
};

// a if test else b
struct Conditional : Expression {
  ExpressionPointer test, then, otherwise;  // otherwise may be nullptr
  Value evaluate(Runtime& runtime) const override;
};

// a and b, a or b: the operand that decides.
struct Logic : Expression {
  enum class Kind { all, any };
  Kind kind = Kind::all;
  ExpressionPointer left, right;
  Value evaluate(Runtime& runtime) const override;
};

struct Not : Expression {
  ExpressionPointer operand;
  Value evaluate(Runtime& runtime) const override;
};

// a < b <= c: each pair in turn.
struct Comparison : Expression {
  enum class Kind { equal, unequal, less, less_equal, greater, greater_equal, in, not_in };
  struct Step {
    Kind kind;
    ExpressionPointer operand;
  };
  ExpressionPointer first;
  std::vector<Step> steps;
  Value evaluate(Runtime& runtime) const override;
};
bool compare(Runtime& runtime, Comparison::Kind kind, const Value& a, const Value& b);

// a ~ b ~ c
struct Concatenation : Expression {
  std::vector<ExpressionPointer> parts;
  Value evaluate(Runtime& runtime) const override;
};

struct Binary : Expression {
  Operation operation = Operation::add;
  ExpressionPointer left, right;
  Value evaluate(Runtime& runtime) const override;
};

struct Sign : Expression {
  enum class Kind { plus, minus };
  Kind kind = Kind::plus;
  ExpressionPointer operand;
  Value evaluate(Runtime& runtime) const override;
};

// base.name
struct Attribute : Expression {
  ExpressionPointer base;
  TextPointer name;
  Value evaluate(Runtime& runtime) const override;
};

// base[key]
struct Subscript : Expression {
  ExpressionPointer base, key;
  Value evaluate(Runtime& runtime) const override;
};

// base[begin:end:step], each of which may be nullptr
struct Slice : Expression {
  ExpressionPointer base, begin, end, step;
  Value evaluate(Runtime& runtime) const override;
};

// (a, name=b, *c, **d)
struct ArgumentList {
  std::vector<ExpressionPointer> positional;
  std::vector<std::pair<TextPointer, ExpressionPointer>> named;
  ExpressionPointer more_positional, more_named;  // may be nullptr

  Arguments evaluate(Runtime& runtime) const;
};

// callee(arguments), or callee.method(arguments)
struct Call : Expression {
  ExpressionPointer callee;
  TextPointer method;  // may be nullptr
  ArgumentList arguments;
  const Call* as_call() const override { return this; }
  Value evaluate(Runtime& runtime) const override;
  // With one more argument.
  Value evaluate_with(Runtime& runtime, const TextPointer& name, const Value& value) const;

 private:
  Value call(Runtime& runtime, const Value& base, Arguments given) const;
};

// operand | name(arguments)
struct Filter : Expression {
  ExpressionPointer operand;
  std::string name;
  const Builtin* builtin = nullptr;  // nullptr: no such filter, which matters only when it is used
  ArgumentList arguments;
  Value evaluate(Runtime& runtime) const override;
};

// What the first filter behind a block works on.
struct BlockText : Expression {
  Value evaluate(Runtime& runtime) const override;
};

// operand is name(arguments)
struct Test : Expression {
  ExpressionPointer operand;
  std::string name;
  const Builtin* builtin = nullptr;
  ArgumentList arguments;
  Value evaluate(Runtime& runtime) const override;
};

}  // namespace cortland::text
