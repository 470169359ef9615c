// Stands in for libFuzzer where there is none: runs a target on files, on every file of folders, and on random
// mutations of them. Deterministic: the same files and seed give the same inputs.
//
//   fuzz_NAME [--mutate N] [--seed S] [--save FILE] PATH...
//
// --save writes each input to FILE before it runs, so that the one that kills the process can be looked at.
#include <cstring>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "input.h"

namespace {

using cortland::FileKind;

struct Options {
  uint64_t mutations = 0;
  uint64_t seed = 1;
  std::string save;
  std::vector<std::string> paths;
};

Options parse_options(std::span<char*> arguments) {
  Options options;
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string name = arguments[i];
    if (!name.starts_with("--")) {
      options.paths.push_back(name);
      continue;
    }
    if (++i == arguments.size()) throw std::invalid_argument(name + " wants a value");
    if (name == "--mutate") {
      options.mutations = std::stoull(arguments[i]);
    } else if (name == "--seed") {
      options.seed = std::stoull(arguments[i]);
    } else if (name == "--save") {
      options.save = arguments[i];
    } else {
      throw std::invalid_argument(name + " is not known");
    }
  }
  return options;
}

std::vector<std::string> read_corpus(const std::vector<std::string>& paths) {
  cortland::FileSystem& files = cortland::disk();
  std::vector<std::string> corpus;
  for (const std::string& path : paths) {
    if (files.kind(path) == FileKind::directory) {
      for (const std::string& name : files.list(path)) {
        corpus.push_back(files.read_text(cortland::join_path(path, name)));
      }
    } else {
      corpus.push_back(files.read_text(path));
    }
  }
  return corpus;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, uint64_t seed) : corpus_(corpus), random_(seed) {}

  std::string next() {
    std::string text = any_input();
    for (size_t n = 1 + below(4); n > 0; --n) change(text);
    return text;
  }

 private:
  size_t below(size_t limit) { return limit == 0 ? 0 : static_cast<size_t>(random_() % limit); }
  const std::string& any_input() { return corpus_[below(corpus_.size())]; }

  // A part of `text`, at most 64 bytes.
  std::string part_of(const std::string& text) {
    const size_t at = below(text.size() + 1);
    return text.substr(at, below(64));
  }

  // Numbers that overflow, and words that begin something.
  std::string token() {
    constexpr uint64_t kNumbers[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                                     0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
    constexpr const char* kWords[] = {"{",
                                      "}",
                                      "[",
                                      "]",
                                      ",",
                                      ":",
                                      "\"",
                                      "\\u0000",
                                      "\\ud800",
                                      "null",
                                      "-1",
                                      "1e999",
                                      "18446744073709551615",
                                      "9223372036854775808",
                                      "0.5",
                                      "\xff",
                                      "{\"a\":",
                                      "[[[[[[[["};
    if (below(2) == 0) return kWords[below(std::size(kWords))];
    const uint64_t number = kNumbers[below(std::size(kNumbers))];
    std::string bytes(size_t{1} << below(4), '\0');
    std::memcpy(bytes.data(), &number, bytes.size());
    return bytes;
  }

  void change(std::string& text) {
    const size_t at = below(text.size() + 1);
    const size_t rest = text.size() - at;
    switch (below(7)) {
      case 0:
        if (rest > 0) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:
        if (rest > 0) text[at] = static_cast<char>(random_());
        break;
      case 2: text.erase(at, below(32)); break;
      case 3: text.insert(at, token()); break;
      case 4: text.replace(at, std::min<size_t>(rest, 8), token()); break;
      case 5: text.insert(at, part_of(any_input())); break;
      default: {
        const std::string part = part_of(text);
        text.replace(at, std::min(rest, part.size()), part);
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

void run(const std::string& input, const Options& options) {
  if (!options.save.empty()) cortland::disk().write_text(options.save, input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse_options(std::span(argv, static_cast<size_t>(argc)));
    const std::vector<std::string> corpus = read_corpus(options.paths);
    cortland::require(!corpus.empty(), cortland::ErrorCode::invalid, "no files to replay");
    for (const std::string& input : corpus) run(input, options);
    Mutator mutator(corpus, options.seed);
    for (uint64_t i = 0; i < options.mutations; ++i) run(mutator.next(), options);
    std::printf("%zu files, %zu mutations\n", corpus.size(), static_cast<size_t>(options.mutations));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
