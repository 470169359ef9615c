#include "base/sha256.h"

#include <gtest/gtest.h>

#include "base/memory_file.h"

namespace cortland {
namespace {

// FIPS 180-4 examples, and the million-letter message of the NIST test vectors.
constexpr std::string_view kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kTwoBlocks = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
constexpr std::string_view kMillion = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, KnownMessages) {
  EXPECT_EQ(sha256_of(""), kEmpty);
  EXPECT_EQ(sha256_of("abc"), kAbc);
  EXPECT_EQ(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), kTwoBlocks);
  EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')), kMillion);
}

TEST(Sha256, PiecesGiveTheSameDigest) {
  const std::string piece(999, 'a');
  Sha256 hash;
  for (size_t done = 0; done < 1'000'000; done += piece.size()) {
    hash.update(std::as_bytes(std::span(piece)).first(std::min(piece.size(), 1'000'000 - done)));
  }
  EXPECT_EQ(hash.finish(), kMillion);
}

TEST(Sha256, AFileIsReadInPiecesToItsEnd) {
  MemoryFileSystem files;
  files.write_text("empty", "");
  files.write_text("abc", "abc");
  const std::string long_text((1 << 20) * 2 + 17, 'x');  // two pieces and a rest
  files.write_text("long", long_text);
  EXPECT_EQ(sha256_of(*files.open("empty")), kEmpty);
  EXPECT_EQ(sha256_of(*files.open("abc")), kAbc);
  EXPECT_EQ(sha256_of(*files.open("long")), sha256_of(long_text));
}

}  // namespace
}  // namespace cortland
