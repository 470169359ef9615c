"""Decoders of the GPT kind: LayerNorm, plain MLP, learned positions or ALiBi."""
from case import Case

CASES = [
    Case("gpt2", "gpt2", "GPT2", dict(
            vocab_size=320, n_embd=64, n_layer=2, n_head=4, n_positions=64, n_inner=None,
            activation_function="gelu_new", layer_norm_epsilon=1e-5, bos_token_id=1, eos_token_id=2), seed=110,
         embed_std=0.3, classes=dict(model="GPT2LMHeadModel"),
         notes="linear weights stored [in, out]; q, k, v in one c_attn; learned positions (64 of them); "
               "LayerNorm with bias; gelu_new; tied embeddings"),
    Case("gpt-neox", "gpt_neox", "GPTNeoX", dict(
            vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            hidden_act="gelu", rotary_pct=0.25, rotary_emb_base=10000, max_position_embeddings=256,
            layer_norm_eps=1e-5, use_parallel_residual=True, tie_word_embeddings=False, bos_token_id=0,
            eos_token_id=2), seed=112, dtype="fp16",
         notes="query_key_value rows are grouped per head (q, k, v of head 0, then of head 1, ...); attention and MLP "
               "in parallel from two LayerNorms; rope on the first quarter of each head; exact gelu; untied embed_out"),
    Case("gpt-neox-seq", "gpt_neox", "GPTNeoX", dict(
            vocab_size=320, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            hidden_act="gelu", rotary_pct=0.5, rotary_emb_base=10000, max_position_embeddings=256,
            layer_norm_eps=1e-5, use_parallel_residual=False, tie_word_embeddings=False, bos_token_id=0,
            eos_token_id=2), seed=211,
         notes="use_parallel_residual false: the MLP reads what the attention has added to; RoPE on half of each head",
         matters=dict(use_parallel_residual=True, rotary_pct=1.0)),
    Case("gpt-neo", "gpt_neo", "GPTNeo", dict(
            vocab_size=320, hidden_size=48, num_layers=2, num_heads=4, attention_types=[[["global", "local"], 1]],
            window_size=6, intermediate_size=None, max_position_embeddings=64, activation_function="gelu_new",
            layer_norm_epsilon=1e-5, bos_token_id=1, eos_token_id=2), seed=212, embed_std=0.3, weight_scale=1.0,
         notes="layer 0 sees every key, layer 1 the last 6 (itself included); scores are NOT divided by "
               "sqrt(head_dim); no bias on q, k, v, bias on out_proj; ordinary [out, in] weights; learned positions; "
               "tied embeddings",
         matters=dict(window_size=64, attention_types=[[["local", "global"], 1]])),
    Case("gptj", "gptj", "GPTJ", dict(
            vocab_size=320, n_embd=48, n_layer=2, n_head=3, n_positions=64, n_inner=96, rotary_dim=8,
            activation_function="gelu_new", layer_norm_epsilon=1e-5, tie_word_embeddings=False, bos_token_id=1,
            eos_token_id=2), seed=213,
         notes="RoPE on the first 8 of 16 head entries, in adjacent pairs; one LayerNorm for attention and MLP in "
               "parallel; no bias in attention, bias in fc_in, fc_out and lm_head",
         matters=dict(rotary_dim=16)),
    Case("gpt-bigcode", "gpt_bigcode", "GPTBigCode", dict(
            vocab_size=320, n_embd=48, n_layer=2, n_head=4, n_positions=64, n_inner=None, multi_query=True,
            activation_function="gelu_pytorch_tanh", layer_norm_epsilon=1e-5, bos_token_id=1, eos_token_id=2), seed=214,
         embed_std=0.3,
         notes="c_attn is an ordinary [out, in] weight, rows: all q, one k, one v; learned positions; tied embeddings"),
    Case("gpt-bigcode-mha", "gpt_bigcode", "GPTBigCode", dict(
            vocab_size=320, n_embd=48, n_layer=2, n_head=4, n_positions=64, n_inner=96, multi_query=False,
            activation_function="gelu_pytorch_tanh", layer_norm_epsilon=1e-5, bos_token_id=1, eos_token_id=2), seed=215,
         embed_std=0.3,
         notes="multi_query false: the rows of c_attn are grouped per head (q, k, v of head 0, then of head 1, ...)"),
    Case("opt", "opt", "OPT", dict(
            vocab_size=320, hidden_size=48, ffn_dim=96, num_hidden_layers=2, num_attention_heads=4,
            word_embed_proj_dim=48, max_position_embeddings=64, do_layer_norm_before=True, activation_function="relu",
            tie_word_embeddings=True, bos_token_id=2, eos_token_id=2, pad_token_id=1), seed=216, embed_std=0.3,
         notes="position p takes row p + 2 of a table of 66 rows; biases everywhere; relu; final LayerNorm; tied",
         matters=dict(activation_function="gelu")),
    Case("opt-post", "opt", "OPT", dict(
            vocab_size=320, hidden_size=48, ffn_dim=96, num_hidden_layers=2, num_attention_heads=4,
            word_embed_proj_dim=32, max_position_embeddings=64, do_layer_norm_before=False, activation_function="relu",
            tie_word_embeddings=True, bos_token_id=2, eos_token_id=2, pad_token_id=1), seed=217, embed_std=0.5,
         last_layer="model.decoder.layers.1",
         notes="LayerNorm behind each residual addition, no final norm; embeddings of width 32 with project_in and "
               "project_out (no bias); hidden_states holds the output of the last layer, before project_out"),
    Case("bloom", "bloom", "Bloom", dict(
            vocab_size=320, hidden_size=48, n_layer=2, n_head=4, layer_norm_epsilon=1e-5,
            apply_residual_connection_post_layernorm=False, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2,
            pad_token_id=3), seed=218, embed_std=0.3, weight_scale=2.0,
         notes="LayerNorm on the embeddings; query_key_value rows per head (q, k, v); ALiBi slope * key position added "
               "once, to the scores already divided by sqrt(head_dim); tanh gelu; tied embeddings. 4 heads: slopes "
               "1/4, 1/16, 1/64, 1/256, exact in every float type"),
    Case("mpt", "mpt", "Mpt", dict(
            vocab_size=320, d_model=48, n_layers=2, n_heads=6, expansion_ratio=4, max_seq_len=64,
            attn_config=dict(attn_type="multihead_attention", alibi=True, alibi_bias_max=8, clip_qkv=0.8),
            no_bias=True, layer_norm_epsilon=1e-5, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2), seed=219,
         embed_std=0.3,
         notes="Wqkv rows: all q, all k, all v, each clipped to +-0.8; LayerNorm without bias; exact gelu; ALiBi "
               "slope * (key position - query position) added once, to the scaled scores. 6 heads: slopes 1/4, 1/16, "
               "1/64, 1/256, 1/2, 1/8, exact in every float type",
         matters=dict(attn_config=dict(alibi_bias_max=8, clip_qkv=None))),
]
