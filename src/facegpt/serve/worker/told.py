"""What clients are told of a head, and of what heads can do: plain JSON."""

from __future__ import annotations

import math
import re
import time
from typing import Any

import numpy as np

from facegpt.api import FaceGPT
from facegpt.conventions import ARKIT_NAMES, linear_to_srgb
from facegpt.face import Face
from facegpt.generate.hair_colours import DYES, NATURAL
from facegpt.generate.told.words import phrase
from facegpt.glasses.colours import FRAME_COLOURS, TINTS
from facegpt.glasses.frames import STYLES
from facegpt.hair.presets import PRESETS
from facegpt.hair.whiskers import SHAPES
from facegpt.morphable.makehuman.controls import CONTROLS, STEERING_ONLY
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.skin import SKIN_CONTROLS, skin_read
from facegpt.morphable.measure import DISTANCES, HEIGHTS, TAPES
from facegpt.types import Array, FaceGPTError

#: Regions of the face by how the names of units and controls begin.
_REGIONS = {
    **{"brow": "brows", "cheek": "cheeks", "laugh": "cheeks", "eye": "eyes", "epicanthus": "eyes", "nose": "nose"},
    **{"nostril": "nose", "septum": "nose", "jaw": "jaw", "chin": "jaw", "double": "jaw", "mouth": "mouth"},
    **{"upper_lip": "mouth", "lower_lip": "mouth", "cupids": "mouth", "philtrum": "mouth", "tongue": "mouth"},
    **{"ear": "ears", "neck": "neck", "forehead": "forehead", "temple": "forehead", "inner_eye": "eyes"},
    **{"outer_eye": "eyes"},
}
#: How far a control's slider goes, SDs of adults.
REACH = 3.0


def head_told(face: Face, key: str, facts: dict[str, Any]) -> dict[str, Any]:
    """All that clients are told of a head.

    facts: origin, text, parent, avatar, name, matched (whether there is a picture of what was matched between photos),
    together (ids of the heads of one person's photos, this one among them), advice (sentences on these photos).
    """
    params, notes = face.params, []
    if params.worn is not None and params.worn.hair:
        notes.append(f"hair: {params.worn.hair}")
    return {
        "id": key,
        "name": facts.get("name", ""),
        "parent": facts.get("parent"),
        "origin": facts.get("origin", "words"),
        "text": facts.get("text", ""),
        "avatar": facts.get("avatar"),
        "created": time.time(),
        "saved": False,
        "understood": [{"key": _key(told), "label": told, "words": phrase(told)} for told in face.understood_parts],
        "ignored": list(face.ignored),
        "confidence": _number(face.confidence),
        "regions": {name: _number(value) for name, value in face.region_confidence.items()},
        "attributes": {name: _number(value) for name, value in _told(lambda: face.attributes).items()},
        "measures": measures_told(face),
        "blendshapes": {name: round(value, 5) for name, value in face.blendshapes.items()},
        "controls": controls_told(face),
        "skin": skin_told(face),
        "hair": hair_told(face),
        "glasses": glasses_told(face),
        "headwear": headwear_told(face),
        "detail": face.detail is not None,
        "doubt": face.doubt.covariance is not None,
        "matches": bool(facts.get("matched")),
        "together": list(facts.get("together", ())),
        "advice": list(facts.get("advice", ())),
        "detail_strength": None if face.detail is None else face.detail.strength,
        "texture_seen": face.photo_texture is not None,
        "box": _numbers(face.box),
        "image": None if face.photo is None else {"width": params.camera.width, "height": params.camera.height},
        "camera": camera_told(face),
        "notes": notes,
    }


def _told(ask: Any) -> dict[str, Any]:
    """What a head model tells; {} where it does not."""
    try:
        found: dict[str, Any] = ask()
        return found
    except FaceGPTError:
        return {}


def _key(told: str) -> str:
    """What a line of `understood` is about: "nose_width +1 SD" → "nose_width", "hair colour: red" → "hair colour"."""
    head = told.split(":")[0] if ":" in told else re.split(r" (?=[+-]?\d|average|>)", told)[0]
    return head.strip()


def measures_told(face: Face) -> list[dict[str, Any]]:
    """Each measure with the line that it is taken along, head frame, mm."""
    lines = _lines(face)
    return [
        {
            "name": name,
            "label": name.replace("_", " "),
            "value_mm": round(measure.value_mm, 2),
            "percentile": _number(measure.percentile, 1),
            "points": lines.get(name),
        }
        for name, measure in _told(face.measure).items()
    ]


def _lines(face: Face) -> dict[str, list[list[float]]]:
    """Where measures are taken on the neutral head, mm."""
    if not isinstance(face.model, MakeHumanHead):
        return {}
    marks = face.model.landmarks
    points = marks.points(face.model.neutral_vertices(face.params.identity))
    rows = {name: [marks.row[a], marks.row[b]] for name, (a, b) in {**DISTANCES, **HEIGHTS}.items()}
    for name, (chain, closed) in TAPES.items():
        path = marks.chain(chain)
        rows[name] = path + path[:1] if closed else path
    return {name: np.round(points[row], 2).tolist() for name, row in rows.items()}


def controls_told(face: Face) -> dict[str, float]:
    """The named controls as read off the shape, SDs."""
    if not isinstance(face.model, MakeHumanHead) or len(face.params.identity) != face.model.sizes.identity:
        return {}
    return {name: round(value, 3) for name, value in face.model.controls.read(face.params.identity).items()}


def skin_told(face: Face) -> dict[str, float]:
    """The named looks of the skin, SDs."""
    if not isinstance(face.model, MakeHumanHead):
        return {}
    return {name: round(value, 3) for name, value in skin_read(face.model.albedo, face.params.albedo).items()}


def hair_told(face: Face) -> dict[str, Any] | None:
    """Style, length, colour and beard, or None where nothing is known."""
    hair = face.params.hair
    if hair is None:
        return None
    worn = face.params.worn
    return {
        "style": hair.style,
        "colour": _hex(hair.colour),
        "grey": hair.grey,
        "beard": hair.beard,
        "moustache": hair.moustache,
        "beard_shape": hair.beard_shape,
        "beard_mm": hair.beard_mm,
        "highlights": hair.highlights,
        "highlight_colour": _hex(hair.highlight_colour),
        "roots": hair.roots,
        "temples": hair.temples,
        "brow_thickness": hair.brow_thickness,
        "brow_arch": hair.brow_arch,
        "brow_bridge": hair.brow_bridge,
        "headwear": bool(worn and worn.headwear),
        "glasses_seen": "none" if worn is None else worn.glasses,
    }


def headwear_told(face: Face) -> dict[str, Any] | None:
    """Kind and colour of the cloth that covers it; None where there is none."""
    look = face.headwear
    return None if look is None else {"kind": look.kind, "colour": _hex(look.colour)}


def glasses_told(face: Face) -> dict[str, Any] | None:
    """Frame, colour, and colour and darkness of the lenses; None where it wears none."""
    worn = face.glasses
    if worn is None:
        return None
    return {
        "style": worn.style,
        "colour": _hex(worn.colour),
        "tint": _hex(worn.tint),
        "darkness": worn.darkness,
        "thickness": worn.thickness,
        "size": worn.size,
    }


def camera_told(face: Face) -> dict[str, Any]:
    """The camera and where the head stands before it: 4 × 4, head (mm) to camera (OpenCV, mm)."""
    camera, pose = face.params.camera, np.eye(4)
    pose[:3, :3], pose[:3, 3] = face.params.pose.rotation, face.params.pose.translation
    size = {"width": camera.width, "height": camera.height}
    principal = _numbers(np.array(camera.principal_px))
    return {"focal_px": float(camera.focal_px), "principal": principal, "pose": pose.round(6).tolist(), **size}


def _hex(colour: Any) -> str:
    """A linear colour as "#rrggbb"."""
    return "#" + "".join(f"{value:02x}" for value in np.rint(linear_to_srgb(np.array(colour)) * 255).astype(int))


def _number(value: float | None, digits: int = 4) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def _numbers(values: Array) -> list[float]:
    return [round(float(value), 3) for value in values]


def vocabulary(model: FaceGPT) -> dict[str, Any]:
    """Every name that a client may use: styles, colours and tints, expression units, shape and skin controls."""
    own = isinstance(model.head, MakeHumanHead)
    shapes = {n: text for n, (_, text) in CONTROLS.items() if own and not n.startswith(STEERING_ONLY)}
    return {
        "model": model.head.model_id,
        "hair_styles": [{"name": n, "family": p.family, "label": p.words[0]} for n, p in PRESETS.items()],
        "hair_colours": [*NATURAL, *DYES],
        "beard_shapes": list(SHAPES),
        "glasses_styles": [{"name": name, "label": name.replace("_", " ")} for name in STYLES],
        "glasses_colours": list(FRAME_COLOURS),
        "glasses_tints": list(TINTS),
        "expression_units": [{"name": n, "region": region(n), "label": _label(n)} for n in ARKIT_NAMES],
        "shape_controls": [_control(name, text) for name, text in shapes.items()],
        "skin_controls": [_control(name, text, "skin") for name, text in SKIN_CONTROLS.items() if own],
    }


def _control(name: str, text: str, group: str = "") -> dict[str, Any]:
    ends = {"low_label": "less", "high_label": text, "low": -REACH, "high": REACH}
    return {"name": name, "label": name.replace("_", " "), "group": group or region(name), **ends}


def region(name: str) -> str:
    """The region of the face that a unit or control is of."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return next((place for start, place in _REGIONS.items() if snake.startswith(start)), "head")


def _label(unit: str) -> str:
    """An ARKit name in words: "mouthSmileLeft" → "mouth smile, left"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unit).lower()
    return re.sub(r" (left|right)$", r", \1", words) if len(words.split()) > 2 else words
