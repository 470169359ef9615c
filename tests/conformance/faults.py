"""The faults that the self test plants, each with a part of the message that must name it."""

from __future__ import annotations

import math
import struct
from typing import Callable

from apple import proto
from draft import RECORD_BYTES, Draft

FP32_ARRAY, FP32 = 65568, 11
FAULTS: list[tuple[str, Callable[[Draft], None]]] = []


def fault(message: str):
    """Registers a function that breaks a draft; the checker must answer with this message."""

    def register(plant: Callable[[Draft], None]):
        FAULTS.append((message, plant))
        return plant

    return register


@fault("does not name this file")
def further_file(draft):
    (draft.path / "Data" / "notes.txt").write_text("x")


@fault("cannot be opened")
def empty_manifest(draft):
    (draft.path / "Manifest.json").write_text("{}")


@fault("fields that the format does not know")
def unknown_field(draft):
    draft.model.MergeFromString(b"\x82\xfa\x01\x01x")  # field 4000, one byte


@fault("specification version; got 10, want 9")
def version_too_high(draft):
    draft.model.specificationVersion = 10


@fault("specification version; got 8, want 9")
def version_too_low(draft):
    draft.model.specificationVersion = 8


@fault("iOS17")
def opset_older_than_operations(draft):
    for function in draft.model.mlProgram.functions.values():
        function.block_specializations["CoreML7"].CopyFrom(function.block_specializations[function.opset])
        del function.block_specializations[function.opset]
        function.opset = "CoreML7"


@fault("want one for its opset 'CoreML9'")
def missing_block(draft):
    draft.function.opset = "CoreML9"


@fault("default function; got 'main'")
def unknown_default_function(draft):
    draft.model.description.defaultFunctionName = "main"


@fault("description: functions")
def undescribed_function(draft):
    draft.model.description.functions.pop()


@fault("stands at the top")
def input_at_the_top(draft):
    draft.model.description.input.add(name="x")


@fault("the function has no input tokens")
def renamed_input(draft):
    draft.description.input[0].name = "tokens"


@fault("input ids: dtype; got FLOAT32, want int32")
def described_dtype(draft):
    draft.array("input").dataType = FP32_ARRAY


@fault("input ids: shape; got [1, 1, 2]")
def described_shape(draft):
    draft.array("input").shape.append(2)


@fault("lacks state cache")
def missing_state(draft):
    draft.description.state.pop()


@fault("state cache: dtype; got FLOAT32")
def described_state_dtype(draft):
    draft.array("state").dataType = FP32_ARRAY


@fault("the function has no output more")
def further_output(draft):
    draft.description.output.add(name="more")


@fault("state cache: functions differ")
def state_of_two_types(draft):
    draft.function.inputs[2].type.stateType.wrappedType.tensorType.dimensions[1].constant.size = 64


@fault("got fp16[5, 32, 8], want fp16[1, 32, 8]")
def result_shape(draft):
    draft.tensor("linear").dimensions[0].constant.size = 5


@fault("got fp32[1, 32, 8], want fp16[1, 32, 8]")
def result_dtype(draft):
    draft.tensor("linear").dataType = FP32


@fault("got fp16[5, 8], want fp16[16, 8]")
def const_shape(draft):
    draft.blob_const.outputs[0].type.tensorType.dimensions[0].constant.size = 5


@fault("got fp32[8, 8], want fp16[8, 8]")
def constexpr_dtype(draft):
    draft.tensor("constexpr_blockwise_shift_scale").dataType = FP32


@fault("leftover attribute data")
def constexpr_with_attributes(draft):
    op = draft.op("constexpr_blockwise_shift_scale")
    for parameter, argument in op.inputs.items():
        op.attributes[parameter].CopyFrom(argument.arguments[0].value)
    op.inputs.clear()


@fault("leftover attribute note")
def attribute_of_operation(draft):
    op = draft.op("linear")
    op.attributes["note"].CopyFrom(op.attributes["name"])


@fault("function: leftover attribute note")
def attribute_of_function(draft):
    draft.function.attributes["note"].CopyFrom(draft.op("linear").attributes["name"])


@fault("lacks parameter validate_indices")
def missing_default(draft):
    del draft.op("gather").inputs["validate_indices"]


@fault("name 'a/b'")
def name_with_slash(draft):
    draft.function.inputs[0].name = "a/b"


@fault("name 'state'")
def reserved_name(draft):
    draft.function.inputs[0].name = "state"


@fault("the name is taken already")
def value_defined_twice(draft):
    draft.block.operations.add().CopyFrom(draft.op("linear"))


@fault("Var nowhere not found")
def undefined_name(draft):
    draft.binding("linear", "x").name = "nowhere"


@fault("got slice_update_0, want a state")
def write_to_a_tensor(draft):
    draft.binding("write_state", "input").name = "slice_update_0"


@fault("got cache, want no state")
def state_as_a_tensor(draft):
    draft.binding("linear", "x").name = "cache"


@fault("is the value written to a state")
def written_value_as_output(draft):
    draft.block.outputs.append(draft.binding("write_state", "data").name)


@fault("output ids: is no result")
def input_as_output(draft):
    draft.block.outputs.append("ids")


@fault("input spare: no operation uses it")
def unused_input(draft):
    spare = draft.function.inputs.add(name="spare")
    spare.type.CopyFrom(draft.function.inputs[0].type)


@fault("holds 1 ints, want 2")
def constant_too_short(draft):
    value = proto.MIL_pb2.Value()
    value.type.tensorType.CopyFrom(proto.MIL_pb2.TensorType(dataType=23, rank=1))
    value.type.tensorType.dimensions.add().constant.size = 2
    value.immediateValue.tensor.ints.values.append(1)
    draft.binding("reduce_sum", "axes").value.CopyFrom(value)


@fault("offset 65: want a multiple of 64")
def reference_off_the_grid(draft):
    draft.blob.offset = 65


@fault("no record stands here")
def reference_past_the_end(draft):
    draft.blob.offset = 1 << 40


@fault("file; got 'x.bin'")
def reference_to_another_file(draft):
    draft.blob.fileName = "x.bin"


@fault("got 128 of uint16, want fp16[16, 8]")
def blob_of_another_dtype(draft):
    draft.poke_record(4, "I", 7)


@fault("got 127 of fp16, want fp16[16, 8]")
def blob_too_short(draft):
    draft.poke_record(8, "Q", 254)


@fault("payload offset; got 129, want 128")
def payload_off_its_place(draft):
    draft.poke_record(16, "Q", 129)


@fault("sentinel; got")
def payload_over_the_next_record(draft):
    draft.poke_record(8, "Q", 256 + 64)


@fault("payload ends at")
def payload_past_the_end(draft):
    draft.poke_record(8, "Q", 1 << 20)


@fault("number of records; got 99")
def too_many_records(draft):
    draft.poke(0, "I", 99)


@fault("number of records; got 1,")
def too_few_records(draft):
    draft.poke(0, "I", 1)


@fault("want a record here")
def trailing_bytes(draft):
    draft.weights += b"tail"


@fault("nothing refers to it")
def unused_record(draft):
    draft.weights += bytes(-len(draft.weights) % RECORD_BYTES)
    record = struct.pack("<IIQQQ", 0xDEADBEEF, 3, 1, len(draft.weights) + RECORD_BYTES, 0)
    draft.weights += record.ljust(RECORD_BYTES, b"\0") + b"\1"


@fault("holds a NaN or an infinity")
def infinite_weight(draft):
    draft.poke_record(RECORD_BYTES, "e", math.inf)
