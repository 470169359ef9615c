// The "normalizer" of tokenizer.json: rewrites a piece of text before it is cut.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "portable/json.h"
#include "portable/result.h"

namespace cortland::text {

// Immutable, so that several threads may share one.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  // `text` is well-formed UTF-8 before and after.
  virtual void normalize(std::string& text) const = 0;
};

// JSON null gives nullptr: no normalizer. `path` names the value in messages, such as "tokenizer.json: normalizer".
portable::Result<std::unique_ptr<const Normalizer>> make_normalizer(const portable::JsonValue& json,
                                                                    std::string_view path);

}  // namespace cortland::text
