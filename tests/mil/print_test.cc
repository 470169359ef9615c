#include "mil/print.h"

#include <gtest/gtest.h>

#include "mil/builder.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"
#include "mil/ops/state.h"

namespace cortland::mil {
namespace {

TEST(Print, AFunctionIsOneLinePerOperation) {
  Builder builder("decode", Opset::coreml8);
  const Value x = builder.input("x", {DType::f16, {2, 3}}), kv = builder.input("kv", {DType::f16, {2, 5}, true});
  const Value w = builder.constant("w", make_bytes_payload(DType::f16, {5, 3}, std::vector<std::byte>(30)));
  const Value y = builder.add("y", Matmul{.x = x, .y = w, .transpose_y = true});
  builder.add_effect("save", WriteState{.input = kv, .data = y});
  builder.output(builder.add("z", Concat{.values = {y, y}, .axis = 1}), "out");
  EXPECT_EQ(print_function(builder.finish()),
            "decode [CoreML8](%x: fp16[2, 3], %kv: state<fp16[2, 5]>) {\n"
            "  %w: fp16[5, 3] = const(val=blob<30 bytes>)\n"
            "  %y: fp16[2, 5] = matmul(x=%x, y=%w, transpose_x=false, transpose_y=true)\n"
            "  write_state(input=%kv, data=%y)\n"
            "  %out: fp16[2, 10] = concat(values=(%y, %y), axis=1, interleave=false)\n"
            "} -> (%out)\n");
}

}  // namespace
}  // namespace cortland::mil
