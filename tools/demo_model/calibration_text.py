#!/usr/bin/env python3
"""Writes a text to calibrate the demo model on: documents and conversations of the training side, one after the other.

Usage: python calibration_text.py DATA [--count N] > calibration.txt

DATA is what corpus.py wrote. Conversations stand as the chat template writes them. Python standard library only.
"""

import argparse
import json
import pathlib
import sys


def conversation(messages):
    turns = []
    for message in messages:
        thoughts = "<think>\n\n</think>\n\n" if message["role"] == "assistant" else ""
        turns.append(f"[|{message['role']}|]\n{thoughts}{message['content']}[|endofturn|]\n")
    return "".join(turns)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=600, help="of each kind")
    arguments = parser.parse_args()

    def read(name):
        return [json.loads(line) for line in (arguments.data / name).read_text(encoding="utf-8").splitlines()]

    for document, chat in list(zip(read("train_plain.jsonl"), read("train_chat.jsonl")))[:arguments.count]:
        sys.stdout.write(document["text"] + "\n\n" + conversation(chat["messages"]))


if __name__ == "__main__":
    main()
