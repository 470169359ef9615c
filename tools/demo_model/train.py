#!/usr/bin/env python3
"""Train the demo model: an Exaone4ForCausalLM with about 4.7 million parameters.

    python train.py --data data --model model --minutes 32

The learning-rate schedule follows the wall clock, so the run ends on time on any machine; pass
--steps N instead of --minutes for a schedule that does not depend on speed.
"""

import argparse
import json
import math
import os
import time

import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, Exaone4Config, Exaone4ForCausalLM, GenerationConfig

from batches import Batches, encode


def make_config(vocab):
    layers = 6
    return Exaone4Config(
        vocab_size=vocab,
        hidden_size=256,
        intermediate_size=640,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        hidden_act="silu",
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        rope_theta=1000000,
        rope_scaling={
            "factor": 16.0,
            "high_freq_factor": 4.0,
            "low_freq_factor": 1.0,
            "original_max_position_embeddings": 8192,
            "rope_type": "llama3",
        },
        sliding_window=None,
        sliding_window_pattern=None,
        layer_types=["full_attention"] * layers,
        attention_dropout=0.0,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=6,
        initializer_range=0.02,
    )


def init_weights(model):
    """Post-norm blocks write unit-RMS updates; start them smaller and the embeddings larger."""
    for name, p in model.named_parameters():
        if "embed_tokens" in name:
            torch.nn.init.normal_(p, std=0.1)
        elif p.dim() == 2:
            torch.nn.init.normal_(p, std=p.shape[1] ** -0.5)
        elif "post_" in name:
            torch.nn.init.constant_(p, 0.25)


def loss_of(model, x, y, w):
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(input_ids=x, use_cache=False).logits
    nll = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), y.flatten(), reduction="none")
    return (nll * w.flatten()).sum() / w.sum()


def save(model, path):
    """bf16 weights; the tied lm_head is not stored."""
    os.makedirs(path, exist_ok=True)
    state = {
        k: v.detach().to(torch.bfloat16).contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"
    }
    save_file(state, os.path.join(path, "model.safetensors"), metadata={"format": "pt"})
    config = model.config.to_dict()
    for key in ("transformers_version", "_name_or_path"):
        config.pop(key, None)
    config.update(architectures=["Exaone4ForCausalLM"], dtype="bfloat16", torch_dtype="bfloat16", use_cache=True)
    keep = set(Exaone4Config().to_diff_dict()) | {
        "architectures",
        "attention_dropout",
        "bos_token_id",
        "eos_token_id",
        "pad_token_id",
        "head_dim",
        "hidden_act",
        "hidden_size",
        "initializer_range",
        "intermediate_size",
        "layer_types",
        "max_position_embeddings",
        "model_type",
        "num_attention_heads",
        "num_hidden_layers",
        "num_key_value_heads",
        "rms_norm_eps",
        "rope_scaling",
        "rope_theta",
        "sliding_window",
        "sliding_window_pattern",
        "tie_word_embeddings",
        "torch_dtype",
        "use_cache",
        "vocab_size",
    }
    with open(os.path.join(path, "config.json"), "w") as f:
        json.dump({k: config[k] for k in sorted(keep) if k in config}, f, indent=2)
        f.write("\n")
    GenerationConfig(
        bos_token_id=1, eos_token_id=6, pad_token_id=0, do_sample=True, temperature=0.6, top_p=0.95
    ).save_pretrained(path)


def average(model, extra):
    """Mean of the gradients, and of the numbers in `extra`, over the workers."""
    params = list(model.parameters())
    flat = torch.cat([p.grad.flatten() for p in params] + [torch.tensor(extra)])
    if dist.is_initialized():
        dist.all_reduce(flat)
        flat /= dist.get_world_size()
    at = 0
    for p in params:
        p.grad.copy_(flat[at : at + p.numel()].view_as(p))
        at += p.numel()
    return flat[at:].tolist()


def work(rank, args):
    torch.set_num_threads(1)
    if args.workers > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{args.port}", rank=rank, world_size=args.workers)
    tok = AutoTokenizer.from_pretrained(args.model)
    batches = Batches(os.path.join(args.data, "tokens.npz"), tok.bos_token_id, args.seed + rank, args.plain_share)
    torch.manual_seed(args.seed)  # the same start everywhere
    model = Exaone4ForCausalLM(make_config(len(tok)))
    init_weights(model)
    if args.init:
        model.load_state_dict(load_file(os.path.join(args.init, "model.safetensors")), strict=False)  # lm_head is tied
    if rank == 0:
        print(
            f"plain {len(batches.plain)} tokens, chat {len(batches.chat)} tokens in {len(batches.ends)} conversations, "
            f"{sum(p.numel() for p in model.parameters())} parameters",
            flush=True,
        )
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() != 2]
    opt = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}],
        lr=args.lr,
        betas=(0.9, 0.98),
        eps=1e-8,
        fused=True,
    )

    start = saved = time.time()
    step, seen, mean, done = 0, 0, None, 0.0
    while done < 1:
        lr = args.lr * min(1, (step + 1) / args.warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in opt.param_groups:
            group["lr"] = lr
        length = 512 if step % 7 == 6 else 256
        x, y, w = batches.batch(args.tokens // args.workers // length, length)
        loss = loss_of(model, x, y, w)
        loss.backward()
        step += 1
        seen += x.numel() * args.workers
        progress = step / args.steps if args.steps else (time.time() - start) / (60 * args.minutes)
        value, done = average(model, [loss.item(), progress])
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad(set_to_none=True)
        mean = value if mean is None else 0.98 * mean + 0.02 * value
        if rank == 0 and step % 50 == 0:
            t = time.time() - start
            print(
                f"step {step} {t / 60:.1f} min loss {mean:.4f} lr {lr:.2e} norm {norm:.2f} "
                f"tok/s {seen / t:.0f} epoch {batches.epochs}",
                flush=True,
            )
        if rank == 0 and time.time() - saved > 240:
            save(model, args.checkpoint)
            saved = time.time()
    if rank == 0:
        save(model, args.model)
        with open(os.path.join(args.checkpoint, "training.json"), "w") as f:
            json.dump(
                {
                    "steps": step,
                    "tokens": seen,
                    "minutes": round((time.time() - start) / 60, 1),
                    "train_loss": round(mean, 4),
                },
                f,
            )
        print("done", step, "steps", seen, "tokens", flush=True)
    if args.workers > 1:
        dist.destroy_process_group()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", default="data")
    ap.add_argument("--model", default="model", help="folder with the tokenizer; the weights go there too")
    ap.add_argument("--checkpoint", default="checkpoint", help="folder for intermediate weights")
    ap.add_argument("--init", default="", help="folder with weights to start from (a second stage)")
    ap.add_argument("--minutes", type=float, default=32, help="wall-clock budget of the schedule")
    ap.add_argument("--steps", type=int, default=0, help="fixed number of steps instead of --minutes")
    ap.add_argument("--tokens", type=int, default=2048, help="tokens in one step, all workers together")
    ap.add_argument("--lr", type=float, default=3e-3)
    ap.add_argument("--warmup", type=int, default=200)
    ap.add_argument("--plain-share", type=float, default=0.2)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--workers", type=int, default=2, help="single-thread processes that share each step")
    ap.add_argument("--port", type=int, default=29517)
    args = ap.parse_args()

    os.makedirs(args.checkpoint, exist_ok=True)
    tokens = os.path.join(args.data, "tokens.npz")
    if not os.path.exists(tokens):
        encode(AutoTokenizer.from_pretrained(args.model), args.data, tokens)
    if args.workers > 1:
        torch.multiprocessing.spawn(work, args=(args,), nprocs=args.workers)
    else:
        work(0, args)


if __name__ == "__main__":
    main()
