"""Long contexts: several in one package, and rings for layers with a window."""

import json
import shutil
import unittest

from command import GOLDEN, ROOT, CommandTest

DEMO = ROOT / "models" / "demo"
QUESTION = ("-p", "How do you say apple in Korean?", "--temp", 0, "--quiet")
ANSWER = "Apple in Korean is 사과.\n"


class Contexts(CommandTest):
    def test_every_command_takes_the_context_that_suits(self):
        self.succeed("convert", DEMO, "-o", "Demo.mlpackage", "--context", "32,128,64")
        self.succeed("convert", DEMO, "-o", "One.mlpackage", "--context", 128)
        weights = [self.folder / name / "Data/com.apple.CoreML/weights/weight.bin" for name in ("Demo.mlpackage", "One.mlpackage")]
        self.assertEqual(*(path.read_bytes() for path in weights))
        self.assertEqual(self.succeed("run", "Demo.mlpackage", *QUESTION), ANSWER)
        self.assertEqual(self.succeed("run", "Demo.mlpackage", *QUESTION, "-n", 10), ANSWER)
        # A prompt that has no room in the context that was chosen is refused.
        self.assertIn("fewer than the context of 32", self.fail_with(2, "run", "Demo.mlpackage", "--raw", "-p", "apple " * 40, "--context", 20))
        self.assertIn("got a context of 200 tokens, want at most 128", self.fail_with(2, "run", "Demo.mlpackage", *QUESTION, "--context", 200))
        for context in 32, 64, 128:
            self.assertIn("PASSED", self.succeed("verify", "Demo.mlpackage", "--against", DEMO, "--tokens", 8, "--greedy", 4, "--context", context))
        (self.folder / "text.txt").write_text("The opposite of big is small. " * 12)
        windows = [json.loads(self.succeed("perplexity", "Demo.mlpackage", "-f", "text.txt", "--json", *options))["window"]
                   for options in ((), ("--context", 33), ("--window", 20))]
        self.assertEqual(windows, [128, 64, 20])
        self.succeed("bench", "Demo.mlpackage", "-p", 16, "-g", 4, "-n", 1)
        self.succeed("verify", "Demo.mlpackage", "--ranges", "--tokens", 8, "--context", 32)
        inspected = json.loads(self.succeed("inspect", "Demo.mlpackage", "--json"))
        self.assertEqual([f["name"] for f in inspected["functions"]],
                         ["decode_128", "prefill_128", "decode_64", "prefill_64", "decode_32", "prefill_32"])
        self.assertEqual(inspected["findings"], [])
        self.assertIn("no known blocker", self.succeed("lint", "Demo.mlpackage"))
        said = self.run_command("chat", "Demo.mlpackage", "--temp", 0, input="Who are you?\nHow do you say apple in Korean?\n").stdout
        self.assertEqual(said, self.run_command("chat", "One.mlpackage", "--temp", 0,
                                                input="Who are you?\nHow do you say apple in Korean?\n").stdout)

    def test_a_ring_in_a_chat(self):
        """What the ring has lost is read again, and the answers are the same."""
        checkpoint = self.folder / "windows"
        shutil.copytree(DEMO, checkpoint)
        config = json.loads((checkpoint / "config.json").read_text())
        del config["layer_types"]
        (checkpoint / "config.json").write_text(json.dumps({**config, "sliding_window": 16, "sliding_window_pattern": "LLG"}))
        line = ("--context", 128, "--prefill", 8, "--evaluate", 0)
        self.succeed("convert", checkpoint, "-o", "Full.mlpackage", *line)
        summary = json.loads(self.succeed("convert", checkpoint, "-o", "Ring.mlpackage", "--sliding-cache", "ring", "--json", *line))
        self.assertEqual(summary["sliding_cache"], "ring")
        self.assertEqual(summary["bytes"]["cache"], 2 * (4 * 32 + 2 * 128) * 2 * 64 * 2)
        lines = "Who are you?\nWhat is the opposite of big?\n/reset\nHow do you say apple in Korean?\nWho are you?\n"
        said = [self.run_command("chat", package, "--temp", 0, "-n", 30, input=lines) for package in ("Full.mlpackage", "Ring.mlpackage")]
        self.assertEqual([run.returncode for run in said], [0, 0])
        self.assertEqual(*(run.stdout for run in said))
        self.assertIn("PASSED", self.succeed("verify", "Ring.mlpackage", "--against", checkpoint, "--tokens", 64))
        # One state, with whole rows: the Neural Engine is known to want no other.
        found = self.succeed("lint", "Ring.mlpackage")
        self.assertIn("no known blocker", found)
        self.assertNotRegex(found, "L2[0-3]")
        states = {state for function in json.loads(self.succeed("inspect", "Ring.mlpackage", "--json"))["functions"]
                  for state in (entry["type"] for entry in function["states"])}
        self.assertEqual(states, {"fp16[6, 2, 128, 64]"})

    def test_the_plan_tells_the_size(self):
        checkpoint = GOLDEN / "exaone4-hybrid"
        plan = self.succeed("convert", checkpoint, "--dry-run", "--context", "64,256", "--prefill", 8, "--sliding-cache", "ring")
        self.assertRegex(plan, r"context +64 or 256 tokens; the cache takes [\d.]+ \w+ on the device with the largest")
        self.assertIn("a ring of 16 slots for layers with a window", plan)
        none = self.run_command("convert", DEMO, "--dry-run", "--context", 64, "--sliding-cache", "ring")
        self.assertIn("no layer has a window: there is nothing for a ring to hold", none.stderr)

    def test_bad_requests(self):
        for words, message in [
            (("--context", "64,"), "--context: got nothing, want a whole number"),
            (("--context", "64,x"), "--context: got x, want a whole number"),
            (("--context", "64,0"), "--context: got 0, want 1 to 1048576"),
            (("--sliding-cache", "none"), "--sliding-cache: got none, want full or ring"),
        ]:
            self.assertIn(message, self.fail_with(2, "convert", DEMO, "-o", "X.mlpackage", *words), words)
        self.nothing_left()


if __name__ == "__main__":
    unittest.main()
