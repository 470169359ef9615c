"""Decoders of the Llama kind: RMSNorm, gated MLP, RoPE."""
from case import FULL, IDS, SLIDE, Case, llama3_rope

CASES = [
    Case("llama-gqa", "llama", "Llama", dict(
            vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=500000.0,
            rope_scaling=llama3_rope(8, 64), tie_word_embeddings=True, **IDS), seed=105, dtype="fp32", embed_std=0.3,
         notes="float32 weights; grouped queries, llama3 rope scaling factor 8, tied embeddings, pre-norm"),
    Case("llama-mha-bias", "llama", "Llama", dict(
            vocab_size=320, hidden_size=64, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=4, head_dim=24, max_position_embeddings=512, rms_norm_eps=1e-6, rope_theta=10000.0,
            attention_bias=True, mlp_bias=True, tie_word_embeddings=False, **IDS), seed=106, dtype="fp16",
         notes="bias on q, k, v, o and on all three MLP matrices; head_dim 24 given explicitly (heads * head_dim = 96, "
               "hidden 64); untied lm_head; no key/value grouping"),
    Case("qwen2", "qwen2", "Qwen2", dict(
            vocab_size=320, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=1024, rms_norm_eps=1e-6, rope_theta=1000000.0,
            use_sliding_window=False, tie_word_embeddings=True, **IDS), seed=107, embed_std=0.3,
         notes="bias on q, k, v only (config.json does not say so), tied embeddings"),
    Case("qwen3", "qwen3", "Qwen3", dict(
            vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=32, max_position_embeddings=1024, rms_norm_eps=1e-6, rope_theta=1000000.0,
            tie_word_embeddings=True, **IDS), seed=108, embed_std=0.3,
         notes="RMSNorm on q and k per head, head_dim 32 (heads * head_dim = 128, hidden 64), tied embeddings, "
               "pre-norm"),
    Case("mistral-sliding", "mistral", "Mistral", dict(
            vocab_size=320, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=1024, rms_norm_eps=1e-5, rope_theta=10000.0,
            sliding_window=8, tie_word_embeddings=False, **IDS), seed=109,
         notes="sliding window 8 on every layer (a query sees itself and the 7 keys before it), untied lm_head"),
    Case("phi3", "phi3", "Phi3", dict(
            vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=1024, original_max_position_embeddings=1024,
            rms_norm_eps=1e-5, rope_theta=10000.0, partial_rotary_factor=0.5, sliding_window=None,
            tie_word_embeddings=False, **IDS), seed=111,
         notes="q, k, v in one qkv_proj (rows: all q, all k, all v) and gate, up in one gate_up_proj (gate first); "
               "rope on the first half of each head; untied lm_head"),
    Case("qwen2-sliding", "qwen2", "Qwen2", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=1024, rms_norm_eps=1e-6, rope_theta=1000000.0,
            use_sliding_window=True, sliding_window=6, max_window_layers=1, tie_word_embeddings=True, **IDS), seed=272,
         embed_std=0.3, drop=("layer_types",),
         notes="use_sliding_window with max_window_layers 1: layer 0 sees every key, layers 1 and 2 the last 6 (itself "
               "included); no layer_types in config.json",
         matters=dict(use_sliding_window=False, max_window_layers=0, sliding_window=7)),
    Case("mistral-head-dim", "mistral", "Mistral", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=20, max_position_embeddings=1024, rms_norm_eps=1e-5, rope_theta=1000000.0,
            sliding_window=None, tie_word_embeddings=False, **IDS), seed=222,
         notes="the layout of Mistral Nemo: head_dim 20 while hidden / heads is 12; sliding_window null"),
    Case("olmo", "olmo", "Olmo", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=4, max_position_embeddings=256, rope_theta=10000.0, clip_qkv=0.8,
            tie_word_embeddings=False, **IDS), seed=223,
         notes="LayerNorm without any parameter, eps 1e-5 (not in config.json); q, k, v clipped to +-0.8 before RoPE",
         matters=dict(clip_qkv=None)),
    Case("olmo2", "olmo2", "Olmo2", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-6, rope_theta=500000.0,
            tie_word_embeddings=False, **IDS), seed=224,
         notes="RMSNorm over the whole q (48) and the whole k (24) before the split into heads; norms only behind the "
               "attention and the MLP"),
    Case("olmo3", "olmo3", "Olmo3", dict(
            vocab_size=256, hidden_size=48, intermediate_size=48, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=4096, rms_norm_eps=1e-6, rope_theta=10000.0,
            sliding_window=6,
            rope_scaling=dict(rope_type="yarn", factor=8.0, original_max_position_embeddings=512, beta_fast=32.0,
                              beta_slow=1.0, attention_factor=1.2079441541679836),
            layer_types=[SLIDE, SLIDE, SLIDE, FULL], tie_word_embeddings=False, **IDS), seed=225,
         notes="layers 0-2 slide (6 keys, itself included) with unscaled RoPE; layer 3 sees every key with yarn "
               "scaling (cos and sin times attention_factor); otherwise OLMo 2",
         matters=dict(sliding_window=64, rope_scaling=None, layer_types=[FULL] * 4)),
    Case("smollm3", "smollm3", "SmolLM3", dict(
            vocab_size=320, hidden_size=48, intermediate_size=60, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-6, rope_theta=10000.0,
            no_rope_layers=[1, 0, 1, 0], no_rope_layer_interval=2, use_sliding_window=False, sliding_window=None,
            tie_word_embeddings=True, **IDS), seed=226, embed_std=0.3,
         notes="no_rope_layers: 1 means RoPE, 0 means none (layers 1 and 3); every layer sees every key",
         matters=dict(no_rope_layers=[1, 1, 1, 1])),
    Case("granite", "granite", "Granite", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=10000.0,
            embedding_multiplier=4.0, attention_multiplier=0.4, residual_multiplier=0.6, logits_scaling=0.5,
            attention_bias=True, mlp_bias=False, tie_word_embeddings=True, **IDS), seed=227, embed_std=0.2,
         notes="embeddings times 4, scores times 0.4 (instead of 1 / sqrt(12)), each branch times 0.6 before it is "
               "added, logits divided by 0.5; bias on q, k, v, o",
         matters=dict(embedding_multiplier=1.0, attention_multiplier=0.28867513459481287, residual_multiplier=1.0,
                      logits_scaling=1.0)),
    Case("minicpm", "minicpm", "Granite", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=10000.0,
            embedding_multiplier=4, attention_multiplier=12 ** -0.5, residual_multiplier=1.2 / 3 ** 0.5,
            logits_scaling=1.2, tie_word_embeddings=True, **IDS), seed=228, embed_std=0.18, layout="minicpm",
         notes="MiniCPM with the names of Llama: scale_emb 4, each branch times scale_depth / sqrt(layers) = 1.2 / "
               "sqrt(3), the input of the head divided by hidden / dim_model_base = 48 / 40; no rope_theta in "
               "config.json (1e4); values from GraniteForCausalLM",
         matters=dict(embedding_multiplier=1, residual_multiplier=1.0, logits_scaling=1.0)),
    Case("internlm2", "internlm2", "Llama", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=6,
            num_key_value_heads=2, max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=1000000.0,
            rope_scaling=dict(type="dynamic", factor=2.0), tie_word_embeddings=False, **IDS), seed=229,
         layout="internlm2",
         notes="attention.wqkv rows per key head: three q, then k, then v; wo; feed_forward.w1 (gate), w3 (up), w2 "
               "(down); attention_norm, ffn_norm; model.tok_embeddings, model.norm, output; dynamic RoPE scaling that "
               "changes nothing up to 2048 tokens; values from LlamaForCausalLM"),
    Case("glm4", "glm4", "Glm4", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, partial_rotary_factor=0.5, max_position_embeddings=256,
            rms_norm_eps=1e-5, rope_theta=10000.0, attention_bias=True, tie_word_embeddings=False, bos_token_id=None,
            eos_token_id=[2, 3], pad_token_id=0), seed=230,
         notes="four norms a layer: input_layernorm, post_self_attn_layernorm, post_attention_layernorm (before the "
               "MLP), post_mlp_layernorm; RoPE on the first half of each head, in adjacent pairs; bias on q, k, v, not "
               "on o; gate_up_proj (gate first)",
         matters=dict(partial_rotary_factor=1.0)),
    Case("nemotron", "nemotron", "Nemotron", dict(
            vocab_size=320, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=12, partial_rotary_factor=0.5, hidden_act="relu2",
            max_position_embeddings=256, norm_eps=1e-5, rope_theta=10000.0, attention_bias=False, mlp_bias=False,
            tie_word_embeddings=False, bos_token_id=2, eos_token_id=3), seed=231,
         notes="LayerNorm with gain 1 + weight and a bias; MLP without gate: down(relu(up(x)) ** 2); RoPE on the first "
               "6 of 12 head entries",
         matters=dict(hidden_act="relu", partial_rotary_factor=1.0)),
    Case("arcee", "arcee", "Arcee", dict(
            vocab_size=320, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=6,
            num_key_value_heads=2, head_dim=12, hidden_act="relu2", max_position_embeddings=256, rms_norm_eps=1e-5,
            rope_theta=10000.0, rope_scaling=dict(rope_type="yarn", factor=4.0, beta_fast=32.0, beta_slow=1.0,
                                                  mscale=1.0, original_max_position_embeddings=64),
            attention_bias=False, mlp_bias=False, tie_word_embeddings=False, bos_token_id=2, eos_token_id=3), seed=233,
         notes="Llama with an MLP without gate: down(relu(up(x)) ** 2); YaRN as in the published checkpoints; a head "
               "width that is not D / H",
         matters=dict(hidden_act="relu", rope_scaling=None)),
    Case("seed-oss", "seed_oss", "SeedOss", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, max_position_embeddings=256, rms_norm_eps=1e-6, rope_theta=10000000.0,
            attention_bias=True, attention_out_bias=True, attention_dropout=0.1, residual_dropout=0.1, mlp_bias=False,
            tie_word_embeddings=False, bos_token_id=0, eos_token_id=2, pad_token_id=1), seed=232,
         notes="bias on q, k, v by attention_bias and on o by attention_out_bias; the dropout rates of config.json are "
               "for training only"),
    Case("hunyuan-dense", "hunyuan_v1_dense", "HunYuanDenseV1", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=100.0,
            rope_scaling=dict(type="dynamic", alpha=50.0, factor=1.0, beta_fast=32, beta_slow=1, mscale=1.0,
                              mscale_all_dim=1.0),
            tie_word_embeddings=True, **IDS), seed=233, embed_std=0.3,
         notes="q and k normed per head AFTER RoPE (query_layernorm, key_layernorm); RoPE base = theta * alpha ** "
               "(d / (d - 2)) at every length, although the type is dynamic",
         matters=dict(rope_scaling=None)),
    Case("ernie4-5", "ernie4_5", "Ernie4_5", dict(
            vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=10000.0,
            use_bias=True, tie_word_embeddings=True, **IDS), seed=234, embed_std=0.3,
         notes="RoPE in adjacent pairs; use_bias: bias on q, k, v, o and on all three MLP matrices"),
    Case("apertus", "apertus", "Apertus", dict(
            vocab_size=320, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, hidden_act="xielu", max_position_embeddings=256, rms_norm_eps=1e-5,
            rope_theta=10000.0, rope_scaling=llama3_rope(8, 32), tie_word_embeddings=False, **IDS), seed=235,
         notes="MLP without gate, xIELU with alpha_p, alpha_n, beta, eps as tensors of mlp.act_fn: a_p = "
               "softplus(alpha_p), a_n = beta + softplus(alpha_n); x > 0: a_p x^2 + beta x, otherwise "
               "(expm1(min(x, eps)) - x) a_n + beta x; q_norm and k_norm per head before RoPE; attention_layernorm and "
               "feedforward_layernorm",
         matters=dict(rope_scaling=None)),
]
