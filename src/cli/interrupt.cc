#include "cli/interrupt.h"

#include <signal.h>

#include <initializer_list>

namespace cortland {
namespace {

volatile sig_atomic_t interrupted = 0;

extern "C" void note_interrupt(int) { interrupted = 1; }

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
}

bool is_interrupted() { return interrupted != 0; }

}  // namespace cortland
