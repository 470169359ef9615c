// Sorts by keys that are values. Safe when comparisons fail or make no order, as those with NaN do.
#pragma once

#include <algorithm>
#include <vector>

#include "text/template/compare.h"
#include "text/template/runtime.h"

namespace cortland::text {

enum class Order { ascending, descending };

// Equal ones keep their order, in both directions. `key_of` gives a Value of an element.
template <typename T, typename Key>
void sort_stably(Runtime& runtime, std::vector<T>& elements, Key key_of, Order order = Order::ascending) {
  std::vector<T> merged(elements.size());
  const auto is_before = [&](const T& a, const T& b) {
    return order == Order::ascending ? is_less(runtime, key_of(a), key_of(b)) : is_less(runtime, key_of(b), key_of(a));
  };
  for (size_t width = 1; width < elements.size(); width *= 2) {
    for (size_t begin = 0; begin < elements.size(); begin += 2 * width) {
      const size_t middle = std::min(begin + width, elements.size());
      const size_t end = std::min(begin + 2 * width, elements.size());
      size_t left = begin, right = middle;
      for (size_t i = begin; i < end; ++i) {
        const bool takes_right = left == middle || (right < end && is_before(elements[right], elements[left]));
        merged[i] = std::move(elements[takes_right ? right++ : left++]);
      }
    }
    elements.swap(merged);
    if (runtime.failed()) return;
  }
}

}  // namespace cortland::text
