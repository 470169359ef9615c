// The list that the parts of the check fill.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "package/check.h"

namespace cortland {

class Findings {
 public:
  // `rule` is one of package_rules().
  template <typename... Args>
  void add(std::string_view rule, std::string where, fmt::format_string<Args...> format, Args&&... args) {
    list_.push_back({std::string(rule), std::move(where), fmt::format(format, std::forward<Args>(args)...)});
  }
  size_t size() const { return list_.size(); }
  std::vector<Finding> take() { return std::move(list_); }

  // Runs `body`; its Error becomes a finding of `rule`. Errors of the machine pass through.
  template <typename Body>
  bool attempt(std::string_view rule, const std::string& where, const Body& body) {
    try {
      body();
      return true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::io) throw;
      add(rule, where, "{}", error.what());
      return false;
    }
  }

 private:
  std::vector<Finding> list_;
};

}  // namespace cortland
