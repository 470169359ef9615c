// Runs a package as a host would: by its contract, call after call.
#pragma once

#include <map>
#include <optional>
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

  struct Output {
    std::vector<float> logits;  // [V], of a decode call; [T, V], of one with any number of tokens
    std::vector<float> hidden;  // [T, D], of a prefill call
  };
  Output run(const host::Call& call, const Interpreter::Probe& probe = {});

  // Feeds ids by the calls of the session and returns the logits behind the last id, [V]. Errors: invalid.
  std::vector<float> feed(host::Session& session, const std::vector<int32_t>& ids, const Interpreter::Probe& probe = {});

  // Feeds one id.
  std::vector<float> decode(host::Session& session, int32_t id, const Interpreter::Probe& probe = {});

 private:
  const host::Contract contract_;
  States states_;
  std::map<std::string, Interpreter> functions_;
};

}  // namespace cortland
