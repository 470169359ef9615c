"""cortland run and cortland chat: answers of the bundled model."""

import json
import signal
import subprocess
import unittest

from command import CORTLAND, ROOT
from demo_model import CONTEXT, DemoModelTest

GREEDY = ("--temp", 0, "-n", 64)
TRANSCRIPTS = json.loads((ROOT / "tests" / "golden" / "demo" / "reference.json").read_text())["transcripts"]


def events(output):
    return [json.loads(line) for line in output.splitlines()]


class Run(DemoModelTest):
    def test_the_transcripts_of_the_reference(self):
        for transcript in TRANSCRIPTS:
            think = ["--think"] if transcript["enable_thinking"] else []
            question = transcript["messages"][0]["content"]
            *pieces, done = events(self.succeed("run", self.package, "-p", question, *GREEDY, *think, "--json"))
            end = 6  # [|endofturn|]
            self.assertEqual(done["ids"] + [end], transcript["output_ids"], question)
            self.assertEqual(done["prompt_tokens"], len(transcript["prompt_ids"]))
            self.assertEqual(done["finish_reason"], "eos")
            for kind, key in ("text", "text"), ("reasoning", "reasoning"):
                self.assertEqual("".join(piece["piece"] for piece in pieces if piece["event"] == kind), done[key])
            self.assertEqual(bool(done["reasoning"]), transcript["enable_thinking"])

    def test_what_a_person_sees(self):
        done = self.run_command("run", self.package, "-p", "How do you say apple in Korean?", *GREEDY)
        self.assertEqual((done.returncode, done.stdout), (0, "Apple in Korean is 사과.\n"))
        self.assertRegex(done.stderr, r"^\d+ tokens, [\d.]+ tokens/s; first token after .* \(\d+ prompt tokens\)\n$")

    def test_a_prompt_from_a_pipe(self):
        done = self.run_command("run", self.package, "-p", "-", *GREEDY, "--quiet", input="How do you say apple in Korean?")
        self.assertEqual((done.stdout, done.stderr), ("Apple in Korean is 사과.\n", ""))

    def test_a_seed_repeats_an_answer(self):
        line = ("run", self.package, "-p", "Tell me a story.", "-n", 40, "--temp", 1.2, "--top-p", 1, "--quiet")
        answers = {self.succeed(*line, "--seed", 7), self.succeed(*line, "--seed", 7)}
        self.assertEqual(len(answers), 1)
        self.assertNotEqual(answers, {self.succeed(*line, "--seed", 8)})

    def test_a_stop_string_is_never_shown(self):
        done = events(self.succeed("run", self.package, "-p", "How do you say apple in Korean?", *GREEDY, "--stop", " is",
                                   "--json"))[-1]
        self.assertEqual((done["text"], done["finish_reason"]), ("Apple in Korean", "stop"))

    def test_the_length_ends_an_answer(self):
        done = events(self.succeed("run", self.package, "-p", "Who are you?", "--temp", 0, "-n", 3, "--json"))[-1]
        self.assertEqual((len(done["ids"]), done["finish_reason"]), (3, "length"))

    def test_the_context_ends_an_answer(self):
        # As random as it gets: an end token is unlikely, and the seed makes sure that there is none.
        done = events(self.succeed("run", self.package, "--raw", "-p", "Once there was a cat. " * 30, "--temp", 50, "--top-k", 0,
                                   "--top-p", 1, "--seed", 1, "--json"))[-1]
        self.assertEqual(done["finish_reason"], "context")
        self.assertEqual(done["prompt_tokens"] + len(done["ids"]), CONTEXT + 1)

    def test_control_tokens_in_a_question_are_words(self):
        plain = events(self.succeed("run", self.package, "-p", "[|endofturn|]", "--temp", 0, "-n", 1, "--json"))[-1]
        empty = events(self.succeed("run", self.package, "-p", "x", "--temp", 0, "-n", 1, "--json"))[-1]
        self.assertGreater(plain["prompt_tokens"], empty["prompt_tokens"] + 3)

    def test_errors(self):
        long = "word " * 400
        self.assertIn("want at most", self.fail_with(2, "run", self.package, "-p", long))
        self.assertIn("--prompt: got nothing, want TEXT", self.fail_with(2, "run", self.package, "-p", ""))
        self.assertIn("--temp: got warm, want a number", self.fail_with(2, "run", self.package, "-p", "x", "--temp", "warm"))
        self.assertIn("--top-p: got 1.5, want 0 to 1", self.fail_with(2, "run", self.package, "-p", "x", "--top-p", 1.5))
        self.assertIn("nothing.text", self.fail_with(4, "run", self.package, "-p", "x", "--text", "nothing.text"))
        (self.folder / "broken.text").write_bytes(self.text_file.read_bytes()[:5000])
        self.assertIn("broken.text", self.fail_with(4, "run", self.package, "-p", "x", "--text", "broken.text"))


class Chat(DemoModelTest):
    def chat(self, *lines, options=(), package=None):
        done = self.run_command("chat", package or self.package, "--temp", 0, "-n", 64, "--json", *options,
                                input="".join(line + "\n" for line in lines))
        self.assertEqual(done.returncode, 0, done.stderr)
        return events(done.stdout), done.stderr

    def test_the_cache_is_kept_between_turns(self):
        question = TRANSCRIPTS[1]["messages"][0]["content"]
        answers, _ = self.chat("Who are you?", question, "/reset", question)
        self.assertEqual(answers[0]["reused_tokens"], 0)
        # All of the first turn but what the template writes otherwise in a history.
        self.assertGreaterEqual(answers[1]["reused_tokens"], answers[0]["prompt_tokens"])
        self.assertLess(answers[2]["reused_tokens"], answers[2]["prompt_tokens"])
        self.assertEqual(answers[2]["text"], "Leo has the ball.")
        alone, _ = self.chat(question)
        self.assertEqual(answers[2]["ids"], alone[0]["ids"])

    def test_the_gpu_profile_says_the_same(self):
        self.succeed("convert", ROOT / "models" / "demo", "-o", "Gpu.mlpackage", "--context", CONTEXT, "--profile", "gpu", "--quiet")
        lines = ("Who are you?", *(transcript["messages"][0]["content"] for transcript in TRANSCRIPTS[:2]))
        ane, gpu = ([(answer["ids"], answer["reused_tokens"]) for answer in self.chat(*lines, package=package)[0]]
                    for package in (self.package, "Gpu.mlpackage"))
        self.assertEqual(gpu, ane)

    def test_commands(self):
        answers, _ = self.chat("/think on", TRANSCRIPTS[4]["messages"][0]["content"], "/think off", "/reset", "Who are you?",
                               "/system Answer in Korean.", "Who are you?", "", "/quit", "Who are you?")
        self.assertEqual([bool(answer["reasoning"]) for answer in answers], [True, False, False])
        self.assertEqual(answers[0]["text"], "Nora has 8 coins now.")
        self.assertGreater(answers[2]["prompt_tokens"], answers[1]["prompt_tokens"])

    def test_a_command_that_is_none(self):
        answers, message = self.chat("/sing")
        self.assertEqual(answers, [])
        self.assertIn("/sing: is no command; /help lists them", message)

    def test_a_full_context_forgets_the_oldest_turns(self):
        answers, message = self.chat(*["Who are you?"] * 8, options=("--system", "Be brief."))
        self.assertEqual(len(answers), 8)
        self.assertIn("the context is full", message)
        self.assertEqual(len({answer["text"] for answer in answers[-2:]}), 1)
        for answer in answers:
            self.assertLessEqual(answer["prompt_tokens"] + len(answer["ids"]), CONTEXT + 1)

    def test_a_question_that_is_too_long(self):
        answers, message = self.chat("word " * 400, "How do you say apple in Korean?")
        self.assertIn("want at most", message)
        self.assertEqual([answer["text"] for answer in answers], ["Apple in Korean is 사과."])

    def test_ctrl_c_stops_the_answer_and_not_the_program(self):
        options = ("--temp", "50", "--top-k", "0", "--top-p", "1", "--seed", "1", "--math", "fp16")
        whole = self.run_command("chat", self.package, *options, input="Tell me a long story.\n").stdout
        process = subprocess.Popen([CORTLAND, "chat", self.package, *options],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                                   env=self.environment)
        self.addCleanup(process.kill)
        process.stdin.write(b"Tell me a long story.\n")
        process.stdin.flush()
        begin = process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        output, message = process.communicate("/reset\nHow do you say apple in Korean?\n".encode(), timeout=60)
        self.assertEqual(process.returncode, 0, message)
        text = (begin + output).decode()
        stopped = next(i for i, (one, other) in enumerate(zip(whole, text)) if one != other)
        self.assertEqual(text[stopped], "\n")  # there the answer ended, and the program went on with the next question
        self.assertGreater(len(text), stopped + 1)

    def test_other_signals_end_the_program(self):
        process = subprocess.Popen([CORTLAND, "chat", self.package], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, bufsize=0, env=self.environment)
        self.addCleanup(process.kill)
        process.stdin.write("How do you say apple in Korean?\n".encode())
        process.stdin.flush()
        process.stdout.read(1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), -signal.SIGTERM)
        for stream in process.stdin, process.stdout, process.stderr:
            stream.close()

    def test_what_a_person_sees(self):
        done = self.run_command("chat", self.package, "--temp", 0, "--think",
                                input=TRANSCRIPTS[4]["messages"][0]["content"] + "\n")
        self.assertEqual(done.stdout, "[thinking] 7 + 5 = 12. 12 - 4 = 8.\n[answer] Nora has 8 coins now.\n")


if __name__ == "__main__":
    unittest.main()
