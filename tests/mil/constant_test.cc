#include "mil/ops/constant.h"

#include "mil/evaluation.h"
#include "tensor/numbers.h"

namespace cortland::mil {
namespace {

// A payload whose bytes do not lie in memory until they are asked for.
class LazyPayload : public Payload {
 public:
  explicit LazyPayload(PayloadPtr inner) : inner_(std::move(inner)) {}
  const std::string& key() const override { return inner_->key(); }
  DType dtype() const override { return inner_->dtype(); }
  const Shape& shape() const override { return inner_->shape(); }
  void produce(uint64_t offset, std::span<std::byte> out) const override { inner_->produce(offset, out); }

 private:
  PayloadPtr inner_;
};

using ConstantTest = OpTest;

TEST_F(ConstantTest, ALiteralHasItsTypeAndValue) {
  const Const list{.val = Literal::of(std::vector<int32_t>{4, -5})};
  EXPECT_EQ(type_of(list), "int32[2]");
  EXPECT_EQ(values_of(run(list)), (std::vector<float>{4, -5}));
  const Const half{.val = Literal::of(Scalar{0.5f, DType::f16})};
  EXPECT_EQ(type_of(half), "fp16");
  EXPECT_EQ(values_of(run(half)), std::vector<float>{0.5f});
  EXPECT_EQ(run(Const{.val = Literal::of(std::string("same"))}).text(), "same");
}

TEST_F(ConstantTest, ABlobOfFloatsStaysStored) {
  const std::vector<float> values = exact_numbers(6, 1);
  for (const DType dtype : {DType::f16, DType::f32}) {
    const PayloadPtr payload = make_bytes_payload(dtype, {2, 3}, stored_as(dtype, values));
    const Tensor viewed = run(Const{.val = payload});
    EXPECT_TRUE(viewed.is_stored());
    EXPECT_EQ(viewed.stored().data(), payload->view().data());
    EXPECT_EQ(values_of(viewed), values);
    const Tensor produced = run(Const{.val = PayloadPtr(std::make_shared<LazyPayload>(payload))});
    EXPECT_TRUE(produced.is_stored());
    EXPECT_EQ(values_of(produced), values);
  }
}

TEST_F(ConstantTest, ABlobOfIntegersIsRead) {
  const PayloadPtr payload =
      make_bytes_payload(DType::i16, {2}, {std::byte{1}, std::byte{0}, std::byte{0xff}, std::byte{0xff}});
  EXPECT_EQ(type_of(Const{.val = payload}), "int16[2]");
  EXPECT_EQ(values_of(run(Const{.val = payload})), (std::vector<float>{1, -1}));
  const PayloadPtr packed = make_bytes_payload(DType::u4, {2}, {std::byte{0x21}});
  EXPECT_EQ(failure([&] { run(Const{.val = packed}); }),
            "unsupported: constant of uint4[2]: its elements cannot be read as numbers");
}

TEST_F(ConstantTest, AValueIsNoConstant) {
  const Value x = input({DType::f16, {1}});
  EXPECT_EQ(type_of(Const{.val = Binding(x.id)}), "corrupt: op (const): val must be a literal or a blob");
}

}  // namespace
}  // namespace cortland::mil
