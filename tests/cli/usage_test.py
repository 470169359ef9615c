"""Command lines that cannot be read: what is said about them, and help."""

import json
import unittest

from command import GOLDEN, CommandTest

MODEL = GOLDEN / "exaone4-full"

COMMANDS = ["convert", "download", "quantize", "verify", "run", "chat", "perplexity", "bench", "inspect", "lint", "diff", "expect", "report", "tokenize", "detokenize",
            "template", "models", "presets"]


class Usage(CommandTest):
    def refuse(self, message, *arguments):
        self.assertEqual(self.fail_with(2, *arguments), message)
        self.nothing_left()

    def test_commands(self):
        self.refuse("got no command, want one; hint: cortland --help")
        self.refuse('no command "inspct"; did you mean inspect?', "inspct", "demo")
        self.refuse('no command "conv"; did you mean convert?', "conv", "demo")
        unknown = f'no command "foo"; want {", ".join(COMMANDS)}; hint: cortland --help'
        self.refuse(unknown, "foo")
        self.refuse(unknown, "help", "foo")
        self.refuse('unknown option --verson; did you mean --version?', "--verson")

    def test_unknown_options_come_before_what_is_missing(self):
        self.refuse("unknown option --contxt; did you mean --context?", "convert", MODEL, "--contxt", 32)
        self.refuse("unknown option --contxt; did you mean --context?", "convert", "--contxt", 32, "--nonsense")
        self.refuse("unknown option --agianst; did you mean --against?", "verify", "X.mlpackage", "--agianst", MODEL)
        self.refuse("unknown option --zzz; hint: cortland convert --help", "convert", MODEL, "--zzz=3")
        self.refuse("unknown option -z; hint: cortland convert --help", "convert", MODEL, "-vz")
        self.refuse("unknown option -x; hint: cortland inspect --help", "inspect", "-x")

    def test_missing_and_too_many_arguments(self):
        self.refuse("convert: got no checkpoint, want one checkpoint, by name or as --model-id; hint: cortland convert --help",
                    "convert")
        self.refuse("convert: got two checkpoints, want one checkpoint, by name or as --model-id; hint: cortland convert --help",
                    "convert", "a", "--model-id", "b")
        self.refuse("verify: got no package, want one; hint: cortland verify --help", "verify")
        self.refuse("verify: got no --against, want one; hint: cortland verify --help", "verify", "X.mlpackage")
        self.refuse("--against and --ranges: got both, want one of them", "verify", "X.mlpackage", "--ranges", "--against", MODEL)
        self.refuse("--ranges: got 2 packages, want one", "verify", "X.mlpackage", "Y.mlpackage", "--ranges")
        self.refuse("--text: belongs to --ranges; hint: --ids", "verify", "X.mlpackage", "--against", MODEL, "--text", "t.txt")
        self.refuse('inspect: got "b", which is one argument too many; hint: cortland inspect --help', "inspect", "a", "b")
        self.refuse("--context: got no value, want one", "convert", MODEL, "--context")
        self.refuse("--context: got it twice, want it once", "convert", MODEL, "--context", 1, "--max-seq-len=2")
        self.refuse("--overwrite: got a value, want none", "convert", MODEL, "--overwrite=yes")
        self.refuse("--json and --quiet: got both, want one of them", "inspect", MODEL, "--quiet", "--json")

    def test_numbers(self):
        """Refused before anything is read: there is no such checkpoint."""
        for option, got, want in (("--context", "abc", "a whole number"), ("--context", "1.5", "a whole number"),
                                  ("--context", "0", "1 to 1048576"), ("--context", "-5", "1 to 1048576"),
                                  ("--context", "99999999999999999999", "1 to 1048576"),
                                  ("--prefill", "0", "1 to 1048576"), ("--head-splits", "0", "1 to 1048576"),
                                  ("--threads", "-1", "0 to 1024"), ("--threads", "4x", "a whole number")):
            self.refuse(f"{option}: got {got}, want {want}", "convert", "nowhere", option, got)
        self.refuse("--fp16-scale: got 0.48, want auto, off, or a power of two from 1 down to 2^-16, such as 0.0625; hint: another factor "
                    "would round every weight", "convert", "nowhere", "--fp16-scale", "0.48")
        for option in ("--tokens", "--greedy"):
            self.refuse(f"{option}: got 0, want 1 to 1048576", "verify", "nowhere", "--against", "nowhere", option, 0)

    def test_choices(self):
        for got in ("foo", "1", "0"):
            self.refuse(f"--attention: got {got}, want matmul or sdpa", "convert", MODEL, "--attention", got)
            self.refuse(f"--math: got {got}, want fp32 or fp16", "verify", "X", "--against", MODEL, "--math", got)

    def test_empty_names(self):
        self.refuse("--output: got nothing, want NAME.mlpackage|NAME/", "convert", MODEL, "-o", "")
        self.refuse("path: got nothing, want PATH", "inspect", "")

    def test_errors_as_json(self):
        done = self.run_command("convert", MODEL, "--json", "--context", "abc")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(json.loads(done.stdout)["error"],
                         {"kind": "invalid", "message": "--context: got abc, want a whole number"})

    def test_help(self):
        self.assertEqual(self.succeed("help"), self.succeed("--help"))
        for command in ("convert", "verify", "inspect"):
            text = self.succeed("help", command)
            self.assertEqual(text, self.succeed(command, "--help"))
            self.assertIn(f"cortland {command} ", text)
        text = self.succeed("help", "convert")
        for word in ("--attention matmul|sdpa ", "--precision,--quant PRESET ", "default: 2048, or what the model can"):
            self.assertIn(word, text)
        self.assertNotIn("ENUM", text)
        self.assertIn("--math fp32|fp16 ", self.succeed("help", "verify"))
        self.assertRegex(self.succeed("--version"), r"^\d+\.\d+\.\d+\n$")

    def test_models(self):
        text = self.succeed("models")
        for word in ("  exaone4\n", "  gemma3\n", "  mixtral           a mixture of experts\n"):
            self.assertIn(word, text)
        listed = json.loads(self.succeed("models", "--json"))
        self.assertIn("llama", listed["supported"])
        self.assertEqual(listed["refused"]["mamba"], "state-space layers")


if __name__ == "__main__":
    unittest.main()
