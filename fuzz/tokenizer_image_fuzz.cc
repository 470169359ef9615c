// The input damages a good tokenizer image: its first byte chooses the image, then each five bytes are a place (u32)
// and what is put there. An image that can be loaded all the same must not do harm, whatever its tables say.
#include <cstring>
#include <string>
#include <vector>

#include "input.h"
#include "text/sections.h"
#include "text/tokenizer.h"
#include "text/tokenizer_compiler.h"

using namespace cortland;
using namespace cortland::text;

namespace {

constexpr const char* kTokenizers[] = {
    R"({"model":{"type":"BPE","byte_fallback":true,"unk_token":"<unk>","vocab":{"<unk>":0,"<0x0A>":1,"H":2,"e":3,"l":4,
        "He":5,"ll":6,"Hell":7,"\u2581":8,"\u2581w":9,"w":10},"merges":["H e","l l","He ll","\u2581 w"]},
        "normalizer":{"type":"Replace","pattern":{"String":" "},"content":"\u2581"},
        "added_tokens":[{"id":11,"content":"<s>","special":true,"lstrip":true},
        {"id":12,"content":"l\u2581","rstrip":true}],
        "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u2581"},"content":" "},
        {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
        "post_processor":{"type":"RobertaProcessing","sep":["<s>",11],"cls":["<s>",11]}})",
    R"({"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["\u2581",-2],["H",-3],["He",-4],["l",-3.5],
        ["llo",-5],["\u2581world",-6]]},
        "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always"},
        "decoder":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always"}})"};

std::vector<std::string> images() {
  std::vector<std::string> images;
  for (const char* json : kTokenizers) {
    const portable::Result<std::string> image = compile_tokenizer(json, "");
    expect(static_cast<bool>(image), "the samples compile");
    images.push_back(*image);
  }
  return images;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<std::string> kImages = images();
  if (size == 0) return 0;
  std::string image = kImages[data[0] % kImages.size()];
  for (size_t at = 1; at + 5 <= size; at += 5) {
    uint32_t place = 0;
    std::memcpy(&place, data + at, sizeof(place));
    image[place % image.size()] = static_cast<char>(data[at + 4]);
  }
  const portable::Result<Tokenizer> tokenizer = Tokenizer::load(as_bytes(image));
  if (!tokenizer) {
    expect(tokenizer.message().starts_with("tokenizer image: "), "a failure says where");
    return 0;
  }
  const auto ids = tokenizer->encode("Hello, world! <s> \uC548\uB155 l \n", {.add_special_tokens = true});
  if (ids) tokenizer->decode(*ids, {.skip_special_tokens = false});
  return 0;
}
