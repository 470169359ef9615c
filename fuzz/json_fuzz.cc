// The input is any JSON document, as base reads it.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "input.h"

using namespace cortland;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const Json value = parse_json(text_of(data, size), "input");
    expect(parse_json(json_text(value), "dump") == value, "what was read can be written and read again");
  } catch (const Error&) {
  }
  return 0;
}
