#!/usr/bin/env python3
"""Writes a full-size checkpoint with random weights, for measuring speed and memory (never quality).

    pip install numpy
    python bench/convert/synthetic_checkpoint.py exaone4-1.2b OUT_DIR [--layers N] [--seed 0]

Shapes and config.json are those of the real models.  Weights are bfloat16, heavy-tailed, with a spread of row
and column scales, so that quantizers see realistic blocks; norm gains lie around 1.  Shards hold at most 4 GB.
"""

import argparse
import json
import pathlib
import struct

import numpy as np

LLAMA3_ROPE = {
    "rope_type": "llama3",
    "factor": 16.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}


def exaone4(hidden, ffn, layers, heads, head_dim, tied, window, max_positions):
    types = ["full_attention" if not window or layer % 4 == 3 else "sliding_attention" for layer in range(layers)]
    return {
        "architectures": ["Exaone4ForCausalLM"],
        "model_type": "exaone4",
        "hidden_size": hidden,
        "intermediate_size": ffn,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": 8,
        "head_dim": head_dim,
        "hidden_act": "silu",
        "vocab_size": 102400,
        "max_position_embeddings": max_positions,
        "rms_norm_eps": 1e-5,
        "rope_theta": 1000000,
        "rope_scaling": LLAMA3_ROPE,
        "sliding_window": window,
        "sliding_window_pattern": "LLLG" if window else None,
        "layer_types": types,
        "tie_word_embeddings": tied,
        "bos_token_id": 1,
        "eos_token_id": 361,
        "pad_token_id": 0,
        "attention_dropout": 0.0,
        "torch_dtype": "bfloat16",
        "use_cache": True,
    }


def llama(hidden, ffn, layers, heads, kv_heads, vocab, tied):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": ffn,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "hidden_act": "silu",
        "vocab_size": vocab,
        "max_position_embeddings": 131072,
        "rms_norm_eps": 1e-5,
        "rope_theta": 500000.0,
        "rope_scaling": {**LLAMA3_ROPE, "factor": 32.0},
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": tied,
        "bos_token_id": 128000,
        "eos_token_id": 128001,
        "torch_dtype": "bfloat16",
    }


SHAPES = {
    "exaone4-1.2b": exaone4(2048, 4096, 30, 32, 64, True, None, 65536),
    "exaone4-32b": exaone4(5120, 27392, 64, 40, 128, False, 4096, 131072),
    "llama3.2-1b": llama(2048, 8192, 16, 32, 8, 128256, True),
    "llama3.1-8b": llama(4096, 14336, 32, 32, 8, 128256, False),
}


def tensor_shapes(config):
    """Yields (name, shape) in file order."""
    d, f, v = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    head_dim = config.get("head_dim") or d // config["num_attention_heads"]
    q, kv = config["num_attention_heads"] * head_dim, config["num_key_value_heads"] * head_dim
    post_norm = config["model_type"] == "exaone4"
    yield "model.embed_tokens.weight", (v, d)
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        yield at + "self_attn.q_proj.weight", (q, d)
        yield at + "self_attn.k_proj.weight", (kv, d)
        yield at + "self_attn.v_proj.weight", (kv, d)
        yield at + "self_attn.o_proj.weight", (d, q)
        if post_norm:
            yield at + "self_attn.q_norm.weight", (head_dim,)
            yield at + "self_attn.k_norm.weight", (head_dim,)
        yield at + "mlp.gate_proj.weight", (f, d)
        yield at + "mlp.up_proj.weight", (f, d)
        yield at + "mlp.down_proj.weight", (d, f)
        yield at + ("post_attention_layernorm.weight" if post_norm else "input_layernorm.weight"), (d,)
        yield at + ("post_feedforward_layernorm.weight" if post_norm else "post_attention_layernorm.weight"), (d,)
    yield "model.norm.weight", (d,)
    if not config["tie_word_embeddings"]:
        yield "lm_head.weight", (v, d)


def to_bfloat16(values):
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def random_weight(shape, pool, rng):
    """bf16 bits of one tensor, produced in row slabs so that memory stays small."""
    if len(shape) == 1:
        yield to_bfloat16(rng.uniform(0.6, 1.4, shape).astype(np.float32))
        return
    rows, cols = shape
    column_scale = (np.exp(rng.normal(0, 0.3, cols)) / np.sqrt(cols)).astype(np.float32)
    slab = max(1, (1 << 22) // cols)
    for start in range(0, rows, slab):
        count = min(slab, rows - start)
        offset = int(rng.integers(0, pool.size - count * cols))
        row_scale = np.exp(rng.normal(0, 0.2, (count, 1))).astype(np.float32)
        yield to_bfloat16(pool[offset : offset + count * cols].reshape(count, cols) * row_scale * column_scale)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--layers", type=int, help="keep only the first N layers")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    config = dict(SHAPES[args.shape])
    if args.layers:
        config["num_hidden_layers"] = args.layers
        if "layer_types" in config:
            config["layer_types"] = config["layer_types"][: args.layers]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    rng = np.random.default_rng(args.seed)
    pool = rng.standard_t(5, 1 << 25).astype(np.float32)
    shards, size = [[]], 0
    for name, shape in tensor_shapes(config):
        nbytes = 2 * int(np.prod(shape))
        if shards[-1] and size + nbytes > 4_000_000_000:
            shards.append([])
            size = 0
        shards[-1].append((name, shape))
        size += nbytes

    weight_map = {}
    for index, shard in enumerate(shards):
        file = "model.safetensors" if len(shards) == 1 else f"model-{index + 1:05}-of-{len(shards):05}.safetensors"
        header, at = {"__metadata__": {"format": "pt"}}, 0
        for name, shape in shard:
            end = at + 2 * int(np.prod(shape))
            header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [at, end]}
            weight_map[name], at = file, end
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(args.out / file, "wb") as out:
            out.write(struct.pack("<Q", len(text)) + text)
            for name, shape in shard:
                for slab in random_weight(shape, pool, rng):
                    out.write(slab.tobytes())
    if len(shards) > 1:
        index = {
            "metadata": {"total_size": sum(2 * int(np.prod(s)) for _, s in tensor_shapes(config))},
            "weight_map": weight_map,
        }
        (args.out / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    total = sum(int(np.prod(s)) for _, s in tensor_shapes(config))
    print(f"{args.out}: {args.shape}, {len(weight_map)} tensors, {total:,} weights, {len(shards)} shard(s)")


if __name__ == "__main__":
    main()
