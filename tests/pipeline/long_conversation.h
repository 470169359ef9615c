// What a model says in a conversation that crosses windows, goes back a little and far, and fills the context.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "pipeline/runner.h"
#include "tensor/metrics.h"

namespace cortland {

class LongConversation {
 public:
  explicit LongConversation(const PackagedModel& model) : runner_(model, Math::fp32), session_(runner_.contract()) {}

  // All ids that it chose.
  std::vector<int32_t> run() {
    const int64_t unit = runner_.contract().context / 16;
    say(3, 5 * unit + 1);
    answer(2 * unit);
    go_back(session_.position() - 2);
    say(50, unit + 1);
    answer(5);
    go_back(7);
    say(90, 3 * unit);
    answer(5);
    say(11, session_.room() - unit);
    answer(2 * unit);
    EXPECT_EQ(session_.room(), 0);
    go_back(session_.position() - 5);
    say(5, 5);
    answer(1);
    return said_;
  }

  // How often it went back to a position that a ring had lost.
  int replays() const { return replays_; }

 private:
  void say(int32_t first, int64_t count) {
    std::vector<int32_t> ids;
    for (int32_t i = 0; i < count; ++i) ids.push_back((first + 37 * i) % 2000);
    logits_ = runner_.feed(session_, ids);
  }

  // Up to the last slot.
  void answer(int64_t count) {
    for (int64_t i = 0; i < count && session_.room() > 0; ++i) {
      said_.push_back(static_cast<int32_t>(argmax(logits_)));
      logits_ = runner_.decode(session_, said_.back());
    }
    said_.push_back(static_cast<int32_t>(argmax(logits_)));
  }

  void go_back(int64_t position) {
    const std::vector<int32_t> before(session_.ids().begin(), session_.ids().begin() + position);
    const int64_t at = session_.rewind(position);
    if (at == position) return;
    ++replays_;
    runner_.feed(session_, {before.begin() + at, before.end()});
  }

  Runner runner_;
  host::Session session_;
  std::vector<float> logits_;
  std::vector<int32_t> said_;
  int replays_ = 0;
};

inline std::vector<int32_t> converse(const PackagedModel& model) { return LongConversation(model).run(); }

}  // namespace cortland
