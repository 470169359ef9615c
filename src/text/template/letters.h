// Upper, lower and title case as in Python's str, and what repr() shows as it is.
#pragma once

#include "text/template/code_points.h"

namespace cortland::text {

std::string to_upper(std::string_view text);
std::string str_lower(std::string_view text);   // with the final sigma, which text/unicode.h's to_lower leaves out
std::string to_title(std::string_view text);    // every word: str.title
std::string capitalize(std::string_view text);  // the first letter only
bool is_upper(std::string_view text);           // str.isupper: some letter with case, none of them lower
bool is_lower(std::string_view text);
bool is_printable(char32_t point);
bool is_cased(char32_t point);

}  // namespace cortland::text
