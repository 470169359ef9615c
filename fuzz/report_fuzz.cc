// The input is a report of a device.
#include "base/error.h"
#include "input.h"
#include "pipeline/device_report.h"

using namespace cortland;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    for (const DeviceRecord& record : parse_device_report(text_of(data, size), "report")) {
      for (const std::string& function : planned_functions(record)) {
        const double share = placed_share(record, function).value_or(0);
        expect(share >= 0 && share <= 1, "a share is a part of all");
      }
      for (const PlacementFact& fact : placement_facts(record)) {
        expect(fact.elsewhere >= 0 && fact.elsewhere <= fact.all, "what is elsewhere is a part of all");
        expect(fact.kind != PlacementFact::Kind::unpredicted || fact.rule.empty(), "what is not predicted has no rule");
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
