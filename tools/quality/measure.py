#!/usr/bin/env python3
"""Measures what each precision costs a model, next to what coremltools makes of the same float16 package.

Usage: PYTHON tools/quality/measure.py CORTLAND CHECKPOINT TEXT [--windows N] [--window N] [--calibrate FILE] [--only WORD]

PYTHON has coremltools and scikit-learn (bench/quantize/requirements.txt). Every package is run by `cortland verify` in fp32 math
against the checkpoint, on windows of the text, or with --windows 0 on as many as it has. KL is the mean over all tokens, and the standard
error of that mean by windows. Prints a Markdown table; --only leaves out the rows without a word.
"""

import argparse
import json
import logging
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

logging.disable(logging.WARNING)

OURS = [  # name, options
    ("float16", ("--profile", "gpu")),
    ("int8", ("--profile", "gpu")),
    ("int8, blocks of 32", ("--profile", "gpu", "--block-size", "32")),
    ("int4", ("--profile", "gpu")),
    ("int4, embedding too", ("--profile", "gpu", "--embedding-precision", "int4")),
    ("int4-asym", ("--profile", "gpu")),
    ("lut4", ("--profile", "gpu")),
    ("lut4, embedding too", ("--profile", "gpu", "--embedding-precision", "lut4", "--head-precision", "lut4")),
    ("lut6", ("--profile", "gpu")),
    ("lut8", ("--profile", "gpu")),
]
THEIRS = ["int8", "int8, blocks of 32", "int4", "lut4"]


def compress(source, name, target):
    """linear_quantize_weights and palettize_weights of coremltools with their defaults, in blocks and groups of 32."""
    import coremltools
    import coremltools.optimize.coreml as optimize
    from coremltools.converters.mil.mil.passes.defs.cleanup.remove_redundant_ops import remove_redundant_ops

    # Of its own passes, one takes two reads of a state for the same value, though a write lies between them.
    remove_redundant_ops._NON_REDUNDANT_OPS = (*remove_redundant_ops._NON_REDUNDANT_OPS, "read_state")
    model = coremltools.models.MLModel(str(source), skip_model_load=True)
    if name == "lut4":
        op = optimize.OpPalettizerConfig(mode="kmeans", nbits=4, granularity="per_grouped_channel", group_size=32)
        small = optimize.palettize_weights(model, optimize.OptimizationConfig(global_config=op))
    else:
        blocks = {"granularity": "per_block", "block_size": 32} if name != "int8" else {}
        op = optimize.OpLinearQuantizerConfig(mode="linear_symmetric", dtype=name.split(",")[0], **blocks)
        small = optimize.linear_quantize_weights(model, optimize.OptimizationConfig(global_config=op))
    small.user_defined_metadata.update(model.user_defined_metadata)
    small.save(str(target))


class Measure:
    def __init__(self, arguments, folder):
        self.cortland, self.checkpoint, self.window, self.folder = arguments.cortland, arguments.checkpoint, arguments.window, folder
        self.ids = []
        text = pathlib.Path(arguments.text).read_text(encoding="utf-8")
        self.convert("float16", ("--profile", "gpu"))
        ids = json.loads(self.run("tokenize", folder / "float16.text", "-", "--json", text=text))["ids"]
        windows = arguments.windows or len(ids) // self.window
        step = max(1, (len(ids) - self.window) // max(1, windows - 1))
        for number in range(windows):
            file = folder / f"ids{number}"
            file.write_text(" ".join(map(str, ids[number * step:number * step + self.window])))
            self.ids.append(file)

    def run(self, *arguments, text=None, check=True):
        return subprocess.run([self.cortland, *map(str, arguments)], check=check, input=text, capture_output=True, text=True).stdout

    def convert(self, name, options, extra=()):
        package = self.folder / f"{name.split(',')[0]}{len(list(self.folder.glob('*.mlpackage')))}.mlpackage" if name != "float16" \
            else self.folder / "float16.mlpackage"
        if not package.exists():
            self.run("convert", self.checkpoint, "-o", package, "--context", 512, "--precision", name.split(",")[0], "--evaluate", 0, "--quiet",
                     *options, *extra)
        return package

    def row(self, name, package):
        reports = [json.loads(self.run("verify", package, "--against", self.checkpoint, "--tokens", self.window, "--greedy", 1, "--ids", ids,
                                       "--json", check=False)) for ids in self.ids]
        mean = [sum(values) / len(reports) for values in zip(*(
            (r["kl"]["mean"], r["top1_agreement"], r["perplexity"]["package"] / r["perplexity"]["checkpoint"] - 1) for r in reports))]
        spread = statistics.stdev(r["kl"]["mean"] for r in reports) / math.sqrt(len(reports)) if len(reports) > 1 else math.nan
        size = sum(file.stat().st_size for file in package.rglob("weight.bin"))
        print(f"| {name} | {size / 1e6:.2f} MB | {mean[0]:.3g} | {spread:.1g} | {100 * mean[1]:.1f} % | {100 * mean[2]:+.2f} % |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cortland")
    parser.add_argument("checkpoint")
    parser.add_argument("text")
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--window", type=int, default=256)
    parser.add_argument("--calibrate")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cortland-quality-") as folder:
        folder = pathlib.Path(folder)
        measure = Measure(arguments, folder)
        print("| precision | weights | KL | +- | top-1 | perplexity |\n|---|---|---|---|---|---|")
        wanted = lambda name: arguments.only is None or arguments.only in name
        for name, options in OURS:
            if wanted(name):
                measure.row(name, measure.convert(name, options))
        if arguments.calibrate:
            for name in filter(wanted, ("int4, calibrated", "lut4, calibrated")):
                measure.row(name, measure.convert(name, ("--profile", "gpu"), ("--calibrate", arguments.calibrate)))
        for name in THEIRS:
            if not wanted(f"coremltools {name}"):
                continue
            package = folder / f"coremltools-{name}.mlpackage"
            compress(folder / "float16.mlpackage", name, package)
            measure.row(f"coremltools {name}", package)
    return 0


if __name__ == "__main__":
    sys.exit(main())
