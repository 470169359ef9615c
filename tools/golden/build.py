"""Makes the weights of a case, saves the checkpoint and reads it back."""
import json
import math
import os

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import nn
from transformers.modeling_utils import no_init_weights

from case import DTYPE_NAMES, DTYPES
from layouts import LAYOUTS
from rope import fix_frequencies

ONE_PLUS = ("GemmaRMSNorm", "Gemma2RMSNorm", "Gemma3RMSNorm", "NemotronLayerNorm1P")    # gain stored minus 1


def write_json(path, obj):
    with open(path, "w") as f:
        json.dump(obj, f, indent=2, sort_keys=True)
        f.write("\n")


def reinit(model, case):
    """Give every parameter a value that matters; refuse parameters we do not know."""
    g = torch.Generator().manual_seed(case.seed)
    head = model.get_output_embeddings()
    tied = head is not None and head.weight is model.get_input_embeddings().weight
    done = set()

    def normal(p, std):
        p.data.copy_(torch.randn(p.shape, generator=g) * std)
        done.add(id(p))

    def uniform(p, lo, hi):
        p.data.copy_(torch.rand(p.shape, generator=g) * (hi - lo) + lo)
        done.add(id(p))

    for _, m in model.named_modules():
        kind = type(m).__name__
        own = dict(m.named_parameters(recurse=False))
        if not own or all(id(p) in done for p in own.values()):
            continue
        if isinstance(m, nn.Embedding):
            normal(m.weight, case.embed_std)
        elif isinstance(m, nn.Linear) or kind == "Conv1D":
            fan_in = m.weight.shape[0] if kind == "Conv1D" else m.weight.shape[1]
            if id(m.weight) not in done:
                scale = case.head_scale if (m is head and not tied) else case.weight_scale
                normal(m.weight, scale / math.sqrt(fan_in))
            if m.bias is not None:
                normal(m.bias, 0.1)
        elif "Norm" in kind:
            uniform(m.weight, *((-0.5, 0.5) if kind in ONE_PLUS else (0.5, 1.5)))
            if getattr(m, "bias", None) is not None:
                normal(m.bias, 0.1)
        elif kind == "XIELUActivation":
            uniform(m.alpha_p, 0.0, 1.0)
            uniform(m.alpha_n, -1.0, 1.0)
        else:
            raise RuntimeError(f"{case.name}: do not know how to initialise {kind}: {list(own)}")
    left = [n for n, p in model.named_parameters() if id(p) not in done]
    if left:
        raise RuntimeError(f"{case.name}: left untouched: {left}")


def save_checkpoint(case, path):
    """Write config.json and the weights, in the type of the case."""
    torch.manual_seed(case.seed)
    config = case.config()
    config._attn_implementation = "eager"
    with no_init_weights():    # every parameter is set by reinit() below
        model = case.model_class()(config).eval()
    model.tie_weights()
    reinit(model, case)
    model = model.to(DTYPES[case.dtype])
    cfg_path = os.path.join(path, "config.json")
    if case.layout == "native":
        model.generation_config = transformers.GenerationConfig.from_model_config(config)
        model.save_pretrained(path, safe_serialization=True, **(dict(max_shard_size=case.shard) if case.shard else {}))
        cfg = json.load(open(cfg_path))
    else:
        layout = LAYOUTS[case.layout]
        state = model.state_dict()
        if case.cfg["tie_word_embeddings"]:
            del state["lm_head.weight"]
        state = {k: v.contiguous() for k, v in layout.store(state, case).items()}
        save_file(state, os.path.join(path, "model.safetensors"), metadata={"format": "pt"})
        cfg = layout.config(case)
    for key in ("dtype", "torch_dtype", *case.drop):
        cfg.pop(key, None)
    cfg["torch_dtype"] = DTYPE_NAMES[case.dtype]
    write_json(cfg_path, cfg)


def load_checkpoint(case, path, dtype=torch.float32, attn=None, **changes):
    """Read the saved weights back in `dtype`; `changes` replace entries of the configuration."""
    attn = attn or case.attn
    if case.layout == "native" and not changes:
        model, info = case.model_class().from_pretrained(path, output_loading_info=True, dtype=dtype,
                                                         attn_implementation=attn, local_files_only=True)
        if info["missing_keys"] or info["unexpected_keys"] or info["mismatched_keys"]:
            raise RuntimeError(f"{case.name}: {info}")
        stored = set(model.state_dict())
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            if name in stored:    # from_pretrained leaves some in the type that the class gives them
                tensor.data = tensor.data.to(dtype)
        return fix_frequencies(model.eval(), case.context)
    config = case.config(**changes)
    config._attn_implementation = attn
    model = case.model_class()(config)
    state = load_file(os.path.join(path, "model.safetensors"))
    if case.layout != "native":
        state = LAYOUTS[case.layout].load(state, case)
    own = model.state_dict()
    missing = set(own) - set(state)
    if config.get_text_config().tie_word_embeddings:
        missing -= set(model._tied_weights_keys or [])
    if missing or (set(state) - set(own) and not changes):
        raise RuntimeError(f"{case.name}: missing {missing}, not used {set(state) - set(own)}")
    model.load_state_dict(state, strict=False)
    model.tie_weights()
    return fix_frequencies(model.to(dtype).eval(), case.context)
