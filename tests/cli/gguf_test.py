"""The same model as safetensors and as GGUF gives the same weights. The GGUF files are written by the `gguf` package, which
also knows what each tensor is called there."""

import json
import math
import unittest

import gguf
import numpy as np
from command import GOLDEN, CommandTest, read_tensors

# Golden case, and its architecture.
CASES = {
    "llama-gqa": gguf.MODEL_ARCH.LLAMA,
    "llama-mha-bias": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "qwen3": gguf.MODEL_ARCH.QWEN3,
    "exaone3": gguf.MODEL_ARCH.EXAONE,
    "exaone4-full": gguf.MODEL_ARCH.EXAONE4,
    "exaone4-hybrid": gguf.MODEL_ARCH.EXAONE4,
    "gemma2": gguf.MODEL_ARCH.GEMMA2,
    "gemma3-text": gguf.MODEL_ARCH.GEMMA3,
    "phi3": gguf.MODEL_ARCH.PHI3,
    "gpt2": gguf.MODEL_ARCH.GPT2,
}


def as_floats(data, entry):
    begin, end = entry["data_offsets"]
    raw = data[begin:end]
    if entry["dtype"] == "BF16":
        values = (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32)
    else:
        values = np.frombuffer(raw, {"F32": np.float32, "F16": np.float16}[entry["dtype"]]).astype(np.float32)
    return values.reshape(entry["shape"])


def llama3_divisors(config, head_dim):
    """What llama3 scaling divides each rotary frequency by."""
    scaling = config["rope_scaling"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    original, factor = scaling["original_max_position_embeddings"], scaling["factor"]
    divisors = []
    for i in range(head_dim // 2):
        turns = original * config["rope_theta"] ** (-2 * i / head_dim) / (2 * math.pi)
        smooth = min(1, max(0, (turns - low) / (high - low)))
        divisors.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(divisors, np.float32)


class Converter:
    """Writes a golden checkpoint as GGUF, F32, as llama.cpp's converter lays it out."""

    def __init__(self, checkpoint, path):
        self.arch = CASES[checkpoint.name]
        self.config = json.loads((checkpoint / "config.json").read_text())
        self.header, self.data = read_tensors(checkpoint / "model.safetensors")
        self.header.pop("__metadata__", None)
        self.writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[self.arch])

    def get(self, *keys, otherwise=None):
        return next((self.config[key] for key in keys if self.config.get(key) is not None), otherwise)

    def write(self):
        self.add_keys()
        names = gguf.get_tensor_name_map(self.arch, self.layers)
        for name, entry in self.header.items():
            values = self.laid_out(name, as_floats(self.data, entry))
            self.writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), np.ascontiguousarray(values))
        if (self.get("rope_scaling") or {}).get("rope_type") == "llama3":
            self.writer.add_tensor("rope_freqs.weight", llama3_divisors(self.config, self.head_dim))
        self.writer.write_header_to_file()
        self.writer.write_kv_data_to_file()
        self.writer.write_tensors_to_file()
        self.writer.close()

    def add_keys(self):
        w = self.writer
        self.layers = self.get("num_hidden_layers", "num_layers", "n_layer")
        self.heads, width = self.get("num_attention_heads", "n_head"), self.get("hidden_size", "n_embd")
        self.kv_heads = self.get("num_key_value_heads", otherwise=self.heads)
        self.head_dim = self.get("head_dim", otherwise=width // self.heads)
        w.add_block_count(self.layers)
        w.add_embedding_length(width)
        w.add_feed_forward_length(self.get("intermediate_size", "n_inner", otherwise=4 * width))
        w.add_head_count(self.heads)
        w.add_head_count_kv(self.kv_heads)
        w.add_context_length(self.get("max_position_embeddings", "n_positions"))
        w.add_bos_token_id(1)
        if self.arch == gguf.MODEL_ARCH.GPT2:
            w.add_layer_norm_eps(self.config["layer_norm_epsilon"])
            return
        w.add_layer_norm_rms_eps(self.get("rms_norm_eps", "layer_norm_epsilon"))
        w.add_key_length(self.head_dim)
        w.add_rope_freq_base(self.get("rope_theta"))
        w.add_rope_dimension_count(int(self.head_dim * self.get("partial_rotary_factor", otherwise=1)))
        if self.get("sliding_window"):
            w.add_sliding_window(self.get("sliding_window"))
        if self.get("attn_logit_softcapping"):
            w.add_attn_logit_softcapping(self.get("attn_logit_softcapping"))
        if self.get("final_logit_softcapping"):
            w.add_final_logit_softcapping(self.get("final_logit_softcapping"))
        if (self.get("rope_scaling") or {}).get("rope_type") == "linear":
            w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
            w.add_rope_scaling_factor(self.config["rope_scaling"]["factor"])

    def laid_out(self, name, values):
        if self.arch == gguf.MODEL_ARCH.LLAMA and (".q_proj." in name or ".k_proj." in name):
            heads = self.heads if ".q_proj." in name else self.kv_heads
            shape = values.shape
            return values.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)
        if self.arch in (gguf.MODEL_ARCH.GEMMA2, gguf.MODEL_ARCH.GEMMA3) and "norm" in name:
            return values + 1
        if self.arch == gguf.MODEL_ARCH.GPT2 and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            return values.T
        return values


class Gguf(CommandTest):
    def convert(self, source, name):
        self.succeed("convert", source, "-o", name, "--context", 64, "--prefill", 8, "--quiet")
        metadata = json.loads(self.succeed("inspect", name, "--json"))["metadata"]
        weights = (self.folder / name / "Data/com.apple.CoreML/weights/weight.bin").read_bytes()
        contract = metadata["cortland.contract"]
        return weights, json.loads(contract) if isinstance(contract, str) else contract

    def test_the_weights_are_those_of_the_safetensors_route(self):
        for name in CASES:
            with self.subTest(name):
                checkpoint = self.copy_checkpoint(name, name)
                if name.startswith("gemma"):
                    # A GGUF file does not say by what scores are scaled: by the width of a head, but in the largest models.
                    head_dim = json.loads((checkpoint / "config.json").read_text())["head_dim"]
                    self.edit_config(checkpoint, query_pre_attn_scalar=head_dim)
                Converter(checkpoint, self.folder / f"{name}.gguf").write()
                weights, contract = self.convert(checkpoint, f"{name}-s.mlpackage")
                other_weights, other = self.convert(f"{name}.gguf", f"{name}-g.mlpackage")
                self.assertTrue(weights == other_weights, "other weights")
                self.assertEqual(len(contract["rope"]), len(other["rope"]))
                for rope, other_rope in zip(contract["rope"], other["rope"]):
                    np.testing.assert_allclose(rope["inv_freq"], other_rope["inv_freq"], rtol=1e-6)
                self.assertEqual(contract["mask"], other["mask"])


if __name__ == "__main__":
    unittest.main()
