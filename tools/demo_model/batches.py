"""The token stream of the corpus, and the windows that training reads from it."""

import json
import os
import random

import numpy as np
import torch

PROMPT_WEIGHT = 0.2  # loss weight of system/user text in conversations; answers count 1


def encode(tok, data, path):
    """Tokenise once: the plain documents as one stream with blank lines between them, the conversations
    one after another with the loss weight of each token: PROMPT_WEIGHT for system and user text, 1 for
    answers, 0 for the empty think block, which the generation prompt always supplies."""
    with open(os.path.join(data, "train_plain.jsonl"), encoding="utf-8") as f:
        docs = [json.loads(line)["text"] + "\n\n" for line in f]
    plain = [e.ids for e in tok._tokenizer.encode_batch_fast(docs, add_special_tokens=False)]
    with open(os.path.join(data, "train_chat.jsonl"), encoding="utf-8") as f:
        texts = [tok.apply_chat_template(json.loads(line)["messages"], tokenize=False) for line in f]
    begin_prompt = set(tok.convert_tokens_to_ids(["[|user|]", "[|system|]"]))
    begin_answer = tok.convert_tokens_to_ids("[|assistant|]")
    empty = tok("<think>\n\n</think>\n\n", add_special_tokens=False)["input_ids"]
    chat, weight, ends = [], [], []
    for start in range(0, len(texts), 10000):
        for e in tok._tokenizer.encode_batch_fast(texts[start : start + 10000], add_special_tokens=False):
            inside, row = False, []
            for k, i in enumerate(e.ids):
                inside = inside and i not in begin_prompt
                row.append(1.0 if inside else PROMPT_WEIGHT)
                inside = inside or i == begin_answer
                if i == empty[-1] and e.ids[k + 1 - len(empty) : k + 1] == empty:
                    row[-len(empty) :] = [0.0] * len(empty)
            weight.extend(row)
            chat.extend(e.ids)
            ends.append(len(chat))
    np.savez(
        path,
        plain=np.concatenate([np.asarray(p, dtype=np.int16) for p in plain]),
        chat=np.asarray(chat, dtype=np.int16),
        weight=np.asarray(weight, dtype=np.float32),
        ends=np.asarray(ends, dtype=np.int64),
    )


class Batches:
    """Windows of `length` tokens.  Plain windows are cut from the stream; conversation windows start
    with a whole conversation and are filled with more of them, the last one cut at the edge."""

    def __init__(self, path, bos, seed, plain_share):
        with np.load(path) as f:
            self.plain, self.chat, self.weight = f["plain"], f["chat"], f["weight"]
            self.ends = f["ends"].tolist()
        self.bos, self.plain_share = bos, plain_share
        self.r = random.Random(seed)
        self.offset = self.r.randrange(len(self.plain))
        self.order, self.next, self.epochs = [], 0, 0

    def conversation(self):
        if self.next == len(self.order):
            self.order = list(range(len(self.ends)))
            self.r.shuffle(self.order)
            self.next, self.epochs = 0, self.epochs + 1
        k = self.order[self.next]
        self.next += 1
        part = slice(self.ends[k - 1] if k else 0, self.ends[k])
        return self.chat[part], self.weight[part]

    def window(self, length):
        """length + 1 ids and the weights of the length predictions."""
        ids, weights = [], []
        if self.r.random() < 0.1:
            ids, weights = [np.array([self.bos], dtype=np.int16)], [np.zeros(1, dtype=np.float32)]
        size = len(ids)
        if self.r.random() < self.plain_share:
            n = length + 1 - size
            if self.offset + n > len(self.plain):
                self.offset = self.r.randrange(256)
            ids.append(self.plain[self.offset : self.offset + n])
            weights.append(np.ones(n, dtype=np.float32))
            self.offset += n - 1
        else:
            while size < length + 1:
                i, w = self.conversation()
                ids.append(i)
                weights.append(w)
                size += len(i)
        return np.concatenate(ids)[: length + 1], np.concatenate(weights)[1 : length + 1]

    def batch(self, rows, length):
        pairs = [self.window(length) for _ in range(rows)]
        ids = torch.from_numpy(np.stack([p[0] for p in pairs]).astype(np.int64))
        return ids[:, :-1], ids[:, 1:], torch.from_numpy(np.stack([p[1] for p in pairs]))
