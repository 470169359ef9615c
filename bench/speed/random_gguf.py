"""A GGUF file of the shape of EXAONE-4.0-1.2B with random blocks, as llama.cpp's Q4_0 lays it out: for speed alone.

    python random_gguf.py OUT.gguf

Linear layers are Q4_0, the embedding, which is the head too, Q6_K.
"""

import sys

import gguf
import numpy as np

WIDTH, HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD_DIM, VOCABULARY = 2048, 4096, 30, 32, 8, 64, 102400
ARCHITECTURE = "exaone4"
SMALL = np.float16(2e-3)  # the scale of every block


def q4_0(random, rows, columns):
    """Blocks of 32: fp16 scale, 16 bytes of codes."""
    blocks = random.integers(0, 256, (rows, columns // 32, 18), dtype=np.uint8)
    blocks[:, :, 0:2] = np.frombuffer(SMALL.tobytes(), np.uint8)
    return blocks.reshape(rows, -1), gguf.GGMLQuantizationType.Q4_0


def q6_k(random, rows, columns):
    """Blocks of 256: 192 bytes of codes, 16 scales, fp16 scale of them."""
    blocks = random.integers(0, 256, (rows, columns // 256, 210), dtype=np.uint8)
    blocks[:, :, 192:208] = 16
    blocks[:, :, 208:210] = np.frombuffer((SMALL / np.float16(64)).tobytes(), np.uint8)
    return blocks.reshape(rows, -1), gguf.GGMLQuantizationType.Q6_K


def write(path):
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(path, ARCHITECTURE)
    writer.add_context_length(65536)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD_DIM)
    writer.add_value_length(HEAD_DIM)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e6)
    writer.add_rope_dimension_count(HEAD_DIM)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("no_vocab")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)

    def add(name, rows, columns, encode=q4_0):
        data, kind = encode(random, rows, columns)
        writer.add_tensor(name + ".weight", data, raw_dtype=kind)

    def add_norm(name, size):
        writer.add_tensor(name + ".weight", np.ones(size, np.float32))

    add("token_embd", VOCABULARY, WIDTH, q6_k)
    add_norm("output_norm", WIDTH)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        add(block + "attn_q", HEADS * HEAD_DIM, WIDTH)
        add(block + "attn_k", KV_HEADS * HEAD_DIM, WIDTH)
        add(block + "attn_v", KV_HEADS * HEAD_DIM, WIDTH)
        add(block + "attn_output", WIDTH, HEADS * HEAD_DIM)
        add(block + "ffn_gate", HIDDEN, WIDTH)
        add(block + "ffn_up", HIDDEN, WIDTH)
        add(block + "ffn_down", WIDTH, HIDDEN)
        add_norm(block + "attn_q_norm", HEAD_DIM)
        add_norm(block + "attn_k_norm", HEAD_DIM)
        add_norm(block + "post_attention_norm", WIDTH)
        add_norm(block + "post_ffw_norm", WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1])
