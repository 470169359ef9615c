// The "pre_tokenizer" of tokenizer.json: cuts normalized text into the pieces that the model encodes one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portable/json.h"
#include "portable/result.h"

namespace cortland::text {

// A text and the pieces it is cut into so far: in order, none empty, none over another. What lies between is dropped.
struct Pieces {
  struct Range {
    uint32_t begin, end;  // bytes of `text`
  };
  std::string text;  // well-formed UTF-8, below 4 GiB
  std::vector<Range> ranges;
  bool at_start = true;  // whether `text` begins at offset 0 of the whole input
};

// One piece: all of `text`; none when it is empty.
Pieces whole_piece(std::string text, bool at_start);

// Immutable, so that several threads may share one.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  // Cuts every piece further; may rewrite the text.
  virtual void split(Pieces& pieces) const = 0;
};

// JSON null gives nullptr: no pre-tokenizer. `path` names the value in messages: "tokenizer.json: pre_tokenizer".
portable::Result<std::unique_ptr<const PreTokenizer>> make_pre_tokenizer(const portable::JsonValue& json,
                                                                         std::string_view path);

}  // namespace cortland::text
