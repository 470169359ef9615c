"""One function: its form, and its types as Apple's reader infers them."""

from __future__ import annotations

import re
from collections import Counter
from unittest import mock

from apple import frontend, proto
from mil_type import BY_NAME, MilType, declared, inferred
from package import OPSET_VERSIONS, Package

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = set(
    "any bool program func tensor list dict tuple true false string state bf16 fp16 fp32 fp64 int4 int8 int16 int32 "
    "int64 uint1 uint2 uint3 uint4 uint6 uint8 uint16 uint32 uint64".split()
)
# From here on the parameters of constexpr operations are inputs; those of affine_dequantize stay attributes.
_CONSTEXPR_INPUTS_SINCE = OPSET_VERSIONS["CoreML8"]
_ALWAYS_ATTRIBUTES = "constexpr_affine_dequantize"


def is_weight(op) -> bool:
    """Whether an operation stands for a constant."""
    return op.type == "const" or op.type.startswith("constexpr_")


def title(op) -> str:
    """How messages call an operation."""
    return f"{op.type} {op.outputs[0].name if op.outputs else _op_name(op)}"


def values_of(op):
    """Every (parameter, Value) that stands in an operation itself."""
    yield from op.attributes.items()
    for parameter, argument in op.inputs.items():
        for binding in argument.arguments:
            if binding.WhichOneof("binding") == "value":
                yield parameter, binding.value


def _op_name(op) -> str:
    return "".join(op.attributes["name"].immediateValue.tensor.strings.values) if "name" in op.attributes else ""


def check_form(package: Package, function: str) -> list[str]:
    """What the file says, without asking what it means."""
    spec = package.program.functions[function]
    faults = [f"function: leftover attribute {name}" for name in spec.attributes]
    if list(spec.block_specializations) != [spec.opset]:
        faults.append(
            f"function: blocks for {sorted(spec.block_specializations)}, want one for its opset {spec.opset!r}"
        )
    block = package.block(function)
    if block is None:
        return faults
    faults += [f"block: leftover attribute {name}" for name in block.attributes]
    if block.inputs:
        faults.append("block: has inputs of its own")
    faults += _check_names(function, spec, block)
    for op in block.operations:
        faults += [f"{title(op)}: {fault}" for fault in _check_operation(op, spec.opset)]
    return [*faults, *_check_use(spec, block)]


def _check_names(function: str, spec, block):
    values = [value.name for value in spec.inputs] + [value.name for op in block.operations for value in op.outputs]
    op_names = [_op_name(op) for op in block.operations]
    for kind, names in (("value", values), ("operation", op_names)):
        yield from (f"{kind} {name}: the name is taken already" for name, count in Counter(names).items() if count > 1)
    for name in [function, *values, *op_names]:
        if not _NAME.fullmatch(name) or name in _RESERVED:
            yield f"name {name!r}: want letters, digits and underscores, and no reserved word"


def _check_operation(op, opset: str):
    if op.blocks:
        yield "has blocks inside, which this checker does not read"
    as_attributes = op.type == _ALWAYS_ATTRIBUTES or OPSET_VERSIONS.get(opset, 0) < _CONSTEXPR_INPUTS_SINCE
    if op.type.startswith("constexpr_") and as_attributes:
        if op.inputs:
            yield f"parameters among its inputs, want them among its attributes in {opset}"
    else:
        allowed = {"name", "val"} if op.type == "const" else {"name"}
        yield from (f"leftover attribute {name}" for name in op.attributes.keys() - allowed)
    for parameter, value in values_of(op):
        if value.WhichOneof("value") == "blobFileValue" and not is_weight(op):
            yield f"{parameter}: is a blob, which Apple's reader takes in const and constexpr operations only"
        yield from (f"{parameter}: {fault}" for fault in _check_value(value))


def _check_value(value):
    if value.docString:
        yield "has a doc string"
    try:
        value_type = declared(value.type)
    except ValueError as error:
        yield str(error)
        return
    if value.WhichOneof("value") == "blobFileValue":
        return
    case = value.immediateValue.tensor.WhichOneof("value")
    wanted = BY_NAME[value_type.dtype].immediate
    if case != wanted:
        yield f"a constant of {value_type} is held in {case}, want {wanted}"
        return
    held = getattr(value.immediateValue.tensor, case).values
    bits = BY_NAME[value_type.dtype].bits
    count = (value_type.elements * bits + 7) // 8 if case == "bytes" else value_type.elements
    if len(held) != count:
        yield f"a constant of {value_type} holds {len(held)} {case}, want {count}"


def _check_use(spec, block):
    """Inputs are used, outputs are results, and only reads and writes touch a state."""
    inputs = {value.name for value in spec.inputs}
    states = {value.name for value in spec.inputs if value.type.WhichOneof("type") == "stateType"}
    used, written, results = set(), set(), set()
    for op in block.operations:
        for parameter, argument in op.inputs.items():
            names = {binding.name for binding in argument.arguments if binding.WhichOneof("binding") == "name"}
            used |= names
            wants_state = op.type in ("read_state", "write_state") and parameter == "input"
            for name in names:
                if wants_state != (name in states):
                    yield f"{title(op)}: {parameter}: got {name}, want {'a state' if wants_state else 'no state'}"
            if op.type == "write_state" and parameter == "data":
                written |= names
        if op.type == "write_state" and op.outputs:
            yield f"{title(op)}: has outputs"
        results |= {value.name for value in op.outputs}
    yield from (f"input {name}: no operation uses it" for name in sorted(inputs - used))
    if not block.outputs:
        yield "block: has no outputs"
    yield from (f"output {name}: is listed twice" for name, count in Counter(block.outputs).items() if count > 1)
    for name in block.outputs:
        if name not in results:
            yield f"output {name}: is no result of an operation"
        if name in written:
            yield f"output {name}: is the value written to a state; want what a read gives"


def check_types(package: Package, function: str) -> tuple[int, list[str]]:
    """Runs Apple's reader on this function alone and compares every type. Returns (values compared, faults)."""
    faults: list[str] = []
    values: dict = {}
    try:
        _infer(package, function, values)
    except Exception as error:  # the reader raises many kinds; each is a verdict on the package
        faults.append(f"Apple's reader: {type(error).__name__}: {error}")
    compared = 0
    block = package.block(function)
    for op in block.operations if block else ():
        for result in op.outputs:
            if result.name not in values:
                continue
            compared += 1
            got, want = _declared_or_none(result.type), inferred(values[result.name])
            if got != want:
                faults.append(f"{title(op)}: declared type of {result.name}; got {got}, want {want}")
        faults += [f"{title(op)}: {fault}" for fault in _check_parameters(op, values)]
    if not faults and compared != sum(len(op.outputs) for op in block.operations if block):
        faults.append("Apple's reader did not infer every value")
    return compared, faults


def _declared_or_none(value_type) -> MilType | None:
    try:
        return declared(value_type)
    except ValueError:
        return None


def _infer(package: Package, function: str, values: dict) -> None:
    """Fills values with what the reader makes of each name in the file.

    The reader shares names between functions, so each is judged alone; and it takes the definitions of operations from
    the specification version, so it gets the one of the opset.
    """

    class Recorder(frontend.TranscriptionContext):
        """The reader's own table loses names when it merges a write of a state with the read behind it."""

        def register_var_with_name(self, name, var):
            super().register_var_with_name(name, var)
            values[name] = var

    model = proto.Model_pb2.Model(specificationVersion=package.model.specificationVersion)
    model.mlProgram.version = package.program.version
    model.mlProgram.functions[function].CopyFrom(package.program.functions[function])
    version = OPSET_VERSIONS[package.program.functions[function].opset]
    with mock.patch.object(frontend, "TranscriptionContext", Recorder):
        program = frontend.load(model, version, str(package.weights_folder), force_spec_version=True)
    program.validate()
    program._check_early_error_out_for_invalid_program()


def _check_parameters(op, values: dict):
    """The reader fills in what is left out, but the run time does not in every case: want every default in the file."""
    if is_weight(op) or not op.outputs or op.outputs[0].name not in values:
        return
    read = values[op.outputs[0].name].op
    if read is None or read.op_type != op.type:
        return
    filled = {name for name, var in read.inputs.items() if var is not None and not name.startswith("_")}
    yield from (f"lacks parameter {name}" for name in sorted(filled - set(op.inputs)))
