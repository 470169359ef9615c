// Encoders between calls: what one has remembered speeds up the next call of whatever thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "text/tokenizer/model.h"

namespace cortland::text {

class EncoderPool {
 public:
  // An encoder that is idle, or a new one.
  std::unique_ptr<PieceEncoder> take(const Model& model) {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return model.make_encoder();
    std::unique_ptr<PieceEncoder> encoder = std::move(idle_.back());
    idle_.pop_back();
    return encoder;
  }
  void give_back(std::unique_ptr<PieceEncoder> encoder) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(encoder));
  }

 private:
  static constexpr size_t kMaxIdle = 8;

  std::mutex mutex_;
  std::vector<std::unique_ptr<PieceEncoder>> idle_;
};

}  // namespace cortland::text
