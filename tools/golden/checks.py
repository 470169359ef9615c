"""Second computations for cases where transformers has more than one answer."""
import math

import torch


def falcon_alibi_once(model, ids, logits):
    """The eager path of Falcon, with ALiBi taken out of the mask where 4.57 adds it a second time."""
    inner = model.transformer
    mask, attn = inner._update_causal_mask, model.config._attn_implementation
    inner._update_causal_mask = lambda *a: mask(*a[:-1], None)    # the last argument is ALiBi
    model.config._attn_implementation = "eager"
    try:
        with torch.no_grad():
            once = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).logits.float()
    finally:
        inner._update_causal_mask = mask
        model.config._attn_implementation = attn
    error = float((once - logits).abs().max())
    if not error < 1e-4 or math.isnan(error):
        raise RuntimeError(f"ALiBi is not added once: {error}")
