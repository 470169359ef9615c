// A safetensors file of expected values, tensor by tensor.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "checkpoint/safetensors.h"

namespace cortland {

class Expected {
 public:
  explicit Expected(const std::string& path) : file_(disk().open(path)), entries_(read_safetensors(*file_, 0)) {}

  // Every value of a tensor; none when there is no such tensor. T must be the stored type.
  template <typename T>
  std::vector<T> all(const std::string& name) const {
    const TensorEntry* entry = find(name);
    if (entry == nullptr) return {};
    std::vector<T> values(static_cast<size_t>(element_count(entry->shape)));
    file_->read(entry->offset, std::as_writable_bytes(std::span(values)));
    return values;
  }

  // One list per index of the first axis.
  template <typename T>
  std::vector<std::vector<T>> rows(const std::string& name) const {
    const std::vector<T> values = all<T>(name);
    std::vector<std::vector<T>> out;
    if (values.empty()) return out;
    const auto count = static_cast<size_t>(find(name)->shape[0]), size = values.size() / count;
    for (size_t i = 0; i < count; ++i) {
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * size);
      out.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
    }
    return out;
  }

 private:
  const TensorEntry* find(const std::string& name) const {
    for (const TensorEntry& entry : entries_) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

  std::shared_ptr<const InputFile> file_;
  std::vector<TensorEntry> entries_;
};

}  // namespace cortland
