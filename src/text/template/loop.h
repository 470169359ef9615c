// The variable `loop` inside a for.
#pragma once

#include "text/template/object.h"
#include "text/template/statement.h"

namespace cortland::text {

class Loop : public Object {
 public:
  // `definition` must outlive it. `depth`: how many loops of a recursive one stand around it.
  Loop(const For& definition, SequencePointer elements, int depth)
      : definition_(definition), elements_(std::move(elements)), depth_(depth) {}

  void move_to(size_t index) { index_ = index; }

  std::string_view type_name() const override { return "LoopContext"; }
  // The same loop over other elements, when it is a recursive one.
  Value call(Runtime& runtime, Arguments given) override;
  std::optional<Value> attribute(Runtime& runtime, std::string_view name) override;
  void print(Runtime& runtime, Writer& out) const override;

  Value cycle(Runtime& runtime, const Arguments& given) const;
  Value changed(Runtime& runtime, const Arguments& given);

 private:
  const For& definition_;
  SequencePointer elements_;
  int depth_;
  size_t index_ = 0;
  std::optional<Value> last_;  // what changed() was told before
};

}  // namespace cortland::text
