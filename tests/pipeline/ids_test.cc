#include <gtest/gtest.h>

#include "base/failure.h"
#include "pipeline/verify.h"

namespace cortland {
namespace {

using Ids = std::vector<int32_t>;

TEST(Ids, AreSeparatedByAnythingPlain) {
  for (const char* text : {"1 20 300", "[1, 20, 300]", "1,20,300\n", "\t[1\n20]\r\n[300]"}) {
    EXPECT_EQ(parse_ids(text, "ids.txt"), (Ids{1, 20, 300})) << text;
  }
  EXPECT_EQ(parse_ids("2147483647", "ids.txt"), Ids{2147483647});
}

TEST(Ids, OtherTextIsRefused) {
  const auto failure_of = [](const char* text) { return failure([&] { parse_ids(text, "ids.txt"); }); };
  EXPECT_EQ(failure_of("1 2 x3"), R"(corrupt: ids.txt: byte 4: got "x3", want token ids)");
  EXPECT_EQ(failure_of("1.5"), R"(corrupt: ids.txt: byte 1: got ".5", want token ids)");
  EXPECT_EQ(failure_of("7 -1"), R"(corrupt: ids.txt: byte 2: got "-1", want token ids)");
  EXPECT_EQ(failure_of("2147483648"), R"(corrupt: ids.txt: byte 0: got "2147483648", want token ids)");
  EXPECT_EQ(failure_of("[]"), "corrupt: ids.txt: holds no token ids");
  EXPECT_EQ(failure_of(""), "corrupt: ids.txt: holds no token ids");
}

}  // namespace
}  // namespace cortland
