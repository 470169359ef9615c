// While a package or an answer is made, Ctrl-C, SIGTERM and SIGHUP end the work in order: what is half-written is
// removed. A second signal ends it at once, as the first one does before.
#pragma once

#include <string_view>

namespace cortland {

// Thrown by ConsoleProgress between two steps of the work.
struct Interrupted {
  std::string_view consequence = "nothing was left behind";
};

// A signal that the caller of the program has ignored stays so (nohup, background jobs).
void catch_interrupts();
// The first signal; 0 when there was none.
int interrupt_signal();
// Back to what signals do by themselves. One that came is forgotten.
void release_interrupts();

// A closed pipe or a limit on the size of files becomes the error of a write instead of the end of the process.
void ignore_write_signals();

}  // namespace cortland
