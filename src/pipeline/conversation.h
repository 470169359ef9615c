// A conversation that fits into the context: the oldest turns go first, the system message stays.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/text_model.h"

namespace cortland {

class Conversation {
 public:
  struct Prompt {
    std::string text;
    std::vector<int32_t> ids;
    size_t dropped = 0;  // messages that the context has no room for; they are forgotten for good
  };

  // Refers to the text. `context`: tokens that prompt and answer have together.
  Conversation(const TextModel& text, int64_t context) : text_(text), context_(context) {}

  void set_system(std::string content) { system_ = std::move(content); }
  void add(Message message) { messages_.push_back(std::move(message)); }
  void reset() { messages_.clear(); }
  // Takes back the last message.
  void drop_last() { messages_.pop_back(); }
  const std::vector<Message>& messages() const { return messages_; }

  // The prompt for the next answer, with at least `reserve` tokens left for it. Control tokens count only where the
  // template writes them, not in what the messages say. Errors: invalid when the last message alone is too long, or
  // when the template refuses it.
  Prompt prompt(Thinking thinking, int64_t reserve);

 private:
  Prompt render(Thinking thinking) const;

  const TextModel& text_;
  int64_t context_;
  std::string system_;
  std::vector<Message> messages_;
};

}  // namespace cortland
