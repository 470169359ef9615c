#include "cli/interrupt.h"

#include <signal.h>

#include <initializer_list>

namespace cortland {
namespace {

volatile sig_atomic_t first_signal = 0;

extern "C" void note_interrupt(int number) {
  if (first_signal != 0) {
    ::signal(number, SIG_DFL);
    ::raise(number);  // kills when this handler returns
  }
  first_signal = number;
}

void set_handlers(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
  }
}

}  // namespace

void catch_interrupts() { set_handlers(note_interrupt); }

void release_interrupts() {
  set_handlers(SIG_DFL);
  first_signal = 0;
}

int interrupt_signal() { return first_signal; }

void ignore_write_signals() {
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_IGN);
}

}  // namespace cortland
