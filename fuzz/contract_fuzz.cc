// The input is a contract; what it allows is then asked of a session.
#include "host/contract.h"

#include <algorithm>

#include "host/call_inputs.h"
#include "host/session.h"
#include "input.h"

using namespace cortland;
using namespace cortland::host;

namespace {

constexpr int64_t kLargestContext = 512;     // a larger one is only slower
constexpr int64_t kLargestCache = 1 << 16;  // elements; likewise

bool is_small(const Contract& contract) {
  int64_t all = 0;
  for (size_t part = 0; part < contract.part_count(); ++part) {
    for (const Contract::PartKept& kept : contract.kept_by(part)) {
      int64_t elements = 1;
      for (const int64_t side : kept.shape) elements *= side;
      all += elements;
    }
  }
  return contract.context <= kLargestContext && all <= kLargestCache;
}

// What a package gives for the host to keep: [L, K', T, E'].
std::vector<uint16_t> columns(const Contract::PartKept& kept, const Call& call) {
  const auto& [layers, heads, slots, width] = kept.shape;
  return std::vector<uint16_t>(static_cast<size_t>(layers * heads * call.rows.tokens * width), 1);
}

void keep(const Contract& contract, Session& session, const Call& call) {
  size_t at = 0;
  for (size_t part = 0; part < contract.part_count(); ++part) {
    for (const Contract::PartKept& kept : contract.kept_by(part)) {
      session.past()[at++].append(call.rows, columns(kept, call));
    }
  }
}

size_t elements_of(const std::vector<int64_t>& shape) {
  size_t elements = 1;
  for (const int64_t side : shape) elements *= static_cast<size_t>(side);
  return elements;
}

void make_inputs(const Contract& contract, const Session& session, const Call& call, size_t part) {
  for (const CallInput& input : inputs_of(contract, call.rows, part)) {
    if (input.kind == CallInput::Kind::hidden) continue;  // an embedding or the part before gives it
    const InputValues values = make_values(contract, session, call, input);
    const size_t count = std::visit([](const auto& list) { return list.size(); }, values);
    expect(count == elements_of(input.shape), "an input has a number for each element");
  }
}

void converse(const Contract& contract) {
  Session session(contract);
  for (const int64_t n : {int64_t{1}, contract.context / 2, contract.context}) {
    if (session.room() == 0) session.rewind(contract.context / 3);
    const auto size = static_cast<size_t>(std::clamp<int64_t>(n, 1, session.room()));
    const auto calls = session.feed(std::vector<int32_t>(size, 0));
    expect(calls && !calls->empty(), "a prompt that fits has calls");
    for (const Call& call : *calls) {
      expect(call.rows.start >= 0 && call.rows.start + call.rows.tokens <= contract.context,
             "a call stays in the context");
      for (size_t part = 0; part < contract.part_count(); ++part) make_inputs(contract, session, call, part);
      keep(contract, session, call);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const portable::Result<Contract> contract = parse_contract(text_of(data, size));
  if (!contract) {
    expect(contract.message().starts_with("contract: "), "a failure says where");
  } else if (is_small(*contract)) {
    converse(*contract);
  }
  return 0;
}
