// The input is what the Hub says a repository holds.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "hub/selection.h"
#include "input.h"

using namespace cortland;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const Listing listing = parse_listing(text_of(data, size), "listing");
    for (const RepositoryFile& file : listing.files) {
      expect(is_safe_file_name(file.name) && file.name.find("/../") == std::string::npos && file.name.front() != '/',
             "names stay below their folder");
      expect(file.size <= kMaxRepositoryFile && (file.digest.empty() || is_blob_digest(file.digest)),
             "sizes and digests are checked");
    }
    for (const RepositoryFile& file : choose_description(listing, "x")) {
      expect(listing.find(file.name) != nullptr, "it is one of them");
    }
    choose_weights(listing, R"({"weight_map": {"a": "a.safetensors"}})", "x");
  } catch (const Error&) {
  }
  return 0;
}
