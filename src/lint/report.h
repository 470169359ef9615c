// Takes the findings of one rule.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "lint/graph.h"
#include "lint/rule.h"

namespace cortland::lint {

class Report {
 public:
  Report(const Rule& rule, std::vector<Finding>& findings)
      : rule_(rule), severity_(rule.severity), findings_(findings) {}

  // The same for findings that are less bad. REQUIRES: less than that of the rule.
  Report milder(Severity severity) const {
    Report other = *this;
    other.severity_ = severity;
    return other;
  }

  // About an operation or a value of a graph.
  template <typename Place, typename... Args>
  void add(const Graph& graph, const Place& place, fmt::format_string<Args...> format, Args&&... args) const {
    findings_.push_back({&rule_, severity_, graph.title(place), fmt::format(format, std::forward<Args>(args)...),
                         graph.function().name, std::string(graph.type_of(place))});
  }
  // About a function.
  template <typename... Args>
  void add_function(const Graph& graph, fmt::format_string<Args...> format, Args&&... args) const {
    const std::string& name = graph.function().name;
    findings_.push_back({&rule_, severity_, name, fmt::format(format, std::forward<Args>(args)...), name});
  }
  // About the package.
  template <typename... Args>
  void add_package(fmt::format_string<Args...> format, Args&&... args) const {
    findings_.push_back({&rule_, severity_, "", fmt::format(format, std::forward<Args>(args)...)});
  }

 private:
  const Rule& rule_;
  Severity severity_;
  std::vector<Finding>& findings_;
};

}  // namespace cortland::lint
