"""Checkpoints that are stored in another form than transformers 4.57 saves.

Each layout turns the state of the class that gives the arithmetic into stored tensors and back, and writes the
config.json that such a checkpoint carries. Tensors that a decoder must ignore are added on the way out.
"""
import math

import torch

AUTO_MAP = {
    "internlm2": ("configuration_internlm2.InternLM2Config", "modeling_internlm2.InternLM2ForCausalLM"),
    "minicpm": ("configuration_minicpm.MiniCPMConfig", "modeling_minicpm.MiniCPMForCausalLM"),
    "exaone": ("configuration_exaone.ExaoneConfig", "modeling_exaone.ExaoneForCausalLM"),
}


def rename(state, pairs):
    """Apply every (old, new) replacement, in order, to every name."""
    out = {}
    for name, tensor in state.items():
        for old, new in pairs:
            name = name.replace(old, new)
        out[name] = tensor
    return out


def swapped(pairs):
    return [(new, old) for old, new in pairs]


def picked(cfg, *keys):
    return {k: cfg[k] for k in keys}


def remote(model_type):
    """The keys that point to the code in the checkpoint's own repository."""
    config, model = AUTO_MAP[model_type]
    return dict(architectures=[model.split(".")[1]], auto_map={"AutoConfig": config, "AutoModelForCausalLM": model},
                model_type=model_type)


class Layout:
    """Base: the names change, nothing else."""
    pairs: list = []

    def store(self, state, case):
        return rename(state, self.pairs)

    def load(self, state, case):
        return rename(state, swapped(self.pairs))

    def config(self, case):
        raise NotImplementedError


class Exaone3(Layout):
    """EXAONE 3.x: the arithmetic of Llama."""
    pairs = [
        ("model.embed_tokens.", "transformer.wte."), ("model.norm.", "transformer.ln_f."),
        ("model.layers.", "transformer.h."), (".input_layernorm.", ".ln_1."), (".post_attention_layernorm.", ".ln_2."),
        (".self_attn.o_proj.", ".attn.attention.out_proj."), (".self_attn.", ".attn.attention."),
        (".mlp.gate_proj.", ".mlp.c_fc_0."), (".mlp.up_proj.", ".mlp.c_fc_1."), (".mlp.down_proj.", ".mlp.c_proj."),
    ]

    def config(self, case):
        c = case.cfg
        return dict(
            remote("exaone"), activation_function="silu", attention_dropout=0.0, embed_dropout=0.0,
            initializer_range=0.02, layer_norm_epsilon=c["rms_norm_eps"], num_layers=c["num_hidden_layers"],
            use_cache=True, transformers_version="4.43.0",
            **picked(c, "bos_token_id", "eos_token_id", "pad_token_id", "head_dim", "hidden_size", "intermediate_size",
                     "max_position_embeddings", "num_attention_heads", "num_key_value_heads", "rope_scaling",
                     "rope_theta", "tie_word_embeddings", "vocab_size"))


class InternLM2(Layout):
    """InternLM2 and 2.5: the arithmetic of Llama, q, k and v in one matrix, grouped per key head."""
    pairs = [
        ("model.embed_tokens.", "model.tok_embeddings."), ("lm_head.", "output."),
        (".input_layernorm.", ".attention_norm."), (".post_attention_layernorm.", ".ffn_norm."),
        (".self_attn.o_proj.", ".attention.wo."), (".mlp.gate_proj.", ".feed_forward.w1."),
        (".mlp.up_proj.", ".feed_forward.w3."), (".mlp.down_proj.", ".feed_forward.w2."),
    ]

    def sizes(self, case):
        c = case.cfg
        groups = c["num_key_value_heads"]
        return groups, c["num_attention_heads"] // groups, c["hidden_size"] // c["num_attention_heads"]

    def store(self, state, case):
        groups, per, width = self.sizes(case)
        state = dict(state)
        for i in range(case.cfg["num_hidden_layers"]):
            at = f"model.layers.{i}.self_attn."
            q, k, v = (state.pop(f"{at}{x}_proj.weight") for x in "qkv")
            rows = [q.view(groups, per * width, -1), k.view(groups, width, -1), v.view(groups, width, -1)]
            state[f"model.layers.{i}.attention.wqkv.weight"] = torch.cat(rows, 1).reshape(-1, q.shape[1])
        return rename(state, self.pairs)

    def load(self, state, case):
        groups, per, width = self.sizes(case)
        state = rename(state, swapped(self.pairs))
        for i in range(case.cfg["num_hidden_layers"]):
            fused = state.pop(f"model.layers.{i}.attention.wqkv.weight")
            parts = fused.view(groups, (per + 2) * width, -1).split([per * width, width, width], 1)
            for x, part in zip("qkv", parts):
                state[f"model.layers.{i}.self_attn.{x}_proj.weight"] = part.reshape(-1, fused.shape[1])
        return state

    def config(self, case):
        c = case.cfg
        return dict(
            remote("internlm2"), attn_implementation="eager", bias=False, hidden_act="silu", initializer_range=0.02,
            pretraining_tp=1, use_cache=True, transformers_version="4.41.0",
            **picked(c, "bos_token_id", "eos_token_id", "pad_token_id", "hidden_size", "intermediate_size",
                     "max_position_embeddings", "num_attention_heads", "num_hidden_layers", "num_key_value_heads",
                     "rms_norm_eps", "rope_scaling", "rope_theta", "tie_word_embeddings", "vocab_size"))


class MiniCPM(Layout):
    """MiniCPM: the arithmetic of Granite, with the multipliers expressed through other keys."""

    def config(self, case):
        c = case.cfg
        depth = c["residual_multiplier"] * math.sqrt(c["num_hidden_layers"])
        return dict(
            remote("minicpm"), hidden_act="silu", initializer_range=0.1, use_cache=True, transformers_version="4.36.0",
            scale_emb=c["embedding_multiplier"], scale_depth=round(depth, 6),
            dim_model_base=round(c["hidden_size"] / c["logits_scaling"]), rope_scaling=None,
            **picked(c, "bos_token_id", "eos_token_id", "pad_token_id", "hidden_size", "intermediate_size",
                     "max_position_embeddings", "num_attention_heads", "num_hidden_layers", "num_key_value_heads",
                     "rms_norm_eps", "tie_word_embeddings", "vocab_size"))


class Composite(Layout):
    """A vision-language checkpoint: the text model under a prefix, and tensors of other parts beside it."""
    others: dict = {}

    def store(self, state, case):
        g = torch.Generator().manual_seed(case.seed + 1)
        dtype = next(iter(state.values())).dtype
        extra = {name: torch.randn(shape, generator=g).to(dtype) for name, shape in self.others.items()}
        return {**rename(state, self.pairs), **extra}

    def load(self, state, case):
        return rename({k: v for k, v in state.items() if k not in self.others}, swapped(self.pairs))


class Gemma3(Composite):
    """Gemma 3 with vision, as it is on the Hub and as transformers 4.57 saves it."""
    pairs = [("model.", "language_model.model."), ("lm_head.", "language_model.lm_head.")]
    others = {"vision_tower.vision_model.post_layernorm.weight": (8,)}

    def config(self, case):
        default = type(case.config())().to_dict()
        text = {k: v for k, v in case.cfg.items() if v != default[k]}    # as the files on the Hub
        return dict(
            architectures=["Gemma3ForConditionalGeneration"], model_type="gemma3", boi_token_index=255999,
            eoi_token_index=256000, image_token_index=262144, initializer_range=0.02, mm_tokens_per_image=4,
            eos_token_id=[1, 106], text_config=dict(text, model_type="gemma3_text"),
            vision_config=dict(hidden_size=8, image_size=8, intermediate_size=16, model_type="siglip_vision_model",
                               num_attention_heads=2, num_hidden_layers=1, patch_size=4, vision_use_head=False),
            transformers_version="4.57.6")


class Exaone45(Composite):
    """EXAONE 4.5: the EXAONE 4 decoder, a vision tower and a layer for multi-token prediction."""
    pairs = [("model.", "model.language_model.")]
    others = {"model.visual.merger.ln_q.weight": (8,), "mtp.norm.weight": (8,)}

    def config(self, case):
        text = dict(case.cfg, model_type="exaone4_5_text", architectures=["Exaone4ForCausalLM"], attention_dropout=0.0,
                    dtype="bfloat16", initializer_range=0.02, num_nextn_predict_layers=1, use_cache=True)
        text["layer_types"] = case.cfg["layer_types"] + ["full_attention"]    # one more, for the prediction layer
        tie = text.pop("tie_word_embeddings")
        return dict(
            architectures=["Exaone4_5_ForConditionalGeneration"], model_type="exaone4_5", image_token_id=67,
            video_token_id=68, text_config=text, tie_word_embeddings=tie,
            vision_config=dict(depth=1, hidden_size=8, intermediate_size=16, model_type="exaone4_5_vision", num_heads=2,
                               num_key_value_heads=1, out_hidden_size=case.cfg["hidden_size"], patch_size=4),
            transformers_version="5.5.0", **picked(case.cfg, "bos_token_id", "eos_token_id", "pad_token_id"))


LAYOUTS = {"exaone3": Exaone3(), "internlm2": InternLM2(), "minicpm": MiniCPM(), "gemma3": Gemma3(),
           "exaone4_5": Exaone45()}
