#include "lint/cases.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

// The same function again, over states of its own, as for another context.
Change second_function(std::string state) {
  return [=](Package& package) {
    mil::Function& copy = package.program.functions.emplace_back(package.program.functions.front());
    copy.name = "other";
    for (mil::ValueInfo& value : copy.values) {
      if (value.type.is_state) value.name = state;
    }
  };
}

// Reads states of a type.
Body reading(mil::Type type, int count = 1) {
  type.is_state = true;
  return [=](Builder& b, Value x) {
    std::vector<Value> parts{x};
    for (int i = 0; i < count; ++i) {
      const Value whole = b.add("read", mil::ReadState{.input = b.input("state_" + std::to_string(i), type)});
      b.add("used", mil::Relu{.x = whole});
    }
    return pass(b, x);
  };
}

enum class Fault { none, no_update, other_user, not_read, reshaped, reshaped_before };

// A state [4, 64, 32, 64] whose first row is written.
Body writing(Fault fault) {
  return [=](Builder& b, Value x) {
    const Value state = b.input("kv", {DType::f16, {4, 64, 32, 64}, true});
    Value before = b.add("before", mil::ReadState{.input = state});
    if (fault == Fault::not_read) before = b.add("moved", mil::Relu{.x = before});
    if (fault == Fault::reshaped_before) before = b.add("shaped", mil::Reshape{.x = before, .shape = {4, 64, 32, 64}});
    Value after = fault == Fault::no_update
                      ? b.add("sum", mil::Add{.x = before, .y = before})
                      : b.add("update", mil::SliceUpdate{.x = before,
                                                         .update = x,
                                                         .begin = std::vector<int32_t>{0, 0, 0, 0},
                                                         .end = std::vector<int32_t>{1, 64, 1, 64}});
    const Value used = fault == Fault::other_user ? after : Value{};
    if (fault == Fault::reshaped) after = b.add("shaped", mil::Reshape{.x = after, .shape = {4, 64, 32, 64}});
    b.add_effect("write", mil::WriteState{.input = state, .data = after});
    return pass(b, used ? used : b.add("again", mil::ReadState{.input = state}));
  };
}

}  // namespace

std::vector<Case> state_cases() {
  const mil::Type good{DType::f16, {3, 2, 64, 32}};
  return {
      {"L19",
       "type",
       {reading({DType::f32, {3, 2, 64, 32}})},
       {reading(good)},
       "state state_0 is state<fp32[3, 2, 64, 32]>; want fp16"},
      {"L19", "shape", {reading({DType::f16, {3, kUnknown, 64, 32}})}, {reading(good)}, "state<fp16[3, ?, 64, 32]>"},
      {"L19",
       "axes",
       {reading({DType::f16, {1, 1, 1, 1, 1, 32}})},
       {reading({DType::f16, {1, 1, 1, 1, 32}})},
       "at most 5 axes"},
      {"L20", "three", {reading(good, 3)}, {reading(good)}, "3 states; want one"},
      {"L20",
       "of one function",
       {reading(good, 2)},
       {reading(good), second_function("state_1")},
       "2 states; want one",
       Severity::warning},
      {"L20", "two", {reading(good, 2)}, {reading(good)}, "2 states; want one", Severity::warning},
      {"L21",
       "heads",
       {reading({DType::f16, {2, 3, 64, 32}})},
       {reading(good)},
       "state_0 is state<fp16[2, 3, 64, 32]>; want powers of two"},
      {"L21", "last", {reading({DType::f16, {2, 2, 64, 16}})}, {reading(good)}, "a multiple of 32 last"},
      {"L22",
       "no update",
       {writing(Fault::no_update)},
       {writing(Fault::none)},
       "main: write (write_state) | writes main: sum (add), which is no slice_update"},
      {"L22",
       "other user",
       {writing(Fault::other_user)},
       {writing(Fault::none)},
       "main: update (slice_update) has other users"},
      {"L22", "not read", {writing(Fault::not_read)}, {writing(Fault::none)}, "does not change what read_state gave"},
      {"L23",
       "behind",
       {writing(Fault::reshaped)},
       {writing(Fault::none)},
       "main: shaped (reshape) lies between update and write"},
      {"L23",
       "before",
       {writing(Fault::reshaped_before)},
       {writing(Fault::none)},
       "main: shaped (reshape) lies between read and update"},
  };
}

}  // namespace cortland::lint
