"""Blocks of every storage type of GGUF files, with random bits, and what the `gguf` package reads in them.

    pip install gguf==0.19.0 safetensors numpy
    python gguf_blocks.py OUT_DIR        writes blocks.gguf and expected.safetensors
"""

import pathlib
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T
from safetensors.numpy import save_file

ROWS, COLUMNS = 2, 512
# Where the fp16 numbers of a block lie: random bits there would be NaN now and then.
HALVES = {T.Q8_0: [0], T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.IQ4_NL: [0], T.Q2_K: [80, 82],
          T.Q3_K: [108], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}


def random_blocks(kind, random):
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (ROWS, COLUMNS // elements, size), dtype=np.uint8)
    for at in HALVES[kind]:
        numbers = random.normal(0, 0.05, blocks.shape[:2]).astype(np.float16)
        blocks[..., at:at + 2] = numbers[..., None].view(np.uint8)
    return blocks.reshape(ROWS, -1)


def main(out):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(20261125)
    writer, expected = gguf.GGUFWriter(out / "blocks.gguf", "llama"), {}
    writer.add_uint32("llama.block_count", 1)
    writer.add_array("tokenizer.ggml.tokens", ["a", "b"])
    for kind in HALVES:
        data = random_blocks(kind, random)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        expected[kind.name] = gguf.quants.dequantize(data, kind)
    plain = random.normal(0, 1, (ROWS, COLUMNS)).astype(np.float32)
    writer.add_tensor("F32", plain)
    writer.add_tensor("F16", plain.astype(np.float16))
    expected["F32"], expected["F16"] = plain, plain.astype(np.float16).astype(np.float32)
    rounded = gguf.quants.quantize(plain, T.BF16)
    writer.add_tensor("BF16", rounded, raw_dtype=T.BF16)
    expected["BF16"] = gguf.quants.dequantize(rounded, T.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, out / "expected.safetensors")


if __name__ == "__main__":
    main(sys.argv[1])
