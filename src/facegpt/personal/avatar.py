"""An avatar: all that is kept of one person, and its folder.

The arrays are in avatar.safetensors, what is said of them in avatar.json, which is written last and holds the other's
fingerprint: where both agree the avatar is whole. The other files are for people and for other programs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.relief import Detail
from facegpt.export.bundle import USUAL, FileOptions, HeadExport, with_shapes
from facegpt.export.detail_files import as_skin_detail
from facegpt.export.fbx.document import fbx_bytes
from facegpt.export.gltf.document import glb_bytes
from facegpt.export.hair_chain import with_hair
from facegpt.export.images import png_bytes
from facegpt.face import Face
from facegpt.hair.accessories import NOTHING, Accessories, accessories_from_json, accessories_to_json
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.head import load as load_default_head
from facegpt.personal.about import ABOUT as ABOUT
from facegpt.personal.about import FORMAT, VERSION, damaged, read_about
from facegpt.personal.cards import consent_note, model_card
from facegpt.personal.head import PersonalHead
from facegpt.personal.relief import detail_arrays, detail_facts, detail_of
from facegpt.runtime.atomic_files import make_folder, write_together
from facegpt.types import Array, FaceGPTError, LandmarkEmbedding

ARRAYS, HEAD, HEAD_FBX = "avatar.safetensors", "head.glb", "head.fbx"
#: What the head's arrays begin with, and those of its own points, of the encoder's adapter and of the skin's relief.
_HEAD, _MARKS, _ADAPTER, _DETAIL = "head/", "marks/", "adapter/", "detail/"
_TEXTURE, _ROUGHNESS, _DESCRIPTOR, _ALBEDO = "texture", "roughness", "descriptor", "albedo"
#: Side of preview.png, pixels.
PREVIEW_PX = 512
#: The picture of a head that is being made: an avatar that is there keeps its own until the new one takes its place.
GROWING = "growing.png"
#: What the folder of an avatar takes at most, for a while that of the one before beside it.
ROOM_BYTES = 80_000_000


@dataclass(frozen=True)
class SourceClip:
    """A clip that an avatar was made from.

    Attributes:
        file: its name, without folders. fingerprint: sha256 of its ends and its size (video/records.py).
        frames: how many it has. used: how many keyframes were taken of it. focal_px: in pixels of whole frames.
        distance: of its descriptors from the avatar's, below 0.6 for one person.
    """

    file: str
    fingerprint: str
    frames: int
    used: int
    focal_px: float
    distance: float


@dataclass(frozen=True, eq=False)
class Avatar:
    """One person's head and skin, and how to know them again.

    Attributes:
        name: of the person.
        head: their head model; identity zero is this person.
        texture: (S, S, 4) uint8 sRGB albedo of the whole atlas, with alpha.
        roughness: (R, R) uint8 over the same atlas: 0 a mirror, 255 chalk, as glTF means it.
        descriptor: (128,) mean of the recognition network's, for "is this the same person" (below 0.6).
        albedo: (A,) the nearest skin of the albedo model.
        sources: the clips. made: when, ISO 8601 with zone.
        state: "done", or "stopped" when the work was ended early.
        figures: what was measured while it was made, by name.
        adapter: arrays of the encoder tuned to them, or None.
        detail: the relief of their skin, or None.
        accessories: their hair and glasses.
    """

    name: str
    head: PersonalHead
    texture: NDArray[np.uint8] = field(repr=False)
    roughness: NDArray[np.uint8] = field(repr=False)
    descriptor: Array = field(repr=False)
    albedo: Array = field(repr=False)
    sources: tuple[SourceClip, ...] = ()
    made: str = ""
    state: str = "done"
    figures: dict[str, float] = field(default_factory=dict, repr=False)
    adapter: dict[str, NDArray[Any]] | None = field(default=None, repr=False)
    detail: Detail | None = field(default=None, repr=False)
    accessories: Accessories = NOTHING

    def face(self) -> Face:
        """The head at rest with its hair and glasses, looking at a camera one metre away."""
        face = mean_head(self.head)
        params = self.accessories.on(face.params.replace(albedo=np.asarray(self.albedo, np.float32)))
        return replace(face, params=params, photo_texture=self.texture, detail=self.detail)

    def distance(self, descriptor: Array) -> float:
        """How far a face's descriptor (128,) is from theirs: below 0.6 it is mostly the same person."""
        return float(np.linalg.norm(np.asarray(descriptor) - self.descriptor))

    def export(self, name: str = "face") -> HeadExport:
        """What files of 3D formats are written from: the head at rest with its hair and its own map of roughness."""
        face = self.face()
        head = replace(with_hair(self.head, face.params, face.texture, 0, as_strands=False), name=name)
        relief = None
        if self.detail is not None:
            relief = as_skin_detail(self.head, face.mesh, face.params, self.detail, with_folds=False)
        return replace(head, roughness=self.roughness.astype(np.float32) / 255, detail=relief)

    def save(self, folder: str | Path, options: FileOptions = USUAL) -> tuple[Path, ...]:
        """Write the folder and give the paths of its files; an avatar that is there is replaced.

        options: what it holds beside the usual.

        Raises:
            FaceGPTError: if it cannot be made or written; an avatar that is there stays whole.
        """
        folder = make_folder(folder)
        preview, head = self.face().render(PREVIEW_PX, None, None, "grey"), replace(self.export(), dense=options.dense)
        head = with_shapes(head, options.shapes)
        skin = png_bytes(head.texture)
        arrays = self._arrays()
        about = self._about(hashlib.sha256(arrays).hexdigest())
        (folder / GROWING).unlink(missing_ok=True)
        files = {
            "preview.png": png_bytes(preview),
            "texture.png": png_bytes(self.texture),
            "gloss.png": png_bytes(255 - self.roughness),
            HEAD: glb_bytes(head, skin),
            "MODEL_CARD.md": model_card(about).encode(),
            "CONSENT.md": consent_note(about).encode(),
            ARRAYS: arrays,
            ABOUT: (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode(),
        }
        if options.fbx:
            files[HEAD_FBX] = fbx_bytes(head, skin)
        else:
            (folder / HEAD_FBX).unlink(missing_ok=True)
        return write_together({folder / name: data for name, data in files.items()})

    def _arrays(self) -> bytes:
        from safetensors.numpy import save

        head = self.head
        arrays: dict[str, NDArray[Any]] = {
            _HEAD + "identity": head.own_identity,
            _HEAD + "offset": head.offset,
            _HEAD + "units": head.own_units,
            _TEXTURE: self.texture,
            _ROUGHNESS: self.roughness,
            _DESCRIPTOR: np.asarray(self.descriptor, np.float32),
            _ALBEDO: np.asarray(self.albedo, np.float32),
        }
        if head.marks is not None:
            arrays |= {_MARKS + "corners": head.marks.corners, _MARKS + "weights": head.marks.weights}
        arrays |= {_ADAPTER + name: array for name, array in (self.adapter or {}).items()}
        if self.detail is not None:
            arrays |= {_DETAIL + name: array for name, array in detail_arrays(self.detail).items()}
        return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})

    def _about(self, fingerprint: str) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "model_id": self.head.model_id,
            "base": self.head.base.model_id,
            "state": self.state,
            "made": self.made,
            "sources": [asdict(source) for source in self.sources],
            "figures": self.figures,
            "adapter": self.adapter is not None,
            "detail": None if self.detail is None else detail_facts(self.detail),
            "wears": accessories_to_json(self.accessories),
            "sha256": fingerprint,
        }


def load_avatar(folder: str | Path, base: MakeHumanHead | None = None) -> Avatar:
    """Load what `Avatar.save` wrote.

    Args:
        folder: the folder.
        base: the default head, if it is loaded already.

    Raises:
        FaceGPTError: if it is no avatar's folder, damaged, of another version, or for another head model.
    """
    folder = Path(folder)
    about = read_about(folder)
    base = load_default_head() if base is None else base
    if about["base"] != base.model_id:
        raise FaceGPTError(
            f"the avatar in '{folder}' was made for the head model '{about['base']}', this is '{base.model_id}': "
            "make it again from its clips with `facegpt personalize`"
        )
    arrays = _read_arrays(folder, about)
    try:
        told, marks, adapter, relief = (
            {name.removeprefix(part): array for name, array in arrays.items() if name.startswith(part)}
            for part in (_HEAD, _MARKS, _ADAPTER, _DETAIL)
        )
        return Avatar(
            name=str(about["name"]),
            head=PersonalHead(base, str(about["name"]), **told, marks=_marks_of(marks)),
            texture=arrays[_TEXTURE],
            roughness=arrays[_ROUGHNESS],
            descriptor=arrays[_DESCRIPTOR],
            albedo=arrays[_ALBEDO],
            sources=tuple(SourceClip(**source) for source in about["sources"]),
            made=str(about["made"]),
            state=str(about["state"]),
            figures=dict(about["figures"]),
            adapter=adapter or None,
            detail=detail_of(relief, about["detail"]) if relief else None,
            accessories=accessories_from_json(about.get("wears", {}), str(folder / ABOUT)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder, error) from None


def _marks_of(arrays: dict[str, NDArray[Any]]) -> LandmarkEmbedding | None:
    return LandmarkEmbedding("mediapipe478", arrays["corners"], arrays["weights"]) if arrays else None


def _read_arrays(folder: Path, about: dict[str, Any]) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        data = (folder / ARRAYS).read_bytes()
    except OSError as error:
        raise damaged(folder, error.strerror or str(error)) from None
    if hashlib.sha256(data).hexdigest() != about["sha256"]:
        raise damaged(folder, f"{ARRAYS} is not the file that {ABOUT} speaks of")
    try:
        return load(data)
    except SafetensorError as error:
        raise damaged(folder, error) from None
