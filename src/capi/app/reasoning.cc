#include "text/reasoning.h"

#include <cortland/text.h>

#include "capi/app/boundary.h"

using namespace cortland;
using namespace cortland::capi;
using Options = text::ReasoningSplitter::Options;

struct cortland_reasoning {
  text::ReasoningSplitter splitter;
  bool finished = false;
  text::ReasoningSplitter::Pieces pending = {};  // what the caller has not taken yet

  void keep(const text::ReasoningSplitter::Pieces& pieces) {
    pending.reasoning += pieces.reasoning;
    pending.answer += pieces.answer;
  }
};

namespace {

// An answer never comes before reasoning.
Outcome take(text::ReasoningSplitter::Pieces& pending, char* buffer, size_t capacity, size_t* size,
             size_t* reasoning_size) {
  *reasoning_size = pending.reasoning.size();
  const Outcome outcome = give(pending.reasoning + pending.answer, buffer, capacity, size);
  if (outcome.status == CORTLAND_OK) pending = {};
  return outcome;
}

bool is_tag(std::string_view tag) { return !tag.empty() && std::string_view(" \t\r\n").find(tag[0]) == tag.npos; }

}  // namespace

cortland_status cortland_reasoning_create(const char* open, const char* close, cortland_reasoning_start start,
                                          cortland_reasoning** reasoning, cortland_error* error) noexcept {
  return create(reasoning, error, [&]() -> Outcome {
    if (auto bad = check_choice("start", start)) return *bad;
    Options options;
    options.is_open = start == CORTLAND_REASONING_OPENED;
    if (open != nullptr) options.open = open;
    if (close != nullptr) options.close = close;
    for (const std::string& tag : {options.open, options.close}) {
      if (!is_tag(tag)) return invalid("reasoning tag: is empty or begins with white space; got \"" + tag + "\"");
    }
    *reasoning = new cortland_reasoning{.splitter = text::ReasoningSplitter(std::move(options))};
    return {};
  });
}

void cortland_reasoning_free(cortland_reasoning* reasoning) noexcept { delete reasoning; }

cortland_reasoning_start cortland_reasoning_start_of(const char* prompt, size_t size, const char* open) noexcept {
  cortland_reasoning_start start = CORTLAND_REASONING_CLOSED;
  guarded(nullptr, [&]() -> Outcome {
    Options options;
    if (open != nullptr) options.open = open;
    const auto text = text_of(prompt, size);
    const bool opened = text && is_tag(options.open) && text::ReasoningSplitter::is_opened_by(*text, options);
    if (opened) start = CORTLAND_REASONING_OPENED;
    return {};
  });
  return start;
}

cortland_status cortland_reasoning_add(cortland_reasoning* reasoning, const char* bytes, size_t bytes_size,
                                       char* buffer, size_t capacity, size_t* size, size_t* reasoning_size,
                                       cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (reasoning == nullptr) return missing("reasoning");
    const auto piece = text_of(bytes, bytes_size);
    if (!piece) return missing("bytes");
    if (reasoning_size == nullptr) return missing("reasoning_size");
    if (auto bad = check_result(buffer, capacity, size)) return *bad;
    if (reasoning->finished && !piece->empty()) {
      return invalid("reasoning: the text is at its end; got more of it, want none behind finish");
    }
    if (!piece->empty()) reasoning->keep(reasoning->splitter.add(*piece));
    return take(reasoning->pending, buffer, capacity, size, reasoning_size);
  });
}

cortland_status cortland_reasoning_finish(cortland_reasoning* reasoning, char* buffer, size_t capacity, size_t* size,
                                          size_t* reasoning_size, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (reasoning == nullptr) return missing("reasoning");
    if (reasoning_size == nullptr) return missing("reasoning_size");
    if (auto bad = check_result(buffer, capacity, size)) return *bad;
    if (!reasoning->finished) reasoning->keep(reasoning->splitter.finish());
    reasoning->finished = true;
    return take(reasoning->pending, buffer, capacity, size, reasoning_size);
  });
}
