// Good headers in every form, and the list of attacks of the format: each has its own message.
#include "checkpoint/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/failure.h"
#include "base/memory_file.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

std::vector<TensorEntry> read(const std::string& text, size_t file_index = 0) {
  MemoryFileSystem files;
  write_file(files, "m.safetensors", text);
  return read_safetensors(*files.open("m.safetensors"), file_index);
}

std::string failure_of(const std::string& text) {
  return failure([&] { read(text); });
}

// What reading says about a header with one tensor "w", whose entry is given, and 8 bytes of data.
std::string failure_of_entry(const std::string& entry) {
  return failure_of(raw_safetensors("{\"w\": " + entry + "}", "12345678"));
}

TEST(Safetensors, ReadsEntriesByOffset) {
  // The header has 183 bytes, so the data begins at an odd byte; the names are in another order than the data.
  const std::string header =
      R"({"a":{"dtype":"F32","shape":[1,2],"data_offsets":[2,10]},"b":{"shape":[],"data_offsets":[0,2],"dtype":"BF16"},)"
      R"("__metadata__":{"format":"pt"},"c":{"dtype":"U8","shape":[3],"data_offsets":[10,13]}})";
  const std::vector<TensorEntry> entries = read(raw_safetensors(header, "0123456789abc"), 7);
  ASSERT_EQ(entries.size(), 3u);
  const size_t data = 8 + header.size();
  EXPECT_EQ(data % 2, 1u);
  const TensorEntry want[] = {{"b", DType::bf16, {}, 2, 7, data},
                              {"a", DType::f32, {1, 2}, 8, 7, data + 2},
                              {"c", DType::u8, {3}, 3, 7, data + 10}};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(entries[i].name, want[i].name);
    EXPECT_EQ(entries[i].dtype, want[i].dtype);
    EXPECT_EQ(entries[i].shape, want[i].shape);
    EXPECT_EQ(entries[i].size_bytes, want[i].size_bytes);
    EXPECT_EQ(entries[i].file, want[i].file);
    EXPECT_EQ(entries[i].offset, want[i].offset);
  }
}

TEST(Safetensors, EveryElementTypeOfTheTableThatTheFormatHas) {
  int known = 0;
  for (const DTypeRow& row : dtype_rows()) {
    if (row.safetensors.empty()) continue;
    ++known;
    const std::string bytes(static_cast<size_t>(row.bits) / 8 * 3, 'x');
    const auto entries = read(safetensors_text({{"w", std::string(row.safetensors), {3}, bytes}}));
    EXPECT_EQ(entries.at(0).dtype, row.dtype) << row.safetensors;
  }
  EXPECT_EQ(known, 15);
}

TEST(Safetensors, AcceptsWhatTheFormatAllows) {
  const std::string cases[] = {
      raw_safetensors("{}", ""),
      raw_safetensors("{}      ", ""),
      raw_safetensors(R"({"__metadata__":{}})", ""),
      // Tensors without bytes: alone, before, between and behind others.
      safetensors_text({{"empty", "F16", {0}, ""}}),
      safetensors_text({{"e1", "F16", {4, 0}, ""}, {"w", "F16", {1}, "12"}, {"e2", "F32", {0, 9}, ""},
                        {"v", "F16", {1}, "34"}, {"e3", "F32", {0}, ""}}),
      safetensors_text({{"rank 8", "U8", {1, 1, 1, 1, 1, 1, 1, 1}, "x"}}),
      // Names are never paths, so any text will do.
      safetensors_text({{"../../a\nb", "U8", {1}, "x"}, {"\xea\xb0\x80", "U8", {1}, "x"}}),
      safetensors_text({{std::string(512, 'n'), "U8", {1}, "x"}}),
  };
  for (const std::string& text : cases) EXPECT_EQ(failure_of(text), "no error") << text;
}

TEST(Safetensors, RefusesABadLength) {
  const std::string good = safetensors_text({{"w", "F16", {2}, "1234"}});
  const auto bad_length = [](const std::string& got, const std::string& most) {
    return "corrupt: m.safetensors: header length at byte 0: got " + got + ", want at most " + most +
           "; hint: the file is truncated or no safetensors file";
  };
  const std::pair<std::string, std::string> cases[] = {
      {"", "corrupt: m.safetensors: got 0 bytes, want at least 8; hint: download it again"},
      {good.substr(0, 7), "corrupt: m.safetensors: got 7 bytes, want at least 8; hint: download it again"},
      {good.substr(0, 8), bad_length("56", "0")},
      {good.substr(0, 63), bad_length("56", "55")},
      {raw_safetensors("{}", "", 3), bad_length("3", "2")},
      {raw_safetensors("{}", "", UINT64_MAX), bad_length("18446744073709551615", "2")},
      {raw_safetensors("{}", "12345678", UINT64_MAX - 7), bad_length("18446744073709551608", "10")},
      {raw_safetensors("{}", "", uint64_t{1} << 63), bad_length("9223372036854775808", "2")},
      {raw_safetensors("", "", 0), "corrupt: m.safetensors: header at byte 8: want a JSON object"},
      {raw_safetensors("", "data", 0), "corrupt: m.safetensors: header at byte 8: want a JSON object"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(failure_of(text), want) << text.size();
}

TEST(Safetensors, NamesAGitLfsPointer) {
  EXPECT_EQ(failure_of("version https://git-lfs.github.com/spec/v1\noid sha256:0123456789abcdef\nsize 2558000000\n"),
            "corrupt: m.safetensors: is a Git LFS pointer, not the weights; hint: git lfs pull");
  EXPECT_THAT(failure_of("version 2 of something else, which is not shorter"),
              testing::HasSubstr("header length at byte 0"));
}

// A file that claims to be huge, and has no bytes but its first 8.
class HugeFile : public InputFile {
 public:
  explicit HugeFile(uint64_t header_size) : header_size_(header_size) {}
  const std::string& path() const override { return path_; }
  uint64_t size() const override { return uint64_t{1} << 40; }
  void read(uint64_t offset, std::span<std::byte> out) const override {
    require(offset == 0 && out.size() == 8, ErrorCode::io, "the header was read");
    store_le(out, 0, header_size_);
  }
  std::span<const std::byte> map() const override { return {}; }

 private:
  std::string path_ = "huge";
  uint64_t header_size_;
};

TEST(Safetensors, RefusesALongHeaderBeforeReadingIt) {
  EXPECT_EQ(
      failure([] { read_safetensors(HugeFile(100'000'001), 0); }),
      "corrupt: huge: header length at byte 0: got 100000001, want at most 100000000; hint: the file is truncated or "
      "no safetensors file");
  EXPECT_EQ(failure([] { read_safetensors(HugeFile(100'000'000), 0); }), "io: the header was read");
}

TEST(Safetensors, RefusesAHeaderThatIsNoObject) {
  const std::string at = "corrupt: m.safetensors: header";
  const std::pair<std::string, std::string> cases[] = {
      {"[]", " at byte 8: want a JSON object"},
      {" {}", " at byte 8: want a JSON object"},
      {"\n{}", " at byte 8: want a JSON object"},
      {"\xef\xbb\xbf{}", " at byte 8: want a JSON object"},
      {"null", " at byte 8: want a JSON object"},
      {"not JSON", " at byte 8: want a JSON object"},
      {"{", R"(: not valid JSON at line 1, column 2; got "{")"},
      {"{}x", R"(: not valid JSON at line 1, column 3; got "{}x")"},
      {std::string("{}\0{}", 5), R"(: not valid JSON at line 1, column 3; got "{}\x00")"},
      {"{\"\xff\": 1}", R"(: not valid JSON at line 1, column 3; got "{"\xff")"},
      {"{\"a\": " + std::string(10'000, '['), ": nested deeper than 64 levels"},
      {R"({"w": {"dtype": "U8", "dtype": "U8"}})", R"(: key "dtype" appears twice in one object)"},
      {R"({"w": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}, "w": {}})",
       R"(: key "w" appears twice in one object)"},
      {R"({"__metadata__": [], "__metadata__": {}})", R"(: key "__metadata__" appears twice in one object)"},
  };
  for (const auto& [header, want] : cases) EXPECT_EQ(failure_of(raw_safetensors(header, "")), at + want) << header;
}

TEST(Safetensors, RefusesMetadataThatIsNoText) {
  for (const std::string value : {"1", "null", "[]", R"({"a": 1})", R"({"a": "b", "c": {}})", R"({"a": null})"}) {
    EXPECT_EQ(failure_of(raw_safetensors("{\"__metadata__\": " + value + "}", "")),
              "corrupt: m.safetensors: __metadata__: want an object of strings");
  }
}

TEST(Safetensors, RefusesABadEntry) {
  const std::string at = "m.safetensors: tensor w: ", corrupt = "corrupt: " + at;
  const std::pair<std::string, std::string> cases[] = {
      {"3", "corrupt: m.safetensors: tensor w: got 3, want an object"},
      {"[]", "corrupt: m.safetensors: tensor w: got [], want an object"},
      {R"({"shape": [8], "data_offsets": [0, 8]})", corrupt + R"(key "dtype" is missing)"},
      {R"({"dtype": "U8", "data_offsets": [0, 8]})", corrupt + R"(key "shape" is missing)"},
      {R"({"dtype": "U8", "shape": [8]})", corrupt + R"(key "data_offsets" is missing)"},
      {R"({"dtype": "U8", "shape": [8], "data_offsets": [0, 8], "extra": 1})", corrupt + R"(key "extra" is not known)"},
      {R"({"dtype": 8, "shape": [8], "data_offsets": [0, 8]})", corrupt + "dtype: got 8, want a string"},
      {R"({"dtype": "U9", "shape": [8], "data_offsets": [0, 8]})",
       "unsupported: " + at + R"(dtype "U9" is not supported; want F16, BF16 or F32)"},
      {R"({"dtype": "", "shape": [8], "data_offsets": [0, 8]})",
       "unsupported: " + at + R"(dtype "" is not supported; want F16, BF16 or F32)"},
      {R"({"dtype": "F4", "shape": [16], "data_offsets": [0, 8]})",
       "unsupported: " + at + R"(dtype "F4" is not supported; want F16, BF16 or F32)"},
      {R"({"dtype": "U8", "shape": 8, "data_offsets": [0, 8]})",
       corrupt + "shape: got 8, want a list of at most 8 sizes"},
      {R"({"dtype": "U8", "shape": [8,1,1,1,1,1,1,1,1], "data_offsets": [0, 8]})",
       corrupt + "shape: got [8,1,1,1,1,1,1,1,1], want a list of at most 8 sizes"},
      {R"({"dtype": "U8", "shape": [-8], "data_offsets": [0, 8]})",
       corrupt + "shape: got -8, want an integer that is not negative"},
      {R"({"dtype": "U8", "shape": [8.0], "data_offsets": [0, 8]})",
       corrupt + "shape: got 8.0, want an integer that is not negative"},
      {R"({"dtype": "U8", "shape": ["8"], "data_offsets": [0, 8]})",
       corrupt + R"(shape: got "8", want an integer that is not negative)"},
      {R"({"dtype": "U8", "shape": [36893488147419103232], "data_offsets": [0, 8]})",
       corrupt + "shape: got 3.6893488147419103e+19, want an integer that is not negative"},
      {R"({"dtype": "U8", "shape": [9223372036854775808], "data_offsets": [0, 8]})",
       corrupt + "shape [9223372036854775808] overflows"},
      {R"({"dtype": "U8", "shape": [4294967296, 4294967296], "data_offsets": [0, 8]})",
       corrupt + "shape [4294967296,4294967296] overflows"},
      {R"({"dtype": "U8", "shape": [4294967296, 4294967296, 0], "data_offsets": [0, 0]})",
       corrupt + "shape [4294967296,4294967296,0] overflows"},
      {R"({"dtype": "U8", "shape": [0, 9223372036854775808], "data_offsets": [0, 0]})",
       corrupt + "shape [0,9223372036854775808] overflows"},
      {R"({"dtype": "F32", "shape": [4611686018427387904], "data_offsets": [0, 0]})",
       corrupt + "F32 [4611686018427387904] does not fill its 0 bytes; hint: the file is damaged"},
      {R"({"dtype": "U8", "shape": [9223372036854775807], "data_offsets": [1, 9223372036854775808]})",
       corrupt + "U8 [9223372036854775807] does not fill its 9223372036854775807 bytes; hint: the file is damaged"},
      {R"({"dtype": "U8", "shape": [8], "data_offsets": 8})", corrupt + "data_offsets: got 8, want [begin, end]"},
      {R"({"dtype": "U8", "shape": [8], "data_offsets": [0]})", corrupt + "data_offsets: got [0], want [begin, end]"},
      {R"({"dtype": "U8", "shape": [8], "data_offsets": [0, 8, 8]})",
       corrupt + "data_offsets: got [0,8,8], want [begin, end]"},
      {R"({"dtype": "U8", "shape": [8], "data_offsets": [-1, 8]})",
       corrupt + "data_offsets: got -1, want an integer that is not negative"},
      {R"({"dtype": "U8", "shape": [8], "data_offsets": [0, 8.5]})",
       corrupt + "data_offsets: got 8.5, want an integer that is not negative"},
      {R"({"dtype": "U8", "shape": [8], "data_offsets": [8, 0]})", corrupt + "data_offsets: begin 8 lies behind end 0"},
      {R"({"dtype": "U8", "shape": [7], "data_offsets": [0, 8]})",
       corrupt + "U8 [7] does not fill its 8 bytes; hint: the file is damaged"},
      {R"({"dtype": "F16", "shape": [], "data_offsets": [0, 8]})",
       corrupt + "F16 [] does not fill its 8 bytes; hint: the file is damaged"},
  };
  for (const auto& [entry, want] : cases) EXPECT_EQ(failure_of_entry(entry), want) << entry;
}

TEST(Safetensors, RefusesNamesThatAreNoText) {
  const auto named = [](const std::string& name) {
    return failure_of(safetensors_text({{name, "U8", {1}, "x"}}));
  };
  EXPECT_EQ(named(""), "corrupt: m.safetensors: tensor : want a name of 1 to 512 characters");
  EXPECT_EQ(named(std::string("a\0b", 3)),
            R"(corrupt: m.safetensors: tensor a\x00b: want a name of 1 to 512 characters)");
  EXPECT_EQ(named(std::string(513, 'n')),
            "corrupt: m.safetensors: tensor " + std::string(120, 'n') + "...: want a name of 1 to 512 characters");
}

TEST(Safetensors, RefusesDataThatDoesNotTileTheFile) {
  // Entries of bytes with the given ranges, in a file with 8 bytes of data.
  const auto ranges = [](std::vector<std::pair<uint64_t, uint64_t>> list) {
    std::string header;
    for (const auto& [begin, end] : list) {
      header += fmt::format("{}\"t{}\":{{\"dtype\":\"U8\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                            header.empty() ? "" : ",", header.size(), end - begin, begin, end);
    }
    return failure_of(raw_safetensors("{" + header + "}", "12345678"));
  };
  const std::string at = "corrupt: m.safetensors: ";
  EXPECT_EQ(ranges({{0, 4}, {4, 8}}), "no error");
  EXPECT_EQ(ranges({{4, 8}, {0, 4}}), "no error");
  EXPECT_EQ(ranges({{0, 5}, {4, 8}}), at + "tensor t52: begins at byte 4 of the data, want 5; the data overlaps");
  EXPECT_EQ(ranges({{0, 8}, {0, 8}}), at + "tensor t52: begins at byte 0 of the data, want 8; the data overlaps");
  EXPECT_EQ(ranges({{0, 8}, {2, 4}}), at + "tensor t52: begins at byte 2 of the data, want 8; the data overlaps");
  EXPECT_EQ(ranges({{0, 8}, {4, 4}}), at + "tensor t52: begins at byte 4 of the data, want 8; the data overlaps");
  EXPECT_EQ(ranges({{0, 3}, {4, 8}}), at + "tensor t52: begins at byte 4 of the data, want 3; the data has a gap");
  EXPECT_EQ(ranges({{1, 8}}), at + "tensor t0: begins at byte 1 of the data, want 0; the data has a gap");
  EXPECT_EQ(ranges({{UINT64_MAX, UINT64_MAX}}),
            at + "tensor t0: begins at byte 18446744073709551615 of the data, want 0; the data has a gap");
  EXPECT_EQ(ranges({{0, 9}}), at + "tensor t0: ends at byte 9 of the data, but the file has only 8; hint: the file is "
                                   "truncated, download it again");
  EXPECT_EQ(ranges({{0, 4}, {4, 1UL << 60}}),
            at + "tensor t52: ends at byte 1152921504606846976 of the data, but the file "
                 "has only 8; hint: the file is truncated, download it again");
  EXPECT_EQ(ranges({{0, 7}}), at + "1 bytes follow the last tensor; want none");
  EXPECT_EQ(ranges({}), at + "8 bytes follow the last tensor; want none");
}

TEST(Safetensors, EveryCutAndEveryChangedByteIsReadOrRefused) {
  const std::string good = safetensors_text({{"w", "F16", {2, 1}, "1234"}, {"v", "F32", {}, "5678"}});
  ASSERT_EQ(failure_of(good), "no error");
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(failure_of(good.substr(0, size)), "no error") << size;
    for (const int change : {1, 0x20, 0x80, 0xff}) {
      std::string text = good;
      text[size] = static_cast<char>(text[size] ^ change);
      const std::string message = failure_of(text);
      EXPECT_TRUE(message == "no error" || message.starts_with("corrupt: ") || message.starts_with("unsupported: "))
          << message;
    }
  }
}

}  // namespace
}  // namespace cortland
