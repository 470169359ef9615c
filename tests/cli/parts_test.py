"""cortland convert --parts: a model in several packages, and an embedding that the host looks up."""

import json
import struct
import unittest

from command import ROOT, CommandTest, tree

DEMO = ROOT / "models" / "demo"
QUESTION = ("-p", "How do you say apple in Korean?", "--temp", 0, "--quiet")


class Parts(CommandTest):
    def convert(self, output, *options):
        return self.succeed("convert", DEMO, "-o", output, "--context", 128, "--evaluate", 0, *options)

    def test_every_command_takes_them_like_one_package(self):
        self.convert("Demo/", "--parts", 2)
        self.nothing_left("Demo")
        self.assertEqual(sorted(p.name for p in (self.folder / "Demo").iterdir()),
                         ["Demo.text", "LICENSE", "README.md", "body-1.mlpackage", "body-2.mlpackage", "cortland.json",
                          "embedding.table", "head.mlpackage"])
        self.assertIn("PASSED", self.succeed("verify", "Demo", "--against", DEMO, "--tokens", 16))
        self.assertEqual(self.succeed("run", "Demo", *QUESTION), "Apple in Korean is 사과.\n")
        # A part finds the others.
        self.assertIn("PASSED", self.succeed("verify", "Demo/head.mlpackage", "--against", DEMO, "--tokens", 8))
        inspected = self.succeed("inspect", "Demo")
        self.assertEqual([name in inspected for name in ("body-1.mlpackage: ", "body-2.mlpackage: ", "head.mlpackage: ")], [True] * 3)
        self.assertEqual(inspected.count("No rule is broken."), 3)
        self.assertEqual([part["findings"] for part in json.loads(self.succeed("inspect", "Demo", "--json"))["parts"]], [[]] * 3)
        self.assertIn("no known blocker", self.succeed("lint", "Demo"))
        self.assertIn("PASSED", self.succeed("verify", "Demo", "--ranges", "--tokens", 8))
        self.assertIn("is cut into parts, and Demo/head.mlpackage is not", self.fail_with(3, "diff", "Demo", "Demo/head.mlpackage"))
        self.succeed("diff", "Demo/head.mlpackage", "Demo/head.mlpackage")
        self.assertEqual(self.succeed("diff", "Demo", "Demo").count(": equal\n"), 4)  # three parts and the table
        self.assertIn("parts are not quantized", self.fail_with(3, "quantize", "Demo", "-o", "X.mlpackage", "--precision", "int8"))

    def test_two_bundles_are_compared_part_by_part(self):
        self.convert("A/", "--parts", 2)
        self.convert("B/", "--parts", 2, "--precision", "int8")
        self.convert("C/", "--parts", 3)
        done = self.run_command("diff", "A", "B", "--json")
        self.assertEqual(done.returncode, 1)
        diff = json.loads(done.stdout)
        self.assertEqual([p["name"] for p in diff["parts"]], ["body-1.mlpackage", "body-2.mlpackage", "head.mlpackage"])
        single = [json.loads(self.run_command("diff", f"A/{p['name']}", f"B/{p['name']}", "--json").stdout) for p in diff["parts"]]
        for part, alone in zip(diff["parts"], single):
            self.assertEqual(part, {"name": part["name"]} | {key: value for key, value in alone.items() if key not in ("first", "second")})
        self.assertGreater(diff["weight_counts"]["quantized"], 10)
        for relation, count in diff["weight_counts"].items():
            self.assertEqual(count, sum(part["weight_counts"].get(relation, 0) for part in single))
        tables = [(self.folder / name / "embedding.table").stat().st_size for name in "AB"]
        self.assertEqual(diff["embedding"]["bytes"], tables)
        self.assertEqual([b["total"] for b in diff["bytes"]],
                         [sum(part["bytes"][i]["total"] for part in single) + tables[i] for i in (0, 1)])
        text = self.run_command("diff", "A", "C").stdout
        self.assertIn("\nbody-1.mlpackage: differs\n", text)
        self.assertIn("\nbody-3.mlpackage: only in the second\nembedding.table: equal\nall weights: ", text)
        self.assertTrue(text.endswith("The two differ.\n"))

    def test_the_cache_survives_turns(self):
        self.convert("Demo/", "--parts", 3)
        self.convert("Demo.mlpackage")
        said = [self.run_command("chat", package, "--temp", 0, input="Who are you?\nHow do you say apple in Korean?\n").stdout
                for package in ("Demo", "Demo.mlpackage")]
        self.assertIn("사과", said[0])
        self.assertEqual(*said)

    def test_the_summary(self):
        done = json.loads(self.convert("Demo/", "--max-part-size", 5, "--json"))
        self.assertEqual([(f["package"], f["name"]) for f in done["functions"]],
                         [(part + ".mlpackage", name) for part in ("body-1", "body-2", "head") for name in ("decode", "prefill")])
        self.assertLess(done["bytes"]["largest_part"], 5e6)
        self.assertEqual(done["bytes"]["embedding"], (self.folder / "Demo" / "embedding.table").stat().st_size)
        self.assertTrue(any("each has its own copy of the tied table" in note for note in done["notes"]), done["notes"])

    def test_the_command_in_the_card_makes_the_same_bundle(self):
        self.convert("Demo/", "--parts", 2, "--precision", "lut4")
        card = (self.folder / "Demo" / "README.md").read_text()
        self.assertIn("| parts | `body-1.mlpackage`, `body-2.mlpackage`, `head.mlpackage` |", card)
        command = next(line for line in card.splitlines() if line.startswith("    cortland convert ")).split()[1:-3]
        self.assertIn("--parts", command)
        # Neither threads nor the name of the bundle change a part.
        self.succeed(*command, DEMO, "-o", "Other/", "--evaluate", 0, "--threads", 1)
        for part in "body-1.mlpackage", "body-2.mlpackage", "head.mlpackage":
            self.assertEqual(tree(self.folder / "Demo" / part), tree(self.folder / "Other" / part))
        self.assertEqual(*((self.folder / bundle / "embedding.table").read_bytes() for bundle in ("Demo", "Other")))

    def test_a_table_without_parts(self):
        self.convert("Demo/", "--embedding", "host")
        table = (self.folder / "Demo" / "embedding.table").read_bytes()
        self.assertEqual(struct.unpack("<4sIII4Q", table[:48]), (b"CEMB", 1, 0, 0, 2048, 256, 64, 0))
        self.assertEqual(len(table), 64 + 2048 * 256 * 2)
        self.assertEqual(self.succeed("run", "Demo", *QUESTION), "Apple in Korean is 사과.\n")
        (self.folder / "Demo" / "embedding.table").write_bytes(table[:1000])
        self.assertIn("embedding.table: embedding table: the rows reach beyond its end", self.fail_with(4, "run", "Demo", *QUESTION))

    def test_bad_requests(self):
        for words, code, message in [
            (("-o", "X.mlpackage", "--parts", "2"), 2, "want a folder for the parts"),
            (("-o", "X.mlpackage", "--embedding", "host"), 2, "want a folder for the parts"),
            (("-o", "X/", "--parts", "0"), 2, "--parts: got 0, want 1 to 6"),
            (("-o", "X/", "--parts", "two"), 2, "--parts: got two, want auto or a number"),
            (("-o", "X/", "--embedding", "cloud"), 3, "--embedding: got cloud, want host or graph"),
            (("-o", "X/", "--parts", "2", "--profile", "gpu"), 2, "--parts: belongs to the profile ane"),
            (("-o", "X/", "--parts", "2", "--embedding-precision", "int4"), 3, "rows of a file are float16 or int8"),
        ]:
            self.assertIn(message, self.fail_with(code, "convert", DEMO, *words), words)
        self.nothing_left()


if __name__ == "__main__":
    unittest.main()
