// A moment as a clock on the wall shows it.
#pragma once

#include <string>
#include <string_view>

namespace cortland::text {

// Years count from 1, months and days too; of the Gregorian calendar.
struct LocalTime {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// Python's strftime with English names. A letter that means nothing stays as it is, with its %.
std::string print_time(const LocalTime& time, std::string_view format);

}  // namespace cortland::text
