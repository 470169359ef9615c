// The bytes are those that Apple's own protobuf classes give (coreml-format section 2.9).
#include "package/encode.h"

#include <gtest/gtest.h>

#include "mil/builder.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/shape.h"
#include "mil/ops/state.h"
#include "package/messages.h"

namespace cortland {
namespace {

proto::Model encoded(mil::Builder& builder) {
  Package package;
  package.program.functions = {builder.finish()};
  proto::Model model;
  encode_model(package, WeightPlan(package.program), &model);
  return model;
}

const proto::Operation& operation(const proto::Model& model, int index) {
  return model.ml_program().functions().at("main").block_specializations().at("CoreML8").operations(index);
}

TEST(Encode, OperationHasTheBytesOfApplesClasses) {
  mil::Builder b("main", mil::Opset::coreml8);
  const mil::Value x = b.input("x", {DType::f16, {2}});
  b.output(b.add("y", mil::Relu{.x = x}), "z");
  proto::Model model = encoded(b);
  proto::Operation relu = operation(model, 0);
  relu.mutable_outputs(0)->set_name("y");
  EXPECT_EQ(hex(relu),
            "0a0472656c75120a0a017812050a030a01781a110a0179120c0a0a080a10011a040a0208022a170a046e616d65120f12040a0208"
            "021a070a0522030a0179");
}

TEST(Encode, StateWriteHasTheBytesOfApplesClasses) {
  mil::Builder b("main", mil::Opset::coreml8);
  const mil::Value state = b.input("kv", {DType::f16, {2, 3}, true});
  const mil::Value update = b.input("u", {DType::f16, {2, 3}});
  b.add_effect("ws", mil::WriteState{.input = state, .data = update});
  b.output(b.add("r", mil::ReadState{.input = state}), "out");
  const proto::Model model = encoded(b);
  // The map of inputs is written in order of its keys, where the sheet has the order of insertion.
  EXPECT_EQ(hex(operation(model, 0)),
            "0a0b77726974655f7374617465120d0a046461746112050a030a0175120f0a05696e70757412060a040a026b762a180a046e616d"
            "65121012040a0208021a080a0622040a027773");
  EXPECT_EQ(hex(model.description().state(0).type()), "420a0a080a02020310908004");
}

TEST(Encode, ArgumentsHaveTheBytesOfApplesClasses) {
  mil::Builder b("main", mil::Opset::coreml8);
  const mil::Value x = b.input("a", {DType::i32, {1, 4}});
  const mil::Value y = b.input("b", {DType::i32, {1, 4}});
  b.output(b.add("joined", mil::Concat{.values = {x, y}, .axis = 1}), "out");
  const proto::Model model = encoded(b);
  EXPECT_EQ(hex(operation(model, 0).inputs().at("values")), "0a030a01610a030a0162");
  EXPECT_EQ(hex(operation(model, 0).inputs().at("interleave")), "0a11120f12040a0208011a070a051a030a0100");
  EXPECT_EQ(hex(model.description().input(0).type()), "2a080a02010410a08008");
}

TEST(Encode, LargeFieldNumbersHaveTheirTags) {
  mil::Builder b("main", mil::Opset::coreml8);
  b.output(b.add("r", mil::Relu{.x = b.input("x", {DType::f16, {2}})}), "out");
  const std::string text = hex(encoded(b));
  EXPECT_NE(text.find("a206"), std::string::npos);  // metadata, 100
  EXPECT_NE(text.find("b21f"), std::string::npos);  // ML Program, 502
}

}  // namespace
}  // namespace cortland
