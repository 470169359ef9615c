"""Tiny llamas that are quantized, written as the libraries of each format lay them out, with the weights that they stand for."""

import json

import gguf
import numpy as np
from command import GOLDEN, write_tensors
from gguf_test import Converter, as_floats

WIDTH, MLP, HEADS, KV_HEADS, HEAD_DIM, VOCABULARY, LAYERS = 256, 512, 4, 2, 64, 320, 2
AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]


def write_config(folder, **more):
    config = json.loads((GOLDEN / "llama-gqa" / "config.json").read_text())
    config.update(hidden_size=WIDTH, intermediate_size=MLP, head_dim=HEAD_DIM, vocab_size=VOCABULARY, num_hidden_layers=LAYERS,
                  num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, tie_word_embeddings=False, torch_dtype="float16", **more)
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))


def linear_shapes():
    """Names of the linear layers without ".weight", and [rows, cols]."""
    for i in range(LAYERS):
        attention, mlp = f"model.layers.{i}.self_attn.", f"model.layers.{i}.mlp."
        yield from {attention + "q_proj": (HEADS * HEAD_DIM, WIDTH), attention + "k_proj": (KV_HEADS * HEAD_DIM, WIDTH),
                    attention + "v_proj": (KV_HEADS * HEAD_DIM, WIDTH), attention + "o_proj": (WIDTH, HEADS * HEAD_DIM),
                    mlp + "gate_proj": (MLP, WIDTH), mlp + "up_proj": (MLP, WIDTH), mlp + "down_proj": (WIDTH, MLP)}.items()


def plain_tensors(rng):
    tensors = {"model.embed_tokens.weight": rng.normal(size=(VOCABULARY, WIDTH)).astype(np.float16),
               "lm_head.weight": (rng.normal(size=(VOCABULARY, WIDTH)) / 16).astype(np.float16),
               "model.norm.weight": np.ones(WIDTH, np.float16)}
    for i in range(LAYERS):
        for norm in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"model.layers.{i}.{norm}.weight"] = np.ones(WIDTH, np.float16)
    return tensors


def save(folder, tensors):
    names = {"float16": "F16", "float32": "F32", "int32": "I32", "int64": "I64", "int8": "I8", "uint16": "BF16"}
    header, data = {}, b""
    for name, values in tensors.items():
        raw = np.ascontiguousarray(values).tobytes()
        header[name] = {"dtype": names[str(values.dtype)], "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    write_tensors(folder / "model.safetensors", header, data)


def random_codes(rng, rows, cols, groups, bits, symmetric):
    """Codes, scales and zeros: [rows, cols], [rows, groups], [rows, groups]."""
    codes = rng.integers(0, 2**bits, (rows, cols))
    scales = (rng.uniform(0.5, 2, (rows, groups)) / 2**bits / np.sqrt(cols) * 4).astype(np.float16)
    zeros = np.full((rows, groups), 2 ** (bits - 1)) if symmetric else rng.integers(1, 2**bits - 1, (rows, groups))
    return codes, scales, zeros


def weights_of(codes, scales, zeros, group_of):
    return scales.astype(np.float32)[:, group_of] * (codes - zeros[:, group_of]).astype(np.float32)


def words(values, axis, bits=4):
    """Neighbours along an axis in words of 32 bits, the first in the lowest bits."""
    n = 32 // bits
    values = np.moveaxis(values, axis, -1)
    values = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % n)])
    values = values.reshape(*values.shape[:-1], -1, n).astype(np.uint64)
    packed = (values << (np.arange(n, dtype=np.uint64) * np.uint64(bits))).sum(-1).astype(np.uint32)
    return np.moveaxis(packed.view(np.int32), -1, axis)


def neighbours(cols, groups):
    return np.arange(cols) // (cols // groups)


def write_gptq(folder, rng, group=128, bits=4, symmetric=True, activation_order=False, version="gptq"):
    """Returns the weight of each layer."""
    write_config(folder, quantization_config={"quant_method": "gptq", "bits": bits, "group_size": group, "desc_act": activation_order,
                                              "sym": symmetric, "checkpoint_format": version, "damp_percent": 0.01})
    tensors, expected = plain_tensors(rng), {}
    for name, (rows, cols) in linear_shapes():
        groups = 1 if group == -1 else cols // group
        codes, scales, zeros = random_codes(rng, rows, cols, groups, bits, symmetric)
        group_of = neighbours(cols, groups)
        if activation_order:
            group_of = rng.permutation(group_of)
        stored = (zeros - 1 if version == "gptq" else zeros) % 2**bits
        tensors |= {f"{name}.qweight": words(codes.T, 0, bits), f"{name}.qzeros": words(stored.T, 1, bits), f"{name}.scales": scales.T,
                    f"{name}.g_idx": group_of.astype(np.int32)}
        expected[name] = weights_of(codes, scales, zeros, group_of)
    save(folder, tensors)
    return expected


def write_awq(folder, rng, group=64):
    write_config(folder, quantization_config={"quant_method": "awq", "bits": 4, "group_size": group, "zero_point": True, "version": "gemm",
                                              "modules_to_not_convert": None})
    tensors, expected = plain_tensors(rng), {}
    for name, (rows, cols) in linear_shapes():
        codes, scales, zeros = random_codes(rng, rows, cols, cols // group, 4, False)

        def interleaved(values):  # [x, rows]
            return words(values.reshape(values.shape[0], -1, 8)[:, :, AWQ_ORDER].reshape(values.shape), 1)

        tensors |= {f"{name}.qweight": interleaved(codes.T), f"{name}.qzeros": interleaved(zeros.T), f"{name}.scales": scales.T}
        expected[name] = weights_of(codes, scales, zeros, neighbours(cols, cols // group))
    save(folder, tensors)
    return expected


def to_bf16(values):
    """Rounded towards zero, as bits and as what they stand for."""
    bits = (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return bits, (bits.astype(np.uint32) << 16).view(np.float32)


def write_compressed(folder, rng, bits=4, group=128, symmetric=True, packed=True):
    scheme = {"num_bits": bits, "type": "int", "symmetric": symmetric, "strategy": "channel" if group == -1 else "group",
              "group_size": None if group == -1 else group, "dynamic": False, "actorder": None}
    write_config(folder, quantization_config={
        "quant_method": "compressed-tensors", "format": "pack-quantized" if packed else "int-quantized", "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": scheme,
                                      "input_activations": None if packed else {"num_bits": 8, "dynamic": True}}},
        "ignore": ["lm_head"], "kv_cache_scheme": None})
    tensors, expected = plain_tensors(rng), {}
    for name, (rows, cols) in linear_shapes():
        groups = 1 if group == -1 else cols // group
        codes, scales, zeros = random_codes(rng, rows, cols, groups, bits, symmetric)
        scale_bits, scales = to_bf16(scales)
        if packed:
            tensors |= {f"{name}.weight_packed": words(codes, 1, bits), f"{name}.weight_shape": np.array([rows, cols], np.int64)}
        else:
            tensors[f"{name}.weight"] = (codes - 128).astype(np.int8)
        tensors[f"{name}.weight_scale"] = scale_bits
        if not symmetric:
            tensors[f"{name}.weight_zero_point"] = words(zeros, 0, bits) if packed else (zeros - 128).astype(np.int8)
        expected[name] = weights_of(codes, scales, zeros, neighbours(cols, groups))
    save(folder, tensors)
    return expected


# Where blocks that the `gguf` package cannot make have their fp16 numbers, and how large these are here.
MADE_BLOCKS = {gguf.GGMLQuantizationType.Q4_K: ([0, 2], 2e-5), gguf.GGMLQuantizationType.Q6_K: ([208], 2e-5),
               gguf.GGMLQuantizationType.IQ4_NL: ([0], 1e-3)}


def made_blocks(rng, kind, rows, cols):
    """Random blocks with small scales."""
    per_block, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (rows, cols // per_block, size), dtype=np.uint8)
    places, scale = MADE_BLOCKS[kind]
    for at in places:
        blocks[:, :, at:at + 2] = np.array([scale], np.float16).view(np.uint8)
    return blocks.reshape(rows, -1)


def write_gguf(path, folder, rng, kinds):
    """`kinds`: the storage of each tensor by a part of its name; the first that fits. Returns the weight of each layer in the order of
    the safetensors route."""
    write_config(folder)
    (folder / "config.json").write_text(json.dumps(json.loads((folder / "config.json").read_text()) | {"rope_scaling": None}))
    tensors = plain_tensors(rng)
    for name, (rows, cols) in linear_shapes():
        tensors[name + ".weight"] = (rng.normal(size=(rows, cols)) / np.sqrt(cols)).astype(np.float16)
    save(folder, tensors)
    converter = Converter(folder, path)
    converter.add_keys()
    names = gguf.get_tensor_name_map(converter.arch, LAYERS)
    expected = {}
    for name, entry in converter.header.items():
        values = np.ascontiguousarray(converter.laid_out(name, as_floats(converter.data, entry)))
        plain = gguf.GGMLQuantizationType.F16 if values.ndim == 2 else gguf.GGMLQuantizationType.F32
        kind = next((kind for part, kind in kinds.items() if part in name), plain)
        stored = made_blocks(rng, kind, *values.shape) if kind in MADE_BLOCKS else gguf.quantize(values, kind)
        converter.writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), stored, raw_dtype=kind)
        weights = gguf.dequantize(stored, kind).astype(np.float32)
        if ".q_proj." in name or ".k_proj." in name:
            rows = weights.shape[0]
            heads = rows // HEAD_DIM
            weights = weights.reshape(heads, HEAD_DIM // 2, 2, -1).swapaxes(1, 2).reshape(rows, -1)
        expected[name.removesuffix(".weight")] = weights
    converter.writer.write_header_to_file()
    converter.writer.write_kv_data_to_file()
    converter.writer.write_tensors_to_file()
    converter.writer.close()
    return expected
