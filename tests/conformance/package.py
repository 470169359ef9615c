"""Opening a package with Apple's reader, and what concerns the package as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apple import ModelPackage, proto
from mil_type import declared

AUTHOR = "com.apple.CoreML"
WEIGHTS = "weights"
WEIGHT_FILE = "weight.bin"
# Opset -> the oldest specification version that has it.
OPSET_VERSIONS = {f"CoreML{number}": number + 1 for number in range(5, 10)}
HALF_VERSION, STATE_VERSION, FUNCTIONS_VERSION, INT8_VERSION = 7, 9, 9, 10
MAIN = "main"


@dataclass
class Package:
    """A package on disk and its parsed model."""

    path: Path
    model: proto.Model_pb2.Model
    model_path: Path
    weights_folder: Path

    @property
    def weight_path(self) -> Path:
        return self.weights_folder / WEIGHT_FILE

    @property
    def program(self):
        return self.model.mlProgram

    def block(self, function: str):
        """The one block of a function, or None."""
        spec = self.program.functions[function]
        return spec.block_specializations[spec.opset] if spec.opset in spec.block_specializations else None


def open_package(path: Path) -> Package:
    """Opens and parses. Raises ValueError, or whatever Apple's reader raises, for what is no ML Program package."""
    # The constructor would make a new package of what is none.
    if not ModelPackage.isValid(str(path)):
        raise ValueError("Apple's reader says that this is no model package")
    reader = ModelPackage(str(path))
    model_path = Path(reader.getRootModel().path())
    weights = reader.findItemByNameAuthor(WEIGHTS, AUTHOR)
    if weights is None:
        raise ValueError(f"the manifest has no item {WEIGHTS} by {AUTHOR}, which Apple's tools look for")
    model = proto.Model_pb2.Model()
    model.ParseFromString(model_path.read_bytes())
    if model.WhichOneof("Type") != "mlProgram":
        raise ValueError(f"got a model of type {model.WhichOneof('Type')}, want mlProgram")
    return Package(path, model, model_path, Path(weights.path()))


def check_package(package: Package) -> list[str]:
    """Files, versions, and the list of functions."""
    return [
        *_check_files(package),
        *_check_fields(package.model),
        *_check_version(package),
        *_check_functions(package),
        *_check_shared_states(package),
    ]


def _check_files(package: Package) -> list[str]:
    known = {package.path / "Manifest.json", package.model_path, package.weight_path}
    files = {entry.resolve() for entry in package.path.rglob("*") if not entry.is_dir()}
    return [f"{file}: the package does not name this file" for file in sorted(files - {k.resolve() for k in known})]


def _check_fields(model) -> list[str]:
    bare = type(model)()
    bare.CopyFrom(model)
    bare.DiscardUnknownFields()
    faults = []
    if bare.ByteSize() != model.ByteSize():
        faults.append("model: has fields that the format does not know")
    program = model.mlProgram
    if program.version != 1:
        faults.append(f"program: version; got {program.version}, want 1")
    if program.docString:
        faults.append("program: has a doc string")
    faults += [f"program: leftover attribute {name}" for name in program.attributes if name != "buildInfo"]
    return faults


def _check_version(package: Package) -> list[str]:
    """The specification version is the lowest that serves: a higher one shuts out older systems."""
    functions = package.program.functions
    opsets = {function.opset for function in functions.values()}
    unknown = opsets - OPSET_VERSIONS.keys()
    if unknown or len(opsets) != 1:
        return [f"program: opsets; got {sorted(opsets)}, want one of {list(OPSET_VERSIONS)} for all functions"]
    wanted = OPSET_VERSIONS[opsets.pop()]
    if len(functions) > 1 or package.model.description.functions:
        wanted = max(wanted, FUNCTIONS_VERSION)
    for name in functions:
        for value_type in _border_types(package, name):
            wanted = max(
                wanted,
                {"fp16": HALF_VERSION, "int8": INT8_VERSION}.get(value_type.dtype, 0),
                STATE_VERSION if value_type.is_state else 0,
            )
    got = package.model.specificationVersion
    return [] if got == wanted else [f"model: specification version; got {got}, want {wanted}"]


def _border_types(package: Package, function: str):
    """The types of inputs, states and outputs; what cannot be read is reported by the check of the function."""
    block = package.block(function)
    outputs = set(block.outputs) if block else set()
    values = [*package.program.functions[function].inputs]
    values += [value for op in (block.operations if block else ()) for value in op.outputs if value.name in outputs]
    for value in values:
        try:
            yield declared(value.type)
        except ValueError:
            continue


def _check_functions(package: Package) -> list[str]:
    description, functions = package.model.description, set(package.program.functions)
    if not description.functions:
        faults = (
            [] if functions == {MAIN} else [f"description: describes {MAIN} alone; got functions {sorted(functions)}"]
        )
        if description.defaultFunctionName:
            faults.append("description: names a default function, but describes none")
        return faults
    faults = []
    described = [function.name for function in description.functions]
    if len(described) != len(set(described)):
        faults.append(f"description: describes a function twice; got {described}")
    if set(described) != functions:
        faults.append(f"description: functions; got {sorted(set(described))}, want {sorted(functions)}")
    if description.defaultFunctionName not in functions:
        faults.append(
            f"description: default function; got {description.defaultFunctionName!r}, want one of {sorted(functions)}"
        )
    top = [field.name for field, _ in description.ListFields()]
    faults += [
        f"description: {field} stands at the top of a model with several functions"
        for field in top
        if field not in ("functions", "defaultFunctionName", "metadata")
    ]
    return faults


def _check_shared_states(package: Package) -> list[str]:
    """Functions that share a state agree on its type."""
    states: dict[str, set[str]] = {}
    for function in package.program.functions.values():
        for value in function.inputs:
            if value.type.WhichOneof("type") == "stateType":
                states.setdefault(value.name, set()).add(value.type.SerializeToString(deterministic=True))
    return [f"state {name}: functions differ in its type" for name, forms in states.items() if len(forms) > 1]
