"""The verbs as tools of the Model Context Protocol: any assistant can make, change, measure and follow 3D heads.

Every answer is a record in JSON and, where there is a head, its picture. Heads are kept in folders, and named by them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from facegpt import __version__
from facegpt.cli.mcp.pictures import frames_of, head_picture, picture_of, side_by_side
from facegpt.data.provenance import marked_png
from facegpt.face import Face
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.runtime.extras import needed
from facegpt.types import FaceGPTError

#: Most faces of a photo that are shown, each in a picture.
MOST_PICTURES = 4
INSTRUCTIONS = (
    "FaceGPT makes rigged, textured, metric 3D heads on this machine. reconstruct: photo to heads. imagine: words to a "
    "head. edit: changes a head by words; of a photo it gives the head and the photo itself, changed. edit_photo: "
    "changes the photo alone, by words, weights of expression, turn and gaze. describe: measured facts and answers "
    "about a head; every number in it is measured, so repeat numbers as they are. analyze: what is seen on the faces "
    "of a photo. compare: whether two photos show one person. animate: a head or a photo in motion, or saying a text. "
    "track: a clip to motion. A head is named by its folder."
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
        """Change a head by words, as in "make the nose 3 mm narrower, smiling". head: its folder, or a photo.

        Of a photo the answer holds the changed head and the photo itself, changed.
        """
        from facegpt.picture.offered import changed_photo
        from facegpt.reconstruct.sources import face_of

        with self._lock:
            before = face_of(self.model, head, None)
            after = self.model.edit(before, change, seed)
            answer = self._answer([after])
            photo = changed_photo(self.model, before, after) if before.photo is not None else None
            return answer if photo is None else [*answer, *self._photo(photo, {})]

    def edit_photo(
        self, photo: str, change: str = "", units: str = "", turn: str = "", gaze: str = "", like: str = "",
        face: int = 0, seed: int = 0,
    ) -> list[Any]:  # fmt: skip
        """Change a face in a photo and give the photo back: its own pixels, hair, clothes and background.

        photo: a file. change: in words ("make her laugh"). units: ARKit weights 0 to 1, "jawOpen=.4,browInnerUp=.6".
        turn: "yaw,pitch" degrees, at most 25. gaze: "camera" or "x,y" degrees. like: a photo whose expression it gets.
        face: which one, 0 the largest.
        """
        from facegpt.picture.editing import edit_photo, expression_of
        from facegpt.picture.wishes import PhotoWishes, read_pair, read_weights

        with self._lock:
            asked = PhotoWishes(
                _read(read_weights, units, "units", "jawOpen=.4,browInnerUp=.6") or {},
                turn_deg=_read(read_pair, turn, "turn", "12,-5"),
                gaze=gaze if gaze == "camera" else _read(read_pair, gaze, "gaze", "camera"),
                expression=expression_of(self.model, like) if like else None,
            )
            if not (change or units or turn or gaze or like):
                raise FaceGPTError("say what to change: change (in words), units, turn, gaze or like")
            done = edit_photo(self.model, photo, change or None, asked, seed, face or None)
            if not done.mask.any():
                raise FaceGPTError(f"unchanged: {'; '.join(done.ignored) or 'nothing in the photo moves by it'}")
            return self._photo(done.picture, {"understood": done.understood, "not_shown": done.ignored})

    def animate(
        self, who: str, words: str = "", say: str = "", audio: str = "", curves: str = "", driver: str = "",
        voice: str = "", photo: bool = False, seed: int = 0,
    ) -> list[Any]:  # fmt: skip
        """Set a head in motion: by words, a text that it says, speech, curves or a clip of somebody.

        Give one of: words ("smiles, then winks"), say (English that it says aloud), audio (a file of speech), curves
        (CSV, NPZ, JSON), driver (a clip of somebody).
        who: a head's folder, a photo or a clip. voice: of say, in words ("an old man"). photo: the photo itself moves.
        The answer names the files (animated GLB, video with sound, curves, Live Link) and shows a few frames.
        """
        given = {"words": words, "say": say, "audio": audio, "curves": curves, "driver": driver}
        how = {"give": "photo" if photo else "head", "seed": seed} | ({"voice": voice} if voice else {})
        with self._lock:
            take = self.model.animate(who, **{name: value or None for name, value in given.items()}, **how)
            place = self._new_folder("take")
            files = take.save(place, video=find_spec("av") is not None)
            told: dict[str, Any] = {"take": str(place), "seconds": round(len(take) / take.fps, 2), "fps": take.fps}
            told |= {"files": [str(path) for path in files], "remarks": list(take.remarks)}
            return [json.dumps(told), picture_of(frames_of(take))]

    def describe(self, head: str, question: str = "") -> str:
        """Say what is measured and seen on a head, or answer a question about it. head: its folder, or a photo."""
        with self._lock:
            text: str = self.model.describe(head, question or None)
            return text

    def analyze(self, photo: str) -> list[Any]:
        """Say what is seen on each face of a photo: pose, gaze, expression, action units, age, hair, what is worn."""
        with self._lock:
            faces = self.model.analyze(photo)
            told = json.dumps({"faces": [seen.to_dict(points=False) for seen in faces]})
            return [told, *(picture_of(seen.plot()) for seen in faces[:MOST_PICTURES])]

    def compare(self, first: str, second: str) -> list[Any]:
        """Say how likely two photos show one person, with the doubt and what made it hard."""
        with self._lock:
            found = self.model.compare(first, second)
            return [json.dumps(found.to_dict()), picture_of(side_by_side((first, second), found.boxes))]

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
            pictures.append(picture_of(head_picture(face)))
        return [json.dumps({"heads": told}), *pictures]

    def _photo(self, picture: Any, told: dict[str, Any]) -> list[Any]:
        """A changed photo, saved in its own size and shown in a small one."""
        path = write_bytes(self._new_folder("photo") / "photo.png", marked_png(picture))
        return [json.dumps({"photo": str(path), **told}), picture_of(picture)]

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


def _read(reader: Callable[[str], Any], text: str, name: str, example: str) -> Any:
    """What a text says; None if it is empty. Raises FaceGPTError where it cannot be read."""
    try:
        return reader(text) if text else None
    except ValueError:
        raise FaceGPTError(f"{name} is written like {example}, not '{text}'") from None


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
        tools.edit_photo,
        tools.describe,
        tools.analyze,
        tools.compare,
        tools.animate,
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
