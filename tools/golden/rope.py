"""Fixes the RoPE frequencies that transformers would choose by the length of the text.

"dynamic" and "longrope" scaling give other frequencies to a longer text, so a text that is read at once and the same
text read one token at a time differ. A compiled model has one set of frequencies: the one for its context. The goldens
of these kinds are therefore computed with the frequencies of a text of `context` tokens, at every position.
"""
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS


def fix_frequencies(model, context):
    """Set every rotary module of `model` to what its class computes for a text of `context` tokens."""
    if context is None:
        return model
    fixed = 0
    for module in model.modules():
        kind = getattr(module, "rope_type", None)
        if kind in ("dynamic", "longrope"):
            inv_freq, scaling = ROPE_INIT_FUNCTIONS[kind](module.config, module.inv_freq.device, seq_len=context)
            module.inv_freq = inv_freq
            module.attention_scaling = scaling
            module.rope_type = "default"    # switches the update at every call off
            fixed += 1
    if not fixed:
        raise RuntimeError("a context is given, but no RoPE depends on it")
    return model
