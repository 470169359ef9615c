// Text as Python sees it: a string of code points. A byte that is no UTF-8 counts as the code point 0xDC00 + byte, so
// that nothing is lost and nothing fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cortland::text {

using CodePoints = std::u32string;

CodePoints decode_utf8(std::string_view bytes);
std::string encode_utf8(std::u32string_view points);
void append_code_point(char32_t point, std::string& out);
size_t count_code_points(std::string_view bytes);
// Bytes of the first code point. REQUIRES: not empty.
size_t code_point_size(std::string_view bytes);

bool is_space(char32_t point);       // str.isspace
bool is_line_end(char32_t point);    // where str.splitlines splits
// Without the spaces at its ends.
std::string_view trim_start(std::string_view text);
std::string_view trim_end(std::string_view text);

}  // namespace cortland::text
