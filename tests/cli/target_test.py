"""cortland convert --target: older systems, what they lack, and packages for them in use."""

import json
import unittest

from command import GOLDEN, ROOT, CommandTest, tree
from demo_model import CONTEXT, DemoModelTest

CHECKPOINT = GOLDEN / "exaone4-full"
FALLBACK = "attention is lowered as matmul, not sdpa: the target has no fused op"


class Target(CommandTest):
    def convert(self, *options):
        return json.loads(self.succeed("convert", CHECKPOINT, "-o", "X.mlpackage", "--context", 64, "--overwrite", "--json",
                                       *options))

    def inspect(self):
        return json.loads(self.succeed("inspect", "X.mlpackage", "--json"))

    def test_every_name_in_any_case(self):
        for name, functions, version in (("iOS17", ["main"], 8), ("MACOS14", ["main"], 8), ("ios18", ["decode", "prefill"], 9),
                                         ("macOS15", ["decode", "prefill"], 9), ("IOS26", ["decode", "prefill"], 9),
                                         ("macos26", ["decode", "prefill"], 9)):
            result = self.convert("--target", name)
            self.assertEqual([f["name"] for f in result["functions"]], functions, name)
            self.assertEqual(self.inspect()["specification_version"], version, name)

    def test_a_target_is_a_ceiling(self):
        """For iOS 26 nothing newer is needed than for iOS 18."""
        self.convert()
        before = tree(self.folder / "X.mlpackage")
        self.convert("--target", "iOS26")
        self.assertEqual(tree(self.folder / "X.mlpackage"), before)

    def test_the_package_for_ios_17(self):
        result = self.convert("--target", "iOS17")
        self.assertEqual((result["prefill"], result["fallbacks"]), (8, []))
        self.assertEqual(result["functions"][0]["states"], [])
        view = self.inspect()
        self.assertEqual(view["findings"], [])
        self.assertEqual([f["opset"] for f in view["functions"]], ["CoreML7"])
        self.assertIn("--target iOS17", view["metadata"]["cortland.command"])
        self.assertEqual(view["metadata"]["cortland.contract"]["cache"]["kind"], "explicit")
        text = self.succeed("convert", CHECKPOINT, "-o", "X.mlpackage", "--context", 64, "--overwrite", "--target", "iOS17",
                            "--prefill", 4)
        self.assertIn("past_keys fp16[2, 2, 60, 32]", text)
        self.assertNotIn("state", text)
        self.assertIn("PASSED", self.succeed("verify", "X.mlpackage", "--against", CHECKPOINT))

    def test_what_a_target_lacks_is_said_everywhere(self):
        done = self.run_command("convert", CHECKPOINT, "-o", "X.mlpackage", "--context", 64, "--target", "iOS17", "--attention",
                                "sdpa", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["fallbacks"], [FALLBACK])
        self.assertEqual(json.loads(done.stdout)["attention"], "matmul")
        self.assertEqual(self.inspect()["metadata"]["cortland.fallbacks"], [FALLBACK])
        done = self.run_command("convert", CHECKPOINT, "--context", 64, "--target", "iOS17", "--attention", "sdpa", "--dry-run")
        self.assertIn(f"note: {FALLBACK}\n", done.stderr)

    def test_strict(self):
        message = self.fail_with(3, "convert", CHECKPOINT, "-o", "X.mlpackage", "--target", "iOS17", "--attention", "sdpa",
                                 "--strict")
        self.assertIn(FALLBACK, message)
        message = self.fail_with(3, "convert", GOLDEN / "gemma2", "-o", "X.mlpackage", "--context", 32, "--attention", "sdpa",
                                 "--strict")
        self.assertIn("the fused op knows neither capped scores nor ALiBi", message)
        self.nothing_left()
        self.convert("--target", "iOS17", "--strict")

    def test_a_target_that_is_none(self):
        message = self.fail_with(3, "convert", CHECKPOINT, "--target", "iOS16")
        self.assertEqual(message, "--target: got iOS16, want iOS17 or macOS14 or iOS18 or macOS15 or iOS26 or macOS26; hint: "
                                  "other values are not supported by this version")

    def test_the_bundle(self):
        self.succeed("convert", CHECKPOINT, "-o", "X/", "--context", 64, "--target", "iOS17", "--attention", "sdpa")
        card = (self.folder / "X" / "README.md").read_text()
        self.assertIn("| systems | iOS 17, macOS 14 and later |\n", card)
        self.assertRegex(card, r"\| float32 \| [5-9]\d dB \|")
        command = next(line for line in card.splitlines() if line.startswith("    cortland convert"))
        options = command.split()[2:-3]  # without -o X/ exaone4-full
        self.succeed("convert", *options, "-o", "Again.mlpackage", CHECKPOINT)
        self.assertEqual(tree(self.folder / "Again.mlpackage"), tree(self.folder / "X" / "X.mlpackage"))


class Answers(DemoModelTest):
    """The bundled model says the same with a cache of its own and with one that the host keeps."""

    def test_answers_and_a_second_turn_and_one_taken_back(self):
        self.succeed("convert", ROOT / "models" / "demo", "-o", "Old.mlpackage", "--context", CONTEXT, "--target", "iOS17")
        lines = ("Who are you?\nHow do you say apple in Korean?\n/reset\n"
                 "How do you say apple in Korean?\nWhat is the opposite of big?\n")

        def chat(package):
            done = self.run_command("chat", package, "--temp", 0, "-n", 40, "--json", input=lines)
            self.assertEqual(done.returncode, 0, done.stderr)
            keys = ("text", "ids", "finish_reason", "prompt_tokens", "reused_tokens")
            return [{key: answer[key] for key in keys} for answer in map(json.loads, done.stdout.splitlines())]

        answers = chat("Old.mlpackage")
        self.assertEqual(len(answers), 4)
        self.assertGreater(answers[1]["reused_tokens"], 0)
        self.assertEqual(answers, chat(self.package))

    def test_the_context_fills(self):
        self.succeed("convert", ROOT / "models" / "demo", "-o", "Old.mlpackage", "--context", 64, "--target", "iOS17")
        done = self.succeed("run", "Old.mlpackage", "--raw", "-p", "Once there was a cat. " * 9, "--temp", 50, "--top-k", 0,
                            "--top-p", 1, "--seed", 1, "--json")
        last = json.loads(done.splitlines()[-1])
        self.assertEqual(last["finish_reason"], "context")
        self.assertEqual(last["prompt_tokens"] + len(last["ids"]), 65)


if __name__ == "__main__":
    unittest.main()
