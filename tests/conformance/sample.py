"""A small good package, built by coremltools: two functions, one state, shared and compressed weights."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"

import apple  # noqa: E402, F401  (silences coremltools)
import coremltools as ct  # noqa: E402
import numpy as np  # noqa: E402
from coremltools.converters.mil import Builder as mb  # noqa: E402
from coremltools.converters.mil.mil import types  # noqa: E402

_ROWS, _SLOTS, _WIDTH = 16, 32, 8
_FUNCTIONS = {"decode": 1, "prefill": 4}  # name -> tokens


def build_package(path: Path) -> None:
    """Writes the package; coremltools does so on every system."""
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = ct.utils.MultiFunctionDescriptor()
        for name, tokens in _FUNCTIONS.items():
            part = f"{scratch}/{name}.mlpackage"
            target = ct.target.iOS18
            ct.convert(
                _program(tokens), convert_to="mlprogram", minimum_deployment_target=target, skip_model_load=True
            ).save(part)
            parts.add_function(part, "main", name)
        parts.default_function_name = "decode"
        ct.utils.save_multifunction(parts, str(path))


def _program(tokens: int):
    rng = np.random.default_rng(0)
    table = rng.standard_normal((_ROWS, _WIDTH)).astype(np.float16)
    kernel = rng.standard_normal((_WIDTH, _WIDTH, 1, 1)).astype(np.float16)
    codes = rng.integers(-8, 8, (_WIDTH, _WIDTH)).astype(types.np_int4_dtype)
    inputs = [
        mb.TensorSpec((1, tokens), types.int32),
        mb.TensorSpec((1,), types.int32),
        mb.StateTensorSpec((1, _SLOTS, _WIDTH), types.fp16),
    ]

    def ints(*values: int):
        return np.array(values, np.int32)

    @mb.program(input_specs=inputs, opset_version=ct.target.iOS18)
    def program(ids, position, cache):
        rows = mb.gather(x=table, indices=ids, axis=0, validate_indices=False)  # [1, tokens, width]
        channels = mb.expand_dims(x=mb.transpose(x=rows, perm=[0, 2, 1]), axes=[2])
        mixed = mb.conv(x=channels, weight=kernel, pad_type="valid")
        update = mb.transpose(x=mb.squeeze(x=mixed, axes=[2]), perm=[0, 2, 1])
        begin = mb.concat(values=[ints(0), position, ints(0)], axis=0)
        end = mb.concat(values=[ints(1), mb.add(x=position, y=ints(tokens)), ints(_WIDTH)], axis=0)
        # Read once: a pass of coremltools merges two reads across the write between them.
        written = mb.slice_update(x=mb.read_state(input=cache), update=update, begin=begin, end=end)
        slots = mb.coreml_update_state(state=cache, value=written)
        weight = mb.constexpr_blockwise_shift_scale(data=codes, scale=np.full((_WIDTH, 1), 0.5, np.float16))
        return mb.reduce_sum(x=mb.linear(x=slots, weight=weight), axes=[1], keep_dims=True, name="logits")

    return program
