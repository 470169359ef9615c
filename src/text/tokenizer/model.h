// What turns a piece of text into ids.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "text/tokenizer/vocabulary.h"

namespace cortland::text {

// Encodes pieces, one after the other, and remembers what it saw. For one thread at a time.
class PieceEncoder {
 public:
  virtual ~PieceEncoder() = default;
  // Appends to `ids`. False when a character is unknown and the model has nothing that stands for one.
  // REQUIRES: well-formed UTF-8.
  virtual bool encode(std::string_view piece, std::vector<int32_t>& ids) = 0;
};

// Immutable; refers to the image and the vocabulary.
class Model {
 public:
  virtual ~Model() = default;
  virtual std::unique_ptr<PieceEncoder> make_encoder() const = 0;
};

}  // namespace cortland::text
