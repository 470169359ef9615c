// Numbers as Python writes, reads and rounds them. Independent of the locale that an app may have set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cortland::text {

// The shortest decimal that gives the same number back: 1.0, 0.1, 1e+16, inf, nan.
std::string print_float(double value);
// `digits` behind the point. REQUIRES: 0 <= digits <= 400.
std::string print_fixed(double value, int digits);
// One digit before the point and `digits` behind it, and an exponent of two digits or more.
std::string print_scientific(double value, int digits);

// int(text, base): spaces around it, a sign, single underscores between digits. Nothing when it is none, or does not
// fit 64 bits. Base 0 reads the prefixes 0x, 0o and 0b.
std::optional<int64_t> parse_integer(std::string_view text, int base);
// float(text): as above, and inf and nan.
std::optional<double> parse_float(std::string_view text);

// Half to even, as Python's round; `digits` may be negative.
double round_to(double value, int64_t digits);

}  // namespace cortland::text
