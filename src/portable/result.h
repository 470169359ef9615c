// Success or a message: what apps compile throws nothing.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace cortland::portable {

struct Failure {
  std::string message;  // `where: what; got X, want Y`
};

template <typename T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Failure failure) : failure_(std::move(failure)) {}
  explicit operator bool() const { return value_.has_value(); }
  // REQUIRES: success.
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  // REQUIRES: no success.
  const std::string& message() const { return failure_.message; }

 private:
  std::optional<T> value_;  // std::variant takes long to compile in as many files
  Failure failure_;
};

}  // namespace cortland::portable
