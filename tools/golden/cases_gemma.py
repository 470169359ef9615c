"""Gemma 1, 2 and 3: gains stored minus 1, scaled embeddings, norms around each branch."""
from case import FULL, SLIDE, Case

GEMMA_IDS = dict(bos_token_id=2, eos_token_id=1, pad_token_id=0)
NO_CAPS = dict(attn_logit_softcapping=None, final_logit_softcapping=None)

CASES = [
    Case("gemma", "gemma", "Gemma", dict(
            vocab_size=320, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=1, head_dim=16, hidden_act="gelu_pytorch_tanh", max_position_embeddings=512,
            rms_norm_eps=1e-6, rope_theta=10000.0, tie_word_embeddings=True, **GEMMA_IDS), seed=201, embed_std=0.12,
         weight_scale=1.6,
         notes="RMSNorm multiplies by 1 + weight; embeddings times sqrt(hidden); gated MLP with tanh gelu; one key "
               "head; heads * head_dim = 64, hidden 48; tied embeddings",
         matters=dict(hidden_act="silu", rope_theta=1000.0)),
    Case("gemma2", "gemma2", "Gemma2", dict(
            vocab_size=320, hidden_size=48, intermediate_size=48, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, head_dim=12, hidden_activation="gelu_pytorch_tanh", max_position_embeddings=512,
            rms_norm_eps=1e-6, rope_theta=10000.0, sliding_window=8, query_pre_attn_scalar=20,
            attn_logit_softcapping=3.0, final_logit_softcapping=6.0, tie_word_embeddings=True, **GEMMA_IDS), seed=202,
         embed_std=0.12, drop=("layer_types",),
         notes="four norms a layer, gain 1 + weight; layers 0 and 2 slide (8 keys, itself included), 1 and 3 see every "
               "key; scores times query_pre_attn_scalar ** -0.5, then 3 * tanh(scores / 3) before the mask; logits "
               "6 * tanh(logits / 6); no layer_types in config.json",
         matters=dict(sliding_window=64, layer_types=[FULL, SLIDE] * 2, query_pre_attn_scalar=12, **NO_CAPS)),
    Case("gemma3-text", "gemma3_text", "Gemma3", dict(
            vocab_size=256, hidden_size=32, intermediate_size=48, num_hidden_layers=6, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, hidden_activation="gelu_pytorch_tanh", max_position_embeddings=512,
            rms_norm_eps=1e-6, rope_theta=1000000.0, rope_local_base_freq=10000.0, sliding_window=6,
            sliding_window_pattern=6, query_pre_attn_scalar=24, rope_scaling=dict(rope_type="linear", factor=2.0),
            tie_word_embeddings=True, **GEMMA_IDS), seed=203, embed_std=0.15, classes=dict(config="Gemma3TextConfig"),
         drop=("layer_types", "_sliding_window_pattern"),
         notes="layers 0-4 slide (6 keys, itself included) with RoPE of base 1e4, unscaled; layer 5 sees every key "
               "with RoPE of base 1e6 whose frequencies are divided by 2; q and k normed per head before RoPE (gain 1 "
               "+ weight); four norms a layer; the pattern is given as sliding_window_pattern 6, without layer_types",
         matters=dict(sliding_window=64, layer_types=[FULL] * 6, rope_scaling=None, rope_theta=10000.0,
                      rope_local_base_freq=1000000.0, query_pre_attn_scalar=16)),
    Case("gemma3", "gemma3", "Gemma3", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
            num_key_value_heads=2, head_dim=12, hidden_activation="gelu_pytorch_tanh", max_position_embeddings=512,
            rms_norm_eps=1e-6, rope_theta=1000000.0, rope_local_base_freq=10000.0, sliding_window=8,
            layer_types=[SLIDE, FULL, SLIDE], query_pre_attn_scalar=12,
            rope_scaling=dict(rope_type="linear", factor=8.0), tie_word_embeddings=True, **GEMMA_IDS), seed=204,
         embed_std=0.12, classes=dict(config="Gemma3TextConfig"), layout="gemma3",
         notes="a checkpoint with vision: text_config and vision_config, decoder under language_model.model., one "
               "tensor of the vision tower that must be ignored; text_config holds layer_types and lacks the keys that "
               "have the default of the class (tie_word_embeddings is one of them); values from the text model",
         matters=dict(sliding_window=64, rope_scaling=None, rope_local_base_freq=1000000.0)),
]
