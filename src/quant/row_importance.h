// How much the errors of a row count where what the row gives is multiplied by a number that is known.
#pragma once

#include <span>
#include <vector>

namespace cortland {

// The squares of the gains of a norm behind a matrix, one for each row, 1 on average: a norm divides the whole by one
// number, so the error of a row reaches what follows times its gain. Empty when all gains are 0.
std::vector<float> row_importance(std::span<const float> gains);

}  // namespace cortland
