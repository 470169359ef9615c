#include "pipeline/runner.h"

#include "base/error.h"
#include "host/call_inputs.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

host::Contract read_contract(const Package& package) {
  const auto it = package.metadata.find(std::string(host::kContractKey));
  require(it != package.metadata.end(), ErrorCode::unsupported,
          "package: has no metadata entry {}; want a package that cortland wrote", host::kContractKey);
  auto contract = host::parse_contract(it->second);
  require(static_cast<bool>(contract), ErrorCode::unsupported, "package: {}", contract ? "" : contract.message());
  return std::move(*contract);
}

// What a call of T tokens gave for a session to keep.
std::vector<uint16_t> halves_of(const Tensor& tensor, const std::array<int64_t, 4>& past, int64_t tokens) {
  const Shape want{past[0], past[1], tokens, past[3]};
  require(tensor.shape() == want, ErrorCode::corrupt, "package: new columns of the cache; got {}, want {}",
          to_string(tensor.shape()), to_string(want));
  const Floats values = tensor.floats();
  std::vector<uint16_t> halves(values.size());
  floats_to_halves(values.span(), halves);
  return halves;
}

// An input as a tensor; what the session keeps must outlive the call.
struct MakeTensor {
  const Shape& shape;
  Tensor operator()(std::vector<int32_t> values) const { return Tensor::of_ints(DType::i32, shape, std::move(values)); }
  Tensor operator()(std::vector<float> values) const { return Tensor::of_floats(DType::f16, shape, std::move(values)); }
  Tensor operator()(std::span<const uint16_t> halves) const {
    return Tensor::of_stored(DType::f16, shape, std::as_bytes(halves), nullptr);
  }
};

std::vector<float> floats_of(const Tensor& tensor) {
  const Floats values = tensor.floats();
  return {values.span().begin(), values.span().end()};
}

const Tensor& output_of(const Interpreter::Values& outputs, const std::string& name) {
  const auto it = outputs.find(name);
  require(it != outputs.end(), ErrorCode::corrupt, "package: the contract names output {}, which is not there", printable(name));
  return it->second;
}

}  // namespace

Runner::Runner(const Package& package, Math math) : contract_(read_contract(package)), states_(package.program) {
  for (const auto& [name, role, tokens] : contract_.functions) {
    const mil::Function* function = package.program.find(name);
    require(function != nullptr, ErrorCode::corrupt, "package: the contract names function {}, which is not there",
            printable(name));
    functions_.try_emplace(name, *function, math);
  }
}

std::vector<float> Runner::run(host::Session& session, const host::Call& call, const Probe& probe) {
  Interpreter::Values inputs;
  for (const host::CallInput& input : host::inputs_of(contract_, call.rows)) {
    inputs[std::string(input.name)] = std::visit(MakeTensor{input.shape}, host::make_values(contract_, session, call, input));
  }
  Interpreter::Probe seen;
  if (probe) seen = [&](const mil::ValueInfo& value, const Tensor& tensor) { probe(value, tensor, call.rows); };
  const auto outputs = functions_.at(call.function->name).run(inputs, states_, seen);
  const std::vector<host::Contract::Kept>& kept = contract_.cache.kept;
  for (size_t i = 0; i < kept.size(); ++i) {
    const Tensor& columns = output_of(outputs, kept[i].added);
    session.past()[i].append(call.rows, halves_of(columns, contract_.cache.shape, call.rows.tokens));
  }
  const auto logits = outputs.find(contract_.logits);
  return logits == outputs.end() ? std::vector<float>() : floats_of(logits->second);
}

std::vector<float> Runner::feed(host::Session& session, const std::vector<int32_t>& ids, const Probe& probe) {
  const auto calls = session.feed(ids);
  require(static_cast<bool>(calls), ErrorCode::invalid, "{}", calls ? "" : calls.message());
  std::vector<float> logits;
  for (const host::Call& call : *calls) logits = run(session, call, probe);
  const auto others = std::ssize(logits) - contract_.vocabulary;
  if (others > 0) logits.erase(logits.begin(), logits.begin() + others);
  return logits;
}

std::vector<float> Runner::decode(host::Session& session, int32_t id, const Probe& probe) {
  return feed(session, {id}, probe);
}

}  // namespace cortland
