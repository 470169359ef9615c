#include "pipeline/runner.h"

#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "host/call_inputs.h"
#include "pipeline/unwrap.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

Tensor make_tensor(const Shape& shape, std::vector<int32_t> values) {
  return Tensor::of_ints(DType::i32, shape, std::move(values));
}
Tensor make_tensor(const Shape& shape, std::vector<float> values) {
  return Tensor::of_floats(DType::f16, shape, std::move(values));
}
// Elements that the session keeps: it must outlive the call.
Tensor make_tensor(const Shape& shape, std::span<const uint16_t> halves) {
  return Tensor::of_stored(DType::f16, shape, std::as_bytes(halves), nullptr);
}

// What a call of T tokens gave for a session to keep.
std::vector<uint16_t> halves_of(const Tensor& tensor, const Shape& past, int64_t tokens) {
  const Shape want{past[0], past[1], tokens, past[3]};
  if (tensor.shape() != want) {
    fail(ErrorCode::corrupt, "package: new columns of the cache; got {}, want {}", to_string(tensor.shape()),
         to_string(want));
  }
  const Floats values = tensor.floats();
  std::vector<uint16_t> halves(values.size());
  floats_to_halves(values.span(), halves);
  return halves;
}

std::vector<float> floats_of(const Tensor& tensor) {
  const Floats values = tensor.floats();
  return {values.span().begin(), values.span().end()};
}

const Tensor& output_of(const Interpreter::Values& outputs, const std::string& name) {
  const auto it = outputs.find(name);
  require(it != outputs.end(), ErrorCode::corrupt, "package: the contract names output {}, which is not there",
          printable(name));
  return it->second;
}

// Takes the last row out of a call of a function for any number of rows, and returns it as a call of its own.
host::Call split_last_row(host::Call& call) {
  host::Call last{call.function, {call.rows.start + call.rows.used - 1, 1, 1}, {call.ids.back()}};
  call.rows = {call.rows.start, call.rows.used - 1, call.rows.used - 1};
  call.ids.pop_back();
  return last;
}

}  // namespace

Runner::Runner(const PackagedModel& model, Math math) : model_(model) {
  for (size_t i = 0; i < model.packages.size(); ++i) {
    const mil::Program& program = model.packages[i].program;
    std::vector<const mil::Function*> functions;
    for (const auto& [name, role, tokens] : contract().functions) {
      functions.push_back(program.find(name));
      require(functions.back() != nullptr, ErrorCode::corrupt,
              "package: the contract names function {}, which is not there", printable(name));
    }
    Stage& stage = stages_.emplace_back(i, States(functions));
    for (const mil::Function* function : functions) stage.functions.try_emplace(function->name, *function, math);
  }
}

void Runner::clear_states() {
  for (Stage& stage : stages_) stage.states.clear();
}

Tensor Runner::embed(const host::Call& call) const {
  const host::EmbeddingTable& table = *model_.embedding;
  const auto rows = std::make_shared<std::vector<uint16_t>>(call.ids.size() * static_cast<size_t>(table.width()));
  table.read(call.ids, *rows);
  return Tensor::of_stored(DType::f16, {1, call.rows.tokens, table.width()}, std::as_bytes(std::span(*rows)), rows);
}

Interpreter::Values Runner::run_stage(Stage& stage, host::Session& session, const host::Call& call,
                                      const Tensor& hidden, const Probe& probe, host::FeedEnd end) {
  Interpreter::Values inputs;
  std::vector<size_t> pasts;
  for (const host::CallInput& input : host::inputs_of(contract(), call.rows, stage.part)) {
    Tensor& tensor = inputs[std::string(input.name)];
    if (input.kind == host::CallInput::Kind::hidden) {
      tensor = hidden;
      continue;
    }
    if (input.kind == host::CallInput::Kind::past) pasts.push_back(input.index);
    tensor = std::visit([&](auto values) { return make_tensor(input.shape, std::move(values)); },
                        host::make_values(contract(), session, call, input));
  }
  Interpreter::Probe seen;
  if (probe) seen = [&](const mil::ValueInfo& value, const Tensor& tensor) { probe(value, tensor, call.rows); };
  const std::string_view unwanted =
      end == host::FeedEnd::more ? std::string_view(contract().logits) : std::string_view();
  Interpreter::Values outputs = stage.functions.at(call.function->name).run(inputs, stage.states, seen, unwanted);
  const std::vector<host::Contract::PartKept> kept = contract().kept_by(stage.part);
  for (size_t i = 0; i < pasts.size(); ++i) {
    const Shape shape(kept[i].shape.begin(), kept[i].shape.end());
    session.past()[pasts[i]].append(call.rows,
                                    halves_of(output_of(outputs, kept[i].names->added), shape, call.rows.tokens));
  }
  return outputs;
}

std::vector<float> Runner::run(host::Session& session, const host::Call& call, const Probe& probe, host::FeedEnd end) {
  Tensor hidden;
  if (model_.embedding) hidden = embed(call);
  Interpreter::Values outputs;
  for (Stage& stage : stages_) {
    if (!contract().is_needed(stage.part, *call.function)) break;
    if (!outputs.empty()) hidden = output_of(outputs, contract().hidden);
    outputs = run_stage(stage, session, call, hidden, probe, end);
  }
  const auto logits = outputs.find(contract().logits);
  return logits == outputs.end() ? std::vector<float>() : floats_of(logits->second);
}

std::vector<float> Runner::feed(host::Session& session, const std::vector<int32_t>& ids, const Probe& probe) {
  std::vector<host::Call> calls = unwrap(session.feed(ids), ErrorCode::invalid);
  if (calls.back().function->is_flexible() && calls.back().rows.used > 1) calls.push_back(split_last_row(calls.back()));
  for (size_t i = 0; i + 1 < calls.size(); ++i) run(session, calls[i], probe, host::FeedEnd::more);
  return run(session, calls.back(), probe);
}

std::vector<float> Runner::decode(host::Session& session, int32_t id, const Probe& probe) {
  return feed(session, {id}, probe);
}

}  // namespace cortland
