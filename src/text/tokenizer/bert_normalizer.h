// BertNormalizer of tokenizer.json.
#pragma once

#include <memory>

#include "text/tokenizer/component.h"
#include "text/tokenizer/normalizer.h"

namespace cortland::text {

std::unique_ptr<const Normalizer> make_bert_normalizer(Component& component);

}  // namespace cortland::text
