// Runs a package as a host would: by its contract, call after call.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/contract.h"
#include "host/session.h"
#include "interp/interpreter.h"
#include "package/package.h"

namespace cortland {

// Refers to the package, which must outlive it.
class Runner {
 public:
  // Errors: corrupt or unsupported when the contract is missing, cannot be read or does not fit the program.
  Runner(const Package& package, Math math);

  const host::Contract& contract() const { return contract_; }
  States& states() { return states_; }

  // As Interpreter::Probe, with the rows of the call.
  using Probe = std::function<void(const mil::ValueInfo& value, const Tensor& tensor, const host::Rows& rows)>;

  // Makes a call and hands the session what it is to keep. Returns logits [V] of the last row that counts, or [T, V] where
  // every row has some; nothing for a prefill.
  std::vector<float> run(host::Session& session, const host::Call& call, const Probe& probe = {});

  // Feeds ids by the calls of the session and returns the logits behind the last id, [V]. Errors: invalid.
  std::vector<float> feed(host::Session& session, const std::vector<int32_t>& ids, const Probe& probe = {});

  // Feeds one id.
  std::vector<float> decode(host::Session& session, int32_t id, const Probe& probe = {});

 private:
  const host::Contract contract_;
  States states_;
  std::map<std::string, Interpreter> functions_;
};

}  // namespace cortland
