// An answer as it comes, its reasoning told from the rest.
#pragma once

#include <functional>
#include <string>

#include "pipeline/generator.h"
#include "text/reasoning.h"

namespace cortland {

class AnswerStream {
 public:
  // Gets what is new, one of the two maybe empty.
  using Show = std::function<void(const text::ReasoningSplitter::Pieces& pieces)>;

  // `prompt`: rendered; it may have opened the reasoning already.
  AnswerStream(const std::string& prompt, Show show);

  // Runs until the answer ends or Ctrl-C ends it.
  GenerationResult generate(Generator& generator, const GenerationRequest& request);

  const std::string& answer() const { return answer_; }
  const std::string& reasoning() const { return reasoning_; }

 private:
  void take(const text::ReasoningSplitter::Pieces& pieces);

  text::ReasoningSplitter splitter_;
  Show show_;
  std::string answer_, reasoning_;
};

}  // namespace cortland
