"""cortland inspect and cortland verify, as a user meets them."""

import json
import re
import unittest

from command import GOLDEN, CommandTest, read_tensors, write_tensors


class Inspect(CommandTest):
    def test_package(self):
        self.succeed("convert", GOLDEN / "exaone4-hybrid", "-o", "X.mlpackage", "--context", 64)
        text = self.succeed("inspect", "X.mlpackage")
        for word in ("specification version 9", "decode (default)", "mask_sliding fp16[1, 1, 1, 64]", "kv fp16[8, 2, 64, 32]",
                     "conv", "blobs of fp16", "cortland.contract", "No rule is broken."):
            self.assertIn(word, text)
        view = json.loads(self.succeed("inspect", "X.mlpackage", "--json"))
        self.assertEqual(view["metadata"]["cortland.contract"]["mask"]["inputs"][1], {"name": "mask_sliding", "window": 8})
        self.assertEqual(view["findings"], [])

    def test_operations(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64)
        text = self.succeed("inspect", "X.mlpackage", "--ops")
        self.assertIn("%layers_0_q: fp16[1, 128, 1, 1] = conv(", text)
        self.assertIn("write_state(", text)

    def test_checkpoint(self):
        text = self.succeed("inspect", GOLDEN / "exaone4-hybrid")
        for word in ("sliding window 8", "full attention, no position encoding", "F16", "This checkpoint can be converted."):
            self.assertIn(word, text)
        view = json.loads(self.succeed("inspect", GOLDEN / "exaone4-rope", "--json"))
        self.assertEqual(view["kind"], "checkpoint")
        self.assertEqual({t["file"] for t in view["tensors"]}, {f"model-0000{i}-of-00003.safetensors" for i in (1, 2, 3)})

    def test_checkpoint_that_cannot_be_converted(self):
        checkpoint = self.copy_checkpoint()
        self.edit_config(checkpoint, hidden_act="xielu")
        done = self.run_command("inspect", checkpoint)
        self.assertEqual(done.returncode, 3)
        self.assertIn('activation "xielu" is not supported', done.stdout)

    def test_broken_package(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64)
        weights = self.folder / "X.mlpackage/Data/com.apple.CoreML/weights/weight.bin"
        weights.write_bytes(weights.read_bytes()[:-1000])
        done = self.run_command("inspect", "X.mlpackage", "--json")
        self.assertEqual(done.returncode, 1)
        self.assertNotEqual(json.loads(done.stdout)["findings"], [])
        done = self.run_command("inspect", "X.mlpackage")
        self.assertIn("WRONG", done.stdout)

    def test_findings_of_one_rule_stand_together(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64)
        (self.folder / "X.mlpackage/Data/com.apple.CoreML/weights/weight.bin").unlink()
        text = self.run_command("inspect", "X.mlpackage").stdout
        lines = [line for line in text.splitlines() if "[blob-file]" in line]
        self.assertEqual(len(lines), 4)
        more = int(re.search(r"\[blob-file\] and (\d+) more$", lines[3])[1])
        findings = json.loads(self.run_command("inspect", "X.mlpackage", "--json").stdout)["findings"]
        self.assertEqual(sum(f["rule"] == "blob-file" for f in findings), 3 + more)
        self.assertIn("\n1 rule is broken.\n", text)
        self.assertEqual(self.run_command("inspect", "X.mlpackage", "--verbose").stdout.count("[blob-file]"), 3 + more)

    def test_package_that_cannot_be_read(self):
        (self.folder / "X.mlpackage").mkdir()
        (self.folder / "X.mlpackage/Manifest.json").write_text("{")
        done = self.run_command("inspect", "X.mlpackage")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.startswith("X.mlpackage: 1 byte, cannot be read\n"), done.stdout)
        self.assertEqual(done.stdout.count("Manifest.json"), 1)
        self.assertIn("1 rule is broken.", done.stdout)

    def test_verbose_shows_the_whole_contract(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64)
        self.assertIn("hint: --verbose shows the whole", self.succeed("inspect", "X.mlpackage"))
        text = self.succeed("inspect", "X.mlpackage", "--verbose")
        self.assertNotIn("hint: --verbose", text)
        line = next(line for line in text.splitlines() if "cortland.contract = " in line)
        self.assertEqual(json.loads(line.split(" = ", 1)[1])["version"], 1)

    def test_tensors_stand_apart_from_their_file(self):
        text = self.succeed("inspect", GOLDEN / "exaone4-rope", "--ops")
        self.assertRegex(text, r"\n  model-00001-of-00003\.safetensors  \S+ BF16 \[")

    def test_nothing_there(self):
        self.assertIn("there is no such package", self.fail_with(4, "inspect", "none.mlpackage"))


class Verify(CommandTest):
    def convert(self, source=GOLDEN / "exaone4-full"):
        self.succeed("convert", source, "-o", "X.mlpackage", "--context", 64, "--prefill", 8)

    def test_passes(self):
        self.convert()
        text = self.succeed("verify", "X.mlpackage", "--against", GOLDEN / "exaone4-full")
        for word in ("logit PSNR", "perplexity", "KL", "top-1 agreement", "greedy text", "decode = prefill", "activation",
                     "PASSED"):
            self.assertIn(word, text)

    def test_json_has_every_number(self):
        self.convert()
        for math in ("fp32", "fp16"):
            report = json.loads(self.succeed("verify", "X.mlpackage", "--against", GOLDEN / "exaone4-full", "--math", math,
                                             "--tokens", 20, "--json", "--probe"))
            self.assertTrue(report["passed"])
            self.assertEqual((report["math"], report["tokens"]), (math, 20))
            self.assertGreater(report["logits"]["psnr_db"], 55)
            self.assertEqual(len(report["activations"]), 3)
            self.assertEqual(report["greedy"]["checkpoint"], report["greedy"]["package"])
            self.assertIsNone(report["parting"])
            self.assertEqual(report["probes"][0]["place"], "embedding_x")

    def test_ids_from_a_file(self):
        self.convert()
        (self.folder / "ids.json").write_text("[1, 2, 3, 399]")
        report = json.loads(self.succeed("verify", "X.mlpackage", "--against", GOLDEN / "exaone4-full", "--ids", "ids.json",
                                         "--json"))
        self.assertEqual(report["tokens"], 4)
        (self.folder / "bad.txt").write_text("1 2 x3")
        message = self.fail_with(4, "verify", "X.mlpackage", "--against", GOLDEN / "exaone4-full", "--ids", "bad.txt")
        self.assertEqual(message, 'bad.txt: byte 4: got "x3", want token ids')
        (self.folder / "big.txt").write_text("1 400")
        message = self.fail_with(4, "verify", "X.mlpackage", "--against", GOLDEN / "exaone4-full", "--ids", "big.txt")
        self.assertEqual(message, "--ids: token 1: got id 400, want 0 to 399")

    def test_another_model_fails_and_the_probe_says_where(self):
        """A down projection of the second layer is changed after the conversion."""
        checkpoint = self.copy_checkpoint()
        self.convert(checkpoint)
        header, data = read_tensors(checkpoint / "model.safetensors")
        begin, end = header["model.layers.1.mlp.down_proj.weight"]["data_offsets"]
        other = b"".join(data[at:at + 2] for at in range(end - 2, begin - 2, -2))  # the same values, the last one first
        write_tensors(checkpoint / "model.safetensors", header, data[:begin] + other + data[end:])
        done = self.run_command("verify", "X.mlpackage", "--against", checkpoint, "--json", "--probe")
        self.assertEqual(done.returncode, 1, done.stderr)
        report = json.loads(done.stdout)
        self.assertFalse(report["passed"])
        self.assertEqual(report["parting"], "layers_1_out")

    def test_another_vocabulary(self):
        self.convert()
        message = self.fail_with(4, "verify", "X.mlpackage", "--against", GOLDEN / "exaone4-hybrid")
        self.assertIn("has a vocabulary of 400, but", message)


if __name__ == "__main__":
    unittest.main()
