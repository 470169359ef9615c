"""What one golden case is, and the few values that many cases share."""
import json
import os
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(1)

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
DTYPE_NAMES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}

IDS = dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
FULL = "full_attention"
SLIDE = "sliding_attention"


def llama3_rope(factor, orig, low=1.0, high=4.0):
    """The rope_scaling entry of Llama 3 and EXAONE."""
    return dict(rope_type="llama3", factor=float(factor), low_freq_factor=low, high_freq_factor=high,
                original_max_position_embeddings=orig)


@dataclass
class Case:
    """A tiny checkpoint: the transformers class that gives the arithmetic, and how it is saved."""
    name: str
    family: str                       # model_type written to config.json
    prefix: str                       # transformers class prefix: <prefix>Config, <prefix>ForCausalLM
    cfg: dict                         # arguments of the configuration class
    seed: int
    notes: str
    dtype: str = "bf16"
    T: int = 24
    embed_std: float = 0.6
    head_scale: float = 3.0           # untied lm_head: std = head_scale / sqrt(fan_in)
    weight_scale: float = 1.3         # other linear weights: std = weight_scale / sqrt(fan_in)
    shard: Optional[str] = None
    big: bool = False                 # logits of the last position only, plus the argmax everywhere
    extra_ids: tuple = ()             # ids that must appear in input_ids
    candidates: int = 320             # random prompts to choose from
    classes: dict = field(default_factory=dict)    # class names that <prefix> does not give: config, model
    layout: str = "native"            # how the checkpoint is stored, see layouts.py
    drop: tuple = ()                  # keys taken out of config.json, for which the class default is the same
    attn: str = "eager"               # the attention path of transformers that has the intended arithmetic
    context: Optional[int] = None     # length that fixes the frequencies of a length dependent RoPE
    last_layer: Optional[str] = None  # module that gives the last hidden state, where it is not model width
    matters: dict = field(default_factory=dict)    # config changes that must each change the logits visibly
    check: Optional[Callable] = None  # a second, independent computation: check(model, ids, logits) or raise

    def config(self, **changes) -> Any:
        """The configuration object, optionally with some arguments changed."""
        cls = getattr(transformers, self.classes.get("config", self.prefix + "Config"))
        return cls(**json.loads(json.dumps({**self.cfg, **changes})))

    def model_class(self) -> Any:
        return getattr(transformers, self.classes.get("model", self.prefix + "ForCausalLM"))
