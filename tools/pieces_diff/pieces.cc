// Reads {"kind": "normalizer" or "pre_tokenizer", "component": {...}, "texts": [...]} from standard input and prints
// for each text its pieces (a normalizer has one) in hexadecimal, on a line.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "portable/json.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/pre_tokenizer.h"

using namespace cortland;
using namespace cortland::text;

namespace {

void print_hex(std::string_view bytes) {
  for (const char c : bytes) std::printf("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  std::printf(" ");
}

int fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return 1;
}

}  // namespace

int main() {
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  const auto request = portable::parse_json(input);
  if (!request) return fail(request.message());
  const portable::JsonValue& component = *request->find("component");
  const bool cuts = *request->find("kind")->text() == "pre_tokenizer";
  const auto normalizer = cuts ? make_normalizer(portable::JsonValue(), "") : make_normalizer(component, "normalizer");
  const auto tokenizer = cuts ? make_pre_tokenizer(component, "pre_tokenizer") : make_pre_tokenizer({}, "");
  if (!normalizer) return fail(normalizer.message());
  if (!tokenizer) return fail(tokenizer.message());
  for (const portable::JsonValue& item : *request->find("texts")->array()) {
    std::string text = *item.text();
    if (cuts) {
      Pieces pieces = whole_piece(text, true);
      (*tokenizer)->split(pieces);
      for (const auto& [begin, end] : pieces.ranges) {
        print_hex(std::string_view(pieces.text).substr(begin, end - begin));
      }
    } else {
      (*normalizer)->normalize(text);
      print_hex(text);
    }
    std::printf("\n");
  }
}
