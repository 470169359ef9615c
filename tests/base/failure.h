// What a call throws, as text to compare: "corrupt: config.json: ...".
#pragma once

#include <string>

#include "base/error.h"

namespace cortland {

template <typename Call>
std::string failure(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error_code_name(error.code())) + ": " + error.what();
  }
  return "no error";
}

}  // namespace cortland
