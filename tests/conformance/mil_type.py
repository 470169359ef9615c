"""The type of a value: as a file declares it, as Apple's reader infers it, and which dtypes there are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from apple import proto, types


@dataclass(frozen=True)
class DType:
    """One element type, under its names in MIL and in weight files."""

    name: str
    bits: int
    immediate: str  # the case of TensorValue that holds constants of this type
    blob_code: int | None = None  # data type of a record of weight.bin
    reader: str | None = None  # the method of BlobStorageReader
    reads_as: str | None = None  # the NumPy dtype that the method gives


_ROWS = (
    DType("bool", 8, "bools"),
    DType("string", 0, "strings"),
    DType("fp16", 16, "bytes", 1, "read_fp16_data", "uint16"),
    DType("fp32", 32, "floats", 2, "read_float_data", "float32"),
    DType("fp64", 64, "doubles"),
    DType("int4", 4, "bytes", 8, "read_int4_data", "int8"),
    DType("int8", 8, "bytes", 4, "read_int8_data", "int8"),
    DType("int16", 16, "ints", 6, "read_int16_data", "int16"),
    DType("int32", 32, "ints", 14, "read_int32_data", "int32"),
    DType("int64", 64, "longInts"),
    DType("uint1", 1, "bytes", 9, "read_uint1_data", "uint8"),
    DType("uint2", 2, "bytes", 10, "read_uint2_data", "uint8"),
    DType("uint3", 3, "bytes", 12, "read_uint3_data", "uint8"),
    DType("uint4", 4, "bytes", 11, "read_uint4_data", "uint8"),
    DType("uint6", 6, "bytes", 13, "read_uint6_data", "uint8"),
    DType("uint8", 8, "bytes", 3, "read_uint8_data", "uint8"),
    DType("uint16", 16, "ints", 7, "read_uint16_data", "uint16"),
    DType("uint32", 32, "bytes", 15, "read_uint32_data", "uint32"),
    DType("uint64", 64, "longInts"),
)
BY_NAME = {row.name: row for row in _ROWS}
BY_BLOB_CODE = {row.blob_code: row for row in _ROWS if row.blob_code}
_PROTO_WORDS = {"float16": "fp16", "float32": "fp32", "float64": "fp64"}


@dataclass(frozen=True)
class MilType:
    """An element type and dimensions; None stands for a dimension that is not fixed."""

    dtype: str
    shape: tuple[int | None, ...] = ()
    is_state: bool = False

    def __str__(self) -> str:
        text = f"{self.dtype}[{', '.join('?' if dim is None else str(dim) for dim in self.shape)}]"
        return f"state<{text}>" if self.is_state else text

    @property
    def is_fixed(self) -> bool:
        return None not in self.shape

    @property
    def elements(self) -> int:
        """The number of elements. REQUIRES: is_fixed."""
        return math.prod(self.shape)


def declared(value_type) -> MilType:
    """The type that a file declares. Raises ValueError for what is neither a tensor nor a state of one."""
    is_state = value_type.WhichOneof("type") == "stateType"
    tensor_type = value_type.stateType.wrappedType if is_state else value_type
    if tensor_type.WhichOneof("type") != "tensorType":
        raise ValueError(f"got a {tensor_type.WhichOneof('type')}, want a tensor")
    tensor = tensor_type.tensorType
    if tensor.rank != len(tensor.dimensions):
        raise ValueError(f"got rank {tensor.rank} and {len(tensor.dimensions)} dimensions")
    if tensor.attributes:
        raise ValueError("has attributes")
    word = proto.MIL_pb2.DataType.Name(tensor.dataType).lower()
    dtype = _PROTO_WORDS.get(word, word)
    if dtype not in BY_NAME:
        raise ValueError(f"element type {word} is not one of ML Programs")
    shape = tuple(dim.constant.size if dim.WhichOneof("dimension") == "constant" else None for dim in tensor.dimensions)
    return MilType(dtype, shape, is_state)


def inferred(var) -> MilType:
    """The type that Apple's reader gives a value."""
    sym_type = var.sym_type
    is_state = types.is_state(sym_type)
    if is_state:
        sym_type = sym_type.wrapped_type()
    shape: tuple = ()
    if types.is_tensor(sym_type):
        shape = tuple(dim if isinstance(dim, int) else None for dim in map(_integer, sym_type.get_shape()))
        sym_type = sym_type.get_primitive()
    return MilType(types.builtin_to_string(sym_type), shape, is_state)


def _integer(dim):
    """A fixed dimension as int; NumPy integers and SymPy numbers occur too. A symbol stays what it is."""
    try:
        return int(dim)
    except TypeError:
        return dim
