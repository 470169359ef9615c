#!/usr/bin/env python3
"""Measure the demo model with transformers in fp32 and write eval/reference.json.

    python evaluate.py --model model --eval eval

Perplexity on heldout_plain.txt: the whole file is tokenised at once without [BOS]; the ids are cut
into consecutive windows of 256 (the last one may be shorter); inside each window every token but the
first is predicted from those before it; the result is the mean negative log-likelihood over all
predicted tokens, and its exponential.

Perplexity on heldout_chat.jsonl: every conversation is rendered with the chat template and read
alone; once over all tokens but the first, once over the last answer only (with its [|endofturn|]).

Questions: greedy decoding, thinking off, at most 64 new tokens; right when the answer, stripped of
surrounding space, is one of the accepted ones.
"""

import argparse
import collections
import json
import math
import os

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

WINDOW = 256
TRANSCRIPTS = [
    ("Who are you?", False),
    ("Emma has a red ball. Leo has a book. Emma gives the ball to Leo. Who has the ball?", False),
    ("How do you say apple in Korean?", False),
    ("크다의 반대말은 뭐예요?", False),
    ("Nora has 7 coins. Nora finds 5 more. Then Nora gives away 4. How many coins does Nora have now?", True),
]


def nll_of(model, ids):
    """Negative log-likelihood of ids[1:], one number per token."""
    x = torch.tensor([ids])
    with torch.no_grad():
        logits = model(input_ids=x, use_cache=False).logits.float()
    return torch.nn.functional.cross_entropy(logits[0, :-1], x[0, 1:], reduction="none").double()


def plain_perplexity(model, tok, path):
    with open(path, encoding="utf-8") as f:
        ids = tok(f.read(), add_special_tokens=False)["input_ids"]
    parts = [nll_of(model, ids[i : i + WINDOW]) for i in range(0, len(ids), WINDOW) if len(ids) - i > 1]
    mean = torch.cat(parts).mean().item()
    return {
        "tokens": len(ids),
        "windows": len(parts),
        "predicted_tokens": sum(len(p) for p in parts),
        "mean_nll": mean,
        "perplexity": math.exp(mean),
        "first_window_mean_nll": parts[0].mean().item(),
    }


def chat_perplexity(model, tok, path):
    whole, answers = [], []
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    for row in rows:
        ids = tok.apply_chat_template(row["messages"])
        prompt = tok.apply_chat_template(
            row["messages"][:-1], add_generation_prompt=True, enable_thinking=row["thinking"]
        )
        assert ids[: len(prompt)] == prompt
        nll = nll_of(model, ids)
        whole.append(nll)
        answers.append(nll[len(prompt) - 1 : -1])  # without the newline after [|endofturn|]
    result = {"conversations": len(rows)}
    for name, parts in (("all_tokens", whole), ("last_answer", answers)):
        mean = torch.cat(parts).mean().item()
        result[name] = {"predicted_tokens": sum(len(p) for p in parts), "mean_nll": mean, "perplexity": math.exp(mean)}
    return result


def greedy(model, tok, messages, thinking, limit=64):
    """(prompt ids, new ids, text, smallest gap between the best and the second logit)"""
    prompt = tok.apply_chat_template(messages, add_generation_prompt=True, enable_thinking=thinking)
    x = torch.tensor([prompt])
    with torch.no_grad():
        out = model.generate(
            x,
            attention_mask=torch.ones_like(x),
            do_sample=False,
            temperature=None,
            top_p=None,
            max_new_tokens=limit,
            output_logits=True,
            return_dict_in_generate=True,
        )
    new = out.sequences[0, len(prompt) :].tolist()
    top = torch.stack([l[0].float().topk(2).values for l in out.logits])
    return prompt, new, tok.decode(new, skip_special_tokens=True), (top[:, 0] - top[:, 1]).min().item()


def ask(model, tok, rows, thinking=False):
    """Per-kind [right, asked] and the wrong ones."""
    score, wrong = collections.defaultdict(lambda: [0, 0]), []
    for row in rows:
        text = greedy(model, tok, row["messages"], thinking)[2]
        text = text.split("</think>")[-1].strip()
        good = text in row["accept"]
        score[row["kind"]][0] += good
        score[row["kind"]][1] += 1
        if not good:
            wrong.append((row["id"], row["accept"][0], text))
    return score, wrong


def activation_range(model, tok, folder):
    """Largest absolute value of each kind of activation, per layer, over the held-out texts."""
    top, hooks = collections.defaultdict(float), []

    def watch(name, index=None):
        def hook(module, inputs, output):
            value = inputs[0] if index == "input" else (output[0] if isinstance(output, tuple) else output)
            top[name] = max(top[name], value.abs().max().item())

        return hook

    for i, layer in enumerate(model.model.layers):
        a, m = layer.self_attn, layer.mlp
        for name, module, index in (
            ("residual", layer, None),
            ("q_proj", a.q_proj, None),
            ("k_proj", a.k_proj, None),
            ("v_proj", a.v_proj, None),
            ("q_norm", a.q_norm, None),
            ("k_norm", a.k_norm, None),
            ("o_proj", a.o_proj, None),
            ("gate_proj", m.gate_proj, None),
            ("up_proj", m.up_proj, None),
            ("gated", m.down_proj, "input"),
            ("down_proj", m.down_proj, None),
            ("post_attention_norm", layer.post_attention_layernorm, None),
            ("post_feedforward_norm", layer.post_feedforward_layernorm, None),
        ):
            hooks.append(module.register_forward_hook(watch((i, name), index)))
    hooks.append(model.model.embed_tokens.register_forward_hook(watch("embedding")))
    hooks.append(model.model.norm.register_forward_hook(watch("final_norm")))
    hooks.append(model.lm_head.register_forward_hook(watch("logits")))
    plain_perplexity(model, tok, os.path.join(folder, "heldout_plain.txt"))
    chat_perplexity(model, tok, os.path.join(folder, "heldout_chat.jsonl"))
    for h in hooks:
        h.remove()
    layers = [
        {name: round(v, 3) for (k, name), v in ((k, v) for k, v in top.items() if isinstance(k, tuple)) if k == i}
        for i in range(len(model.model.layers))
    ]
    return {
        "embedding": round(top["embedding"], 3),
        "layers": layers,
        "final_norm": round(top["final_norm"], 3),
        "logits": round(top["logits"], 3),
    }


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--model", default="model")
    ap.add_argument(
        "--eval", default="eval", help="folder with heldout_plain.txt, heldout_chat.jsonl and questions.jsonl"
    )
    ap.add_argument("--out", default="", help="default: reference.json in the eval folder")
    ap.add_argument("--threads", type=int, default=1)
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    path = lambda name: os.path.join(args.eval, name)

    tok = AutoTokenizer.from_pretrained(args.model)
    load = lambda dtype: AutoModelForCausalLM.from_pretrained(
        args.model, dtype=dtype, attn_implementation="eager"
    ).eval()
    model = load(torch.float32)
    with open(path("questions.jsonl"), encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]

    plain = plain_perplexity(model, tok, path("heldout_plain.txt"))
    chat = chat_perplexity(model, tok, path("heldout_chat.jsonl"))
    print("plain", plain, "\nchat", chat)
    score, wrong = ask(model, tok, rows)
    right = sum(v[0] for v in score.values())
    think_score, think_wrong = ask(model, tok, [r for r in rows if r["kind"] == "counting"], thinking=True)
    print(f"questions {right}/{len(rows)}", dict(score), "| counting with thinking", think_score["counting"])
    for row in wrong + think_wrong:
        print("  wrong:", *row, sep=" | ")

    transcripts = []
    for text, thinking in TRANSCRIPTS:
        messages = [{"role": "user", "content": text}]
        prompt, new, answer, gap = greedy(model, tok, messages, thinking)
        transcripts.append(
            {
                "messages": messages,
                "enable_thinking": thinking,
                "prompt_ids": prompt,
                "output_ids": new,
                "output_text": answer,
                "smallest_logit_gap": round(gap, 3),
            }
        )
        print(repr(answer), f"gap {gap:.2f}")

    reference = {
        "dtype": "float32 arithmetic on the stored bfloat16 weights",
        "heldout_plain": {
            "protocol": "whole file tokenised without [BOS]; consecutive windows of 256 ids; every id but the first of "
            "a window is predicted; mean over all predicted ids",
            "window": WINDOW,
            **plain,
        },
        "heldout_chat": {"protocol": "each conversation rendered with the chat template and read alone", **chat},
        "questions": {
            "protocol": "greedy, thinking off, at most 64 new tokens, exact match with an accepted answer",
            "asked": len(rows),
            "right": right,
            "by_kind": {k: {"right": v[0], "asked": v[1]} for k, v in score.items()},
            "wrong_ids": [w[0] for w in wrong],
            "counting_with_thinking": {"right": think_score["counting"][0], "asked": think_score["counting"][1]},
        },
        "transcripts": transcripts,
        "max_abs_activation": activation_range(model, tok, args.eval),
        "perplexity_in_other_dtypes": {
            "bfloat16": plain_perplexity(load(torch.bfloat16), tok, path("heldout_plain.txt"))["perplexity"],
            "float16": plain_perplexity(load(torch.float16), tok, path("heldout_plain.txt"))["perplexity"],
        },
    }
    for i, layer in enumerate(reference["max_abs_activation"]["layers"]):
        print("layer", i, layer)
    print(
        {k: v for k, v in reference["max_abs_activation"].items() if k != "layers"},
        reference["perplexity_in_other_dtypes"],
    )
    with open(args.out or path("reference.json"), "w", encoding="utf-8") as f:
        json.dump(reference, f, ensure_ascii=False, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
