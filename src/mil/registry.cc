#include "mil/registry.h"

#include <algorithm>

#include "mil/instance.h"
#include "mil/ops/attention.h"
#include "mil/ops/compare.h"
#include "mil/ops/constant.h"
#include "mil/ops/constexpr.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/reduce.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::mil {
namespace {

template <MilOp... Ops>
std::vector<OpRow> rows() {
  std::vector<OpRow> list{make_op_row<Ops>()...};
  std::sort(list.begin(), list.end(),
            [](const OpRow& a, const OpRow& b) { return std::pair(a.name, a.since) < std::pair(b.name, b.since); });
  return list;
}

const std::vector<OpRow>& registry() {
  static const std::vector<OpRow> list =
      rows<Const, Add, Sub, Mul, RealDiv, Maximum, Minimum, Silu, Sigmoid, Tanh, Relu, Exp, Sqrt, Rsqrt, Clip, Gelu,
           Cast, Matmul, Linear, Conv, Identity, ShapeOf, Reshape, Transpose, ExpandDims, Squeeze, Concat, Tile, Pad,
           SliceByIndex, SliceBySize, SliceUpdate, Split, Gather, Softmax, LayerNorm, ReduceMean,
           ScaledDotProductAttention, ReadState, WriteState, ConstexprBlockwiseShiftScale, ConstexprLutToDense,
           ConstexprLutToDense16, ConstexprAffineDequantize, ConstexprSparseToDense, ConstexprSparseToDense16,
           ConstexprSparseBlockwiseShiftScale, ConstexprLutToSparse, Equal, NotEqual, Less, LessEqual, Greater,
           GreaterEqual, Select>();
  return list;
}

}  // namespace

std::span<const OpRow> op_rows() { return registry(); }

const OpRow* find_op(std::string_view name, Opset opset) {
  const auto& list = registry();
  auto it = std::lower_bound(list.begin(), list.end(), name,
                             [](const OpRow& row, std::string_view n) { return row.name < n; });
  if (it == list.end() || it->name != name) return nullptr;
  while (it + 1 != list.end() && (it + 1)->name == name && (it + 1)->since <= opset) ++it;
  return &*it;
}

Operation encode_op(std::string_view name, Opset since, const void* op) {
  const OpRow* row = find_op(name, since);
  require(row != nullptr, ErrorCode::unsupported, "operation \"{}\" is not in the registry", name);
  return row->encode(op);
}

std::unique_ptr<OpInstance> instantiate(const Function& function, const Operation& operation) {
  if (operation.row == nullptr) {
    fail(ErrorCode::unsupported, "{}: operation \"{}\" is not known", operation.name, printable(operation.type));
  }
  return operation.row->instantiate(*operation.row, function, operation);
}

}  // namespace cortland::mil
