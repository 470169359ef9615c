// Between C and C++: what every function of the C API does with its arguments, its results and its failures.
#pragma once

#include <cortland/types.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "portable/result.h"

namespace cortland::capi {

// What a function returns: a status and, unless it is CORTLAND_OK, the sentence for it.
struct Outcome {
  cortland_status status = CORTLAND_OK;
  std::string message = {};
};

inline Outcome invalid(std::string message) { return {CORTLAND_INVALID, std::move(message)}; }
inline Outcome missing(const char* argument) {
  return invalid(std::string(argument) + ": a pointer is missing; got NULL, want an address");
}

// Copies the message, and cuts it between characters. `error` may be nullptr.
void report(std::string_view message, cortland_error* error) noexcept;

// Runs the body of a function and reports how it ends. The C++ library throws when memory runs out; nothing else does.
template <typename Body>
cortland_status guarded(cortland_error* error, Body body) noexcept {
  try {
    const Outcome outcome = body();
    report(outcome.message, error);
    return outcome.status;
  } catch (const std::bad_alloc&) {
    report("memory: there is not enough of it for this call", error);
    return CORTLAND_OUT_OF_MEMORY;
  } catch (...) {
    report("cortland: an unforeseen failure, which is an error in Cortland", error);
    return CORTLAND_INTERNAL;
  }
}

// What a handle's create function makes. Sets `out` to nullptr first, so that it is so after a failure.
template <typename Handle, typename Body>
cortland_status create(Handle** out, cortland_error* error, Body body) noexcept {
  if (out != nullptr) *out = nullptr;
  return guarded(error, [&]() -> Outcome { return out == nullptr ? missing("handle") : body(); });
}

// A text that was handed in; nothing for a size without an address.
inline std::optional<std::string_view> text_of(const char* bytes, size_t size) {
  if (bytes == nullptr && size > 0) return std::nullopt;
  return size == 0 ? std::string_view() : std::string_view(bytes, size);
}

template <typename T>
std::optional<std::span<const T>> list_of(const T* items, size_t count) {
  if (items == nullptr && count > 0) return std::nullopt;
  return std::span<const T>(items, count);
}

// Where a result goes. To be looked at before a stream takes anything.
template <typename T>
std::optional<Outcome> check_result(const T* buffer, size_t capacity, const size_t* count) {
  if (count == nullptr || (buffer == nullptr && capacity > 0)) return missing("result");
  return std::nullopt;
}

// Writes a result of either kind, std::string or a list, into the caller's buffer, if it is large enough.
template <typename List, typename T>
Outcome give(const List& result, T* buffer, size_t capacity, size_t* count) {
  if (auto bad = check_result(buffer, capacity, count)) return *bad;
  *count = result.size();
  if (result.size() > capacity) {
    return {CORTLAND_BUFFER_TOO_SMALL, "buffer: too small; got " + std::to_string(capacity) + ", want " +
                                           std::to_string(result.size())};
  }
  std::copy(result.begin(), result.end(), buffer);
  return {};
}

// The same from a stream: what does not fit stays in `pending`.
inline Outcome take(std::string& pending, char* buffer, size_t capacity, size_t* size) {
  Outcome outcome = give(pending, buffer, capacity, size);
  if (outcome.status == CORTLAND_OK) pending.clear();
  return outcome;
}

// A choice of two values, 0 and 1.
inline std::optional<Outcome> check_choice(const char* name, int32_t value) {
  if (value == 0 || value == 1) return std::nullopt;
  return invalid(std::string(name) + ": is no such choice; got " + std::to_string(value) + ", want 0 or 1");
}

// One of `count` things, by its number.
inline std::optional<Outcome> check_index(const char* name, size_t index, size_t count) {
  if (index < count) return std::nullopt;
  return invalid(std::string(name) + ": is out of range; got " + std::to_string(index) + ", want less than " +
                 std::to_string(count));
}

// A structure of the caller's, which begins with its size: of this version or of a later one of which nothing is used.
template <typename T>
portable::Result<T> read_struct(const char* name, const T* from) {
  if (from == nullptr) return portable::Failure{missing(name).message};
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  size_t size = 0;
  std::memcpy(&size, bytes, sizeof(size));
  constexpr size_t kMaxStruct = 4096;  // no version will be larger
  if (size < sizeof(T) || size > kMaxStruct) {
    return portable::Failure{std::string(name) + ": the size of the structure is wrong; got " + std::to_string(size) +
                             ", want " + std::to_string(sizeof(T)) + " or a little more"};
  }
  if (std::any_of(bytes + sizeof(T), bytes + size, [](unsigned char byte) { return byte != 0; })) {
    return portable::Failure{std::string(name) + ": uses what this version of the library does not know; got " +
                             std::to_string(size) + " bytes, want " + std::to_string(sizeof(T)) + " and zeros"};
  }
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

}  // namespace cortland::capi
