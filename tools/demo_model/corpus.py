#!/usr/bin/env python3
"""Generate the bilingual (English + Korean) demo corpus.

Everything is produced from the small hand-written tables and templates below, so the
corpus can be shipped, regenerated and audited.  Python standard library only.

    python corpus.py --out data --plain 50000 --chat 200000 --seed 20

writes
    data/train_plain.jsonl    one {"text": ...} per line
    data/train_chat.jsonl     one {"kind", "lang", "thinking", "messages"} per line
    data/heldout_plain.txt    documents separated by a blank line
    data/heldout_chat.jsonl   same layout as train_chat.jsonl
    data/questions.jsonl      100 single questions with the accepted answers

Held-out rule.  A text belongs to the held-out side when a checksum of its normalised form
(case, spaces and punctuation removed) is 0 modulo HOLDOUT.  The training side never keeps
such a text, so a held-out question is never seen in training in that wording.  The *fact*
behind it (for example "big is the opposite of small") may be seen in another wording; the
stories behind counting and who-has-what questions are new as a whole.
"""

import argparse
import json
import os
import random

from animals import qa_animal
from chat import conversation, interview
from facts import qa_colour, qa_opposite, qa_order, qa_translate
from language import held_out, normalise
from plain import plain_document
from sums import qa_arithmetic, qa_counting
from world import qa_story

QUESTION_PLAN = [
    (qa_counting, 18),
    (qa_arithmetic, 14),
    (qa_story, 20),
    (qa_opposite, 14),
    (qa_translate, 18),
    (qa_colour, 5),
    (qa_animal, 5),
    (qa_order, 6),
]


def questions(r):
    """100 held-out single questions, about half of them Korean."""
    rows, seen = [], set()
    for make, count in QUESTION_PLAN:
        k = 0
        while k < count:
            qa = make(r, "en" if k % 2 == 0 else "ko")
            if qa.kind == "too_big" or not held_out(qa.question) or normalise(qa.question) in seen:
                continue
            seen.add(normalise(qa.question))
            rows.append(
                {
                    "id": len(rows),
                    "kind": qa.kind,
                    "lang": qa.lang,
                    "messages": [{"role": "user", "content": qa.question}],
                    "accept": qa.answers,
                    "key": qa.key,
                }
            )
            k += 1
    return rows


def write_lines(path, rows):
    with open(path, "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--out", default="data")
    ap.add_argument("--plain", type=int, default=50000, help="training documents")
    ap.add_argument("--chat", type=int, default=200000, help="training conversations")
    ap.add_argument(
        "--interviews", type=float, default=0.0, help="share of conversations with many questions on one story"
    )
    ap.add_argument("--heldout-plain-bytes", type=int, default=24000)
    ap.add_argument("--heldout-chat-bytes", type=int, default=24000)
    ap.add_argument("--seed", type=int, default=20)
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    path = lambda name: os.path.join(args.out, name)

    r = random.Random(args.seed)
    docs = []
    while len(docs) < args.plain:
        text, out = plain_document(r)
        if not out:
            docs.append({"text": text})
    write_lines(path("train_plain.jsonl"), docs)
    seen = {normalise(d["text"]) for d in docs}

    chats = []
    while len(chats) < args.chat:
        row, out = interview(r) if args.interviews and r.random() < args.interviews else conversation(r)
        if not out:
            chats.append(row)
    write_lines(path("train_chat.jsonl"), chats)

    r = random.Random(args.seed + 1)
    docs, size = [], 0
    while size < args.heldout_plain_bytes:
        text, out = plain_document(r)
        if out and normalise(text) not in seen:
            docs.append(text)
            size += len(text.encode()) + 2
    with open(path("heldout_plain.txt"), "w", encoding="utf-8") as f:
        f.write("\n\n".join(docs) + "\n")

    rows, size = [], 0
    while size < args.heldout_chat_bytes:
        row, out = conversation(r)
        if out:
            rows.append(row)
            size += len(json.dumps(row, ensure_ascii=False).encode()) + 1
    write_lines(path("heldout_chat.jsonl"), rows)
    write_lines(path("questions.jsonl"), questions(random.Random(args.seed + 2)))


if __name__ == "__main__":
    main()
