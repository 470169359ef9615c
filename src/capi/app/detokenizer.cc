#include "capi/app/text_handle.h"
#include "text/detokenizer.h"

using namespace cortland;
using namespace cortland::capi;

struct cortland_detokenizer {
  std::shared_ptr<const OpenText> open;
  text::DetokenizerStream stream;  // refers to `open`
  bool finished = false;
  std::string pending = {};  // what the caller has not taken yet
};

cortland_status cortland_detokenizer_create(const cortland_text* text, cortland_special_tokens special_tokens,
                                            cortland_detokenizer** detokenizer, cortland_error* error) noexcept {
  return create(detokenizer, error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    if (auto bad = check_choice("special_tokens", special_tokens)) return *bad;
    const text::DecodeOptions options{.skip_special_tokens = special_tokens == CORTLAND_SPECIAL_TOKENS_SKIPPED};
    text::DetokenizerStream stream(text->open->tokenizer, options);
    *detokenizer = new cortland_detokenizer{.open = text->open, .stream = std::move(stream)};
    return {};
  });
}

void cortland_detokenizer_free(cortland_detokenizer* detokenizer) noexcept { delete detokenizer; }

cortland_status cortland_detokenizer_push(cortland_detokenizer* detokenizer, int32_t id, char* buffer, size_t capacity,
                                          size_t* size, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (detokenizer == nullptr) return missing("detokenizer");
    if (auto bad = check_result(buffer, capacity, size)) return *bad;
    if (id != CORTLAND_NO_TOKEN) {
      if (detokenizer->finished) return invalid("detokenizer: is at its end; got another id, want none behind finish");
      detokenizer->pending += detokenizer->stream.push(id);
    }
    return take(detokenizer->pending, buffer, capacity, size);
  });
}

cortland_status cortland_detokenizer_finish(cortland_detokenizer* detokenizer, char* buffer, size_t capacity,
                                            size_t* size, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (detokenizer == nullptr) return missing("detokenizer");
    if (auto bad = check_result(buffer, capacity, size)) return *bad;
    if (!detokenizer->finished) detokenizer->pending += detokenizer->stream.finish();
    detokenizer->finished = true;
    return take(detokenizer->pending, buffer, capacity, size);
  });
}
