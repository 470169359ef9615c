// Ctrl-C and SIGTERM end long work in order: what is half-written is removed. A second signal ends it at once.
#pragma once

namespace cortland {

// Thrown by ConsoleProgress between two steps of long work.
struct Interrupted {};

void catch_interrupts();
bool is_interrupted();

}  // namespace cortland
