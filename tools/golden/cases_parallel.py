"""Falcon, Phi, Cohere, StableLM and StarCoder 2: LayerNorm with RoPE, mostly attention and MLP in parallel."""
from case import IDS, Case
from checks import falcon_alibi_once

FALCON = dict(vocab_size=320, hidden_size=48, num_hidden_layers=2, num_attention_heads=4, layer_norm_epsilon=1e-5,
              max_position_embeddings=256, rope_theta=10000.0, bos_token_id=1, eos_token_id=2)

CASES = [
    Case("phi", "phi", "Phi", dict(
            vocab_size=320, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=3,
            hidden_act="gelu_new", max_position_embeddings=256, layer_norm_eps=1e-5, rope_theta=10000.0,
            partial_rotary_factor=0.5, qk_layernorm=False, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2),
         seed=251,
         notes="one LayerNorm for attention and MLP in parallel; biases on q, k, v, dense, fc1, fc2 and lm_head; RoPE "
               "on the first half of each head",
         matters=dict(partial_rotary_factor=1.0)),
    Case("falcon-7b", "falcon", "Falcon", dict(
            FALCON, multi_query=True, parallel_attn=True, new_decoder_architecture=False, alibi=False, bias=False),
         seed=252, embed_std=0.3,
         notes="query_key_value rows: all q, one k, one v; one LayerNorm for attention and MLP in parallel; no biases; "
               "RoPE; exact gelu; tied embeddings"),
    Case("falcon-40b", "falcon", "Falcon", dict(
            FALCON, num_kv_heads=2, new_decoder_architecture=True, multi_query=True, parallel_attn=True, alibi=False,
            bias=False, ffn_hidden_size=96), seed=253, embed_std=0.3, drop=("num_ln_in_parallel_attn",),
         notes="query_key_value rows per key head: two q, then k, then v; ln_attn and ln_mlp before attention and MLP "
               "in parallel; RoPE; tied embeddings"),
    Case("falcon-rw", "falcon", "Falcon", dict(
            FALCON, multi_query=False, parallel_attn=False, new_decoder_architecture=False, alibi=True, bias=True,
            ffn_hidden_size=96), seed=254, embed_std=0.3, attn="sdpa", check=falcon_alibi_once,
         matters=dict(alibi=False),
         notes="query_key_value rows per head (q, k, v); biases; MLP after attention; ALiBi slope * key position added "
               "once, BEFORE the product with 1 / sqrt(head_dim). The eager path of transformers 4.57.6 adds it twice, "
               "so the values come from the sdpa path and were checked against eager with a plain mask. transformers "
               "rounds ALiBi to bfloat16: exact here (4 heads: slopes 1/4, 1/16, 1/64, 1/256; positions below 256)"),
    Case("stablelm", "stablelm", "StableLm", dict(
            vocab_size=288, hidden_size=64, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, layer_norm_eps=1e-5, rope_theta=10000.0,
            partial_rotary_factor=0.25, use_qkv_bias=True, qk_layernorm=False, use_parallel_residual=False,
            tie_word_embeddings=False, bos_token_id=1, eos_token_id=2), seed=255,
         notes="LayerNorm with bias and a gated MLP; bias on q, k, v only; RoPE on the first quarter of each head",
         matters=dict(partial_rotary_factor=0.5)),
    Case("stablelm-parallel", "stablelm", "StableLm", dict(
            vocab_size=288, hidden_size=64, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, layer_norm_eps=1e-5, rope_theta=10000.0,
            partial_rotary_factor=0.25, use_qkv_bias=False, qk_layernorm=True, use_parallel_residual=True,
            tie_word_embeddings=False, bos_token_id=1, eos_token_id=2), seed=256,
         notes="one LayerNorm (input_layernorm) for attention and MLP in parallel, no post_attention_layernorm; "
               "q_layernorm.norms.N and k_layernorm.norms.N: a LayerNorm without bias for each head, before RoPE"),
    Case("starcoder2", "starcoder2", "Starcoder2", dict(
            vocab_size=320, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, hidden_act="gelu_pytorch_tanh", max_position_embeddings=256, norm_epsilon=1e-5,
            rope_theta=10000.0, sliding_window=6, use_bias=True, tie_word_embeddings=True, bos_token_id=1,
            eos_token_id=2), seed=257, embed_std=0.3,
         notes="LayerNorm with bias; biases on every matrix; MLP without gate (c_fc, tanh gelu, c_proj); every layer "
               "sees the last 6 keys (itself included); tied embeddings",
         matters=dict(sliding_window=64)),
    Case("cohere", "cohere", "Cohere", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, layer_norm_eps=1e-5, rope_theta=10000.0,
            use_qk_norm=True, logit_scale=0.4, tie_word_embeddings=True, **IDS), seed=258, embed_std=0.6,
         notes="one LayerNorm without bias for attention and MLP in parallel; q_norm and k_norm: LayerNorm over each "
               "head with a gain [heads, head_dim], before RoPE; RoPE in adjacent pairs; logits times 0.4; tied "
               "embeddings",
         matters=dict(logit_scale=0.0625)),
    Case("cohere2", "cohere2", "Cohere2", dict(
            vocab_size=320, hidden_size=48, intermediate_size=56, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, layer_norm_eps=1e-5, rope_theta=10000.0,
            sliding_window=6, sliding_window_pattern=4, logit_scale=0.4, tie_word_embeddings=True, **IDS), seed=259,
         embed_std=0.6, drop=("layer_types", "_sliding_window_pattern"),
         notes="layers 0-2 slide (6 keys, itself included) with RoPE in adjacent pairs, layer 3 sees every key without "
               "RoPE; the pattern is given as sliding_window_pattern 4, without layer_types; no norm of q and k",
         matters=dict(sliding_window=64, layer_types=["sliding_attention"] * 4, logit_scale=0.0625)),
]
