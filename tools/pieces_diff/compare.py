"""Compares normalizers and pre-tokenizers with the `tokenizers` package on random text.

Usage: compare.py [--seed N] [--texts N] [TOKENIZER_JSON...]

Takes the components of tests/golden/text and those of the files named. Needs g++ and the package tokenizers==0.22.2.
Some differences are meant: parts of the package know older versions of Unicode, so that NFKC, StripAccents, Punctuation
and the Bert components treat characters of the last ten years as unknown.
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile

from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "tests/golden/text"
PARTS = list(" \n\r\t'sSdDmtlLvVrRabcABCXYZ019.,!?-_/()[]{}$+<=>^`|~&#@\"\\") + [
    "'s", "'LL", "  ", "\r\n", "aB", "123", "ſ", "K", "ß", "é", "ñ", "e\u0301", "한국", "어", "漢字", "かな", "カー", "①", "²",
    "½", "٣", "ǅ", "ʰ", "\u0301", "\u200d", "\u3000", "\u00a0", "\u0085", "\u180e", "\ufeff", "▁", "🙂", "👩\u200d💻"]


def random_text(source):
    count = source.randint(0, 40)
    return "".join(source.choice(PARTS) if source.random() < 0.95 else chr(source.randrange(0x20, 0x800))
                   for _ in range(count))


def components(files):
    for kind in ("normalizer", "pre_tokenizer"):
        for line in (GOLDEN / f"components/{kind}s.jsonl").read_text().splitlines():
            row = json.loads(line)
            yield kind, row["name"], row[kind]
    for path in files + sorted(GOLDEN.glob("tokenizers/*/tokenizer.json")):
        row = json.loads(pathlib.Path(path).read_text())
        for kind in ("normalizer", "pre_tokenizer"):
            if row.get(kind):
                yield kind, str(path), row[kind]


def expected(kind, component, texts):
    model = {"type": "WordLevel", "vocab": {"x": 0}, "unk_token": "x"}
    tokenizer = Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], kind: component, "model": model}))
    if kind == "normalizer":
        return [[tokenizer.normalizer.normalize_str(text)] for text in texts]
    return [[piece for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text) if piece] for text in texts]


def actual(program, kind, component, texts):
    request = json.dumps({"kind": kind, "component": component, "texts": texts})
    result = subprocess.run([program], input=request, capture_output=True, text=True, check=True)
    return [[bytes.fromhex(piece).decode() for piece in line.split(" ")[:-1]] for line in result.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/pieces"
        files = [str(path) for name in ("portable", "text") for path in sorted((ROOT / "src" / name).rglob("*.cc"))]
        subprocess.run(["g++", "-std=c++20", "-O1", f"-I{ROOT}/src", str(ROOT / "tools/pieces_diff/pieces.cc"), *files,
                        "-o", program], check=True)
        compared = different = 0
        for kind, name, component in components(arguments.files):
            texts = [random_text(source) for _ in range(arguments.texts)]
            for text, want, got in zip(texts, expected(kind, component, texts), actual(program, kind, component, texts)):
                compared += 1
                if want != got:
                    different += 1
                    print(f"{kind} {name}: {text!a}: got {got!a}, want {want!a}")
    print(f"{compared} texts, {different} differences")


if __name__ == "__main__":
    main()
