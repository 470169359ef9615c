// The input is a contract; what it allows is then asked of a session.
#include "host/contract.h"

#include <algorithm>

#include "host/inputs.h"
#include "host/session.h"
#include "input.h"

using namespace cortland;
using namespace cortland::host;

namespace {

constexpr int64_t kLargestContext = 512;  // a larger one is only slower

void converse(const Contract& contract) {
  Session session(contract);
  for (const int64_t n : {int64_t{1}, contract.context / 2, contract.context}) {
    if (session.room() == 0) session.rewind(contract.context / 3);
    const auto size = static_cast<size_t>(std::clamp<int64_t>(n, 1, session.room()));
    const auto calls = session.feed(std::vector<int32_t>(size, 0));
    expect(calls && !calls->empty(), "a prompt that fits has calls");
    for (const Call& call : *calls) {
      expect(call.rows.start >= 0 && call.rows.start + call.rows.tokens <= contract.context, "a call stays in the context");
      for (const Contract::Mask& mask : contract.masks) make_mask(contract, mask, call.rows);
      for (const Contract::Rope& rope : contract.ropes) make_rope(rope, call.rows);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const portable::Result<Contract> contract = parse_contract(text_of(data, size));
  if (!contract) {
    expect(contract.message().starts_with("contract: "), "a failure says where");
  } else if (contract->context <= kLargestContext) {
    converse(*contract);
  }
  return 0;
}
