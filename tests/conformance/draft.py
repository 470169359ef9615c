"""A copy of the good package that a fault is planted in."""

from __future__ import annotations

import struct
from pathlib import Path

from package import open_package

RECORD_BYTES = 64


class Draft:
    """The model and the weights, to be changed at will and written back."""

    def __init__(self, path: Path) -> None:
        package = open_package(path)
        self.path, self.model = path, package.model
        self._model_path, self._weight_path = package.model_path, package.weight_path
        self.weights = bytearray(package.weight_path.read_bytes())

    def save(self) -> None:
        """Writes the package back."""
        self._model_path.write_bytes(self.model.SerializeToString())
        self._weight_path.write_bytes(self.weights)

    @property
    def function(self):
        return self.model.mlProgram.functions["decode"]

    @property
    def block(self):
        return self.function.block_specializations[self.function.opset]

    @property
    def description(self):
        return next(part for part in self.model.description.functions if part.name == "decode")

    def op(self, op_type: str):
        """The first operation of a type."""
        return next(op for op in self.block.operations if op.type == op_type)

    def tensor(self, op_type: str):
        """The declared type of what it gives."""
        return self.op(op_type).outputs[0].type.tensorType

    def binding(self, op_type: str, parameter: str):
        """What a parameter of it is bound to."""
        return self.op(op_type).inputs[parameter].arguments[0]

    def array(self, kind: str):
        """The described type of the first input or state."""
        feature = getattr(self.description, kind)[0].type
        return feature.stateType.arrayType if kind == "state" else feature.multiArrayType

    @property
    def blob_const(self):
        """The const of the embedding, whose record is the first."""
        return next(op for op in self.block.operations if op.attributes["val"].blobFileValue.offset == RECORD_BYTES)

    @property
    def blob(self):
        return self.blob_const.attributes["val"].blobFileValue

    def poke(self, offset: int, form: str, value) -> None:
        """Overwrites a little-endian number of the weight file."""
        struct.pack_into("<" + form, self.weights, offset, value)

    def poke_record(self, offset: int, form: str, value) -> None:
        """The same, counted from the first record."""
        self.poke(RECORD_BYTES + offset, form, value)
