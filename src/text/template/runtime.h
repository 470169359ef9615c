// One rendering: its variables, its output, what it may still use, and the first problem, which ends it.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "text/template/budget.h"
#include "text/template/object.h"
#include "text/template/program.h"
#include "text/template/scope.h"
#include "text/template/writer.h"

namespace cortland::text {

struct LocalTime;

// After a failure every call does nothing and gives something undefined, so that callers need not look after each step;
// loops must.
class Runtime {
 public:
  // Both must outlive it.
  Runtime(const Program& program, const LocalTime& now, const Limits& limits);

  bool failed() const { return failure_.has_value(); }
  // REQUIRES: failed().
  const std::string& message() const { return *failure_; }
  // `problem` is `what; got X, want Y`. Undefined, for callers to return.
  Value fail(const std::string& problem);
  // A failure that the template asks for, in its own words.
  Value raise(const std::string& message);

  Budget& budget() { return budget_; }
  // False when the budget is used up, or something failed before.
  bool spend(size_t steps);
  bool spend_bytes(size_t bytes) { return spend(1 + bytes / 64); }
  bool fits(size_t bytes);
  Charge charge(size_t bytes) { return Charge(budget_, bytes); }  // REQUIRES: fits(bytes)

  Value text(std::string bytes);
  Value sequence(Sequence::Kind kind, std::vector<Value> elements);
  Value list(std::vector<Value> elements) { return sequence(Sequence::Kind::list, std::move(elements)); }
  Value tuple(std::vector<Value> elements) { return sequence(Sequence::Kind::tuple, std::move(elements)); }
  Value dict(Dict dict);
  // nullptr when memory is used up.
  template <typename T, typename... Parts>
  T* object(Parts&&... parts) {
    if (!fits(sizeof(T) + kObjectOverhead)) return nullptr;
    auto made = std::make_unique<T>(std::forward<Parts>(parts)...);
    T* pointer = made.get();
    objects_.push_back({std::move(made), charge(sizeof(T) + kObjectOverhead)});
    return pointer;
  }
  template <typename T, typename... Parts>
  Value object_value(Parts&&... parts) {
    T* made = object<T>(std::forward<Parts>(parts)...);
    return made == nullptr ? Value() : Value(static_cast<Object*>(made));
  }

  Value evaluate(const Expression& expression);
  Flow render(const Block& block);
  // What a block would put out, as a text.
  Value capture(const Block& block);

  Scopes& scopes() { return scopes_; }
  // A variable, in the scope on top or around it; else a function that all templates have.
  Value find(Symbol name);
  void set(Symbol name, Value value);  // in the scope on top
  const TextPointer& name_text(Symbol name) const { return program_.names[name]; }
  const std::string& name_of(Symbol name) const { return name_text(name)->bytes; }
  Writer& out() { return *out_; }
  // Where text goes from now on; gives where it went.
  Writer* redirect(Writer& out) { return std::exchange(out_, &out); }
  // The block that filters behind it work on.
  const Value& block_text() const { return block_text_; }
  void set_block_text(Value text) { block_text_ = std::move(text); }
  const LocalTime& now() const { return now_; }

 private:
  friend class Level;
  static constexpr size_t kObjectOverhead = 64;
  struct Owned {
    std::unique_ptr<Object> object;
    Charge charge;
  };

  const Program& program_;
  const LocalTime& now_;
  Budget budget_;
  Scopes scopes_;
  std::deque<Owned> objects_;  // behind everything that their destructors need
  Writer root_;
  Writer* out_ = &root_;
  Value block_text_;
  std::optional<std::string> failure_;
  int line_ = 1;
  int depth_ = 0;
};

// One level deeper for as long as it lives; false when that is too deep, and then something has failed.
class Level {
 public:
  explicit Level(Runtime& runtime);
  ~Level() { --runtime_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  explicit operator bool() const { return is_good_; }

 private:
  Runtime& runtime_;
  bool is_good_;
};

// A scope of its own for as long as it lives.
class Inner {
 public:
  explicit Inner(Runtime& runtime) : scopes_(runtime.scopes()) { scopes_.push(); }
  Inner(Runtime& runtime, const Scope& outer) : scopes_(runtime.scopes()) { scopes_.push(outer); }
  ~Inner() { scopes_.pop(); }
  Inner(const Inner&) = delete;
  Inner& operator=(const Inner&) = delete;

 private:
  Scopes& scopes_;
};

}  // namespace cortland::text
