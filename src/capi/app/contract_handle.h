// A contract as its handles share it.
#pragma once

#include <cortland/host.h>

#include <memory>

#include "host/contract.h"

struct cortland_contract {
  std::shared_ptr<const cortland::host::Contract> contract;
};
