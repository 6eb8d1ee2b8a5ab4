"""FaceGPT: photos to rigged, textured, metric 3D heads, on a laptop's CPU.

    import facegpt
    model = facegpt.load()
    face = model.reconstruct("photo.jpg")[0]
    face.save("out/")

What is listed in `__all__` is the whole public surface. Each name is imported when it is first used, so that
`import facegpt` and the command line start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facegpt.analyze.compare import Likeness
    from facegpt.analyze.seen import Seen
    from facegpt.api import FaceGPT, load
    from facegpt.client.model import connect
    from facegpt.conventions import ARKIT_NAMES
    from facegpt.data.images import Photo, read_image
    from facegpt.face import Face
    from facegpt.language.dialogue.conversation import Reply
    from facegpt.models.conversion import convert
    from facegpt.reconstruct.many_photos import PhotoResult
    from facegpt.types import Camera, FaceGPTError, FaceParams, ImageError, Measure, Pose

__version__ = "0.2.0"

_PLACES = {
    "load": "facegpt.api",
    "FaceGPT": "facegpt.api",
    "connect": "facegpt.client.model",
    "convert": "facegpt.models.conversion",
    "Face": "facegpt.face",
    "FaceParams": "facegpt.types",
    "Camera": "facegpt.types",
    "Pose": "facegpt.types",
    "Measure": "facegpt.types",
    "Photo": "facegpt.data.images",
    "PhotoResult": "facegpt.reconstruct.many_photos",
    "Seen": "facegpt.analyze.seen",
    "Likeness": "facegpt.analyze.compare",
    "Reply": "facegpt.language.dialogue.conversation",
    "read_image": "facegpt.data.images",
    "FaceGPTError": "facegpt.types",
    "ImageError": "facegpt.types",
    "ARKIT_NAMES": "facegpt.conventions",
}

__all__ = [
    "ARKIT_NAMES",
    "Camera",
    "Face",
    "FaceGPT",
    "FaceGPTError",
    "FaceParams",
    "ImageError",
    "Likeness",
    "Measure",
    "Photo",
    "PhotoResult",
    "Pose",
    "Reply",
    "Seen",
    "__version__",
    "connect",
    "convert",
    "load",
    "read_image",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'facegpt' has no attribute '{name}'")
    import importlib

    value = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
