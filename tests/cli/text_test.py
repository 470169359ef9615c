"""cortland tokenize, detokenize, template and perplexity."""

import json
import unittest

from command import GOLDEN, ROOT
from demo_model import DemoModelTest

DEMO = ROOT / "tests" / "golden" / "demo"
REFERENCE = json.loads((DEMO / "reference.json").read_text())
QUESTION = REFERENCE["transcripts"][0]


class Text(DemoModelTest):
    def test_a_template_gives_the_ids_of_the_reference(self):
        messages = json.dumps(QUESTION["messages"])
        rendered = json.loads(self.succeed("template", self.package, messages, "--json"))
        self.assertEqual(rendered["ids"], QUESTION["prompt_ids"])
        self.assertEqual(self.succeed("template", self.text_file, messages), rendered["prompt"])
        self.assertEqual(json.loads(self.succeed("tokenize", self.package, rendered["prompt"], "--json"))["ids"],
                         QUESTION["prompt_ids"])

    def test_ids_and_back(self):
        text = "Emma has 3 apples. 하나는 열쇠를 2개 가지고 있어요.\n"
        report = json.loads(self.succeed("tokenize", self.text_file, text, "--json"))
        self.assertEqual(len(report["ids"]), len(report["tokens"]))
        ids = " ".join(map(str, report["ids"]))
        self.assertEqual(json.loads(self.succeed("detokenize", self.package, ids, "--json"))["text"], text)
        lines = self.succeed("tokenize", self.text_file, text).splitlines()
        self.assertEqual([int(line.split()[0]) for line in lines], report["ids"])

    def test_control_tokens(self):
        recognized = json.loads(self.succeed("tokenize", self.package, "[|endofturn|]", "--json"))["ids"]
        self.assertEqual(recognized, [6])
        plain = json.loads(self.succeed("tokenize", self.package, "[|endofturn|]", "--plain", "--json"))["ids"]
        self.assertNotIn(6, plain)
        ids = " ".join(map(str, [*plain, 6]))
        self.assertEqual(self.succeed("detokenize", self.package, ids), "[|endofturn|]\n")
        self.assertEqual(self.succeed("detokenize", self.package, ids, "--special"), "[|endofturn|][|endofturn|]\n")

    def test_a_template_that_refuses(self):
        message = self.fail_with(2, "template", self.package, '[{"role": "tool", "content": "x"}]')
        self.assertIn("chat template: Unknown role: tool", message)
        self.assertIn("messages[0]", self.fail_with(2, "template", self.package, '[{"role": "user"}]'))

    def test_perplexity_is_that_of_the_reference(self):
        """In the form that takes a window a call."""
        want = REFERENCE["heldout_plain"]
        self.succeed("convert", ROOT / "models" / "demo", "-o", "G.mlpackage", "--profile", "gpu", "--context", want["window"], "--quiet")
        report = json.loads(self.succeed("perplexity", "G.mlpackage", "-f", DEMO / "heldout_plain.txt", "--window", want["window"],
                                         "--json"))
        self.assertEqual((report["tokens"], report["windows"], report["predicted_tokens"]),
                         (want["tokens"], want["windows"], want["predicted_tokens"]))
        self.assertLess(abs(report["perplexity"] / want["perplexity"] - 1), 0.005)
        self.assertLess(abs(report["mean_nll"] - want["mean_nll"]), 1e-3)

    def test_perplexity_token_by_token(self):
        """The first window, and a second one that does not see it."""
        ids = json.loads(self.succeed("tokenize", self.package, (DEMO / "heldout_plain.txt").read_text(), "--json"))["ids"]

        def measure(name, some):
            text = self.succeed("detokenize", self.package, " ".join(map(str, some)), "--json")
            (self.folder / name).write_text(json.loads(text)["text"])
            report = json.loads(self.succeed("perplexity", self.package, "-f", name, "--window", 256, "--json"))
            self.assertEqual(report["tokens"], len(some))
            return report

        first, second = measure("first.txt", ids[:256]), measure("second.txt", ids[256:320])
        self.assertLess(abs(first["mean_nll"] - REFERENCE["heldout_plain"]["first_window_mean_nll"]), 1e-3)
        both = measure("both.txt", ids[:320])
        self.assertEqual((both["windows"], both["predicted_tokens"]), (2, 255 + 63))
        self.assertAlmostEqual(both["mean_nll"], (255 * first["mean_nll"] + 63 * second["mean_nll"]) / (255 + 63), 9)

    def test_errors_of_perplexity(self):
        (self.folder / "one.txt").write_text("")
        self.assertIn("want at least 2", self.fail_with(2, "perplexity", self.package, "-f", "one.txt"))
        (self.folder / "two.txt").write_text("one two three")
        self.assertIn("window: got 500 tokens, want 2 to 256",
                      self.fail_with(2, "perplexity", self.package, "-f", "two.txt", "--window", 500))
        (self.folder / "bytes.txt").write_bytes(b"\xff\xfe")
        self.fail_with(2, "perplexity", self.package, "-f", "bytes.txt")

    def test_a_package_without_a_text_file(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 32)
        self.nothing_left("X.mlpackage")
        message = self.fail_with(4, "tokenize", "X.mlpackage", "hello")
        self.assertIn("X.text: there is no such file", message)


if __name__ == "__main__":
    unittest.main()
