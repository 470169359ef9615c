// Runs a model as a host would: by its contract, call after call.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/contract.h"
#include "host/session.h"
#include "interp/interpreter.h"
#include "pipeline/packaged_model.h"

namespace cortland {

// Refers to the model, which must outlive it.
class Runner {
 public:
  // Errors: corrupt when the contract does not fit a program.
  Runner(const PackagedModel& model, Math math);

  const host::Contract& contract() const { return model_.contract; }
  void clear_states();  // all zeros again

  // As Interpreter::Probe, with the rows of the call.
  using Probe = std::function<void(const mil::ValueInfo& value, const Tensor& tensor, const host::Rows& rows)>;

  // Makes a call and hands the session what it is to keep. Returns logits [V] of the last row that counts, or [T, V]
  // where every row has some; nothing for a prefill, nor where more tokens follow: then logits are not computed.
  std::vector<float> run(host::Session& session, const host::Call& call, const Probe& probe = {},
                         host::FeedEnd end = host::FeedEnd::logits);

  // Feeds ids by the calls of the session and returns the logits behind the last id, [V]. Of a function that gives
  // logits for every row, those of the last row alone are computed. Errors: invalid.
  std::vector<float> feed(host::Session& session, const std::vector<int32_t>& ids, const Probe& probe = {});

  // Feeds one id.
  std::vector<float> decode(host::Session& session, int32_t id, const Probe& probe = {});

 private:
  // A package while it runs.
  struct Stage {
    size_t part;
    States states;
    std::map<std::string, Interpreter> functions;
  };
  // `hidden`: what the part before gave.
  Interpreter::Values run_stage(Stage& stage, host::Session& session, const host::Call& call, const Tensor& hidden,
                                const Probe& probe, host::FeedEnd end);
  // Rows of the ids [1, T, C].
  Tensor embed(const host::Call& call) const;

  const PackagedModel& model_;
  std::vector<Stage> stages_;
};

}  // namespace cortland
