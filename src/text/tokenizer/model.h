// What turns a piece of text into ids.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "text/tokenizer/vocabulary.h"

namespace cortland::text {

// Encodes the pieces of one call, one after the other; it may remember what it saw.
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
  // `size`: how many bytes will be encoded, about.
  virtual std::unique_ptr<PieceEncoder> make_encoder(size_t size) const = 0;
};

}  // namespace cortland::text
