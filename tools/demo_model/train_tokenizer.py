#!/usr/bin/env python3
"""Train the byte-level BPE tokenizer and write the tokenizer files of the model folder.

python train_tokenizer.py --data data --out model
"""

import argparse
import json
import os

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
SPECIAL = ["[PAD]", "[BOS]", "[|system|]", "[|user|]", "[|assistant|]", "[|tool|]", "[|endofturn|]"]
THINK = ["<think>", "</think>"]  # added tokens, but ordinary text when decoding


def texts(data, chats):
    """Plain documents and the bare message contents: no role marks, no blank lines between messages."""
    with open(os.path.join(data, "train_plain.jsonl"), encoding="utf-8") as f:
        for line in f:
            yield json.loads(line)["text"]
    with open(os.path.join(data, "train_chat.jsonl"), encoding="utf-8") as f:
        for line, _ in zip(f, range(chats)):
            for m in json.loads(line)["messages"]:
                yield m["content"]
                if m.get("reasoning_content"):
                    yield m["reasoning_content"]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", default="data")
    ap.add_argument("--out", default="model")
    ap.add_argument("--vocab", type=int, default=2048)
    ap.add_argument("--chats", type=int, default=100000, help="conversations to learn from")
    args = ap.parse_args()

    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.NFC()
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=args.vocab,
        special_tokens=SPECIAL + THINK,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    tok.train_from_iterator(texts(args.data, args.chats), trainer)

    spec = json.loads(tok.to_str())
    for t in spec["added_tokens"]:
        if t["content"] in THINK:
            t["special"] = False
    # A prompt and its continuation must tokenise alike together and apart, so newlines never merge.
    assert not any("ĊĊ" in t for t in spec["model"]["vocab"])
    assert len(spec["model"]["vocab"]) == args.vocab

    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(HERE, "chat_template.jinja"), encoding="utf-8") as f:
        template = f.read()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(spec)),
        bos_token="[BOS]",
        eos_token="[|endofturn|]",
        pad_token="[PAD]",
        additional_special_tokens=SPECIAL[2:6],
        clean_up_tokenization_spaces=False,
        model_max_length=2048,
        chat_template=template,
    )
    fast.save_pretrained(args.out)
    tokenizer_path = os.path.join(args.out, "tokenizer.json")  # without its indentation, half of the file
    with open(tokenizer_path, encoding="utf-8") as f:
        tokenizer = json.load(f)
    with open(tokenizer_path, "w", encoding="utf-8") as f:
        json.dump(tokenizer, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")
    config_path = os.path.join(args.out, "tokenizer_config.json")  # the template is kept in both places
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    config["chat_template"] = template
    with open(config_path, "w", encoding="utf-8") as f:
        json.dump(config, f, ensure_ascii=False, indent=2)
        f.write("\n")

    again = PreTrainedTokenizerFast.from_pretrained(args.out)
    assert len(again) == args.vocab and not again.added_tokens_decoder[7].special
    print("vocab", len(again), "| eos", again.eos_token_id)


if __name__ == "__main__":
    main()
