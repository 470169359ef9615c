#include "cli/precision_options.h"

namespace cortland {

void add_precision_options(CLI::App& command, PrecisionOptions& options) {
  add_text(
      command, "--precision,--quant", "PRESET", options.precision,
      "of the weights: float16 (fp16), int8, int4, int4-asym, lut4, lut6, lut8, or keep for a checkpoint that is quantized; "
      "`cortland presets` tells about each (default: " +
          options.precision + ")");
  command
      .add_option("--block-size", options.block_size,
                  "columns that share a scale: 16, 32, 64 or 128 (default: 32 in int4 and int4-asym, all of a row in int8)")
      ->type_name("N");
  command.add_option("--group-size", options.group_size,
                     "output channels that share a table in lut4 and lut6; 0: all of a matrix (default: 32)")
      ->type_name("N");
  command
      .add_option("--embedding-precision", options.embedding,
                  "of the embedding; default: int8 unless --precision is float16")
      ->type_name("PRESET");
  command.add_option("--head-precision", options.head, "of the output head; default: int8, or lut8 beside palettes")
      ->type_name("PRESET");
  command
      .add_option("--keep", options.keep,
                  "precision of the tensors whose names match, for example '*.layers.0.*=float16'; may be repeated")
      ->type_name("PATTERN=PRESET");
}

void add_tuning_options(CLI::App& command, PrecisionOptions& options) {
  add_text(
      command, "--calibrate", "FILE", options.calibration.file,
      "a text, or ids (.ids, .json): weights of fewer than 8 bits are encoded so that what the model computes on it changes "
      "least; takes minutes for each billion of weights");
  add_number(command, "--calibrate-tokens", options.calibration.tokens, {64, kMaxTokens},
             "how many tokens of it are read");
  command
      .add_option(
          "--target-bpw", options.target_bpw,
          "bits for each parameter that the weight file may take: what --precision leaves of them goes to the tensors that gain "
          "most, in wider forms up to float16; every form of every weight is tried, which takes several times as long")
      ->type_name("BITS");
  add_choice<Folding>(
      command, "--folds", options.folding, {{"off", Folding::off}, {"on", Folding::on}},
      "whether powers of two move between neighbouring weights of fewer than 8 bits, which changes nothing but "
      "makes them easier to encode");
}

}  // namespace cortland
