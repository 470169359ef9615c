// What is known about packages that devices refuse, run elsewhere or run slowly: one row per rule.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tensor/shape.h"

namespace cortland::lint {

class Subject;
class Report;

enum class Severity { note, warning, error };  // error: the compute unit is known to refuse or to leave such a package
enum class Unit { ane, gpu };
enum class Scope { ane, gpu, any };
enum class Confidence {
  documented,  // by Apple: documentation, or source code of theirs
  measured,    // by others, on named hardware
  derived,     // from such facts
};

// All texts are sentences without their last period, but for `source`.
struct Rule {
  std::string_view id;        // its row in the sheet of practice: "L13"
  Severity severity;          // of its worst findings
  Scope scope;                // the unit whose packages it is about
  std::string_view sentence;  // what holds in a good package
  std::string_view why;       // what happens otherwise
  std::string_view advice;    // what to do
  std::string_view source;    // tags of docs/lint.md
  Confidence confidence;
  void (*check)(const Subject& subject, Report& report);
};

// Rules of one theme, in one file.
struct RuleGroup {
  std::string_view title;
  std::span<const Rule> rules;
};

struct Finding {
  const Rule* rule = nullptr;
  Severity severity = Severity::error;  // at most that of the rule
  std::string where;                    // "decode: layers_0_q (conv)"; empty: the package
  std::string message;                  // what; got, want
  std::string function = {};            // empty: the package
  std::string operation = {};           // the type of an operation: "conv"; empty: about no single one
};

using cortland::to_string;  // of shapes
std::string_view to_string(Severity severity);
std::string_view to_string(Unit unit);
std::string_view to_string(Scope scope);
std::string_view to_string(Confidence confidence);

}  // namespace cortland::lint
