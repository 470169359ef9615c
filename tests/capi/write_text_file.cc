// Writes the text file of the fixture to the given path.
#include <fstream>

#include "capi/fixture.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const fixture_bytes file = fixture_text_file();
  std::ofstream out(argv[1], std::ios::binary);
  out.write(file.bytes, static_cast<std::streamsize>(file.size));
  return out.flush() ? 0 : 1;
}
