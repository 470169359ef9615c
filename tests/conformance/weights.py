"""The weight file: every record, its place, its type, and what refers to it.

    0    header, 64 bytes      u32 number of records, u32 version = 2, zeros
    64   record, 64 bytes      u32 0xDEADBEEF, u32 data type, u64 payload bytes,
                               u64 payload offset, u64 padding bits, zeros
    128  payload               then zeros up to the next record, at a multiple of 64; nothing follows the last payload

A reference of the model holds the offset of the record.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

import numpy as np

from apple import BlobStorageReader
from mil_type import BY_BLOB_CODE, BY_NAME, MilType, declared
from package import WEIGHT_FILE, Package
from program import title, values_of

_ALIGNMENT, _HEADER_BYTES, _RECORD_BYTES = 64, 64, 64
_VERSION = 2
_SENTINEL = 0xDEADBEEF
_FILE_NAME = f"@model_path/weights/{WEIGHT_FILE}"
_FLOATS = {"fp16": np.float16, "fp32": np.float32}


@dataclass(frozen=True)
class Record:
    """One record of the file."""

    code: int
    size: int
    padding_bits: int

    @property
    def name(self) -> str:
        return BY_BLOB_CODE[self.code].name

    @property
    def elements(self) -> int:
        return (8 * self.size - self.padding_bits) // BY_BLOB_CODE[self.code].bits


def check_weights(package: Package) -> tuple[int, list[str]]:
    """Returns (number of records, faults)."""
    faults: list[str] = []
    references = _references(package, faults)
    path = package.weight_path
    if not path.exists():
        return 0, faults + ([f"{path.name}: is missing; the model refers to it"] if references else [])
    if path.stat().st_size < _HEADER_BYTES:
        return 0, [*faults, f"{path.name}: got {path.stat().st_size} bytes, want {_HEADER_BYTES} for a header"]
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        records = _walk(data, faults)
    faults += _check_references(references, records)
    reader = BlobStorageReader(str(path))
    for offset, record in records.items():
        faults += [f"{path.name}: record at {offset}: {fault}" for fault in _read(reader, offset, record)]
    return len(records), faults


def _references(package: Package, faults: list[str]) -> list[tuple[str, int, MilType]]:
    """(place, offset, declared type) of every blob of the model."""
    references = []
    for function in package.program.functions:
        block = package.block(function)
        for op in block.operations if block else ():
            for parameter, value in values_of(op):
                if value.WhichOneof("value") != "blobFileValue":
                    continue
                place = f"{function}: {title(op)}: {parameter}"
                if value.blobFileValue.fileName != _FILE_NAME:
                    faults.append(f"{place}: file; got {value.blobFileValue.fileName!r}, want {_FILE_NAME!r}")
                    continue
                try:
                    references.append((place, value.blobFileValue.offset, declared(value.type)))
                except ValueError:
                    continue
    return references


def _walk(data, faults: list[str]) -> dict[int, Record]:
    """Follows the records to the end of the file; what stands behind a broken one is not seen."""
    count, version = struct.unpack_from("<II", data)
    if version != _VERSION or any(data[8:_HEADER_BYTES]):
        faults.append(f"{WEIGHT_FILE}: header; got version {version}, want {_VERSION} and zeros behind it")
    records: dict[int, Record] = {}
    end = _HEADER_BYTES
    while end < len(data):
        offset = -(-end // _ALIGNMENT) * _ALIGNMENT
        fault, record, next_end = _parse_record(data, offset)
        if not fault and any(data[end:offset]):
            fault = f"the gap before it, from {end}, is not zero"
        if fault:
            faults.append(f"{WEIGHT_FILE}: record at {offset}: {fault}")
            break
        records[offset] = record
        end = next_end
    if count != len(records):
        faults.append(f"{WEIGHT_FILE}: header: number of records; got {count}, want {len(records)}")
    return records


def _parse_record(data, offset: int) -> tuple[str, Record | None, int]:
    """(fault or "", record, end of its payload)"""
    if offset + _RECORD_BYTES > len(data):
        return f"got {len(data)} bytes in the file, want a record here", None, 0
    sentinel, code, size, start, padding = struct.unpack_from("<IIQQQ", data, offset)
    if sentinel != _SENTINEL:
        return f"sentinel; got {sentinel:#x}, want {_SENTINEL:#x}", None, 0
    if code not in BY_BLOB_CODE:
        return f"data type {code} is not known", None, 0
    bits = BY_BLOB_CODE[code].bits
    if start != offset + _RECORD_BYTES:
        return f"payload offset; got {start}, want {offset + _RECORD_BYTES}", None, 0
    if start + size > len(data):
        return f"payload ends at {start + size}, want at most {len(data)}", None, 0
    if padding >= 8 or size == 0 or (8 * size - padding) % bits:
        return f"{size} bytes less {padding} bits are no elements of {bits} bits", None, 0
    if any(data[offset + 32 : offset + _RECORD_BYTES]):
        return "its reserved bytes are not zero", None, 0
    return "", Record(code, size, padding), start + size


def _check_references(references, records: dict[int, Record]):
    for place, offset, value_type in references:
        record = records.get(offset)
        if record is None:
            problem = "no record stands here" if offset % _ALIGNMENT == 0 else f"want a multiple of {_ALIGNMENT}"
            yield f"{place}: offset {offset}: {problem}"
            continue
        if not value_type.is_fixed:
            yield f"{place}: a blob of {value_type} has no size"
            continue
        if record.name != value_type.dtype or record.elements != value_type.elements:
            yield f"{place}: blob at {offset}: got {record.elements} of {record.name}, want {value_type}"
    for offset in records.keys() - {offset for _, offset, _ in references}:
        yield f"{WEIGHT_FILE}: record at {offset}: nothing refers to it"


def _read(reader, offset: int, record: Record):
    """Apple's reader on one record."""
    row = BY_NAME[record.name]
    try:
        values = getattr(reader, row.reader)(offset)
    except (RuntimeError, ValueError) as error:
        yield f"Apple's reader: {error}"
        return
    if values.dtype.name != row.reads_as or values.size != record.elements:
        yield f"Apple's reader: got {values.size} of {values.dtype}, want {record.elements} of {row.reads_as}"
    if record.name in _FLOATS and not np.isfinite(values.view(_FLOATS[record.name])).all():
        yield "holds a NaN or an infinity"
