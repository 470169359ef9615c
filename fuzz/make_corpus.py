#!/usr/bin/env python3
"""Writes the seeds of every fuzz target into fuzz/corpus: good inputs in every form, and the known attacks on each format.

Usage: fuzz/make_corpus.py BUILD/fuzz/fuzz_sample_seeds
"""

import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
GOLDEN = CORPUS.parent.parent / "tests/golden/text/templates.jsonl"
MAX_BYTES = 500_000


def write(target, seeds):
    folder = CORPUS / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, seed in seeds.items():
        (folder / name).write_bytes(seed if isinstance(seed, bytes) else seed.encode())


def file(header, data=b"", size=None):
    """A safetensors file; `header` is an object or raw bytes, `size` what the first 8 bytes claim."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if size is None else size) + raw + data


def entry(shape, begin, end, dtype="U8"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors():
    good = {"a": entry([2], 0, 4, "F16"), "b": entry([], 4, 8, "F32"), "__metadata__": {"format": "pt"}}
    whole = file(good, b"12345678")

    def one(**changes):
        return file({"w": {**entry([8], 0, 8), **changes}}, b"12345678")

    def layer(*tensors):
        """Tensors of a quantized layer: (name, dtype, shape, bytes)."""
        header, data = {}, b""
        for name, dtype, shape, values in tensors:
            header[name] = entry(shape, len(data), len(data) + len(values), dtype)
            data += values
        return file(header, data)

    columns = [("a.qweight", "I32", [2, 8], bytes(64)), ("a.qzeros", "I32", [2, 1], bytes(8)), ("a.scales", "F16", [2, 8], bytes(32))]
    packed = [("a.weight_packed", "I32", [2, 2], bytes(16)), ("a.weight_scale", "BF16", [2, 1], bytes(4))]

    def sizes(*dims):
        return ("a.weight_shape", "I64", [2], struct.pack("<qq", *dims))

    return {
        "good": whole,
        "packed_columns": layer(*columns),
        "packed_columns_order": layer(*columns, ("a.g_idx", "I32", [16], struct.pack("<16i", *([0, 1] * 8)))),
        "packed_columns_group_wrong": layer(*columns, ("a.g_idx", "I32", [16], struct.pack("<16i", *([-1, 2] * 8)))),
        "packed_columns_alone": layer(columns[0]),
        "packed_interleaved": layer(("a.qweight", "I32", [16, 1], bytes(64)), *columns[1:]),
        "packed_words": layer(*packed, sizes(2, 10)),
        "packed_words_8": layer(*packed, sizes(2, 5), ("a.weight_zero_point", "I32", [1, 1], bytes(4))),
        "packed_words_negative": layer(*packed, sizes(2, -10)),
        "packed_words_huge": layer(*packed, sizes(2, 2**63 - 1)),
        "packed_bytes": layer(("a.weight", "I8", [2, 4], bytes(8)), ("a.weight_scale", "F32", [2, 2], bytes(16)),
                              ("a.weight_zero_point", "I8", [2, 2], bytes(4))),
        "no_tensors": file({}),
        "unaligned": file({"a": entry([1], 3, 7, "F32"), "b": entry([3], 0, 3)}, b"1234567"),
        "zero_size": file({"a": entry([0, 4], 0, 0), "b": entry([2], 0, 2), "c": entry([0], 2, 2)}, b"12"),
        "padded": file(json.dumps(good).encode() + b"   ", b"12345678"),
        "every_dtype": file({d: entry([0], 0, 0, d) for d in
                             "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64 F4".split()}),
        "empty": b"",
        "short_length": whole[:7],
        "no_header": whole[:8],
        "cut_header": whole[:40],
        "cut_data": whole[:-1],
        "trailing": whole + b"PK\3\4",
        "length_huge": file(good, b"12345678", 2**64 - 1),
        "length_over_file": file(good, b"12345678", 10_000),
        "length_over_cap": file(good, b"12345678", 100_000_001),
        "length_zero": file(b"", b"12345678"),
        "not_json": file(b"{not json}"),
        "not_utf8": file(b'{"\xff\xfe": 1}'),
        "array": file(b"[]"),
        "leading_space": file(b" {}"),
        "nul_behind": file(b"{}\0{}"),
        "duplicate_name": file(b'{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"U8","shape":[0],'
                               b'"data_offsets":[0,0]}}'),
        "duplicate_key": file(b'{"w":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}}'),
        "overlap": file({"a": entry([5], 0, 5), "b": entry([4], 4, 8)}, b"12345678"),
        "shared": file({"a": entry([8], 0, 8), "b": entry([8], 0, 8)}, b"12345678"),
        "gap": file({"a": entry([3], 0, 3), "b": entry([4], 4, 8)}, b"12345678"),
        "reversed": one(data_offsets=[8, 0]),
        "out_of_range": one(shape=[9], data_offsets=[0, 9]),
        "offset_huge": one(shape=[1], data_offsets=[2**64 - 2, 2**64 - 1]),
        "shape_overflow": one(shape=[2**32, 2**32]),
        "shape_overflow_zero": one(shape=[2**40, 2**40, 0], data_offsets=[0, 0]),
        "bits_overflow": one(dtype="F64", shape=[2**60], data_offsets=[0, 8]),
        "negative": one(shape=[-8]),
        "fraction": one(shape=[8.0]),
        "beyond_64_bits": one(shape=[2**65]),
        "rank_huge": one(shape=[1] * 500 + [8]),
        "dtype_unknown": one(dtype="F7"),
        "dtype_missing": file({"w": {"shape": [8], "data_offsets": [0, 8]}}, b"12345678"),
        "metadata_number": file({"__metadata__": {"a": 1}}),
        "nested": file(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"),
        "name_nul": file({"a\0b": entry([1], 0, 1)}, b"x"),
        "name_newline": file({"../a\nb": entry([1], 0, 1)}, b"x"),
        "bomb": file({f"t{i}": entry([8], 0, 8) for i in range(100)}, b"12345678"),
    }


def index():
    def mapped(weight_map):
        return json.dumps({"metadata": {"total_size": 2}, "weight_map": weight_map})
    seeds = {"good": mapped({"a": "1.safetensors", "b": "2.safetensors"}),
             "missing_shard": mapped({"a": "1.safetensors", "b": "3.safetensors"}),
             "wrong_shard": mapped({"a": "2.safetensors", "b": "1.safetensors"}),
             "missing_tensor": mapped({"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"}),
             "no_map": "{}", "empty_map": mapped({}), "list_map": mapped(["1.safetensors"]), "number": mapped({"a": 1}),
             "duplicate": '{"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}}', "not_json": "weight_map"}
    for i, name in enumerate(["", ".", "..", "../1.safetensors", "/etc/passwd", "a/b", "a\\b", "a\0b", "1.safetensors/"]):
        seeds[f"name_{i}"] = mapped({"a": name, "b": "2.safetensors"})
    return seeds


def listing():
    commit, sha256 = "0123456789abcdef0123456789abcdef01234567", "ab" * 32

    def holding(*siblings):
        return json.dumps({"sha": commit, "siblings": siblings, "gated": False})

    def plain(name, size=3):
        return {"rfilename": name, "size": size, "blobId": commit}

    def stored(name, size=5, digest=sha256):
        return {**plain(name), "lfs": {"sha256": digest, "size": size, "pointerSize": 130}}
    seeds = {"good": holding(plain("config.json"), plain("LICENSE"), plain("tokenizer.json"), stored("model.safetensors")),
             "sharded": holding(plain("config.json"), plain("model.safetensors.index.json"), stored("a.safetensors")),
             "names_alone": holding({"rfilename": "config.json"}, {"rfilename": "model.safetensors"}),
             "pickled": holding(plain("pytorch_model.bin")), "empty": holding(), "no_list": json.dumps({"sha": commit}),
             "not_a_commit": json.dumps({"sha": "../main", "siblings": []}), "negative": holding(plain("config.json", -1)),
             "huge": holding(stored("model.safetensors", 2**63 - 1)), "digest": holding(stored("a", 1, "../" * 21 + "x"))}
    for i, name in enumerate(["", ".", "..", "../a", "/etc/passwd", "a/../../b", "a\\b", "a\0b", "a//b", "a/"]):
        seeds[f"name_{i}"] = holding(plain(name))
    return seeds


def report():
    shares = [{"function": "decode", "unit": "neuralEngine", "operations": 9, "types": {"conv": 9}},
              {"function": "decode", "unit": "cpu", "operations": 1, "types": {"gather": 1}}]
    findings = [{"rule": "L43", "severity": "warning", "function": "decode", "operation": "gather", "count": 1},
                {"rule": "L13", "severity": "error", "function": "", "operation": "conv", "count": 2}]
    good = {"computeUnit": "neuralEngine", "passed": True, "failures": ["none"], "fp32": {"psnr": 60.5, "maxAbs": 0.1, "agreeing": 3, "positions": 4},
            "loadSeconds": 1.5, "shares": shares, "lint": {"unit": "ane", "verdict": "1 error", "findings": findings}}

    def holding(*checks):
        return json.dumps({"format": "cortland.report", "version": 1, "checks": list(checks)})
    return {"good": holding(good), "alone": json.dumps(good), "none": holding(), "no_unit": holding({"passed": True}),
            "negative": holding({**good, "shares": [{**shares[0], "operations": -1}]}), "version": '{"format": "cortland.report", "version": 9}'}


LLAMA3 = {"rope_type": "llama3", "factor": 16.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 8192}


def config():
    good = {"architectures": ["Exaone4ForCausalLM"], "model_type": "exaone4", "torch_dtype": "bfloat16", "hidden_size": 64,
            "intermediate_size": 96, "num_hidden_layers": 5, "num_attention_heads": 4, "num_key_value_heads": 2,
            "head_dim": 16, "hidden_act": "silu", "vocab_size": 320, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
            "rope_theta": 1e6, "rope_scaling": LLAMA3, "sliding_window": None, "sliding_window_pattern": None,
            "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": [2, 3]}

    def changed(drop=(), **changes):
        return json.dumps({key: value for key, value in {**good, **changes}.items() if key not in drop})

    types = ["sliding_attention", "full_attention"]
    typed = {"full_attention": {"rope_theta": 1e4}, "sliding_attention": {"rope_theta": 1e6, **LLAMA3}}
    return {
        "full": changed(),
        "pattern_string": changed(sliding_window=8, sliding_window_pattern="LLLG"),
        "pattern_number": changed(sliding_window=8, sliding_window_pattern=4),
        "pattern_null": changed(sliding_window=8),
        "defaults": changed(("sliding_window", "sliding_window_pattern", "head_dim", "num_key_value_heads", "rope_scaling")),
        "layer_types": changed(sliding_window=8, layer_types=types * 2 + types[:1]),
        "layer_types_short": changed(layer_types=types),
        "rope_flat": changed(("rope_theta", "rope_scaling"), rope_parameters={"rope_theta": 1e6, **LLAMA3}),
        "rope_typed": changed(("rope_theta", "rope_scaling"), rope_parameters=typed, sliding_window=8,
                              sliding_window_pattern=2),
        "rope_linear": changed(rope_scaling={"type": "linear", "factor": 4}),
        "rope_yarn": changed(rope_scaling={"rope_type": "yarn", "factor": 4, "beta_fast": 32}),
        "rope_zero": changed(rope_scaling={**LLAMA3, "factor": 0, "low_freq_factor": -1}),
        "quantized": changed(quantization_config={"quant_method": "gptq", "bits": 4}),
        "quantized_text": changed(quantization_config="fp8"),
        "quantized_awq": changed(quantization_config={"quant_method": "awq", "bits": 4, "group_size": 48, "version": "gemv"}),
        "quantized_compressed": changed(quantization_config={
            "quant_method": "compressed-tensors", "format": "pack-quantized", "sparsity_config": {"format": "sparse"},
            "config_groups": {"a": {"weights": {"num_bits": 4, "type": "int"}, "input_activations": {}}, "b": [], "c": {"weights": 1}}}),
        "unknown_key": changed(logit_scale=2.0),
        "unknown_family": changed(model_type="rwkv", auto_map={"AutoConfig": "a.B"}),
        "no_family": changed(("model_type",)),
        "missing": changed(("hidden_size", "vocab_size", "num_hidden_layers")),
        "wrong_types": changed(hidden_size="64", head_dim=[16], eos_token_id={"a": 1}, rope_scaling=3, layer_types=3),
        "negative": changed(hidden_size=-64, bos_token_id=-1, rms_norm_eps=-1),
        "huge": changed(hidden_size=1 << 20, intermediate_size=1 << 20, num_hidden_layers=20, num_attention_heads=1024,
                        num_key_value_heads=1024, head_dim=1 << 12, vocab_size=1 << 24),
        "too_huge": changed(hidden_size=1 << 62, num_hidden_layers=2**64 - 1, vocab_size=1e300),
        "odd_heads": changed(num_attention_heads=5, head_dim=15),
        "list": "[]", "text": '"exaone4"', "empty": "",
    }


def any_json():
    return {
        "values": '{"a": [null, true, false, -1.5e1, "x", [], {}], "b": {"a": 1}}',
        "numbers": "[0, -0, 1e3, 1E-3, 0.1, 9007199254740993, 18446744073709551615, -9223372036854775808, 1e308, 1e-400]",
        "escapes": r'"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\u0000"',
        "text": '"\u00e9\u20ac\U0001f600"',
        "number_huge": "[1e999]", "number_minus": "-", "number_zero": "01", "number_dot": "1.", "number_nan": "[NaN]",
        "surrogate_half": r'"\ud800"', "surrogate_swapped": r'"\udc00\ud800"', "escape_unknown": r'"\x41"',
        "escape_short": r'"\u12', "escape_end": '"\\', "control": b'"a\nb"', "nul": b"{}\0{}", "nul_text": b'"\0"',
        "not_utf8": b'"\xff"', "overlong": b'"\xc0\xaf"', "surrogate_utf8": b'"\xed\xa0\x80"', "mark": b"\xef\xbb\xbf{}",
        "duplicate": '{"a": 1, "a": 2}', "duplicate_escape": r'{"a": 1, "\u0061": 2}',
        "comma": "[1,]", "comment": "// x\n1", "quote": "'a'", "key": "{a: 1}", "behind": "{} {}", "empty": "",
        "deep_64": "[" * 64 + "]" * 64, "deep_66": "[" * 66 + "]" * 66, "deep": "[" * 5000, "deep_objects": '{"a":' * 1000,
        "open": '{"a": [1, {"b": "c', "space": " \t\r\n ",
    }


def contract():
    good = {"version": 1, "profile": "ane", "context": 32, "vocabulary": 100,
            "functions": [{"name": "decode", "role": "decode", "tokens": 1},
                          {"name": "prefill", "role": "prefill", "tokens": 8}],
            "ids": "input_ids", "position": "position", "logits": "logits", "hidden": "hidden",
            "mask": {"value": -10000.0, "inputs": [{"name": "mask", "window": None}, {"name": "sliding", "window": 4}]},
            "rope": [{"cos": "cos", "sin": "sin", "inv_freq": [1.0, 0.25], "attention_factor": 1.0}],
            "cache": {"kind": "state", "names": ["kv"], "slots": "position"},
            "embedding": "graph", "parts": [], "bos": 1, "eos": [2, 99]}

    def changed(**changes):
        return json.dumps({**good, **changes})

    def kept(shape=(2, 1, 24, 4), tokens=8, **changes):
        return changed(**{"functions": [{"name": "main", "role": "main", "tokens": tokens}], "row": "row",
                          "cache": {"kind": "explicit", "names": ["past"], "new_names": ["new"], "shape": shape,
                                    "slots": "past_then_new"}, **changes})

    def flexible(tokens):
        return changed(profile="gpu", functions=[{"name": "main", "role": "any", "tokens": tokens}], rope=[])

    def cut(*layers, make=changed, **changes):
        parts = [{"package": f"{i}.mlpackage", "layers": pair, "inputs": ["x", "mask"]} for i, pair in enumerate(layers)]
        return make(**{"hidden_states": "x", "hidden_size": 4, "embedding_size": 4, "parts": parts, "embedding": "host", "embedding_file": "e", **changes})

    def ring(slots=16, make=changed, **changes):
        ring = {"slots": slots, "layers": [0, 1], "names": ["ring"], "input": "slot", "new_names": ["new_ring"], "shape": [2, 1, slots, 4]}
        cache = {"names": ["past"], "new_names": ["new"], "shape": [1, 1, 24, 4], "slots": "ring", "ring": ring}
        return make(**{"cache": {"kind": "explicit" if make is kept else "state", **cache}, **changes})

    prefill = good["functions"][1]
    small = {"context": 8, "functions": good["functions"][:1], "cache": good["cache"], "hidden": None}
    return {
        "ring": ring(), "ring_kept": ring(make=kept), "ring_short": ring(11), "ring_odd": ring(13), "ring_huge": ring(2**53),
        "ring_any": ring(13, functions=[{"name": "main", "role": "any", "tokens": 8}]),
        "ring_alone": ring(mask={"value": -10000.0, "inputs": [{"name": "sliding", "window": 4}]}),
        "ring_cut": ring(hidden_states="x", hidden_size=4, embedding_size=4, embedding_file="e", embedding="host",
                         parts=[{"package": "a", "layers": [0, 3], "inputs": ["x", "slot"]}, {"package": "b", "layers": [3, 3], "inputs": ["x"]}]),
        "contexts": changed(contexts=[small, {"context": 32}]), "contexts_ring": ring(contexts=[small, {"context": 32}]),
        "contexts_same": changed(contexts=[small, small]), "contexts_many": changed(contexts=[{"context": i} for i in range(1, 100)]),
        "contexts_other": changed(contexts=[small, 7]),
        "kept": kept(), "kept_distance": kept(distance="distance"), "kept_one": kept((1, 1, 31, 1), 1),
        "kept_all": kept((1, 1, 1, 1), 31), "kept_none": kept((1, 1, 0, 1), 32), "kept_huge": kept((2**50, 2**50, 24, 1)),
        "kept_decode": kept(functions=good["functions"]),
        "good": changed(), "version": changed(version=2), "profile": changed(profile="gpu"),
        "any": flexible(8), "any_all": flexible(32), "any_more": flexible(33),
        "decode_only": changed(functions=good["functions"][:1], rope=[], bos=None, eos=[]),
        "no_decode": changed(functions=[prefill]),
        "prefill_one": changed(functions=[good["functions"][0], {**prefill, "tokens": 1}]),
        "prefill_all": changed(functions=[good["functions"][0], {**prefill, "tokens": 32}]),
        "prefill_more": changed(functions=[good["functions"][0], {**prefill, "tokens": 33}]),
        "context_one": changed(context=1, functions=good["functions"][:1]), "context_huge": changed(context=2**53),
        "context_fraction": changed(context=1.5), "vocabulary_huge": changed(vocabulary=2**40),
        "mask_low": changed(mask={"value": -1e300, "inputs": []}), "mask_list": changed(mask=[]),
        "window": changed(mask={"value": -1e4, "inputs": [{"name": "m", "window": 2**53}]}),
        "frequencies": changed(rope=[{"cos": "c", "sin": "s", "inv_freq": [1e308, -1e308, 0], "attention_factor": 1e308}]),
        "explicit": changed(cache={"kind": "explicit", "names": [], "slots": "past_then_new"}),
        "cut": cut([0, 2], [2, 2]), "cut_kept": cut([0, 1], [1, 2], [2, 2], make=kept), "cut_gap": cut([0, 1], [2, 3]),
        "cut_huge": cut([0, 2**53], [2**53, 2**53]), "cut_graph": cut([0, 1], [1, 1], embedding="graph"),
        "table": changed(hidden_states="x", hidden_size=4, embedding_size=4, embedding="host", embedding_file="e"), "table_path": cut(embedding_file="../e"),
        "parts": changed(parts=["a"], embedding="host"), "empty": "", "list": "[]",
    }


def embedding_table():
    def table(kind, rows, width, codes, scales, data, magic=b"CEMB", version=1):
        return struct.pack("<4sIII4Q", magic, version, kind, 0, rows, width, codes, scales).ljust(64, b"\0") + data

    return {
        "half": table(0, 3, 4, 64, 0, bytes(range(24))), "int8": table(1, 3, 4, 64, 128, bytes(range(70))),
        "short": table(0, 3, 4, 64, 0, bytes(23)), "no_scales": table(1, 3, 4, 64, 0, bytes(70)), "kind": table(2, 3, 4, 64, 0, bytes(24)),
        "huge": table(0, 2**31 - 1, 2**24, 64, 0, bytes(24)), "overflow": table(0, 2**63, 2, 64, 0, bytes(24)),
        "offset": table(0, 3, 4, 2**64 - 64, 0, bytes(24)), "odd_offset": table(0, 3, 4, 65, 0, bytes(25)),
        "none": table(0, 0, 0, 64, 0, b""), "magic": table(0, 3, 4, 64, 0, bytes(24), b"CTXT"), "empty": b"", "header": bytes(64),
    }


def sample(program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True)
        return [(pathlib.Path(folder) / name).read_bytes() for name in ("model.mlmodel", "weight.bin")]


def model(good):
    return {"good": good, "empty": b"", "half": good[:len(good) // 2], "no_end": good[:-1], "twice": good + good,
            "trailing": good + b"\xff" * 10, "large_field": b"\x0a\xff\xff\xff\xff\x07", "deep": b"\x0a\x7f" * 200}


def weight_file(good):
    def at(offset, form, *values):
        seed = bytearray(good)
        struct.pack_into(form, seed, offset, *values)
        return bytes(seed)
    return {
        "good": good, "empty": b"", "header": good[:64], "no_end": good[:-1], "trailing": good + b"\0" * 64,
        "count_none": at(0, "<I", 0), "count_huge": at(0, "<I", 2**32 - 1), "version": at(4, "<I", 1),
        "sentinel": at(64, "<I", 0), "type_unknown": at(68, "<I", 99), "type_other": at(68, "<I", 3),
        "size_zero": at(72, "<Q", 0), "size_huge": at(72, "<Q", 2**64 - 1), "size_wraps": at(72, "<Q", 2**64 - 128),
        "offset_zero": at(80, "<Q", 0), "offset_self": at(80, "<Q", 64), "offset_huge": at(80, "<Q", 2**64 - 1),
        "offset_unaligned": at(80, "<Q", 129), "spare_bits": at(88, "<Q", 2**64 - 1), "nan": at(128, "<H", 0x7e00),
    }


def gguf_text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def gguf_value(value):
    if isinstance(value, list):
        parts = [gguf_value(item) for item in value]
        return struct.pack("<I", 9) + (parts[0][:4] if parts else struct.pack("<I", 4)) + struct.pack("<Q", len(parts)) + \
            b"".join(part[4:] for part in parts)
    if isinstance(value, str):
        return struct.pack("<I", 8) + gguf_text(value)
    if isinstance(value, bool):
        return struct.pack("<IB", 7, value)
    return struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<II", 4, value)


GGUF_SIZES = {0: (1, 4), 1: (1, 2), 8: (32, 34), 2: (32, 18), 12: (256, 144)}  # type: weights and bytes of a block


def gguf_file(metadata, tensors, version=3, alignment=32):
    """Tensors are (name, sizes with the fastest first, type)."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    head += b"".join(gguf_text(key) + gguf_value(value) for key, value in metadata.items())
    data = b""
    for number, (name, sizes, kind) in enumerate(tensors):
        elements, size = GGUF_SIZES[kind]
        count = 1
        for length in sizes:
            count *= length
        head += gguf_text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, len(data))
        data += bytes((number + 3 * i) % 60 for i in range(count // elements * size))
        data += b"\0" * (-len(data) % alignment)
    return head + b"\0" * (-len(head) % alignment) + data


def gguf():
    """A model of one layer, width 32, two heads."""
    metadata = {
        "general.architecture": "llama", "llama.block_count": 1, "llama.embedding_length": 32, "llama.context_length": 64,
        "llama.feed_forward_length": 32, "llama.attention.head_count": 2, "llama.attention.head_count_kv": 1,
        "llama.attention.layer_norm_rms_epsilon": 1e-5, "llama.rope.freq_base": 1e4, "llama.rope.dimension_count": 16,
        "tokenizer.ggml.tokens": ["a", "b", "c"], "tokenizer.ggml.scores": [0.5, -1.0], "tokenizer.ggml.eos_token_id": 2,
    }
    layer = [("attn_norm", [32], 0), ("attn_q", [32, 32], 8), ("attn_k", [32, 16], 2), ("attn_v", [32, 16], 1),
             ("attn_output", [32, 32], 0), ("ffn_norm", [32], 0), ("ffn_gate", [32, 32], 8), ("ffn_up", [32, 32], 8),
             ("ffn_down", [32, 32], 8)]
    tensors = [("token_embd.weight", [32, 3], 8), ("output_norm.weight", [32], 0),
               *((f"blk.0.{name}.weight", sizes, kind) for name, sizes, kind in layer)]
    good = gguf_file(metadata, tensors)
    return {
        "good": good, "version_2": gguf_file(metadata, tensors, version=2), "version_1": gguf_file(metadata, tensors, version=1),
        "aligned_64": gguf_file({**metadata, "general.alignment": 64}, tensors, alignment=64),
        "alignment_0": gguf_file({**metadata, "general.alignment": 0}, tensors),
        "k_blocks": gguf_file(metadata, [("w", [256, 2], 12)]),
        "divisors": gguf_file(metadata, [*tensors, ("rope_freqs.weight", [8], 0)]),
        "other_divisors": gguf_file(metadata, [*tensors, ("rope_freqs.weight", [9], 0)]),
        "no_metadata": gguf_file({}, tensors), "no_tensors": gguf_file(metadata, []),
        "exaone4": gguf_file({key.replace("llama", "exaone4"): value if value != "llama" else "exaone4"
                              for key, value in metadata.items()}, tensors),
        "empty": b"", "cut_header": good[:200], "cut_data": good[:-100],
    }


def template():
    """The golden cases, each template once, with what they see; and what must come to an end all the same."""
    grow = ("{% set n = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}"
            "{% set n.b = [n.b, n.b] %}{% endfor %}")
    lowest = "(-9223372036854775807 - 1)"
    seeds = {
        "recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "loops": "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "grow_text": "{% set n = namespace(a='x') %}{% for a in range(99) %}{% set n.a = n.a + n.a %}{% endfor %}",
        "grow_list": grow + "{{ n.a }}", "json_list": grow + "{{ n.a | tojson }}",
        "compare_lists": grow + "{{ n.a == n.b }}{{ n.a < n.b }}", "power": "{{ 9 ** 99999 }}",
        "repeat": "{{ 'x' * 99999999999 }}{{ [1] * 99999999999 }}", "range": "{{ range(99999999999) }}",
        "cycle": "{% set n = namespace() %}{% set n.a = [n, {'k': n}] %}{{ n }}{{ n == n }}",
        "deep": "{{ " + "(" * 300, "chain": "{{ a" + " + a" * 300 + " }}", "not": "{{ " + "not " * 300 + "a }}",
        "ifs": "{% if a %}" * 300, "width": "{{ '%99999999d' % 1 }}",
        "lowest": "{{ %s // -1 }}{{ %s % -1 }}{{ -%s }}{{ %s | abs }}".replace("%s", lowest),
        "slices": "{{ s[9223372036854775807:-9223372036854775807:-9223372036854775807] }}{{ l[::9223372036854775807] }}",
        "not_utf8": b"\xff{{ '\xe9\x80' | length }}{{ '\xed\xa0\x80' | upper }}{{ s | tojson }}\0" + b'{"s": "\xf0\x80"}',
        "raw": "{% raw %}{{ a }}{%- endraw -%} {#- c -#} {%+ if s +%}\n{% endif %}\r\n",
        "recursive": "{% for a in [1, [2]] recursive %}{{ loop.depth }}{{ loop(a) if a is iterable else a }}{% endfor %}",
        "caller": "{% macro m(a) %}{{ caller(a, *varargs, **kwargs) }}{% endmacro %}"
                  "{% call(x, y=2) m(1) %}{{ x }}{{ y }}{% endcall %}",
    }
    known = set()
    for line in GOLDEN.read_text().splitlines():
        case = json.loads(line)
        if case["template"] not in known:
            known.add(case["template"])
            context = json.dumps(case["context"], ensure_ascii=False)
            seeds[case["name"]] = case["template"].encode() + b"\0" + context.encode()
    return seeds


def tokenizer():
    """Small tokenizer.json files with each kind of component, and what is wrong with some."""
    bpe = {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "<unk>": 3, "\u0120": 4}, "merges": [["a", "b"]]}
    unigram = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1.5], ["\u2581", -2], ["\u2581a", -3]]}
    special = {"id": 5, "content": "<s>", "special": True}

    def one(model=bpe, **rest):
        return json.dumps({"added_tokens": [special], "model": model, **rest})

    steps = [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"},
             {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]
    template = {"type": "TemplateProcessing", "pair": [],
                "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                "special_tokens": {"<s>": {"id": "<s>", "ids": [5], "tokens": ["<s>"]}}}
    level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    return {
        "bpe": one(),
        "bpe_flags": one({**bpe, "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True, "ignore_merges": True}),
        "bpe_affixes": one({**bpe, "continuing_subword_prefix": "b", "end_of_word_suffix": "</w>", "merges": []}),
        "merges_as_text": one({**bpe, "merges": ["#version: 0.2", "a b"]}),
        "no_type": one({"vocab": {"a": 0}, "merges": []}),
        "unigram": one(unigram, decoder={"type": "Metaspace", "prepend_scheme": "always"},
                       pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True}),
        "byte_level": one(pre_tokenizer=level, decoder={"type": "ByteLevel"}, post_processor=template),
        "sequences": one(normalizer={"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]},
                         decoder={"type": "Sequence", "decoders": steps},
                         post_processor={"type": "Sequence", "processors": [level, template]},
                         pre_tokenizer={"type": "Sequence", "pretokenizers": [
                             {"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}|\\s+(?!\\S)"}, "behavior": "Isolated"},
                             {"type": "Digits", "individual_digits": True}, level]}),
        "added": one(added_tokens=[{"content": "a b", "lstrip": True, "rstrip": True, "normalized": True},
                                   {"content": "l", "single_word": True}, special]),
        "word_decoders": one(decoder={"type": "Sequence", "decoders": [
            {"type": "WordPiece", "prefix": "##"}, {"type": "BPEDecoder", "suffix": "b"}, {"type": "CTC"}]}),
        "word_piece": one({"type": "WordPiece", "vocab": {"a": 0}}),
        "same_id": one({**bpe, "vocab": {"a": 0, "b": 0}}),
        "huge_id": one({**bpe, "vocab": {"a": 4294967296}}),
        "unknown_merge": one({**bpe, "merges": [["a", "c"]]}),
        "unknown_special": one(post_processor={"type": "BertProcessing", "cls": ["x", 70], "sep": ["y", 71]}),
        "empty": one({"type": "BPE", "vocab": {}, "merges": []}, added_tokens=[]),
    }


def tokenizer_image():
    edits = {"magic": [(0, 0)], "count": [(8, 255)], "table_offset": [(24, 255)], "table_size": [(32, 255)],
             "settings": [(500, 255), (504, 255)], "everywhere": [(i * 37, 255) for i in range(100)]}
    seeds = {f"{which}_{name}": bytes([which]) + b"".join(struct.pack("<IB", *edit) for edit in list_)
             for which in (0, 1) for name, list_ in edits.items()}
    return {"good_bpe": b"\0", "good_unigram": b"\1", **seeds}


def c_api():
    """A good file, or one that says it all itself; then calls."""
    def text(value):
        return bytes([len(value)]) + value

    def doubles(*values):
        return struct.pack(f"<{len(values)}d", *values)

    def ids(*values):
        return struct.pack(f"<{len(values)}h", *values)

    hello, zeros = text("Hello <s> w\uc548 l \n".encode()), bytes(64)
    pushes = b"".join(b"\2" + ids(id_) + b"\x0f" for id_ in (7, 1, 11, 9))
    chat_json = (text(b'[{"role": "user", "content": "<s>"}]') + text(b'[{"a": [1, null]}]') +
                 text(b'{"enable_thinking": true}'))
    options = (doubles(1.5, 1, -1) + ids(2) + doubles(0.7) + ids(5) + doubles(0.9, 0.1) + struct.pack("<QH", 7, 12))
    rising = text(struct.pack("<12f", *range(12)))
    calls = {
        "encode": b"\0" + hello + b"\1\1\xff" + b"\0" + hello + b"\0\0\2",
        "decode": b"\1\4" + ids(5, 9, 11, -1) + b"\xff\1",
        "detokenizer": b"\4\0" + pushes + b"\3\x0f\2\0\0\0",
        "freed_first": b"\4\0\x10\2\5\0\x0f\3\x0f",
        "stop_strings": (b"\5" + text(b"stop") + text(b"\n\n") + b"\2" + b"\6" + text(b"a st") + b"\xff" +
                         b"\6" + text(b"op") + b"\xff\7\xff"),
        "reasoning": (b"\x08\0\0\0\0" + b"\x09" + text(b"<think>a b</th") + b"\xff" +
                      b"\x09" + text(b"ink>\nc") + b"\1\x0a\xff"),
        "tags": b"\x08" + text(b"[R]") + text(b"[/R]") + b"\1\1" + b"\x09" + text(b"a[/R]b") + b"\xff\x0a\xff",
        "chat": b"\x0b\0\0\0\1\0" + ids(2025) + b"\3\4\5\6\7\1\xff\xff",
        "chat_json": b"\x0b" + chat_json + b"\0\0" + ids(1) + b"\1\1\0\0\0\0\1\xff\xff",
        "sampler": (b"\x0c\0\1" + doubles(1) + b"\2\1\x0c\0" + b"\x0d\2\3\0\1\5\0" +
                    b"\x0e\1\0" + text(bytes(48)) + b"\7"),
        "options": (b"\x0c\1" + doubles(float("-inf")) + b"\2\0" + options + b"\x0e\0\1" + text(bytes(48)) + b"\7" +
                    b"\x0e\1\0" + rising + b"\7"),
        "look_up": b"\x0f\xff\3\x0b\0" + text(b"eos") + b"\x0f\2\0\xff\xff" + text(b"<s>"),
    }
    header = struct.pack("<4sIIIIIQQ", b"CTXT", 1, 1, 0, 1, 0, 48, 16) + bytes(8) + b"CTOK" + bytes(12)
    edits = b"".join(struct.pack("<IB", place * 29, 255) for place in range(40))
    return {
        **{f"{name}_{which}": bytes([which, 0]) + call for name, call in calls.items() for which in (0, 2)},
        "all": b"\0\0" + b"".join(calls.values()),
        "own_file": b"\1" + struct.pack("<I", len(header)) + header + zeros,
        "edited": bytes([0, 40]) + edits + calls["encode"],
        "one_edit": bytes([2, 1]) + struct.pack("<IB", 700, 1) + calls["encode"],
    }


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    model_bytes, weight_bytes = sample(sys.argv[1])
    documents = any_json()
    for target, seeds in {
        "safetensors": safetensors(), "index": index(), "config": config(), "gguf": gguf(), "listing": listing(),
        "report": report(),
        "json": documents, "portable_json": documents, "contract": contract(), "embedding_table": embedding_table(), "template": template(),
        "model": model(model_bytes), "weight_file": weight_file(weight_bytes),
        "tokenizer": tokenizer(), "tokenizer_image": tokenizer_image(), "c_api": c_api(),
    }.items():
        write(target, seeds)
    total = sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file())
    print(f"{total} bytes")
    if total > MAX_BYTES:
        sys.exit(f"want at most {MAX_BYTES}")


if __name__ == "__main__":
    main()
