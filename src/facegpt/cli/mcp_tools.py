"""The verbs as tools of the Model Context Protocol: any assistant can make, change, measure and follow 3D heads.

Every answer is a record in JSON and, where there is a head, its picture. Heads are kept in folders, and named by them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facegpt import __version__
from facegpt.face import Face
from facegpt.runtime.atomic_files import make_folder
from facegpt.runtime.extras import needed
from facegpt.types import FaceGPTError

#: Side of the pictures in answers, px.
PICTURE_PX = 384
INSTRUCTIONS = (
    "FaceGPT makes rigged, textured, metric 3D heads on this machine. reconstruct: photo to heads. imagine: words to a "
    "head. edit: changes a head by words. describe: measured facts and answers about a head; every number in it is "
    "measured, so repeat numbers as they are. analyze: what is seen on the faces of a photo. compare: whether two "
    "photos show one person. track: a clip to motion. A head is named by its folder."
)


@dataclass
class HeadTools:
    """What the tools do.

    Attributes:
        load: gives the model (`facegpt.load`), when the first tool is called.
        folder: where heads are kept.
    """

    load: Callable[[], Any]
    folder: Path
    _model: Any = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def model(self) -> Any:
        """The model, loaded once."""
        with self._lock:
            self._model = self._model or self.load()
            return self._model

    def reconstruct(self, photo: str, quality: str = "balanced") -> list[Any]:
        """Make a 3D head of each face in a photo; the largest comes first. quality: fast, balanced or best."""
        with self._lock:
            faces = self.model.reconstruct(photo, quality)
            if not faces:
                return [json.dumps({"heads": [], "note": "no face was found in the photo"})]
            return self._answer(faces)

    def imagine(self, description: str, seed: int = 0) -> list[Any]:
        """Make a 3D head from words: age, sex, traits, hair, glasses, expression, lengths in millimetres."""
        with self._lock:
            return self._answer([self.model.imagine(description, seed)])

    def edit(self, head: str, change: str, seed: int = 0) -> list[Any]:
        """Change a head by words, as in "make the nose 3 mm narrower, smiling". head: its folder, or a photo."""
        with self._lock:
            return self._answer([self.model.edit(head, change, seed)])

    def describe(self, head: str, question: str = "") -> str:
        """Say what is measured and seen on a head, or answer a question about it. head: its folder, or a photo."""
        with self._lock:
            text: str = self.model.describe(head, question or None)
            return text

    def analyze(self, photo: str) -> str:
        """Say what is seen on each face of a photo: pose, gaze, expression, action units, age, hair, what is worn."""
        with self._lock:
            return json.dumps({"faces": [seen.to_dict(points=False) for seen in self.model.analyze(photo)]})

    def compare(self, first: str, second: str) -> str:
        """Say how likely two photos show one person, with the doubt and what made it hard."""
        with self._lock:
            return json.dumps(self.model.compare(first, second).to_dict())

    def track(self, clip: str) -> str:
        """Follow the faces of a video: animated GLB, curves and Live Link Face files in a folder of their own."""
        from facegpt.batch.clip import track_to_folder

        if not Path(clip).exists():  # neither a camera nor standard input, which carries the protocol
            raise FaceGPTError(f"there is no clip '{clip}'")
        with self._lock:
            place = self._new_folder("take")
            result = track_to_folder(self.model, clip, place)
            return json.dumps(result.as_dict(clip, place))

    def _answer(self, faces: list[Face]) -> list[Any]:
        """The record of some heads, each saved, and their pictures."""
        told, pictures = [], []
        for face in faces:
            place = self._new_folder("head")
            face.save(place)
            told.append(self._told(face, place))
            pictures.append(_picture(face))
        return [json.dumps({"heads": told}), *pictures]

    def _told(self, face: Face, place: Path) -> dict[str, Any]:
        measures = {name: round(each.value_mm, 1) for name, each in face.measure().items()}
        record = {"head": str(place), "glb": str(place / "face.glb"), "measures_mm": measures}
        record |= {"understood": face.understood, "not_shown": face.ignored}
        return record | {"description": self.model.describe(face)}

    def _new_folder(self, kind: str) -> Path:
        """A folder that is not there yet: head_1, head_2 and so on."""
        make_folder(self.folder)
        number = 1
        while (self.folder / f"{kind}_{number}").exists():
            number += 1
        return make_folder(self.folder / f"{kind}_{number}")


def _picture(face: Face) -> Any:
    """A head as a picture in an answer."""
    import io

    from mcp.server.mcpserver import Image as McpImage
    from PIL import Image

    from facegpt.render.plots import on_background

    data = io.BytesIO()
    Image.fromarray(on_background(face.render(PICTURE_PX, None, None))).save(data, format="PNG")
    return McpImage(data=data.getvalue(), format="png")


def make_server(tools: HeadTools) -> Any:
    """A server of the SDK with the tools; what goes wrong is told in a sentence.

    Raises:
        FaceGPTError: if the SDK is not installed.
    """
    needed("mcp", "serving tools to assistants")
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError

    server: Any = MCPServer("facegpt", instructions=INSTRUCTIONS, version=__version__)
    for work in (
        tools.reconstruct,
        tools.imagine,
        tools.edit,
        tools.describe,
        tools.analyze,
        tools.compare,
        tools.track,
    ):
        tool = _in_sentences(work, ToolError)
        server.add_tool(tool, name=work.__name__, description=work.__doc__, structured_output=False)
    return server


def _in_sentences(work: Callable[..., Any], error: type[Exception]) -> Callable[..., Any]:
    """The same work, whose errors for users come as the protocol's."""
    from functools import wraps

    @wraps(work)
    def tool(*given: Any, **named: Any) -> Any:
        try:
            return work(*given, **named)
        except FaceGPTError as problem:
            raise error(str(problem)) from None

    return tool
