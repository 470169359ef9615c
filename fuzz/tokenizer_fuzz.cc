// The input is a tokenizer.json; what it allows is then compiled, loaded, and asked to encode and decode.
#include "text/tokenizer_compiler.h"

#include "input.h"
#include "text/detokenizer.h"
#include "text/sections.h"

using namespace cortland;
using namespace cortland::text;

namespace {

constexpr std::string_view kText = "Hello, world! <s> 안녕 123\n\t  don't \U0001F600";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const portable::Result<std::string> image = compile_tokenizer(text_of(data, size), "");
  if (!image) {
    expect(image.message().starts_with("tokenizer.json"), "a failure says where");
    return 0;
  }
  const portable::Result<Tokenizer> tokenizer = Tokenizer::load(as_bytes(*image));
  expect(static_cast<bool>(tokenizer), "what was compiled can be loaded");
  const auto ids = tokenizer->encode(kText, {.add_special_tokens = true});
  if (!ids) return 0;
  const std::string whole = tokenizer->decode(*ids);
  DetokenizerStream stream(*tokenizer);
  std::string shown;
  for (const int32_t id : *ids) shown += stream.push(id);
  expect((shown + stream.finish()).size() <= whole.size(), "a stream shows no more than the whole text");
  return 0;
}
