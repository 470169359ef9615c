"""Converts at every precision and has Apple's tools read the packages and undo the compression."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

from conformance import judge

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASE = ROOT / "tests/golden/checkpoints/exaone4-full"
UNTIED = ROOT / "tests/golden/checkpoints/exaone3"
PRESETS = ["int8", "int4", "int4-asym", "lut4", "lut6", "lut8"]
BYTES_IN_BLOCKS = ("int8", "--block-size", 32)
FORMS = [("--profile", "ane"), ("--profile", "gpu"), ("--profile", "ane", "--target", "iOS17")]


def cortland(*arguments):
    done = subprocess.run([os.environ["CORTLAND"], *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: {done.stderr}{done.stdout}")
    return done.stdout


def nothing_else():
    """What coremltools does to weights, without its passes for graphs, which take most of the time. One that stays takes two reads of a
    state for the same value, though a write lies between them."""
    from coremltools.converters.mil.mil.passes.defs.cleanup.remove_redundant_ops import remove_redundant_ops
    from coremltools.converters.mil.mil.passes.pass_pipeline import PassPipeline

    if "read_state" not in remove_redundant_ops._NON_REDUNDANT_OPS:
        remove_redundant_ops._NON_REDUNDANT_OPS = (*remove_redundant_ops._NON_REDUNDANT_OPS, "read_state")
    return mock.patch.dict(PassPipeline._PIPELINE_NAME_TO_PASSES, default=[])


def decompress(source, target):
    """What coremltools makes of the weights when it undoes their compression."""
    import coremltools
    from coremltools.optimize.coreml import decompress_weights

    model = coremltools.models.MLModel(str(source), skip_model_load=True)
    with nothing_else():
        plain = decompress_weights(model)
    plain.user_defined_metadata.update(model.user_defined_metadata)
    plain.save(str(target))


class Precision(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cortland-precision-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def logits_of(self, package, checkpoint=CASE):
        ids = self.folder / "ids.txt"
        ids.write_text(" ".join(str(7 * i % 100) for i in range(12)))
        done = subprocess.run([os.environ["CORTLAND"], "verify", package, "--against", checkpoint, "--ids", ids, "--tokens", "12",
                               "--greedy", "1", "--json"], capture_output=True, text=True)
        view = json.loads(done.stdout)
        return view["logits"], view["kl"], view["perplexity"]

    def test_apple_reads_every_precision_in_every_form(self):
        ids = self.folder / "calibration.ids"
        ids.write_text(" ".join(str(7 * i % 100) for i in range(96)))
        calibrated = ("--calibrate", ids)
        cases = [(preset, *form) for preset in PRESETS for form in FORMS]
        cases += [(*BYTES_IN_BLOCKS, *FORMS[1]), ("lut4", *FORMS[0], *calibrated), ("int4", *FORMS[1], *calibrated), ("lut4", *FORMS[2], *calibrated)]
        packages, expected = [], 0
        for preset, *options in cases:
            packages.append(self.folder / f"{len(packages)}.mlpackage")
            cortland("convert", CASE, "-o", packages[-1], "--context", 64, "--quiet", "--precision", preset, *options)
            expected += 3 if "ane" in options and "--target" not in options else 2
        verdicts = [verdict for package in packages for verdict in judge(package)]
        self.assertEqual([(verdict.title, verdict.faults) for verdict in verdicts if verdict.faults], [])
        self.assertEqual(len(verdicts), expected)

    def test_apple_decompresses_to_the_same_weights(self):
        """Our reading of the codes against theirs: the weights of both packages are equal to the last bit, and so are the logits
        where their sums run in one order: those of int4 take the scale of a block behind its sum."""
        for preset, *options in [*((name,) for name in PRESETS), BYTES_IN_BLOCKS]:
            name = "-".join(map(str, [preset, *options]))
            ours, theirs = self.folder / f"{name}.mlpackage", self.folder / f"{name}-plain.mlpackage"
            cortland("convert", CASE, "-o", ours, "--context", 64, "--quiet", "--precision", preset, *options, "--profile", "gpu")
            decompress(ours, theirs)
            self.assertGreater(sum(f.stat().st_size for f in theirs.rglob("*") if f.is_file()),
                               1.2 * sum(f.stat().st_size for f in ours.rglob("*") if f.is_file()))
            measured = [self.logits_of(package) for package in (ours, theirs)]
            if preset == "int4":
                for ours_of, theirs_of in zip(*measured):
                    self.assertEqual(ours_of.keys(), theirs_of.keys())
                    for name, value in ours_of.items():
                        self.assertAlmostEqual(value / theirs_of[name] if theirs_of[name] else 1 + value, 1, places=4, msg=name)
            else:
                self.assertEqual(measured[0], measured[1], preset)
            self.assertGreater(measured[0][0]["max_abs"], 1e-4, preset)
            self.compare_by_diff(ours, theirs)

    def compare_by_diff(self, ours, theirs):
        """Apple's tool undid the compression, renamed what it liked and guards a look-up: all else is the same, and so are the values."""
        done = subprocess.run([os.environ["CORTLAND"], "diff", ours, theirs, "--json"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        view = json.loads(done.stdout)
        changes = [(change["kind"], change["type"]) for change in view["functions"][0]["changes"]]
        self.assertEqual(changes, [("changed", "gather"), *(("only_second", guard) for guard in ("greater_equal", "add", "select"))])
        self.assertLessEqual(set(view["weight_counts"]), {"equal", "recoded"})
        self.assertGreater(view["weight_counts"]["recoded"], 5)

    def test_what_is_pruned_and_compressed_is_read(self):
        """Sparse weights as codes, made by coremltools: the logits are those of what it decompresses."""
        import coremltools
        import coremltools.optimize.coreml as optimize

        half = self.folder / "half.mlpackage"
        # Its head is not tied: coremltools wants one form for a weight that two operations read.
        cortland("convert", UNTIED, "-o", half, "--context", 64, "--quiet", "--profile", "gpu")
        model = coremltools.models.MLModel(str(half), skip_model_load=True)
        magnitudes = optimize.OpMagnitudePrunerConfig(target_sparsity=0.6, weight_threshold=1024)
        palettes = optimize.OpPalettizerConfig(mode="uniform", nbits=4, granularity="per_grouped_channel", group_size=16, weight_threshold=1024)
        scales = optimize.OpLinearQuantizerConfig(mode="linear", dtype="int8", weight_threshold=1024)
        with nothing_else():
            small = optimize.prune_weights(model, optimize.OptimizationConfig(global_config=magnitudes))
            small = optimize.palettize_weights(small, optimize.OptimizationConfig(op_type_configs={"linear": palettes}), joint_compression=True)
            small = optimize.linear_quantize_weights(small, optimize.OptimizationConfig(op_type_configs={"gather": scales}), joint_compression=True)
        small.user_defined_metadata.update(model.user_defined_metadata)
        ours, theirs = self.folder / "joint.mlpackage", self.folder / "joint-plain.mlpackage"
        small.save(str(ours))
        operations = {op.type for op in small.get_spec().mlProgram.functions["main"].block_specializations["CoreML8"].operations}
        self.assertLessEqual({"constexpr_lut_to_sparse", "constexpr_sparse_blockwise_shift_scale"}, operations)
        decompress(ours, theirs)
        measured = [self.logits_of(package, UNTIED) for package in (ours, theirs)]
        self.assertEqual(measured[0], measured[1])
        self.assertGreater(measured[0][0]["max_abs"], 1e-4)


if __name__ == "__main__":
    unittest.main()
