"""convert --calibrate and --folds, on the demo model: calibrated on conversations, measured on plain text."""

import json
import unittest

from command import GOLDEN, ROOT, CommandTest, tree

DEMO = ROOT / "models" / "demo"
TEXTS = ROOT / "tests" / "golden" / "demo"


class Calibration(CommandTest):
    def setUp(self):
        super().setUp()
        lines = (TEXTS / "heldout_chat.jsonl").read_text().splitlines()
        turns = [message["content"] for line in lines for message in json.loads(line)["messages"]]
        (self.folder / "chat.txt").write_text("\n".join(turns))
        (self.folder / "plain.txt").write_text((TEXTS / "heldout_plain.txt").read_text()[:2000])

    def convert(self, name, *options):
        self.succeed("convert", DEMO, "-o", name, "--context", 512, "--precision", "lut4", "--evaluate", 0, "--quiet", *options)
        return self.folder / name

    def test_calibrated_codes_are_closer_on_other_text(self):
        self.convert("plain.mlpackage")
        self.convert("calibrated.mlpackage", "--calibrate", "chat.txt")
        ids = json.loads(self.succeed("tokenize", "plain.text", (self.folder / "plain.txt").read_text(), "--json"))["ids"]
        (self.folder / "plain.ids").write_text(" ".join(map(str, ids)))

        def divergence(package):
            done = self.run_command("verify", package, "--against", DEMO, "--ids", "plain.ids", "--tokens", 240, "--greedy", 1, "--json")
            return json.loads(done.stdout)["kl"]["mean"]

        self.assertLess(divergence("calibrated.mlpackage"), 0.8 * divergence("plain.mlpackage"))

    def test_bytes_depend_on_the_ids_alone(self):
        one = self.convert("one.mlpackage", "--calibrate", "chat.txt", "--calibrate-tokens", 300, "--threads", 1)
        command = json.loads(self.succeed("inspect", "one.mlpackage", "--json"))["metadata"]["cortland.command"]
        self.assertRegex(command, r" --precision lut4 --calibrate sha256:[0-9a-f]{16} --calibrate-tokens 300 --profile ane ")
        (self.folder / "elsewhere").mkdir()
        (self.folder / "chat.txt").rename(self.folder / "elsewhere" / "other.txt")
        other = self.convert("other.mlpackage", "--calibrate", "elsewhere/other.txt", "--calibrate-tokens", 300, "--threads", 4)
        self.assertEqual(tree(one), tree(other))

    def test_summary_and_notes(self):
        text = self.succeed("convert", DEMO, "--dry-run", "--precision", "int4", "--profile", "gpu", "--calibrate", "chat.txt",
                            "--calibrate-tokens", 512)
        self.assertIn("int4 calibrated on 512 tokens, ", text)
        result = json.loads(self.succeed("convert", DEMO, "--dry-run", "--precision", "int8", "--calibrate", "chat.txt", "--json"))
        self.assertEqual(result["calibration_tokens"], 0)
        self.assertIn("--calibrate changes nothing: no weight has fewer than 8 bits", result["notes"])

    def test_errors(self):
        self.assertIn("nowhere.txt", self.fail_with(4, "convert", DEMO, "--precision", "int4", "--calibrate", "nowhere.txt"))
        (self.folder / "few.ids").write_text("1 2 3")
        message = self.fail_with(2, "convert", DEMO, "--precision", "int4", "--calibrate", "few.ids")
        self.assertIn("--calibrate few.ids: got 3 tokens, want at least 64", message)
        message = self.fail_with(2, "convert", GOLDEN / "exaone4-full", "--precision", "int4", "--calibrate", "chat.txt")
        self.assertIn("the checkpoint has no tokenizer that can be read, want ids", message)
        self.assertIn("got maybe, want off or on", self.fail_with(2, "convert", DEMO, "--folds", "maybe"))

    def test_folds_change_the_command(self):
        self.convert("X.mlpackage", "--folds", "on")
        command = json.loads(self.succeed("inspect", "X.mlpackage", "--json"))["metadata"]["cortland.command"]
        self.assertIn(" --precision lut4 --folds on ", command)


if __name__ == "__main__":
    unittest.main()
