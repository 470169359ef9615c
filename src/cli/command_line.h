// Reads the command line. CLI11 knows the options and writes the help; what is wrong is said here, in the form that
// every message has.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cortland {

// `words` is what follows the name of the program. False: they ask for help or the version, which is printed now.
// Errors: invalid.
bool read_command_line(CLI::App& app, std::vector<std::string> words);

}  // namespace cortland
