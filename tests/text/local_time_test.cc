#include "text/template/local_time.h"

#include <gmock/gmock.h>

namespace cortland::text {
namespace {

// From Python's datetime.
TEST(LocalTime, DaysOfTheYear) {
  const std::pair<LocalTime, std::string> cases[] = {
      {{2024, 12, 30}, "Mon 2025-W01-1 365 52 53"},
      {{2024, 12, 31}, "Tue 2025-W01-2 366 52 53"},
      {{2025, 1, 1}, "Wed 2025-W01-3 001 00 00"},
      {{2021, 1, 3}, "Sun 2020-W53-7 003 01 00"},
      {{2020, 12, 31}, "Thu 2020-W53-4 366 52 52"},
      {{2016, 2, 29}, "Mon 2016-W09-1 060 09 09"},
      {{2000, 3, 1}, "Wed 2000-W09-3 061 09 09"},
      {{1999, 12, 31}, "Fri 1999-W52-5 365 52 52"},
      {{2027, 1, 1}, "Fri 2026-W53-5 001 00 00"},
      {{2026, 12, 31}, "Thu 2026-W53-4 365 52 52"},
      {{1970, 1, 1}, "Thu 1970-W01-4 001 00 00"},
      {{2023, 1, 1}, "Sun 2022-W52-7 001 01 00"},
  };
  for (const auto& [time, want] : cases) EXPECT_EQ(print_time(time, "%a %G-W%V-%u %j %U %W"), want);
}

TEST(LocalTime, Hours) {
  EXPECT_EQ(print_time({2024, 1, 2, 0, 5, 9}, "%I:%M %p|%-I|%l|%k|%r|%e|%-d|%_d|%y|%C"),
            "12:05 AM|12|12| 0|12:05:09 AM| 2|2| 2|24|20");
  EXPECT_EQ(print_time({2024, 1, 2, 12, 0, 0}, "%I%p %c"), "12PM Tue Jan  2 12:00:00 2024");
}

TEST(LocalTime, OddFormatsAndDates) {
  EXPECT_EQ(print_time({}, "%q %-q %% %"), "%q %-q % %");
  EXPECT_EQ(print_time({-5, 99, 0, 99, -1, 400}, "%F %T"), "1-12-01 23:00:60");
}

}  // namespace
}  // namespace cortland::text
