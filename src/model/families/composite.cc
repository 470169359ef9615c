// Models that see or hear, of which the text part is converted.
#include "model/families/family.h"

#include <array>

namespace cortland {
namespace {

constexpr std::array<std::string_view, 3> kGemma3Ignored = {"*vision_tower.*", "*multi_modal_projector.*",
                                                            "*vision_model.*"};
constexpr std::array<std::string_view, 4> kExaoneIgnored = {"model.visual.*", "visual.*", "mtp.*", "model.mtp.*"};

constexpr std::array kCompositeFamilies = {
    CompositeRow{"exaone4_5", "Exaone4_5_ForConditionalGeneration", "exaone4", kExaoneIgnored},
    CompositeRow{"gemma3", "Gemma3ForConditionalGeneration", "gemma3_text", kGemma3Ignored},
};

}  // namespace

std::span<const CompositeRow> composite_families() { return kCompositeFamilies; }

}  // namespace cortland
