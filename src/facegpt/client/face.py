"""A head on a server."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from facegpt.client.kept import Remote
from facegpt.types import FaceGPTError, Measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from facegpt.face import Face
    from facegpt.morphable.base import MorphableModel
    from facegpt.types import Array, FaceParams

#: Ending of a path → format of the server; one that is packed there comes as several files beside the path.
_FORMATS = {".glb": "glb", ".fbx": "fbx", ".usdz": "usdz", ".ply": "ply", ".stl": "stl", ".json": "params"}
_PACKED = {".obj": "obj", ".gltf": "gltf"}


@dataclass(frozen=True, eq=False, repr=False)
class RemoteFace(Remote):
    """A head on a server, as `facegpt.Face` where a server tells it (docs/server.md, "Head")."""

    place = "heads"

    # Geometry: worked out here, from its parameters and this machine's copy of the head model

    @cached_property
    def _local(self) -> Face:
        """The head without its pictures, in this process."""
        from facegpt.face import Face

        with tempfile.TemporaryDirectory() as folder:
            file = self.wire.fetch(self._file("params"), Path(folder) / "params.json")
            return Face.load(file, _head_model())

    @property
    def params(self) -> FaceParams:
        """All that the head model is told, as `Face.params`."""
        return self._local.params

    def vertices(self, space: str = "head") -> Array:
        """(V, 3) mm with expression and turned eyes, in the frame "head" or "camera"."""
        return self._local.vertices(space)

    @property
    def triangles(self) -> NDArray[np.int32]:
        """(F, 3) vertex indices, counter-clockwise seen from outside."""
        return self._local.triangles

    def landmarks(self, name: str = "ibug68", space: str = "image") -> Array:
        """Landmarks of a set, as `Face.landmarks`: "image" (N, 2) px, "head" (N, 3) mm."""
        return self._local.landmarks(name, space)

    def project(self, points_head: Array) -> Array:
        """Where points of the head frame, (N, 3) mm, lie in its image, (N, 2) px."""
        return self._local.project(points_head)

    # What the server tells

    @property
    def blendshapes(self) -> dict[str, float]:
        """The 52 ARKit names with their weights, 0..1."""
        return dict(self.told["blendshapes"])

    @property
    def attributes(self) -> dict[str, float]:
        """age_years, masculinity, heaviness and skin_lightness, as shape and skin tell them."""
        return dict(self.told["attributes"])

    @property
    def controls(self) -> dict[str, float]:
        """The named controls of shape, SDs of adults."""
        return dict(self.told["controls"])

    @property
    def understood(self) -> list[str]:
        """What was understood of the words that made or changed it."""
        from facegpt.generate.told.words import phrases

        return phrases(self.understood_parts)

    @property
    def understood_parts(self) -> list[str]:
        """The same for programs, a label each: "nose_width +1 SD"."""
        return [item["label"] for item in self.told["understood"]]

    @property
    def ignored(self) -> list[str]:
        """Things in the words that a head does not show."""
        return list(self.told["ignored"])

    @property
    def confidence(self) -> float | None:
        """0..1 that it is right within 3 mm on average; None where nothing was fitted."""
        value: float | None = self.told["confidence"]
        return value

    @property
    def region_confidence(self) -> dict[str, float]:
        """The same for each region of the face, as `Face.region_confidence`."""
        return dict(self.told["regions"])

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x0 y0 x1 y1 in its photo, pixels."""
        x0, y0, x1, y1 = self.told["box"]
        return x0, y0, x1, y1

    @property
    def hair(self) -> dict[str, Any] | None:
        """Style, colour ("#rrggbb"), beard and so on, or None where nothing is known."""
        hair: dict[str, Any] | None = self.told["hair"]
        return hair

    @property
    def glasses(self) -> dict[str, Any] | None:
        """Frame, colour and tint ("#rrggbb") and darkness of the lenses, or None where it wears none."""
        glasses: dict[str, Any] | None = self.told["glasses"]
        return glasses

    @property
    def headwear(self) -> dict[str, Any] | None:
        """Kind ("cap" or "hood") and colour ("#rrggbb") of the cloth that covers it, or None."""
        headwear: dict[str, Any] | None = self.told.get("headwear")
        return headwear

    def measure(self) -> dict[str, Measure]:
        """Measures of the person at rest: millimetres and percentiles among adults, by name."""
        return {
            one["name"]: Measure(one["value_mm"], float("nan") if one["percentile"] is None else one["percentile"])
            for one in self.told["measures"]
        }

    def save(self, path: str | Path, hair_lod: int | None = 0) -> tuple[Path, ...]:
        """Write files as `Face.save` does: the ending says which, a path without one is a folder.

        hair_lod: detail of the hair's mesh, 0 the finest, 2 the coarsest; None leaves the hair out.

        Raises:
            FaceGPTError: for another ending, if it cannot be written, or the server no longer has the head.
        """
        path, asked = Path(path), f"?hair_lod={'none' if hair_lod is None else hair_lod}"
        ending = path.suffix.lower()
        if ending in _FORMATS:
            return (self.wire.fetch(self._file(_FORMATS[ending] + asked), path),)
        if ending in _PACKED:
            return self._unpacked(_PACKED[ending] + asked, path.parent, path.stem)
        if ending:
            known = ", ".join((*_FORMATS, *_PACKED))
            raise FaceGPTError(f"cannot write '{path}': there are {known}, and a folder for a path without an ending")
        path.mkdir(parents=True, exist_ok=True)
        return self._unpacked("folder" + asked, path, None)

    def _unpacked(self, name: str, folder: Path, stem: str | None) -> tuple[Path, ...]:
        """Write the files of a packed format; those called head… by another stem, also inside each other."""
        data, _ = self.wire.bytes(self._file(name))
        paths = []
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            for member in bundle.namelist():
                called, content = Path(member).name, bundle.read(member)
                if stem is not None and called.startswith("head"):
                    if _speaks_of_files(called):
                        content = content.replace(b"head.", f"{stem}.".encode()).replace(b"head_", f"{stem}_".encode())
                    called = stem + called[len("head") :]
                (folder / called).write_bytes(content)
                paths.append(folder / called)
        return tuple(paths)

    def render(
        self,
        size: int = 512,
        yaw_deg: float | None = 0.0,
        pitch_deg: float | None = 0.0,
        background: str | tuple[int, int, int] | None = None,
        light: str | None = None,
        distance_mm: float | None = None,
    ) -> NDArray[np.uint8]:
        """Draw the head alone, as `Face.render`: (size, size, 4) uint8 sRGB with alpha."""
        if not isinstance(background, (str, type(None))):
            background = "#{:02x}{:02x}{:02x}".format(*background)
        view = {"size": size, "yaw_deg": yaw_deg, "pitch_deg": pitch_deg, "background": background, "light": light}
        view["distance_mm"] = distance_mm
        told = {name: value for name, value in view.items() if value is not None}
        return _pixels(self.wire.bytes(f"{self.address}/render?{urlencode(told)}")[0])

    @property
    def texture(self) -> NDArray[np.uint8]:
        """(Ht, Wt, 4) uint8 sRGB with alpha, as `Face.texture`."""
        return _pixels(self.wire.bytes(self._file("texture"))[0])

    def overlay(self) -> NDArray[np.uint8]:
        """The head over its photo, (h, w, 3) uint8 sRGB. Raises ServerError for a head that was made from none."""
        return _pixels(self.wire.bytes(self._file("overlay"))[0])

    def plot(self) -> Image.Image:
        """Photo, overlay and head in one picture."""
        return self.picture("plot")

    def picture(self, name: str = "preview") -> Image.Image:
        """A picture of it: preview, overlay, plot, texture or photo."""
        return opened_picture(self.wire.bytes(self._file(name))[0])

    def in_photo(self, yaw_deg: float = 0.0, pitch_deg: float = 0.0, gaze: str = "") -> Image.Image:
        """The photo that it, or a head that it was changed from, was made of, with the face as this head has it.

        Args:
            yaw_deg: how far the head is turned towards its left beside, at most 25.
            pitch_deg: how far it is turned down.
            gaze: "camera" to look into it.

        Raises:
            ServerError: for a head that was made from no photo.
        """
        view = urlencode({"yaw_deg": yaw_deg, "pitch_deg": pitch_deg, "gaze": gaze})
        return opened_picture(self.wire.bytes(f"{self.address}/photo?{view}")[0])

    def change(self, **changes: Any) -> RemoteFace:
        """The head changed by numbers: expression, gaze, controls, … (docs/server.md)."""
        result = self.wire.job(f"{self.address}/change", changes)
        return RemoteFace(self.wire, result["heads"][0])

    def neutral(self) -> RemoteFace:
        """The same person at rest: no expression, eyes and neck straight."""
        return self.change(neutral=True)

    def with_detail(self, strength: float = 1.0, folds_of: RemoteFace | None = None) -> RemoteFace:
        """The same head, its wrinkles `strength` times as deep (0..3, 1 as seen); folds_of: whose folds it gets."""
        return self.change(detail=strength, **({} if folds_of is None else {"folds_of": folds_of.id}))

    def with_expression(self, weights: dict[str, float]) -> RemoteFace:
        """The same head with some of the 52 weights changed, 0..1."""
        return self.change(expression=weights)

    def with_glasses(self, style: str | None, color: str | None = None, tint: str | float | None = None) -> RemoteFace:
        """The same head with glasses on, as `Face.with_glasses`; with None, without any."""
        asked = {"style": style, "colour": color, "tint": tint}
        return self.change(glasses=None if style is None else {k: v for k, v in asked.items() if v is not None})

    def bareheaded(self) -> RemoteFace:
        """The same head without its cap, hood or scarf."""
        return self.change(bareheaded=True)

    def with_shirt(self, color: str | None) -> RemoteFace:
        """The same head in a plain shirt of a color, a name or "#rrggbb"; with None, without any."""
        return self.change(shirt=color)

    def keep(self, name: str) -> RemoteFace:
        """Keep it on the server under a name; what is not kept is forgotten within an hour."""
        return RemoteFace(self.wire, self.wire.json("POST", f"{self.address}/save", {"name": name}))

    def _file(self, name: str) -> str:
        return f"{self.address}/files/{name}"


@cache
def _head_model() -> MorphableModel:
    """The default head model, read once; heads of another one are read with their own."""
    from facegpt.models.files import load_head

    return load_head()


def opened_picture(data: bytes) -> Image.Image:
    """A picture file as a PIL image, with its metadata."""
    from PIL import Image

    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def _pixels(data: bytes) -> NDArray[np.uint8]:
    """A picture file as an array."""
    import numpy as np
    from PIL import Image

    return np.array(Image.open(io.BytesIO(data)))


def _speaks_of_files(name: str) -> bool:
    """Whether a file names the files beside it."""
    return Path(name).suffix in (".obj", ".mtl", ".gltf")
