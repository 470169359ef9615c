"""Runs packages as a host does that has nothing but the C API, and compares their logits with those of transformers."""

import ctypes as c
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASE = ROOT / "tests/golden/checkpoints/exaone4-hybrid"  # windows on some layers, all of the past on others
INTERP = c.CDLL(os.environ["CORTLAND_INTERP"])
NUMBERS = {0: np.float16, 1: np.float32, 2: np.int32}
NOT_FOUND = 5
FORMS = {"ane": ["--prefill", "16"], "gpu": ["--profile", "gpu"], "iOS17": ["--target", "iOS17"],
         "parts": ["--prefill", "16", "--parts", "2"], "old_parts": ["--target", "iOS17", "--parts", "3", "--embedding", "graph"]}


FOLDER = tempfile.TemporaryDirectory()


def load_host():
    """The archive as a library that can be loaded."""
    library = pathlib.Path(FOLDER.name) / "host.so"
    subprocess.run([os.environ["CXX"], "-shared", "-o", library, "-Wl,--whole-archive", os.environ["CORTLAND_C"],
                    "-Wl,--no-whole-archive"], check=True)
    return c.CDLL(str(library))


HOST = load_host()


class Text(c.Structure):
    _fields_ = [("bytes", c.c_void_p), ("size", c.c_size_t)]

    def __str__(self):
        return c.string_at(self.bytes, self.size).decode()


class Feature(c.Structure):
    _fields_ = [("name", Text), ("number", c.c_int32), ("rank", c.c_int32), ("shape", c.c_size_t * 5)]


class Range(c.Structure):
    _fields_ = [("lower", c.c_size_t * 5), ("upper", c.c_size_t * 5)]


class Array(c.Structure):
    _fields_ = [("data", c.c_void_p), ("number", c.c_int32), ("rank", c.c_int32), ("shape", c.c_size_t * 5),
                ("strides", c.c_size_t * 5)]


class Function(c.Structure):
    _fields_ = [("name", Text), ("inputs", c.c_size_t), ("outputs", c.c_size_t), ("states", c.c_size_t)]


class Call(c.Structure):
    _fields_ = [(name, c.c_size_t) for name in ("function", "start", "tokens", "used", "input_count", "kept_count", "part")]


class Input(c.Structure):
    _fields_ = [("name", Text), ("array", Array)]


class Error(c.Structure):
    _fields_ = [("message", c.c_char * 512)]


def succeed(call, *arguments):
    error = Error()
    status = call(*arguments, c.byref(error))
    assert status == 0, f"{status}: {error.message.decode()}"


def make(call, *arguments):
    handle = c.c_void_p()
    succeed(call, *arguments, c.byref(handle))
    return handle


def get(kind, call, *arguments):
    result = kind()
    succeed(call, *arguments, c.byref(result))
    return result


def padded(shape, dtype):
    """A view with gaps behind each row and each number, all of it filled with what is no number."""
    whole = np.empty((*shape[:-1], 2 * (shape[-1] + 3)), dtype)
    whole.view(np.uint8)[:] = 0xFF
    return whole[..., : 2 * shape[-1] : 2]


def array_of(view):
    if isinstance(view, Array):
        return view
    strides = [stride // view.itemsize for stride in view.strides]
    number = next(number for number, dtype in NUMBERS.items() if dtype == view.dtype)
    return Array(view.ctypes.data, number, view.ndim, (c.c_size_t * 5)(*view.shape), (c.c_size_t * 5)(*strides))


def view_of(array):
    shape, dtype = array.shape[: array.rank], NUMBERS[array.number]
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer((c.c_char * size).from_address(array.data), dtype).reshape(shape)


class Package:
    """A package that is loaded, and its states."""

    def __init__(self, path):
        self.package = make(INTERP.cortland_interp_package_open, str(path).encode())
        for function in (INTERP.cortland_interp_function_count, INTERP.cortland_interp_metadata_count):
            function.restype = c.c_size_t
        self.functions = [get(Function, INTERP.cortland_interp_function_at, self.package, c.c_size_t(i))
                          for i in range(INTERP.cortland_interp_function_count(self.package))]
        self.programs = [make(INTERP.cortland_interp_program_create, self.package, c.c_size_t(i), 0)
                         for i in range(len(self.functions))]
        self.states = make(INTERP.cortland_interp_states_create, self.package)

    def metadata(self):
        entries = {}
        for i in range(INTERP.cortland_interp_metadata_count(self.package)):
            key, value = Text(), Text()
            succeed(INTERP.cortland_interp_metadata, self.package, c.c_size_t(i), c.byref(key), c.byref(value))
            entries[str(key)] = str(value)
        return entries

    def features(self, function, role, count):
        return [self.feature(function, role, i)[0] for i in range(count)]

    def feature(self, function, role, index):
        """A feature, and the least and the most of each of its sides."""
        feature, range_ = Feature(), Range()
        succeed(INTERP.cortland_interp_feature, self.package, c.c_size_t(function), role, c.c_size_t(index),
                c.byref(feature), c.byref(range_))
        return feature, [list(sides[: feature.rank]) for sides in (range_.lower, range_.upper)]


class Model:
    """A package or the parts of a model, their contract and one conversation."""

    def __init__(self, path):
        first = Package(path)
        contract = first.metadata()["cortland.contract"].encode()
        self.contract = make(HOST.cortland_contract_open, contract, c.c_size_t(len(contract)))
        self.parts = [first]
        HOST.cortland_contract_part_count.restype = c.c_size_t
        for i in range(1, HOST.cortland_contract_part_count(self.contract)):
            name, has_states = Text(), c.c_int32()
            succeed(HOST.cortland_contract_part, self.contract, c.c_size_t(i), c.byref(name), c.byref(has_states))
            self.parts.append(Package(path.parent / str(name)))
            assert has_states.value == (self.parts[-1].functions[0].states > 0)
        file = Text()
        status = HOST.cortland_contract_embedding(self.contract, c.byref(file), None)
        embedding = make(HOST.cortland_embedding_open_file, str(path.parent / str(file)).encode()) if status == 0 else None
        assert status in (0, NOT_FOUND)
        self.session = make(HOST.cortland_session_create, self.contract, embedding)
        HOST.cortland_embedding_free(embedding)  # the session goes on with it

    def feed(self, ids):
        """The logits behind the last id."""
        ids = (c.c_int32 * len(ids))(*ids)
        calls = c.c_size_t()
        succeed(HOST.cortland_session_feed, self.session, ids, c.c_size_t(len(ids)), 0, c.byref(calls))
        logits = None
        for i in range(calls.value):
            logits = self.run(c.c_size_t(i))
        return logits

    def run(self, index):
        call = get(Call, HOST.cortland_session_call, self.session, index)
        name = get(Text, HOST.cortland_contract_function, self.contract, c.c_size_t(call.function))
        part = self.parts[call.part]
        function = next(i for i, one in enumerate(part.functions) if str(one.name) == str(name))
        inputs, views = [], []
        for i in map(c.c_size_t, range(call.input_count)):
            feature = get(Feature, HOST.cortland_session_input, self.session, index, i)
            views.append(padded(feature.shape[: feature.rank], NUMBERS[feature.number]))
            array = array_of(views[-1])
            succeed(HOST.cortland_session_fill, self.session, index, i, c.byref(array))
            inputs.append(Input(feature.name, array))
        result = make(INTERP.cortland_interp_predict, part.programs[function], part.states,
                      (Input * len(inputs))(*inputs), c.c_size_t(len(inputs)))
        names = [str(output.name) for output in part.features(function, 1, part.functions[function].outputs)]
        outputs = {name: get(Array, INTERP.cortland_interp_result_array, result, c.c_size_t(i))
                   for i, name in enumerate(names)}
        for i in map(c.c_size_t, range(call.kept_count)):
            kept = get(Feature, HOST.cortland_session_kept, self.session, index, i)
            succeed(HOST.cortland_session_keep, self.session, index, i, c.byref(outputs[str(kept.name)]))
        feature, row = Feature(), c.c_size_t()
        if HOST.cortland_session_hidden(self.session, index, c.byref(feature), None) == 0:
            succeed(HOST.cortland_session_pass, self.session, index, c.byref(outputs[str(feature.name)]))
        status = HOST.cortland_session_logits(self.session, index, c.byref(feature), c.byref(row), None)
        assert status in (0, NOT_FOUND)
        logits = view_of(outputs[str(feature.name)])[0, row.value].copy() if status == 0 else None
        INTERP.cortland_interp_result_free(result)
        return logits


def load_file(path):
    """The tensors of a safetensors file: u64 size of a header in JSON, the header, bytes."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    dtypes = {"F32": np.float32, "I32": np.int32, "I64": np.int64}
    header = {name: entry for name, entry in json.loads(data[8:start]).items() if name != "__metadata__"}
    return {name: np.frombuffer(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]],
                                dtypes[entry["dtype"]]).reshape(entry["shape"]) for name, entry in header.items()}


class Interp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.packages = {}
        for form, options in FORMS.items():
            is_bundle = "--parts" in options
            output = f"{FOLDER.name}/{form}" + ("/" if is_bundle else ".mlpackage")
            cls.packages[form] = pathlib.Path(output, "body-1.mlpackage" if is_bundle else "")
            subprocess.run([os.environ["CORTLAND"], "convert", CASE, "-o", output, "--context", "64", "--evaluate", "0",
                            "--quiet", *options], check=True)
        expected = load_file(CASE / "expected.safetensors")
        cls.ids, cls.logits = expected["input_ids"][0].tolist(), expected["logits"][0]

    def assert_close(self, got, want):
        # What fp16 weights alone change: expected.json, "observed".
        self.assertLess(np.abs(got.astype(np.float32) - want).max(), 0.05)

    def test_every_form_gives_the_logits_of_transformers(self):
        for form, package in self.packages.items():
            with self.subTest(form=form):
                model = Model(package)
                self.assert_close(model.feed(self.ids[:21]), self.logits[20])
                for i in range(21, 26):
                    self.assert_close(model.feed(self.ids[i : i + 1]), self.logits[i])
                # Another way, back again, and on to the end.
                model.feed([3, 5, 7, 11, 13])
                succeed(HOST.cortland_session_rewind, model.session, c.c_size_t(26))
                self.assert_close(model.feed(self.ids[26:]), self.logits[-1])

    def test_what_a_package_is_called_with(self):
        model = Package(self.packages["gpu"])
        self.assertEqual([str(function.name) for function in model.functions], ["main"])
        ids, mask, *_ = model.features(0, 0, model.functions[0].inputs)
        self.assertEqual((str(ids.name), NUMBERS[ids.number]), ("inputIds", np.int32))
        self.assertEqual((str(mask.name), mask.rank, NUMBERS[mask.number]), ("causalMask", 4, np.float16))
        keys, values = model.features(0, 2, model.functions[0].states)
        self.assertEqual((str(keys.name), keys.shape[: keys.rank]), ("keyCache", [4, 1, 2, 64, 16]))
        self.assertEqual(model.feature(0, 0, 0)[1], [[1, 1], [1, 64]])
        self.assertEqual([str(one.name) for one in Package(self.packages["ane"]).functions], ["decode", "prefill"])

    def test_states_can_be_looked_at(self):
        model = Model(self.packages["ane"])
        model.feed(self.ids[:3])
        state = view_of(get(Array, INTERP.cortland_interp_states_array, model.parts[0].states, b"kv", c.c_size_t(2)))
        self.assertTrue(state[:, :, :3].any() and not state[:, :, 3:].any())
        state[:] = 0.5  # what a mask hides changes nothing, what it shows does
        succeed(HOST.cortland_session_rewind, model.session, c.c_size_t(0))
        self.assert_close(model.feed(self.ids[:3]), self.logits[2])
        state = view_of(get(Array, INTERP.cortland_interp_states_array, model.parts[0].states, b"kv", c.c_size_t(2)))
        state[:] = 0.5
        self.assertGreater(np.abs(model.feed(self.ids[3:4]) - self.logits[3]).max(), 0.5)

    def test_what_is_refused(self):
        error = Error()
        handle = c.c_void_p(1)
        status = INTERP.cortland_interp_package_open(b"nothing.mlpackage", c.byref(handle), c.byref(error))
        self.assertEqual(status, NOT_FOUND)
        self.assertIsNone(handle.value)
        self.assertIn(b"nothing.mlpackage", error.message)
        model = Package(self.packages["ane"])
        predict = INTERP.cortland_interp_predict
        cases = [
            (model.states, [], b"input input_ids is missing"),
            (None, [], b"has states; got none"),
            (model.states, [("input_ids", np.zeros((1, 1), np.float16))], b"another kind of number; want int32"),
            (model.states, [("input_ids", np.zeros((1, 2), np.int32))], b"got int32[1, 2], want int32[1, 1]"),
            (model.states, [("input_ids", Array(1, 2, 2, (c.c_size_t * 5)(1 << 31, 1 << 31)))], b"is too large"),
            (model.states, [("x", np.zeros((1, 2), np.int32))], b"has no input x"),
        ]
        others = {str(one.name): np.zeros(one.shape[: one.rank], NUMBERS[one.number])
                  for one in model.features(0, 0, model.functions[0].inputs)}
        for states, changed, message in cases:
            with self.subTest(message=message):
                inputs = dict(others, **dict(changed)) if changed else {}
                names = [c.create_string_buffer(name.encode()) for name in inputs]
                listed = (Input * len(inputs))(*[Input(Text(c.addressof(name), len(name.value)), array_of(view))
                                                 for name, view in zip(names, inputs.values())])
                status = predict(model.programs[0], states, listed, c.c_size_t(len(inputs)), c.byref(handle),
                                 c.byref(error))
                self.assertEqual(status, 2, error.message)
                self.assertIn(message, error.message)


if __name__ == "__main__":
    unittest.main()
