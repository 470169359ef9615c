// Finds a text in others in linear time, whatever they hold.
#pragma once

#include <string_view>
#include <vector>

namespace cortland::text {

class Finder {
 public:
  // `wanted` must outlive it.
  explicit Finder(std::string_view wanted);
  // The first place at or behind `from`; npos when there is none.
  size_t find(std::string_view text, size_t from = 0) const;
  size_t rfind(std::string_view text) const;

 private:
  std::string_view wanted_;
  std::vector<size_t> borders_;  // of each prefix: the longest proper prefix that ends it; empty for a short `wanted`
};

}  // namespace cortland::text
