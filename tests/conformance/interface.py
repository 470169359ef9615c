"""The interface that apps see against the function that computes it."""

from __future__ import annotations

from apple import proto
from mil_type import MilType, declared
from package import Package

_ARRAY_WORDS = {"FLOAT16": "fp16", "FLOAT32": "fp32", "INT32": "int32", "INT8": "int8"}


def check_interface(package: Package, function: str) -> list[str]:
    """Names, dtypes, shapes and ranges of inputs, states and outputs."""
    description = package.model.description
    if description.functions:
        found = [part for part in description.functions if part.name == function]
        if not found:
            return ["description: does not describe this function"]
        description = found[0]
    inputs, states, outputs = _signature(package, function)
    return [
        *_check_features("input", description.input, inputs),
        *_check_features("state", description.state, states),
        *_check_features("output", description.output, outputs),
    ]


def _signature(package: Package, function: str) -> tuple[dict[str, MilType], dict[str, MilType], dict[str, MilType]]:
    """Inputs, states and outputs of the function with their declared types; what has no readable type is left out."""
    inputs, states, outputs = {}, {}, {}
    block = package.block(function)
    results = {value.name: value.type for op in (block.operations if block else ()) for value in op.outputs}
    listed = [(value.name, value.type, inputs) for value in package.program.functions[function].inputs]
    listed += [(name, results[name], outputs) for name in (block.outputs if block else ()) if name in results]
    for name, value_type, kind in listed:
        try:
            read = declared(value_type)
        except ValueError:
            continue
        (states if read.is_state and kind is inputs else kind)[name] = read
    return inputs, states, outputs


def _check_features(kind: str, features, wanted: dict[str, MilType]) -> list[str]:
    faults = []
    names = [feature.name for feature in features]
    if len(names) != len(set(names)):
        faults.append(f"description: an {kind} is described twice; got {names}")
    faults += [f"description: lacks {kind} {name}" for name in wanted.keys() - set(names)]
    for feature in features:
        if feature.name not in wanted:
            faults.append(f"description: the function has no {kind} {feature.name}")
            continue
        faults += [
            f"description: {kind} {feature.name}: {fault}"
            for fault in _check_feature(kind, feature.type, wanted[feature.name])
        ]
    return faults


def _check_feature(kind: str, feature, wanted: MilType):
    case = "stateType" if kind == "state" else "multiArrayType"
    if feature.WhichOneof("Type") != case:
        yield f"got {feature.WhichOneof('Type')}, want {case}"
        return
    array = feature.stateType.arrayType if kind == "state" else feature.multiArrayType
    word = proto.FeatureTypes_pb2.ArrayFeatureType.ArrayDataType.Name(array.dataType)
    if _ARRAY_WORDS.get(word) != wanted.dtype:
        yield f"dtype; got {word}, want {wanted.dtype}"
    if kind == "state" and wanted.dtype != "fp16":
        yield f"got a state of {wanted.dtype}, want fp16"
    has_default = array.WhichOneof("defaultOptionalValue") is not None
    if feature.isOptional and (kind != "input" or not has_default) or kind == "state" and has_default:
        yield "is optional, or has a default value, where it may not"
    if not wanted.is_fixed and kind != "input":
        if kind == "state" or array.shape:
            yield (
                f"shape; got {list(array.shape)}, want none for {wanted}"
                if kind == "output"
                else "a state must have a fixed shape"
            )
        return
    yield from _check_shape(array, wanted)


def _check_shape(array, wanted: MilType):
    """The default shape, and the range of every dimension: one size where it is fixed, else a finite range."""
    shape = list(array.shape)
    if len(shape) != len(wanted.shape):
        yield f"shape; got {shape}, want {wanted}"
        return
    ranges = _ranges(array)
    if len(ranges) != len(shape):
        yield f"range; got {len(ranges)} dimensions, want {len(shape)}"
        return
    for axis, (size, initial, (lower, upper)) in enumerate(zip(wanted.shape, shape, ranges)):
        if size is not None and not size == initial == lower == upper:
            yield f"axis {axis}; got {initial} and the range {lower} to {upper}, want {size}"
        if size is None and not (0 < lower <= initial <= upper and lower < upper):
            yield f"axis {axis}; got {initial} and the range {lower} to {upper}, want a finite range that holds it"


def _ranges(array) -> list[tuple[int, int]]:
    """(smallest, largest) of every dimension."""
    case = array.WhichOneof("ShapeFlexibility")
    if case == "shapeRange":
        return [(size.lowerBound, size.upperBound) for size in array.shapeRange.sizeRanges]
    if case == "enumeratedShapes":
        shapes = [list(shape.shape) for shape in array.enumeratedShapes.shapes]
        if list(array.shape) not in shapes or len({len(shape) for shape in shapes}) != 1:
            return []
        return [(min(sizes), max(sizes)) for sizes in zip(*shapes)]
    return [(size, size) for size in array.shape]
