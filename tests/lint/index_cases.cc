#include "lint/cases.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

Value looked_up(Builder& b, Value table, const std::string& ids) {
  return b.add("rows",
               mil::Gather{.x = table, .indices = b.input(ids, {DType::i32, {1, 64}}), .validate_indices = false});
}

Value early(Builder& b, Value x) {
  const Value rows = looked_up(b, b.constant("table", sized_weights({32, 64})), "ids");
  return b.add("sum", mil::Add{.x = rows, .y = pass(b, x)});
}

Value late(Builder& b, Value x) {
  const Value y = pass(b, x);
  return b.add("sum", mil::Add{.x = looked_up(b, b.constant("table", sized_weights({32, 64})), "ids"), .y = y});
}

Value from_input(Builder& b, Value) {
  return b.add("relu", mil::Relu{.x = looked_up(b, b.input("table", {DType::f16, {32, 64}}), "ids")});
}

Value twice(Builder& b, Value x) { return b.add("second", mil::Relu{.x = pass(b, x)}); }

Value constant_ints(Builder& b, const std::string& name, std::vector<int32_t> values) {
  return b.constant(name, mil::Literal::of(std::move(values)));
}

Value next_position(Builder& b) {
  return b.add("next", mil::Add{.x = b.input("position", {DType::i32, {1}}), .y = constant_ints(b, "one", {1})});
}

// x from a place on.
Value cut(Builder& b, Value x, Value place) {
  const Value begin = b.add("begin", mil::Concat{.values = {constant_ints(b, "zeros", {0, 0, 0}), place}});
  return b.add("cut", mil::SliceBySize{.x = x, .begin = begin, .size = {1, 64, 1, 1}});
}

Value cut_early(Builder& b, Value x) { return pass(b, cut(b, x, next_position(b))); }
Value cut_late(Builder& b, Value x) {
  const Value y = pass(b, x);
  return cut(b, y, next_position(b));
}
Value cut_fixed(Builder& b, Value x) {
  return pass(
      b, b.add("cut", mil::SliceBySize{.x = x, .begin = std::vector<int32_t>{0, 0, 0, 32}, .size = {1, 64, 1, 32}}));
}

Value cut_by_index(Builder& b, Value x) {
  const Value end = b.add("end", mil::Concat{.values = {constant_ints(b, "sides", {1, 64, 1}), next_position(b)}});
  return pass(b, b.add("cut", mil::SliceByIndex{.x = x, .begin = std::vector<int32_t>{0, 0, 0, 0}, .end = end}));
}

// x written into a state, or into what another input holds.
Body updated(bool state) {
  return [=](Builder& b, Value x) {
    const mil::Type type{DType::f16, {2, 64, 128, 64}, state};
    const Value into = b.input("into", type);
    const Value from = b.add("begin", mil::Concat{.values = {constant_ints(b, "zeros", {0, 0}), next_position(b),
                                                             constant_ints(b, "zero", {0})}});
    const Value to = b.add("end", mil::Add{.x = from, .y = constant_ints(b, "sides", {1, 64, 1, 64})});
    const Value before = state ? b.add("before", mil::ReadState{.input = into}) : into;
    const Value after = b.add("after", mil::SliceUpdate{.x = before, .update = x, .begin = from, .end = to});
    if (state) b.add_effect("write", mil::WriteState{.input = into, .data = after});
    return pass(b, state ? b.add("again", mil::ReadState{.input = into}) : after);
  };
}

Body cut_at(int32_t place) {
  return [=](Builder& b, Value) {
    const Value x = b.input("wide", {DType::f16, {1, 1, 1, 8192}});
    return pass(b, b.add("cut", mil::SliceBySize{
                                    .x = x, .begin = std::vector<int32_t>{0, 0, 0, place}, .size = {1, 1, 1, 64}}));
  };
}

}  // namespace

std::vector<Case> index_cases() {
  return {
      {"L11", "late", {late}, {early}, "main: rows (gather) | looks up in the middle"},
      {"L11", "no constant", {from_input}, {early}, "looks up in table, which is no constant"},
      {"L11",
       "others",
       {twice, retype("second", "gather_nd")},
       {pass, retype("pass", "gather_nd")},
       "main: second (gather_nd) | looks up in the middle"},
      {"L43",
       "early",
       {early},
       {pass},
       "main: rows (gather) | ids with int32 indices from a table of [32, 64]",
       Severity::warning},
      {"L12", "late", {cut_late}, {cut_early}, "main: next (add) | computes int32[1] after pass", Severity::warning},
      {"L13",
       "by size",
       {cut_early},
       {cut_fixed},
       "main: cut (slice_by_size) | begins or ends at begin, which the run decides"},
      {"L13", "by index", {cut_by_index}, {cut_fixed}, "main: cut (slice_by_index) | begins or ends at end"},
      {"L13", "update", {updated(false)}, {updated(true)}, "main: after (slice_update) | begins or ends at begin"},
      {"L53",
       "far",
       {cut_at(4095)},
       {cut_at(4094)},
       "begins at 4095 of the last axis; want at most 4094",
       Severity::warning},
      {"L53", "chip", {cut_at(4095)}, {cut_at(4095)}, "begins at 4095", Severity::warning, "m1", "m4"},
  };
}

}  // namespace cortland::lint
