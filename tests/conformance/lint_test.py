"""What lint says of a package that coremltools writes from a decoder step as one would first write it down."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import warnings

os.environ["TQDM_DISABLE"] = "1"

import apple  # noqa: F401  (silences coremltools)
import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import types

WIDTH, HEADS, SLOTS, VOCABULARY = 64, 2, 48, 20000
HALF = WIDTH // HEADS


def naive_program():
    """One layer: RMS norms spelled out, angles from the position, a lookup of the cache, two states, the likeliest token."""
    rng = np.random.default_rng(0)

    def weight(*shape):
        return rng.standard_normal(shape).astype(np.float16)

    inputs = [mb.TensorSpec((1, 1), types.int32), mb.TensorSpec((1,), types.int32),
              *(mb.StateTensorSpec((1, HEADS, SLOTS, HALF), types.fp16) for _ in range(3))]

    @mb.program(input_specs=inputs, opset_version=ct.target.iOS18)
    def program(ids, position, keys, values, extra):
        def norm(x):
            mean = mb.reduce_mean(x=mb.pow(x=x, y=np.float16(2)), axes=[-1], keep_dims=True)
            return mb.mul(x=x, y=mb.rsqrt(x=mean, epsilon=np.float16(1e-5)))

        def heads(x):
            return mb.transpose(x=mb.reshape(x=x, shape=[1, 1, HEADS, HALF]), perm=[0, 2, 1, 3])

        def remember(state, x):
            begin = mb.concat(values=[np.array([0, 0], np.int32), position, np.array([0], np.int32)], axis=0)
            end = mb.concat(values=[np.array([1, HEADS], np.int32), mb.add(x=position, y=np.array([1], np.int32)),
                                    np.array([HALF], np.int32)], axis=0)
            return mb.coreml_update_state(state=state, value=mb.slice_update(x=mb.read_state(input=state), update=x, begin=begin, end=end))

        x = norm(mb.gather(x=weight(VOCABULARY, WIDTH), indices=ids, axis=0, validate_indices=False))
        angle = mb.mul(x=mb.cast(x=position, dtype="fp16"), y=weight(HALF))
        q = mb.mul(x=heads(mb.matmul(x=x, y=weight(WIDTH, WIDTH))), y=mb.cos(x=angle))
        k = mb.mul(x=heads(mb.linear(x=x, weight=weight(WIDTH, WIDTH))), y=mb.sin(x=angle))
        known, seen = remember(keys, k), remember(values, k)
        scores = mb.matmul(x=q, y=known, transpose_y=True)
        free = mb.less_equal(x=np.arange(SLOTS, dtype=np.int32).reshape(1, 1, 1, SLOTS), y=position)
        masked = mb.select(cond=free, a=scores, b=np.full((1, HEADS, 1, SLOTS), -np.inf, np.float16))
        attended = mb.matmul(x=mb.softmax(x=masked, axis=-1), y=mb.add(x=seen, y=mb.read_state(input=extra)))
        x = mb.reshape(x=attended, shape=[1, 1, WIDTH])
        wide = mb.cast(x=mb.exp(x=mb.cast(x=x, dtype="fp32")), dtype="fp16")
        logits = mb.linear(x=wide, weight=weight(VOCABULARY, WIDTH))
        return mb.reduce_argmax(x=logits, axis=-1, name="token")

    return program


class Naive(unittest.TestCase):
    def lint(self, precision):
        """Rules and the places where they are broken."""
        with tempfile.TemporaryDirectory(prefix="cortland-lint-") as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            package = pathlib.Path(folder) / "naive.mlpackage"
            ct.convert(naive_program(), convert_to="mlprogram", minimum_deployment_target=ct.target.iOS18,
                       compute_precision=precision, skip_model_load=True).save(str(package))
            done = subprocess.run([os.environ["CORTLAND"], "lint", package, "--json"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        found = {}
        for finding in json.loads(done.stdout)["findings"]:
            found.setdefault((finding["severity"], finding["rule"]), []).append(f"{finding['where']}: {finding['message']}")
        return found

    def test_lint_says_what_a_specialist_would(self):
        found = self.lint(ct.precision.FLOAT16)
        self.assertEqual({rule for severity, rule in found if severity == "error"}, {"L10", "L20", "L21", "L46"})
        self.assertEqual({rule for severity, rule in found if severity == "warning"},
                         {"L04", "L07", "L09", "L12", "L14", "L16", "L17", "L28", "L43"})
        for severity, rule, part in (("error", "L10", "token (reduce_argmax)"), ("error", "L46", "cos_0 (cos)"),
                                     ("warning", "L04", "position: got int32[1]"), ("warning", "L09", "matmul_0 (matmul)"),
                                     ("warning", "L16", "reduce_mean_0 (reduce_mean)"), ("warning", "L17", "element 0 is -inf"),
                                     ("warning", "L07", "an axis of 20000"), ("warning", "L28", "48 keys")):
            self.assertIn(part, "\n".join(found[severity, rule]))

    def test_fp32_leaves_the_neural_engine(self):
        found = self.lint(ct.precision.FLOAT32)
        self.assertIn("computes fp32", "\n".join(found["error", "L03"]))


if __name__ == "__main__":
    unittest.main()
