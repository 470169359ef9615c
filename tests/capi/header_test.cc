// The headers of the C API in a C++17 program.
#include <cortland/host.h>
#include <cortland/interp.h>
#include <cortland/text.h>

#include <type_traits>

static_assert(__cplusplus == 201703L, "this file is to be compiled as C++17");
static_assert(sizeof(cortland_status) == 4 && sizeof(cortland_number) == 4, "enumerations have a fixed size");
static_assert(std::is_trivially_copyable_v<cortland_chat> && std::is_standard_layout_v<cortland_sampling>);
static_assert(std::is_trivially_copyable_v<cortland_array> && std::is_standard_layout_v<cortland_interp_input>);
static_assert(noexcept(cortland_text_free(nullptr)) && noexcept(cortland_chat_default()));

int main() {
  const bool same = cortland_text_abi_version() == CORTLAND_TEXT_ABI_VERSION &&
                    cortland_host_abi_version() == CORTLAND_HOST_ABI_VERSION;
  return same && cortland_chat_default().size == sizeof(cortland_chat) ? 0 : 1;
}
