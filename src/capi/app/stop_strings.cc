#include "text/stop_strings.h"

#include <cortland/text.h>

#include "capi/app/boundary.h"

using namespace cortland;
using namespace cortland::capi;

struct cortland_stop_strings {
  text::StopStrings strings;
  bool finished = false;
  std::string pending = {};  // what the caller has not taken yet
};

cortland_status cortland_stop_strings_create(const cortland_string* strings, size_t count,
                                             cortland_stop_strings** stop, cortland_error* error) noexcept {
  return create(stop, error, [&]() -> Outcome {
    const auto list = list_of(strings, count);
    if (!list) return missing("strings");
    if (count > text::StopStrings::kMaxStrings) {
      return invalid("stop strings: too many; got " + std::to_string(count) + ", want at most " +
                     std::to_string(text::StopStrings::kMaxStrings));
    }
    std::vector<std::string> copies;
    for (const cortland_string& string : *list) {
      const auto view = text_of(string.bytes, string.size);
      if (!view) return missing("stop string");
      copies.emplace_back(*view);
    }
    auto made = text::StopStrings::make(std::move(copies));
    if (!made) return invalid(made.message());
    *stop = new cortland_stop_strings{.strings = std::move(*made)};
    return {};
  });
}

void cortland_stop_strings_free(cortland_stop_strings* stop) noexcept { delete stop; }

cortland_status cortland_stop_strings_add(cortland_stop_strings* stop, const char* bytes, size_t bytes_size,
                                          char* buffer, size_t capacity, size_t* size, int32_t* matched,
                                          cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (stop == nullptr) return missing("stop");
    const auto piece = text_of(bytes, bytes_size);
    if (!piece) return missing("bytes");
    if (auto bad = check_result(buffer, capacity, size)) return *bad;
    if (stop->finished && !piece->empty()) {
      return invalid("stop strings: the text is at its end; got more of it, want none behind finish");
    }
    stop->pending += stop->strings.add(*piece);
    const std::optional<size_t> found = stop->strings.matched();
    if (matched != nullptr) *matched = found ? static_cast<int32_t>(*found) : -1;
    return take(stop->pending, buffer, capacity, size);
  });
}

cortland_status cortland_stop_strings_finish(cortland_stop_strings* stop, char* buffer, size_t capacity, size_t* size,
                                             cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (stop == nullptr) return missing("stop");
    if (auto bad = check_result(buffer, capacity, size)) return *bad;
    stop->finished = true;
    stop->pending += stop->strings.flush();
    return take(stop->pending, buffer, capacity, size);
  });
}
