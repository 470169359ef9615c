"""cortland verify --ranges on the bundled model."""

import json
import unittest

from demo_model import DemoModelTest


class Ranges(DemoModelTest):
    def test_a_table_by_layer(self):
        text = self.succeed("verify", self.package, "--ranges", "--tokens", 12)
        self.assertRegex(text, r": values on 12 tokens of the built-in text\n")
        self.assertRegex(text, r"\n +outside +[\d.]+ +[\d.]+ %  \w+ +[\d.]+ dB  \w+\n")
        self.assertTrue(text.endswith("PASSED: fp16 holds every value\n"), text)
        rows = self.succeed("verify", self.package, "--ranges", "--tokens", 12, "--verbose")
        self.assertRegex(rows, r" layers_5_product \(mul\)\n")

    def test_json_has_every_operation(self):
        (self.folder / "story.txt").write_text("Once there was a cat. " * 4)
        view = json.loads(self.succeed("verify", self.package, "--ranges", "--text", "story.txt", "--json"))
        self.assertEqual((view["source"], view["passed"], view["overflow"], view["parting"]), ("story.txt", True, None, None))
        self.assertGreater(view["tokens"], 16)
        self.assertEqual(view["largest"], max(value["magnitude"] for value in view["values"]))
        self.assertEqual({value["layer"] for value in view["values"]}, {None, *range(6)})
        by_name = {value["value"]: value for value in view["values"]}
        self.assertEqual(by_name["layers_3_down"]["op"], "conv")
        self.assertGreater(by_name["layers_3_down"]["snr_db"], 35)


if __name__ == "__main__":
    unittest.main()
