"""The parts of coremltools that the checker uses.

Both native readers come with the Linux wheel. What runs models does not, and
coremltools warns about each missing piece.
"""

import gc
import logging

logging.disable(logging.WARNING)

from coremltools import proto  # noqa: E402
from coremltools.converters.mil.frontend.milproto import load as frontend  # noqa: E402
from coremltools.converters.mil.mil import types  # noqa: E402
from coremltools.libmilstoragepython import _BlobStorageReader as BlobStorageReader  # noqa: E402
from coremltools.libmodelpackage import ModelPackage  # noqa: E402

# Hundreds of thousands of objects live as long as the process: walking over them again and again takes a third of the time.
gc.freeze()
gc.set_threshold(200_000, 20, 100)

__all__ = ["BlobStorageReader", "ModelPackage", "frontend", "proto", "types"]
