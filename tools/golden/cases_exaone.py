"""EXAONE 3, 4 and 4.5."""
from case import FULL, SLIDE, Case, llama3_rope

EX_IDS = dict(bos_token_id=1, eos_token_id=361, pad_token_id=0)

CASES = [
    Case("exaone4-full", "exaone4", "Exaone4", dict(
            vocab_size=400, hidden_size=128, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=32, hidden_act="silu", max_position_embeddings=131072, rms_norm_eps=1e-5,
            rope_theta=1000000.0, rope_scaling=llama3_rope(16, 8192), sliding_window=None, sliding_window_pattern=None,
            layer_types=[FULL] * 2, tie_word_embeddings=True, **EX_IDS), seed=101, embed_std=0.3,
         notes="EXAONE 4.0 1.2B layout: post-norm blocks, q/k RMSNorm per head before rope, tied embeddings, rope on "
               "every layer (sliding_window is null), llama3 rope scaling factor 16, eos 361"),
    Case("exaone4-hybrid", "exaone4", "Exaone4", dict(
            vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, hidden_act="silu", max_position_embeddings=4096, rms_norm_eps=1e-5,
            rope_theta=1000000.0, rope_scaling=llama3_rope(16, 8192), sliding_window=8, sliding_window_pattern="LLLG",
            layer_types=[SLIDE, SLIDE, SLIDE, FULL], tie_word_embeddings=False, bos_token_id=1, eos_token_id=319,
            pad_token_id=0), seed=102, dtype="fp16", T=48,
         notes="EXAONE 4.0 32B layout: LLLG. Sliding layers use rope and see keys with q-8 < k <= q (8 keys, itself "
               "included); the full layer sees every earlier key and gets NO rope. llama3 scaling still applies to the "
               "rope of the sliding layers. Untied lm_head"),
    Case("exaone4-rope", "exaone4", "Exaone4", dict(
            vocab_size=400, hidden_size=128, intermediate_size=80, num_hidden_layers=2, num_attention_heads=2,
            num_key_value_heads=1, head_dim=64, hidden_act="silu", max_position_embeddings=512, rms_norm_eps=1e-5,
            rope_theta=10000.0, rope_scaling=llama3_rope(16, 32), sliding_window=None, sliding_window_pattern=None,
            layer_types=[FULL] * 2, tie_word_embeddings=True, **EX_IDS), seed=103, embed_std=0.3, shard="160KB",
         notes="llama3 rope scaling with original_max_position_embeddings 32 and theta 1e4: the kept, the blended and "
               "the divided frequency band all matter within 24 positions; head_dim 64, one key head; sharded, with "
               "model.safetensors.index.json"),
    Case("exaone4-bigvocab", "exaone4", "Exaone4", dict(
            vocab_size=102400, hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, hidden_act="silu", max_position_embeddings=4096, rms_norm_eps=1e-5,
            rope_theta=1000000.0, rope_scaling=llama3_rope(16, 8192), sliding_window=None, sliding_window_pattern=None,
            layer_types=[FULL], tie_word_embeddings=True, **EX_IDS), seed=104, big=True, embed_std=0.5, candidates=48,
         extra_ids=(65535, 65536, 65537, 102399, 99999, 32768),
         notes="vocabulary of 102400: input ids and answers above 65535 (an id held in 16 bits breaks). Logits only "
               "for the last position; argmax for every position"),
    Case("exaone3", "exaone", "Llama", dict(
            vocab_size=400, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=16, max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=1000000.0,
            rope_scaling=llama3_rope(8, 64), tie_word_embeddings=False, **EX_IDS), seed=113, layout="exaone3",
         notes="EXAONE 3.x names: transformer.wte, transformer.h.N.{ln_1,attn.attention.{q,k,v}_proj,"
               "attn.attention.out_proj,ln_2,mlp.c_fc_0 (gate),mlp.c_fc_1 (up),mlp.c_proj (down)}, transformer.ln_f, "
               "lm_head; config keys num_layers, activation_function, layer_norm_epsilon. The arithmetic is that of "
               "llama; expectations come from LlamaForCausalLM with the names mapped back"),
    Case("exaone4-5", "exaone4_5", "Exaone4", dict(
            vocab_size=256, hidden_size=48, intermediate_size=48, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, head_dim=12, hidden_act="silu", max_position_embeddings=4096, rms_norm_eps=1e-5,
            rope_theta=1000000.0, rope_scaling=llama3_rope(16, 8192), sliding_window=6, sliding_window_pattern="LLLG",
            layer_types=[SLIDE, SLIDE, SLIDE, FULL], tie_word_embeddings=False, bos_token_id=1, eos_token_id=53,
            pad_token_id=0), seed=241, layout="exaone4_5",
         notes="EXAONE 4.5: text_config (model_type exaone4_5_text) and vision_config, tie_word_embeddings at the top; "
               "decoder under model.language_model., lm_head.weight at the top; model.visual.* and mtp.* must be "
               "ignored; layer_types has one entry more than num_hidden_layers, for the prediction layer; values from "
               "Exaone4ForCausalLM",
         matters=dict(sliding_window=64, layer_types=[SLIDE] * 4)),
]
