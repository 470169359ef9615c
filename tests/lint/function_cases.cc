#include "lint/cases.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

Value read_cache(Builder& b, Value) {
  return pass(b, b.add("read", mil::ReadState{.input = b.input("kv", {DType::f16, {2, 2, 32, 32}, true})}));
}

// As many functions of other names, all the same.
Change copied(size_t count) {
  return [=](Package& package) {
    auto& functions = package.program.functions;
    while (functions.size() < count) {
      functions.push_back(functions.front());
      functions.back().name += std::to_string(functions.size());
    }
  };
}

void longer_state(Package& package) {
  copied(2)(package);
  for (mil::ValueInfo& value : package.program.functions.back().values) {
    if (value.type.is_state) value.type.shape[2] = 64;
  }
}

void other_blob(Package& package) {
  copied(2)(package);
  for (mil::Operation& operation : package.program.functions.back().operations) {
    if (operation.name == "weight") {
      operation.attributes[0].bindings = {
          mil::make_bytes_payload(DType::f16, {64, 64, 1, 1}, std::vector<std::byte>(8192))};
    }
  }
}

}  // namespace

std::vector<Case> function_cases() {
  return {
      {"L47",
       "states",
       {read_cache, longer_state},
       {read_cache, copied(2)},
       "main2: kv | got state<fp16[2, 2, 64, 32]>, want state<fp16[2, 2, 32, 32]> as in another function"},
      {"L47",
       "blobs",
       {convolved, other_blob},
       {convolved, copied(2)},
       "main2: weight (const) | another blob of [64, 64, 1, 1]",
       Severity::warning},
      {"L48", "four", {pass, copied(4)}, {pass, copied(3)}, "4 functions; want at most 3", Severity::note},
      {"L51",
       "version",
       {pass, [](Package& package) { package.specification_version = 8; }},
       {pass},
       "main | specification version 8, want 9 for CoreML8"},
      {"L51",
       "opset",
       {read_cache, [](Package& package) { package.program.functions[0].opset = "CoreML7"; }},
       {read_cache},
       "needs CoreML8, got CoreML7"},
  };
}

}  // namespace cortland::lint
