#include "text/template/local_time.h"

#include <algorithm>

namespace cortland::text {
namespace {

constexpr std::string_view kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

// Days before the first of January of this year, since that of the year 1.
int days_before(int year) {
  const int past = year - 1;
  return past * 365 + past / 4 - past / 100 + past / 400;
}

// From 1.
int day_of_year(const LocalTime& time) {
  constexpr int kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return kBefore[time.month - 1] + time.day + (time.month > 2 && is_leap(time.year) ? 1 : 0);
}

// From 0, Sunday. The first day of the year 1 was a Monday.
int day_of_week(const LocalTime& time) { return (days_before(time.year) + day_of_year(time)) % 7; }

struct IsoWeek {
  int year;
  int week;
};

// The week with the year's first Thursday is the first one.
IsoWeek iso_week(const LocalTime& time) {
  const int day = day_of_year(time), monday = (day_of_week(time) + 6) % 7;
  const int week = (day - monday + 9) / 7;
  if (week == 0) return iso_week({time.year - 1, 12, 31});
  const int days = is_leap(time.year) ? 366 : 365;
  return week == 53 && days - day < 3 - monday ? IsoWeek{time.year + 1, 1} : IsoWeek{time.year, week};
}

// `flag`: '-' nothing in front, '_' spaces, '0' zeros; 0: what is usual for it.
std::string pad(int number, size_t width, char flag, char usual) {
  const char fill = flag == '-' ? '\0' : flag == '_' ? ' ' : flag == '0' ? '0' : usual;
  std::string text = std::to_string(number);
  if (fill != '\0' && text.size() < width) text.insert(0, width - text.size(), fill);
  return text;
}

std::string print_field(const LocalTime& time, char letter, char flag) {
  const int hour = time.hour % 12 == 0 ? 12 : time.hour % 12;
  const int weekday = day_of_week(time);
  const std::string_view day = kDays[weekday], month = kMonths[time.month - 1];
  switch (letter) {
    case 'a': return std::string(day.substr(0, 3));
    case 'A': return std::string(day);
    case 'b':
    case 'h': return std::string(month.substr(0, 3));
    case 'B': return std::string(month);
    case 'c': return print_time(time, "%a %b %e %H:%M:%S %Y");
    case 'C': return pad(time.year / 100, 2, flag, '0');
    case 'd': return pad(time.day, 2, flag, '0');
    case 'D':
    case 'x': return print_time(time, "%m/%d/%y");
    case 'e': return pad(time.day, 2, flag, ' ');
    case 'f': return "000000";
    case 'F': return print_time(time, "%Y-%m-%d");
    case 'g': return pad(iso_week(time).year % 100, 2, flag, '0');
    case 'G': return pad(iso_week(time).year, 4, flag, '0');
    case 'H': return pad(time.hour, 2, flag, '0');
    case 'I': return pad(hour, 2, flag, '0');
    case 'j': return pad(day_of_year(time), 3, flag, '0');
    case 'k': return pad(time.hour, 2, flag, ' ');
    case 'l': return pad(hour, 2, flag, ' ');
    case 'm': return pad(time.month, 2, flag, '0');
    case 'M': return pad(time.minute, 2, flag, '0');
    case 'n': return "\n";
    case 'p': return time.hour < 12 ? "AM" : "PM";
    case 'P': return time.hour < 12 ? "am" : "pm";
    case 'r': return print_time(time, "%I:%M:%S %p");
    case 'R': return print_time(time, "%H:%M");
    case 'S': return pad(time.second, 2, flag, '0');
    case 't': return "\t";
    case 'T':
    case 'X': return print_time(time, "%H:%M:%S");
    case 'u': return std::to_string(weekday == 0 ? 7 : weekday);
    case 'U': return pad((day_of_year(time) - 1 + 7 - weekday) / 7, 2, flag, '0');
    case 'V': return pad(iso_week(time).week, 2, flag, '0');
    case 'w': return std::to_string(weekday);
    case 'W': return pad((day_of_year(time) - 1 + 7 - (weekday + 6) % 7) / 7, 2, flag, '0');
    case 'y': return pad(time.year % 100, 2, flag, '0');
    case 'Y': return pad(time.year, 1, flag, '0');
    case 'z':
    case 'Z': return "";  // a time that knows no zone
    case '%': return "%";
    default: return (flag == '\0' ? std::string("%") : std::string("%") + flag) + letter;
  }
}

}  // namespace

std::string print_time(const LocalTime& given, std::string_view format) {
  // A date that is none must not read beyond the tables.
  const LocalTime time{std::clamp(given.year, 1, 9999), std::clamp(given.month, 1, 12),
                       std::clamp(given.day, 1, 31),    std::clamp(given.hour, 0, 23),
                       std::clamp(given.minute, 0, 59), std::clamp(given.second, 0, 60)};
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    char flag = '\0';
    const bool has_flag = std::string_view("-_0").find(format[i + 1]) != std::string_view::npos;
    if (has_flag && i + 2 < format.size()) flag = format[++i];
    out += print_field(time, format[++i], flag);
  }
  return out;
}

}  // namespace cortland::text
