"""Converts checkpoints of every structure in every form and has Apple's own readers judge the packages."""

import itertools
import os
import pathlib
import subprocess
import tempfile
import unittest

from conformance import judge

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECKPOINTS = [*sorted((ROOT / "tests/golden/checkpoints").glob("*")), ROOT / "models/demo"]
GPU_CASES = {"exaone4-full", "exaone4-hybrid", "demo", "bloom", "gemma2", "opt", "falcon-40b"}  # every way to know positions
GPU_MATMUL = {"exaone4-full", "exaone4-hybrid", "opt"}  # of bloom and gemma2 it is the only form
# Of the rest, those that add operations or inputs: caps, tables of positions, slopes, parallel branches, norms with biases and by head.
STRUCTURES = {"bloom", "exaone4-rope", "falcon-40b", "gemma2", "gpt2", "gpt-neox", "llama-gqa", "mpt", "opt", "phi3", "qwen3",
              "starcoder2"}
# Two layouts of EXAONE 4, whose third has a head that is split (the others of its kind repeat one of them).
FORMS = {"exaone4-full": [(), ("--attention", "sdpa")], "exaone4-hybrid": [(), ("--attention", "sdpa")],
         "exaone4-bigvocab": [(), ("--head-splits", "1")]}
# For iOS 17: what differs is the cache and the ends, so that a few families do, with and without learned positions and ALiBi.
OLD_CHECKPOINTS = ["demo", "exaone4-full", "exaone4-hybrid", "bloom", "gemma3-text", "gpt2", "llama-gqa"]


class Packages(unittest.TestCase):
    def judge(self, cases, functions):
        """Converts pairs of a checkpoint and options into packages with so many functions, has the checker judge them, and
        returns the facts that it found."""
        with tempfile.TemporaryDirectory(prefix="cortland-conformance-") as folder:
            packages = []
            for checkpoint, options in cases:
                output = f"{folder}/{checkpoint.name}-{len(packages)}"
                is_bundle = "--parts" in options
                output += "/" if is_bundle else ".mlpackage"
                subprocess.run([os.environ["CORTLAND"], "convert", checkpoint, "-o", output, "--quiet", *options], check=True)
                packages += sorted(pathlib.Path(output).glob("*.mlpackage")) if is_bundle else [output]
            verdicts = [verdict for package in packages for verdict in judge(pathlib.Path(package))]
            self.assertEqual([(verdict.title, verdict.faults) for verdict in verdicts if verdict.faults], [])
            self.assertEqual(len(verdicts), (1 + functions) * len(packages))
            return [verdict.facts for verdict in verdicts]

    def test_every_structure_in_the_forms_of_ane(self):
        # Packages of every checkpoint pass our own rules (tests/pipeline).
        self.judge([(checkpoint, ("--context", "64", "--prefill", "16", *form))
                    for checkpoint in CHECKPOINTS
                    for form in FORMS.get(checkpoint.name, [()] if checkpoint.name in STRUCTURES else [])], 2)

    def test_the_gpu_profile(self):
        self.judge([(checkpoint, ("--context", "50", "--profile", "gpu", *form))
                    for cases, form in ((GPU_CASES, ()), (GPU_MATMUL, ("--attention", "matmul")))
                    for checkpoint in CHECKPOINTS if checkpoint.name in cases], 1)

    def test_models_in_parts(self):
        cut = [checkpoint for checkpoint in CHECKPOINTS if checkpoint.name in ("exaone4-hybrid", "bloom", "opt-post")]
        graph = ("--embedding", "graph", "--precision", "int8")
        self.judge([(checkpoint, ("--context", "64", "--parts", "2", "--evaluate", "0", *form))
                    for checkpoint, form in [*((checkpoint, ()) for checkpoint in cut), (cut[0], graph)]], 2)
        self.judge([(cut[0], ("--context", "64", "--parts", "2", "--evaluate", "0", "--target", "iOS17"))], 1)

    def test_rings_and_several_contexts(self):
        by_name = {checkpoint.name: checkpoint for checkpoint in CHECKPOINTS}
        ring = ("--sliding-cache", "ring", "--evaluate", "0")
        self.judge([(by_name[name], ("--context", "64", "--prefill", "8", *ring, *form))
                    for name, form in [("exaone4-hybrid", ()), ("mistral-sliding", ()), ("exaone4-hybrid", ("--parts", "2"))]], 2)
        self.judge([(by_name["gemma3-text"], ("--context", "64", "--target", "iOS17", *ring)),
                    *((by_name[name], ("--context", "600", "--profile", "gpu", *ring)) for name in ("exaone4-hybrid", "mistral-sliding"))], 1)
        self.judge([(by_name["exaone4-hybrid"], ("--context", "32,64,128", "--prefill", "8", *ring))], 6)
        self.judge([(by_name["gemma3-text"], ("--context", "200,600", "--profile", "gpu", *ring))], 2)

    def test_the_form_for_ios_17(self):
        old = [checkpoint for checkpoint in CHECKPOINTS if checkpoint.name in OLD_CHECKPOINTS]
        self.assertEqual(len(old), len(OLD_CHECKPOINTS))
        # Weights below fp16 have other operations there.
        forms = [(), *(("--precision", precision) for precision in ("int8", "lut4"))]
        cases = [(checkpoint, ("--context", "64", "--target", "iOS17", *form))
                 for checkpoint, form in itertools.product(old, forms) if not form or checkpoint.name == "demo"]
        facts = self.judge(cases, 1)
        # The checker wants the version that the opset needs: 8 is that of CoreML7.
        self.assertEqual(sum(fact.startswith("specification 8, 1 functions") for fact in facts), len(cases), facts)


if __name__ == "__main__":
    unittest.main()
