// A number of a report that can be missing, because there was too little to measure.
#pragma once

#include <fmt/format.h>

#include <limits>
#include <optional>

namespace cortland {

// Missing, it prints as "n/a", and as a double it is NaN, which JSON writes as null.
class Measured {
 public:
  Measured() = default;
  Measured(double value) : value_(value) {}

  bool has_value() const { return value_.has_value(); }
  operator double() const { return value_.value_or(std::numeric_limits<double>::quiet_NaN()); }

 private:
  std::optional<double> value_;
};

}  // namespace cortland

template <>
struct fmt::formatter<cortland::Measured> : fmt::formatter<double> {
  template <typename Context>
  auto format(const cortland::Measured& number, Context& context) const {
    return number.has_value() ? fmt::formatter<double>::format(number, context) : fmt::format_to(context.out(), "n/a");
  }
};
