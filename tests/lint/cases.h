// Small programs that break one rule each, beside ones that do not.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lint/lint.h"
#include "mil/builder.h"

namespace cortland::lint {

// Builds the function `main` from its input x, fp16 [1, 64, 1, 64], and returns the output.
using Body = std::function<mil::Value(mil::Builder& b, mil::Value x)>;
// What a builder refuses to make is planted afterwards.
using Change = std::function<void(Package& package)>;

struct Program {
  Body body;
  Change change = {};
};

struct Case {
  std::string rule, name;
  Program bad, good;
  std::string message;  // of the first finding, or a part of it
  Severity severity = Severity::error;
  std::string_view bad_chip = "", good_chip = "";  // "": any
  Unit unit = Unit::ane;
};

std::vector<Case> attention_cases();
std::vector<Case> compression_cases();
std::vector<Case> function_cases();
std::vector<Case> head_cases();
std::vector<Case> index_cases();
std::vector<Case> interface_cases();
std::vector<Case> number_cases();
std::vector<Case> operation_cases();
std::vector<Case> shape_cases();
std::vector<Case> size_cases();
std::vector<Case> state_cases();

Package make_package(const Program& program);

// x as it is: for rules that ask about something else.
mil::Value pass(mil::Builder& b, mil::Value x);
// x through a 1x1 convolution `conv` with 64 channels.
mil::Value convolved(mil::Builder& b, mil::Value x);
// In fp32.
mil::Value wide_output(mil::Builder& b, mil::Value x);
// relu of another input, `input`.
Body of_input(Shape shape);
// The operation of a name gets another type, one that mil/ does not have.
Change retype(std::string operation, std::string type);
// A parameter of an operation gets another constant.
Change set_literal(std::string operation, std::string parameter, mil::Literal literal);
void set_parameter(mil::Operation& operation, const std::string& parameter, std::vector<mil::Binding> bindings);
mil::Operation& find_operation(Package& package, std::string_view name);

// Weights of a shape, fp16 if nothing is said, whose bytes nobody may ask for.
mil::PayloadPtr sized_weights(Shape shape, DType dtype = DType::f16);
// One that a contract asks hosts for; `mask` is the value of masks.
std::string contract_text(double mask);

}  // namespace cortland::lint
