"""The parts of coremltools that the checker uses.

Both native readers come with the Linux wheel. What runs models does not, and
coremltools warns about each missing piece.
"""

import logging

logging.disable(logging.WARNING)

from coremltools import proto  # noqa: E402
from coremltools.converters.mil.frontend.milproto import load as frontend  # noqa: E402
from coremltools.converters.mil.mil import types  # noqa: E402
from coremltools.libmilstoragepython import _BlobStorageReader as BlobStorageReader  # noqa: E402
from coremltools.libmodelpackage import ModelPackage  # noqa: E402

__all__ = ["BlobStorageReader", "ModelPackage", "frontend", "proto", "types"]
