"""cortland expect and cortland report: what a device is to compute, and what it measured."""

import json
import unittest

from command import ROOT
from demo_model import DemoModelTest


def record(**changes):
    return {"computeUnit": "neuralEngine", "package": "X.mlpackage", "system": "Version 15.5", "machine": "Mac15,3"} | changes


def share(unit, types, function="decode"):
    return {"function": function, "unit": unit, "operations": sum(types.values()), "types": types}


def finding(rule, severity, operation, function="decode"):
    return {"rule": rule, "severity": severity, "function": function, "operation": operation, "count": 1}


class Expect(DemoModelTest):
    def test_what_verify_and_run_see_is_expected(self):
        ids = self.folder / "ids"
        ids.write_text("1 5 9 33 1024 7 2047 3")
        self.succeed("expect", self.package, "-o", "e.json", "--ids", ids, "-p", 5)
        e = json.loads((self.folder / "e.json").read_text())
        self.assertEqual((e["format"], e["version"], e["prompt_tokens"], e["vocabulary"]), ("cortland.expectation", 1, 1, 2048))
        self.assertEqual(e["ids"], [1, 5, 9, 33, 1024, 7, 2047, 3])
        self.assertEqual([p["position"] for p in e["positions"]], list(range(8)))
        for p in e["positions"]:
            wide, narrow = p["fp32"], p["fp16"]
            self.assertEqual(wide["argmax"], p["ids"][0])
            self.assertEqual(wide["logits"][:5], sorted(wide["logits"][:5], reverse=True))
            self.assertGreater(wide["log_sum_exp"], wide["logits"][0])
            self.assertLess(max(abs(a - b) for a, b in zip(wide["logits"], narrow["logits"])), e["tie"])
            self.assertEqual(len({id * 16 // 2048 for id in p["ids"]}), 16)  # some of each part of the vocabulary
        self.assertGreater(e["fp16_psnr"], 45)
        rows = {(f["rule"], f["function"], f["operation"]) for f in e["lint"]["findings"]}
        self.assertIn(("L43", "prefill", "gather"), rows)
        # The first token behind a prompt is what decoding gives.
        pieces = self.folder / "pieces"
        self.succeed("expect", self.package, "-o", pieces, "--ids", ids, "-p", 5, "-g", 3)
        behind = json.loads(pieces.read_text())["positions"]
        self.assertEqual([p["position"] for p in behind], [4, 5, 6, 7])
        for got, want in zip(behind, e["positions"][4:]):
            self.assertEqual(got["ids"], want["ids"])
            self.assertLess(abs(got["fp32"]["log_sum_exp"] - want["fp32"]["log_sum_exp"]), 0.01)

    def test_a_package_says_what_its_first_call_gives(self):
        """What convert measured beside the quality is what decoding the id alone gives."""
        self.succeed("convert", ROOT / "models" / "demo", "-o", "a.mlpackage", "--context", 64, "--precision", "lut4", "--evaluate", 4)
        metadata = json.loads(self.succeed("inspect", "a.mlpackage", "--json"))["metadata"]
        warm_up = metadata["cortland.warm_up"] if isinstance(metadata["cortland.warm_up"], dict) else json.loads(metadata["cortland.warm_up"])
        (self.folder / "ids").write_text(str(warm_up["id"]))
        first = json.loads(self.succeed("expect", "a.mlpackage", "--ids", "ids"))["positions"][0]
        self.assertEqual(first["ids"][:5], warm_up["ids"])
        for got, want in zip(first["fp32"]["logits"], warm_up["logits"]):
            self.assertEqual(float(f"{got:.2g}"), want)
        self.assertLess(max(abs(a - b) for a, b in zip(first["fp16"]["logits"], warm_up["logits"])), warm_up["tolerance"])
        self.assertAlmostEqual(warm_up["tolerance"], max(warm_up["logits"]) / 10, delta=warm_up["tolerance"] / 2)
        self.succeed("convert", ROOT / "models" / "demo", "-o", "b.mlpackage", "--context", 64, "--precision", "lut4", "--evaluate", 0)
        self.assertNotIn("cortland.warm_up", json.loads(self.succeed("inspect", "b.mlpackage", "--json"))["metadata"])

    def test_the_same_every_time(self):
        self.assertEqual(self.succeed("expect", self.package), self.succeed("expect", self.package, "--threads", 1))

    def test_what_is_refused(self):
        ids = self.folder / "ids"
        ids.write_text("1 2048")
        self.assertEqual(self.fail_with(2, "expect", self.package, "--ids", ids), "ids: got 2048, want 0 to 2047")
        ids.write_text("1 " * 257)
        self.assertEqual(self.fail_with(2, "expect", self.package, "--ids", ids), "ids: got 257, and the context holds 256")
        self.fail_with(4, "expect", "absent.mlpackage")


class Report(DemoModelTest):
    def write(self, *records, name="r.json", **top):
        content = {"format": "cortland.report", "version": 1, "checks": list(records)} | top
        (self.folder / name).write_text(json.dumps(content))
        return name

    def test_a_row_for_each_package_and_unit(self):
        good = record(passed=True, fp32={"psnr": 61.26, "maxAbs": 0.01, "agreeing": 17, "positions": 17}, loadSeconds=1.25,
                      promptTokensPerSecond=900.04, tokensPerSecond=55, shares=[share("neuralEngine", {"conv": 9}), share("cpu", {"gather": 1})])
        bad = record(computeUnit="gpu", passed=False, failures=["PSNR 9.0 dB against fp32 math, want 38.0 dB"],
                     fp32={"agreeing": 0, "positions": 17})
        done = self.run_command("report", self.write(good, bad))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"\nX\.mlpackage +neuralEngine +ok +61\.3 dB +17/17 +1\.2 s +900\.0 +55\.0 +90\.0 %\n")
        self.assertRegex(done.stdout, r"\nX\.mlpackage +gpu +FAILED +no numbers +0/17( +-){4}\n")
        self.assertIn("\n  FAILED        PSNR 9.0 dB against", done.stdout)
        self.assertTrue(done.stdout.endswith("\nMac15,3, Version 15.5\n"))
        self.succeed("report", self.write(good))

    def test_placement_beside_lint(self):
        lint = {"unit": "ane", "verdict": "1 error", "findings": [
            finding("L43", "warning", "gather"), finding("L13", "error", "slice_by_index"), finding("L08", "note", "conv"),
            finding("L20", "error", "", function="prefill")]}
        shares = [share("neuralEngine", {"conv": 9, "slice_by_index": 4}), share("cpu", {"gather": 2, "softmax": 1, "conv": 1}),
                  share("neuralEngine", {"conv": 3}, "prefill")]
        name = self.write(record(shares=shares, lint=lint))
        facts = json.loads(self.succeed("report", name, "--json"))[0]
        self.assertEqual(facts["placed_share"], 16 / 20)
        self.assertEqual(facts["functions"], {"decode": 13 / 17, "prefill": 1})
        self.assertEqual(sorted((f["kind"], f["function"], f["operation"], f["elsewhere"], f["all"], f["rule"]) for f in facts["placement"]), [
            ("contradicted", "decode", "slice_by_index", 0, 4, "L13"), ("contradicted", "prefill", "", 0, 3, "L20"),
            ("predicted", "decode", "gather", 2, 2, "L43"), ("unpredicted", "decode", "conv", 1, 10, ""),
            ("unpredicted", "decode", "softmax", 1, 1, "")])
        text = self.succeed("report", name)
        self.assertIn("\n  unpredicted   decode: softmax, 1 of 1 elsewhere, and lint says nothing of it\n", text)
        self.assertIn("\n  contradicted  prefill: operations, all 3 on the unit, though L20 is an error\n", text)
        # What was loaded for another unit says nothing of these rules.
        other = json.loads(self.succeed("report", self.write(record(computeUnit="cpu", shares=shares, lint=lint)), "--json"))[0]
        self.assertEqual(other["placement"], [])

    def test_several_reports_and_a_record_alone(self):
        (self.folder / "bench.json").write_text(json.dumps({"computeUnit": "gpu", "loadSeconds": 0.5, "tokensPerSecond": 70.5, "attempts": []}))
        text = self.succeed("report", self.write(record()), "bench.json")
        self.assertRegex(text, r"\n- +gpu +measured +- +- +0\.5 s +- +70\.5 +-\n")

    def test_reports_are_not_trusted(self):
        for content, message in (
                ("[]", "r.json: got array, want a report"),
                ("{", "r.json: "),
                ('{"format": "x"}', "r.json: got x, want a report of cortland-swift"),
                ('{"format": "cortland.report", "version": 1}', "r.json: has no checks"),
                ('{"format": "cortland.report", "version": 1, "checks": [{}]}', "r.json.checks[0].computeUnit: got nothing"),
                ('{"format": "cortland.report", "version": 1, "checks": 7}', "r.json.checks: got number, want an array"),
                ('{"computeUnit": "gpu", "shares": [{"operations": -1}]}', "r.json.shares[0].operations: got -1, want a count"),
                ('{"computeUnit": "gpu", "shares": [{"types": {"conv": 1e300}}]}', "r.json.shares[0].types"),
                ('{"computeUnit": "gpu", "passed": "yes"}', "r.json.passed")):
            (self.folder / "r.json").write_text(content)
            self.assertIn(message, self.fail_with(4, "report", "r.json"))
        self.assertEqual(self.fail_with(3, "report", self.write(record(), version=2)), "r.json: got version 2, want 1; hint: a newer cortland")
        text = self.succeed("report", self.write(record(package="\x1b[31mred\n", failures=["\x1b[2J"])))
        self.assertNotIn("\x1b", text)


if __name__ == "__main__":
    unittest.main()
