// Tokens, and between text and ids.
#include "capi/app/text_handle.h"

using namespace cortland;
using namespace cortland::capi;

cortland_status cortland_text_token(const cortland_text* text, int32_t id, char* buffer, size_t capacity, size_t* size,
                                    cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    const auto token = text->open->tokenizer.token(id);
    if (!token) return {CORTLAND_NOT_FOUND, "token: there is none with this id; got " + std::to_string(id)};
    return give(*token, buffer, capacity, size);
  });
}

cortland_status cortland_text_find_token(const cortland_text* text, const char* token, size_t size, int32_t* id,
                                         cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    const auto string = text_of(token, size);
    if (!string) return missing("token");
    if (id == nullptr) return missing("id");
    const std::optional<int32_t> found = text->open->tokenizer.id(*string);
    if (!found) return {CORTLAND_NOT_FOUND, "token: none is spelled so; got " + std::string(*string)};
    *id = *found;
    return {};
  });
}

int32_t cortland_text_is_special(const cortland_text* text, int32_t id) noexcept {
  return text != nullptr && text->open->tokenizer.is_special(id) ? 1 : 0;
}

cortland_status cortland_text_special_ids(const cortland_text* text, const char* role, int32_t* ids, size_t capacity,
                                          size_t* count, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    if (role == nullptr) return missing("role");
    std::vector<int32_t> found;
    for (const text::TextFile::SpecialToken& token : text->open->contents.special_tokens) {
      if (token.role == role) found.push_back(token.id);
    }
    return give(found, ids, capacity, count);
  });
}

cortland_status cortland_text_end_ids(const cortland_text* text, int32_t* ids, size_t capacity, size_t* count,
                                      cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    return give(text->open->direct.eos, ids, capacity, count);
  });
}

cortland_status cortland_text_encode(const cortland_text* text, const char* bytes, size_t bytes_size,
                                     cortland_control_tokens control_tokens, cortland_affixes affixes, int32_t* ids,
                                     size_t capacity, size_t* count, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    const auto string = text_of(bytes, bytes_size);
    if (!string) return missing("bytes");
    if (auto bad = check_choice("control_tokens", control_tokens)) return *bad;
    if (auto bad = check_choice("affixes", affixes)) return *bad;
    const auto special = control_tokens == CORTLAND_CONTROL_TOKENS_RECOGNIZED ? text::SpecialText::kRecognized
                                                                              : text::SpecialText::kPlain;
    const auto encoded = text->open->tokenizer.encode(
        *string, {.add_special_tokens = affixes == CORTLAND_AFFIXES_ADDED, .special_text = special});
    if (!encoded) return invalid(encoded.message());
    return give(*encoded, ids, capacity, count);
  });
}

cortland_status cortland_text_decode(const cortland_text* text, const int32_t* ids, size_t count,
                                     cortland_special_tokens special_tokens, char* buffer, size_t capacity,
                                     size_t* size, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    const auto list = list_of(ids, count);
    if (!list) return missing("ids");
    if (auto bad = check_choice("special_tokens", special_tokens)) return *bad;
    const text::DecodeOptions options{.skip_special_tokens = special_tokens == CORTLAND_SPECIAL_TOKENS_SKIPPED};
    return give(text->open->tokenizer.decode(*list, options), buffer, capacity, size);
  });
}
