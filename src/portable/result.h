// Success or a message: what apps compile throws nothing.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace cortland::portable {

struct Failure {
  std::string message;  // `where: what; got X, want Y`
};

template <typename T>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Failure failure) : state_(std::move(failure)) {}
  explicit operator bool() const { return state_.index() == 0; }
  // REQUIRES: success.
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  // REQUIRES: no success.
  const std::string& message() const { return std::get<1>(state_).message; }

 private:
  std::variant<T, Failure> state_;
};

}  // namespace cortland::portable
