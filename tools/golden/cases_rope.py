"""Kinds of RoPE scaling."""
from case import IDS, Case

LLAMA = dict(vocab_size=320, hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=True, **IDS)
SHORT = [1.0, 1.05, 1.1, 1.2, 1.3, 1.5, 1.8, 2.0]
LONG = [1.1, 1.3, 1.7, 2.4, 3.5, 5.0, 8.0, 12.0]

CASES = [
    Case("llama-linear", "llama", "Llama", dict(
            LLAMA, max_position_embeddings=256, rope_scaling=dict(rope_type="linear", factor=3.0)), seed=261,
         embed_std=0.3,
         notes="linear scaling, frequencies divided by 3",
         matters=dict(rope_scaling=None)),
    Case("llama-dynamic", "llama", "Llama", dict(
            LLAMA, max_position_embeddings=32, rope_scaling=dict(rope_type="dynamic", factor=4.0)), seed=262,
         embed_std=0.3, context=64,
         notes="dynamic scaling with the frequencies of a text of 64 tokens at every position: base = theta * (4 * 64 "
               "/ 32 - 3) ** (16 / 14), max_position_embeddings 32",
         matters=dict(max_position_embeddings=64)),
    Case("llama-yarn", "llama", "Llama", dict(
            LLAMA, max_position_embeddings=4096,
            rope_scaling=dict(rope_type="yarn", factor=8.0, original_max_position_embeddings=512)), seed=263,
         embed_std=0.3,
         notes="yarn scaling, factor 8 = 4096 / 512: of the 8 frequencies the first is kept, three are blended, four "
               "are divided; cos and sin times 0.1 ln 8 + 1",
         matters=dict(rope_scaling=dict(rope_type="yarn", factor=8.0, original_max_position_embeddings=512,
                                        attention_factor=1.0))),
    Case("phi3-longrope", "phi3", "Phi3", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=3,
            num_key_value_heads=3, max_position_embeddings=128, original_max_position_embeddings=32, rms_norm_eps=1e-5,
            rope_theta=10000.0, sliding_window=None, tie_word_embeddings=False,
            rope_scaling=dict(type="longrope", short_factor=SHORT, long_factor=LONG), **IDS), seed=264, context=64,
         notes="longrope with the frequencies of a text of 64 tokens at every position: long_factor, because 64 > "
               "original_max_position_embeddings 32; cos and sin times sqrt(1 + ln 4 / ln 32), with 4 = 128 / 32",
         matters=dict(rope_scaling=dict(type="longrope", short_factor=SHORT, long_factor=SHORT))),
]
