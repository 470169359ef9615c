// Keeps OpenBLAS from starting threads.
//
// While it is loaded, before main(), OpenBLAS starts a thread per core. Nothing here wants them, because matrix
// products are threaded by their callers, and where memory is short they end the process before it can say why, or
// never let it end. OpenBLAS takes its number of threads from the environment alone, and of a program only the preinit
// array runs before its libraries do. setenv() is in vain there, because libc takes its environment later; so one entry
// is lent until main().
#include <string_view>

#if defined(__GLIBC__)

namespace {

constexpr std::string_view kName = "OPENBLAS_NUM_THREADS=";
char one_thread[] = "OPENBLAS_NUM_THREADS=1";

char** place = nullptr;
char* lent = nullptr;

// The entry of the same name if there is one, or else the last. An empty environment has none to lend.
void lend_entry(int, char**, char** environment) {
  for (char** entry = environment; *entry != nullptr; ++entry) {
    place = entry;
    if (std::string_view(*entry).starts_with(kName)) break;
  }
  if (place == nullptr) return;
  lent = *place;
  *place = one_thread;
}

[[gnu::constructor]] void give_back() {
  if (place != nullptr) *place = lent;
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const at_start)(int, char**, char**) = lend_entry;

}  // namespace

#endif
