// Writes the files that model_fuzz and weight_file_fuzz replace into a folder, for make_corpus.py.
#include <cstdio>

#include "package/sample.h"
#include "sample_package.h"

int main(int argc, char** argv) {
  using namespace cortland;
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_sample_seeds FOLDER\n");
    return 2;
  }
  disk().write_text(join_path(argv[1], "model.mlmodel"), files_of(sample_package()).at(kSampleModel));
  disk().write_text(join_path(argv[1], "weight.bin"), files_of(two_blobs()).at(kSampleWeights));
  return 0;
}
