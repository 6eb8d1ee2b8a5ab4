"""The relief of a head's skin as files: displacement as 16-bit PNG, a normal map, a subdivided mesh; and back.

displacement.png is the head as in the photo, displacement_static.png what it has at rest, displacement_dynamic.png what
the photo's expression added; params.json says what their numbers mean. A head that wears another's folds has
displacement_own.png too: what its own photo showed. normal.png goes with face.obj (the GLB has that of the head at rest
inside).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.relief import MOST_STRENGTH, Detail
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps
from facegpt.detail.tangent_normals import normal_map
from facegpt.export.bundle import Folds, HeadExport, SkinDetail
from facegpt.export.gltf.document import FINE_BYTES, write_glb
from facegpt.export.gltf.fine_head import fine_head
from facegpt.export.images import png_bytes
from facegpt.export.obj import write_detailed_obj
from facegpt.morphable.base import MorphableModel, at_rest, head_vertices
from facegpt.runtime.atomic_files import remove, write_bytes
from facegpt.types import Array, FaceGPTError, FaceParams, Mesh

#: A displacement of 0 mm is this value of a 16-bit PNG, one of 1 mm so many more: ±8 mm.
ZERO, STEPS_PER_MM = 32768, 4000
_WINDOW = (slice(TOP, TOP + HEIGHT), slice(LEFT, LEFT + WIDTH))
_PARTS = {"static": "displacement_static.png", "dynamic": "displacement_dynamic.png"}
_OWN = "displacement_own.png"
#: Where colours of a relief are full, mm; those of smooth skin, of what stands out and of what lies in.
SHOWN_MM = 0.5
_FLAT, _OUT, _IN = np.array([214.0, 210, 205]), np.array([178.0, 24, 43]), np.array([33.0, 102, 172])
#: Every file of a folder that a relief adds.
FILES = ("displacement.png", *_PARTS.values(), _OWN, "normal.png", "face_detail.obj", "face_detail.glb")


def as_skin_detail(
    model: MorphableModel, mesh: Mesh, params: FaceParams, detail: Detail, with_folds: bool
) -> SkinDetail:
    """Evaluate a head's relief for files; mesh: the posed head. with_folds: for a subdivided head too."""
    resting = at_rest(model, params)
    low, high = detail.displacement(resting.expression), detail.displacement(params.expression)
    neutral = head_vertices(model, resting)
    return SkinDetail(
        posed=_whole(high),
        normal_at_rest=normal_map(model, neutral, low),  # type: ignore[arg-type]
        normal_posed=normal_map(model, mesh.vertices, high),  # type: ignore[arg-type]
        facts=_facts(detail),
        parts=_parts(detail),
        folds=Folds(low, high, _by_unit(detail)) if with_folds else None,
    )


def _by_unit(detail: Detail) -> tuple[Maps, ...]:
    return tuple(detail.displacement(weights) for weights in np.eye(len(ARKIT_NAMES), dtype=np.float32))


def _parts(detail: Detail) -> dict[str, Maps]:
    """Maps of the whole atlas by the file that keeps them."""
    maps = {name: _whole(getattr(detail, part)) for part, name in _PARTS.items()}
    return maps if detail.own is None else {**maps, _OWN: _whole(detail.own)}


def _facts(detail: Detail) -> dict[str, object]:
    """What params.json says of a relief."""
    weights = {name: round(float(w), 6) for name, w in zip(ARKIT_NAMES, detail.seen, strict=True)}
    said = "full" if detail.share >= 0.99 else "faded: the face is small or blurred" if detail.share > 0 else (
        "none: the face is too small or blurred, or no relief explains its light"
    )  # fmt: skip
    return {
        "resolution": said,
        "share": round(detail.share, 4),
        "photo_pixels_per_mm": round(detail.pixels_per_mm, 4),
        "strength": detail.strength,
        "invented_folds": round(detail.invented, 4),
        "displacement_zero": ZERO,
        "displacement_mm_per_step": 1 / STEPS_PER_MM,
        "atlas_side": SIDE,
        "seen_expression": weights,
        "note": "folds of expressions that the photo did not show are invented; nothing here is for measuring",
    }


def _whole(window: Maps) -> Maps:
    """A map of the whole atlas (SIDE, SIDE), 0 outside the window."""
    out = np.zeros((SIDE, SIDE), np.float32)
    out[_WINDOW] = window
    return out


def write_detail(folder: Path, head: HeadExport) -> list[Path]:
    """Write the relief's files into the folder of a face and give their paths; remove those of an earlier head."""
    detail, written = head.detail, []
    if detail is not None:
        written = [write_bytes(folder / "displacement.png", _png16(detail.posed))]
        written += [write_bytes(folder / name, _png16(relief)) for name, relief in detail.parts.items()]
        written.append(write_bytes(folder / "normal.png", png_bytes(detail.normal_posed)))
        if detail.folds is not None:
            fine = fine_head(head, detail.folds)
            written.append(write_detailed_obj(folder / "face_detail.obj", fine))
            written.append(write_glb(folder / "face_detail.glb", fine, max_bytes=FINE_BYTES))
    for name in FILES:
        if folder / name not in written:
            remove(folder / name)
    return written


def relief_picture(displacement: Array) -> NDArray[np.uint8]:
    """A displacement (HEIGHT, WIDTH) mm as sRGB of the whole atlas (SIDE, SIDE, 3): blue lies in, red stands out."""
    share = np.clip(_whole(np.asarray(displacement, np.float32)) / SHOWN_MM, -1, 1)[..., None]
    colours = _FLAT + np.maximum(share, 0) * (_OUT - _FLAT) + np.maximum(-share, 0) * (_IN - _FLAT)
    return np.asarray(np.round(colours), np.uint8)


def _png16(displacement: Maps) -> bytes:
    steps = np.clip(np.round(displacement * STEPS_PER_MM) + ZERO, 0, 65535).astype(np.uint16)
    return png_bytes(steps)


def read_detail(params_file: Path) -> Detail | None:
    """The relief that lies beside a params.json, or None where it tells of none or its pictures are not there.

    Raises:
        FaceGPTError: if it is damaged.
    """
    facts = json.loads(params_file.read_text("utf-8")).get("detail")
    if facts is None or not all(params_file.with_name(name).is_file() for name in _PARTS.values()):
        return None
    try:
        weights = np.array([float(facts["seen_expression"][name]) for name in ARKIT_NAMES], np.float32)
        numbers = {key: float(facts[key]) for key in ("invented_folds", "strength", "share", "photo_pixels_per_mm")}
    except (KeyError, TypeError, ValueError) as error:
        raise FaceGPTError(f"'{params_file}' is damaged: its 'detail' cannot be read ({error})") from None
    limits = {"invented_folds": 1.0, "strength": MOST_STRENGTH, "share": 1.0, "photo_pixels_per_mm": 1e6}
    if not (np.isfinite(weights).all() and all(0 <= numbers[key] <= most for key, most in limits.items())):
        raise FaceGPTError(f"'{params_file}' is damaged: a number of its 'detail' is out of bounds")
    static, dynamic = (_read16(params_file.with_name(name)) for name in _PARTS.values())
    own = params_file.with_name(_OWN)
    return Detail(
        static, dynamic, weights, numbers["invented_folds"], numbers["strength"], numbers["share"],
        numbers["photo_pixels_per_mm"], _read16(own) if own.is_file() else None,
    )  # fmt: skip


def _read16(path: Path) -> Array:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            steps: NDArray[np.int64] = np.asarray(image).astype(np.int64)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FaceGPTError(f"the displacement '{path}' cannot be read ({error})") from None
    if steps.shape != (SIDE, SIDE):
        raise FaceGPTError(f"the displacement '{path}' is damaged: its size is {steps.shape}, not {SIDE} × {SIDE}")
    return ((steps[_WINDOW] - ZERO) / STEPS_PER_MM).astype(np.float32)
