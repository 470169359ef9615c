"""The 100 questions of the bundled model, answered by its package: as many right as with PyTorch, give or take two."""

import json
import unittest

from command import ROOT
from demo_model import DemoModelTest

DEMO = ROOT / "tests" / "golden" / "demo"
WANT = json.loads((DEMO / "reference.json").read_text())["questions"]


class Questions(DemoModelTest):
    def test_as_many_are_right_as_with_pytorch(self):
        questions = [json.loads(line) for line in (DEMO / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
        lines = "".join(question["messages"][0]["content"] + "\n/reset\n" for question in questions)
        done = self.run_command("chat", self.package, "--temp", 0, "-n", 64, "--json", input=lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line)["text"].strip() for line in done.stdout.splitlines()]
        self.assertEqual(len(answers), WANT["asked"])
        wrong = [question["id"] for question, answer in zip(questions, answers) if answer not in question["accept"]]
        print(f"{len(questions) - len(wrong)} of {len(questions)} are right; wrong: {wrong}")
        self.assertLessEqual(abs(len(questions) - len(wrong) - WANT["right"]), 2)


if __name__ == "__main__":
    unittest.main()
