#include "cli/answer_stream.h"

#include "cli/interrupt.h"

namespace cortland {
namespace {

text::ReasoningSplitter make_splitter(const std::string& prompt) {
  text::ReasoningSplitter::Options options;
  options.is_open = text::ReasoningSplitter::is_opened_by(prompt, options);
  return text::ReasoningSplitter(options);
}

}  // namespace

AnswerStream::AnswerStream(const std::string& prompt, Show show)
    : splitter_(make_splitter(prompt)), show_(std::move(show)) {}

GenerationResult AnswerStream::generate(Generator& generator, const GenerationRequest& request) {
  const GenerationResult result = generator.generate(request, [&](std::string_view piece) {
    take(splitter_.add(piece));
    return interrupt_signal() == 0;
  });
  take(splitter_.finish());
  return result;
}

void AnswerStream::take(const text::ReasoningSplitter::Pieces& pieces) {
  answer_ += pieces.answer;
  reasoning_ += pieces.reasoning;
  show_(pieces);
}

}  // namespace cortland
