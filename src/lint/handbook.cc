#include "lint/handbook.h"

#include <fmt/format.h>

#include "lint/rules.h"

namespace cortland::lint {
namespace {

constexpr std::string_view kIntroduction =
    R"(# What `cortland lint` knows

This page is printed by `cortland lint --rules`; a test compares the two.

    cortland lint X.mlpackage [--unit ane|gpu] [--chip m3] [--json]

Core ML moves what a compute unit cannot run to another one without a word. These are the published reasons, as rules
about the program of a package: any package, whoever wrote it. An *error* is known to keep a package from the unit, or
to make it wrong; the exit code is then 1. A *warning* costs speed or memory, or keeps it from some chips. A *note* is
worth knowing. Without `--chip` the limits of every chip count. `convert` runs the same rules on what it wrote.

The best that lint can say is "no known blocker". It never knows where a package will run: ask a device, with
MLComputePlan and then with a measurement.

The numbers are those of our sheet of practice; rules that it has and this page lacks are at the end. Nothing here was
measured by us.
)";

struct Remark {
  std::string_view what, why;
};

constexpr Remark kBlindness[] = {
    {"Where a package runs",
     "The compiler on the device decides, and every version of the system has another one. Fallbacks depend on things that no package tells"},
    {"Weights",
     "Constants of more than 1 MiB are not read: only their sizes count. `cortland inspect` reads all of them and finds NaN and "
     "infinity (L18), wrong offsets and broken records of the weight file (L50)"},
    {"Activations that overflow fp16 (L54)",
     "They depend on the weights and the text: `cortland verify --ranges` shows the largest ones of every layer, and "
     "`convert --fp16-scale` keeps them within fp16"},
    {"The ends of the parts of a model that was cut into packages (L57)",
     "Only our own packages say that they are such parts; L05 and L41 judge its inputs and "
     "outputs like all others"},
    {"tanh and gelu for Core AI (L30)", "Core AI is another framework, with another format"},
    {"How long a table of the app is (L45)",
     "Tables that come as inputs are made by the host; those inside the graph are judged"},
    {"Compressed weights on an M3 (L39)",
     "It is not known whether compressed or expanded bytes count, so that fp16 weights alone are judged"},
    {"The inside of control flow", "It is an error as such (L10), and what lies inside is not looked at"},
    {"Another order of operations",
     "What comes before the first float (L11, L12, L43) is told by the order in the program, which a compiler may change"},
    {"Positions in fp32 (L46)", "Angles that are computed in fp32 are right; on the Neural Engine L03 finds them"},
};

// Where a rule is read otherwise than the sheet writes it.
constexpr Remark kReadings[] = {
    {"L04, ids", "Inputs of a Core ML model cannot be uint16: int32 ids and positions are as good as it gets"},
    {"L07, joined parts",
     "Where parts of an output are joined at the end, the long axis is a note: the CPU takes over for good"},
    {"L11 and L43, lookups",
     "One at the beginning of a function is a warning (L43), which the sheet calls an error; after anything that computes it is an error (L11)"},
    {"L14, powers", "A constant exponent warns like any other"},
    {"L17 and L18, infinity", "-infinity warns, as one source found it harmless; other infinities and NaN are errors"},
    {"L22 and L23", "What changes axes between update and write is L23, everything else L22"},
    {"L25, fused attention",
     "The sheet asks about packages for iOS 26 only; those for older systems run there as well, so that every one counts"},
    {"L32, int4 with a scale for each channel",
     "A warning: it is not the form that fell to the CPU, nor one that is known to work"},
    {"L40, parts of a head", "The last one may be shorter. That none has more than 16384 rows is L07"},
    {"L47, blobs", "Weights of one name that differ are a warning: functions may be meant to differ"},
    {"L59", "Is not in the sheet. Without a state, ranges beside fixed shapes are known to work"},
    {"L33, L34, L49, L51", "Of the rules of the format these need no weights; `cortland inspect` has all of them"},
};

constexpr Source kSources[] = {
    {"ANE22", "Apple, Deploying Transformers on the Apple Neural Engine, 2022, with ml-ane-transformers"},
    {"ANM", "Anemll, source of 2025"},
    {"ANM-MIL", "Anemll, notes on graphs built by hand for the Neural Engine, 2025"},
    {"BOOK", "ane-book, 2026, measured on an M4 Max"},
    {"CAI-COMP", "apple/coreai-models, compression, 2026"},
    {"CAI-NE", "apple/coreai-models, rules for the Neural Engine, 2026; written for Core AI"},
    {"CAI-code", "apple/coreai-models, source, 2026"},
    {"CML", "john-rocky/CoreML-LLM, 2026, measured on an iPhone 17 Pro and an M4"},
    {"CT", "apple/coremltools, source of 2026"},
    {"CTdoc", "coremltools, guides"},
    {"ERR", "a report on the weight transfers of the M3, 2026, one machine"},
    {"ET", "pytorch/executorch, Core ML backend and its issues"},
    {"IRM", "jafreck/ironmill, 2026, measured on an M3 Pro without Core ML"},
    {"LMH", "notes on output heads on an M4 Pro, 2026"},
    {"MDX", "maderix/ANE, 2026, measured without Core ML"},
    {"MEAS", "a chapter on instruments for the Neural Engine, 2026, M4"},
    {"ORI", "the Orion paper, arXiv 2603.06728, without Core ML"},
    {"PLACE", "arXiv 2608.22110, a study of placement"},
    {"PROF", "Anemll/anemll-profile, 2026"},
    {"RE", "arXiv 2606.22283, on the hardware"},
    {"SMP", "smpanaro, more-ane-transformers and coreml-llm-cli, 2023 and 2024"},
    {"SqB", "SqueezeBits, on disaggregated inference, 2025, with EXAONE 4.0"},
    {"X", "derived from the others"},
    {"ZOO", "john-rocky/coreai-model-zoo, notes, 2026"},
    {"ct#2278", "an issue of apple/coremltools"},
    {"ct#2548", "an issue of apple/coremltools, with a program that fails"},
    {"ct#2631", "an issue of apple/coremltools"},
    {"ct#2650", "an issue of apple/coremltools"},
};

std::string paragraph(const Rule& rule) {
  return fmt::format("**{}** {}, for {}. {}.\n{}. *{}.*\n({}; {})\n\n", rule.id, to_string(rule.severity),
                     to_string(rule.scope), rule.sentence, rule.why, rule.advice, rule.source,
                     to_string(rule.confidence));
}

}  // namespace

std::span<const Source> sources() { return kSources; }

std::string handbook() {
  std::string text(kIntroduction);
  for (const RuleGroup& group : rule_groups()) {
    text += fmt::format("\n## {}\n\n", group.title);
    for (const Rule& rule : group.rules) text += paragraph(rule);
    text.pop_back();
  }
  text += "\n## What lint cannot see\n\n";
  for (const Remark& row : kBlindness) text += fmt::format("- **{}.** {}.\n", row.what, row.why);
  text += "\n## Where the sheet is read otherwise\n\n";
  for (const Remark& row : kReadings) text += fmt::format("- **{}.** {}.\n", row.what, row.why);
  text += "\n## Sources\n\n| | |\n|---|---|\n";
  for (const Source& source : kSources) text += fmt::format("| {} | {} |\n", source.tag, source.text);
  return text;
}

}  // namespace cortland::lint
