#include "reference/activation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortland {
namespace {

double softplus(double x) { return std::log1p(std::exp(x)); }

double apply_xielu(const Xielu& stored, double x) {
  const double b = stored.b, p = softplus(stored.p), n = b + softplus(stored.n);
  return x > 0 ? p * x * x + b * x : n * (std::expm1(x) - x) + b * x;
}

double apply(Activation activation, const Xielu& xielu, double x) {
  const double square = std::max(x, 0.0);
  switch (activation) {
    case Activation::silu: return x / (1 + std::exp(-x));
    case Activation::gelu: return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
    case Activation::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::relu: return std::max(x, 0.0);
    case Activation::relu_squared: return square * square;
    case Activation::xielu: return apply_xielu(xielu, x);
  }
  return x;
}

}  // namespace

float activate(Activation activation, const Xielu& xielu, float x) {
  return static_cast<float>(apply(activation, xielu, static_cast<double>(x)));
}

}  // namespace cortland
