"""cortland bench on the bundled model."""

import json
import unittest

from demo_model import CONTEXT, DemoModelTest


class Bench(DemoModelTest):
    def bench(self, *options):
        return self.succeed("bench", self.package, *options)

    def test_every_round_is_told(self):
        report = json.loads(self.bench("-p", 20, "-g", 5, "-n", 3, "--json"))
        self.assertEqual(report["runs_on"], "the interpreter")
        for name, tokens in ("prefill", 20), ("decode", 5):
            sample = report[name]
            self.assertEqual((sample["tokens"], len(sample["seconds"])), (tokens, 3))
            self.assertTrue(all(seconds > 0 for seconds in sample["seconds"]))
            self.assertAlmostEqual(sample["tokens_per_second"] * sum(sample["seconds"]) / (3 * tokens), 1, places=6)
            rates = [tokens / seconds for seconds in sample["seconds"]]
            mean = sum(rates) / 3
            self.assertAlmostEqual(sample["deviation"] / (sum((rate - mean) ** 2 for rate in rates) / 2) ** 0.5, 1, places=6)
        self.assertGreater(report["peak_memory_bytes"], report["weight_bytes"] / 2)

    def test_one_of_them_alone(self):
        text = self.bench("-p", 0, "-g", 2, "-n", 1)
        self.assertRegex(text, r"run by the interpreter on this machine's CPU; a device has other speeds\n")
        self.assertRegex(text, r"\n  decode +[\d.]+ \+- 0\.00 tokens/s   2 tokens, 1 round\n")
        self.assertNotIn("prefill", text)

    def test_no_more_than_the_context(self):
        done = self.run_command("bench", self.package, "-p", 100000, "-g", 0, "-n", 1, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["prefill"]["tokens"], CONTEXT)

    def test_bad_requests(self):
        self.assertIn("got no tokens", self.fail_with(2, "bench", self.package, "-p", 0, "-g", 0))
        self.fail_with(4, "bench", "absent.mlpackage")


if __name__ == "__main__":
    unittest.main()
