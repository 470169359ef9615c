// Looks into a package while it runs: the largest activations, and the residual stream beside that of the checkpoint.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/runner.h"
#include "pipeline/verify.h"
#include "reference/reference.h"
#include "tensor/metrics.h"

namespace cortland {

// What counts is what must fit into fp16. What is made of a mask, and scores with one added, hold the mask's own
// numbers.
bool is_activation(const mil::ValueInfo& value, const Tensor& tensor);

// Results of every decode step are added up. Values are found by the names that lowering gives them.
class Observer {
 public:
  // The package has the stream times 2^-exponents[place], places as in lower/rescale.h; none: as the checkpoint has it.
  Observer(size_t layers, const std::vector<int>& exponents);

  // To be passed to the reference and to the runner, in this order, for the same id.
  Reference::Probe reference_probe();
  Runner::Probe package_probe();

  std::vector<ActivationPeak> peaks() const;  // one per layer, and one for everything outside, at the end
  std::vector<ProbeResult> probes() const;    // in the order of the model

 private:
  struct Place {
    std::vector<float> reference;  // of the present step
    DifferenceSum sum;
    float factor = 1;  // of what the package has
    bool seen = false;
  };

  std::vector<std::string> order_;      // names of places, in the order of the model
  std::map<std::string, Place> places_;
  std::map<int64_t, ActivationPeak> peaks_;
};

}  // namespace cortland
