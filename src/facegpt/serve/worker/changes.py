"""A head changed by numbers: units, gaze, named controls, hair, glasses, skin. What is not named stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.appearance.texture import retouched
from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.face.pictures import own_view
from facegpt.fitting import gaze
from facegpt.generate.hair_colours import DYES, NATURAL, colour_named
from facegpt.glasses.colours import colour_from
from facegpt.hair.from_photo.regrown import regrown
from facegpt.hair.presets import STYLES
from facegpt.hair.whiskers import SHAPES
from facegpt.morphable.base import at_rest, head_vertices, joint_places
from facegpt.morphable.makehuman.controls import STEERING_ONLY
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.painted_hair import BROW_GONE
from facegpt.morphable.makehuman.skin import SKIN_CONTROLS, skin_set
from facegpt.serve.worker.heads import child_of
from facegpt.serve.worker.recipes import Recipe
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import Task
from facegpt.serve.worker.told import controls_told, skin_told
from facegpt.types import Array, FaceGPTError, Hair

#: The middle of each iris among the 478 points, the subject's left and right.
_IRISES = (473, 468)
#: Amounts of hair that can be set, and how far.
_AMOUNTS = {
    **dict.fromkeys(("grey", "beard", "moustache", "highlights", "roots", "temples", "brow_bridge"), (0.0, 1.0)),
    "beard_mm": (0.0, 400.0),
    "brow_thickness": (BROW_GONE[0], 3.0),
    "brow_arch": (-3.0, 3.0),
}
#: Controls go no further, SDs.
MOST_SDS = 6.0


def changed(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Change a head. Payload: head, and any settings of `with_settings`."""
    settings = {name: asked for name, asked in task.payload.items() if name not in ("head", "ready")}
    task.progress("changing the head")
    key = task.payload["head"]
    face = with_settings(shelf, shelf.get(key), settings)
    told = {"origin": "change", "text": "; ".join(face.understood), **child_of(shelf, key)}
    return {"heads": [shelf.put(face, recipe=Recipe(settings=settings), **told)]}


def with_settings(shelf: Shelf, face: Face, settings: dict[str, Any]) -> Face:
    """A head with settings as requests hold them: other heads are spoken of by their ids."""
    if "folds_of" in settings:
        settings = settings | {"folds_of": shelf.get(settings["folds_of"])}
    return changed_face(face, settings)


def changed_face(face: Face, asked: dict[str, Any]) -> Face:
    """A head with settings of its own; what they name is in its `understood`.

    Args:
        face: the head.
        asked: any of neutral, bareheaded, detail, folds_of (a head), expression, gaze, controls, hair, glasses, skin,
            shirt.
    """
    told: list[str] = []
    if asked.get("neutral"):
        face, told = face.neutral(), ["neutral"]
    if asked.get("bareheaded"):
        face = face.bareheaded()
        told.append("no headwear")
    if "shirt" in asked:
        face = face.with_shirt(asked["shirt"])
        told.append(f"shirt: {asked['shirt'] or 'none'}")
    if "folds_of" in asked:
        face = face.with_detail(_strength(face), asked["folds_of"])
        told.append("folds of another head")
    if "detail" in asked:
        face = face.with_detail(asked["detail"])
        told.append(f"wrinkles {asked['detail']:g} times as deep")
    for name, change in (("controls", _shaped), ("skin", _skinned), ("hair", _haired), ("glasses", _bespectacled)):
        if name in asked:
            face = change(face, asked[name], told)
    if asked.get("gaze"):
        face = _looking(face, asked["gaze"]["x_deg"], asked["gaze"]["y_deg"], told)
    if asked.get("expression"):
        face = face.with_expression(asked["expression"])
        told += [f"{name} {value:g}" for name, value in asked["expression"].items()]
    return replace(_seen_anew(face), understood_parts=told, ignored=[])


def _strength(face: Face) -> float:
    """How deep its wrinkles are."""
    return 1.0 if face.detail is None else face.detail.strength


def _seen_anew(face: Face) -> Face:
    """A changed head is not what its photo shows: it gets a view of its own, turned as before."""
    if face.photo is None:
        return face
    pose, camera = own_view(face)
    return replace(face, photo=None, params=face.params.replace(pose=pose, camera=camera))


def _own(face: Face, what: str) -> MakeHumanHead:
    if not isinstance(face.model, MakeHumanHead):
        raise FaceGPTError(f"the head model '{face.model.model_id}' has no {what} by name")
    return face.model


def _shaped(face: Face, wanted: dict[str, float], told: list[str]) -> Face:
    """Set named controls, SDs of adults; the others stay as near as they can."""
    model = _own(face, "controls of shape")
    now = controls_told(face)
    for name, value in wanted.items():
        if name not in now or name.startswith(STEERING_ONLY):
            raise FaceGPTError(f"there is no control of shape '{name}'; /api/about lists them")
        told.append(f"{name} {float(np.clip(value, -MOST_SDS, MOST_SDS)):+.1f} SD")
    goals = {name: float(np.clip(value, -MOST_SDS, MOST_SDS)) for name, value in wanted.items()}
    if not goals:
        return face
    identity = model.controls.identity(goals, face.params.identity).astype(np.float32)
    return replace(face, params=face.params.replace(identity=identity))


def _skinned(face: Face, wanted: dict[str, float], told: list[str]) -> Face:
    """Set named looks of the skin, SDs; a photo's skin is retouched by as much."""
    model, now = _own(face, "controls of skin"), skin_told(face)
    for name, value in wanted.items():
        if name not in SKIN_CONTROLS:
            raise FaceGPTError(f"there is no control of skin '{name}'; there are: {', '.join(SKIN_CONTROLS)}")
        told.append(f"{name} {value:+.1f} SD")
    if all(abs(now[name] - value) < 1e-3 for name, value in wanted.items()):
        return face
    albedo = np.asarray(skin_set(model.albedo, wanted, face.params.albedo), np.float32)
    skin = face.photo_texture
    if skin is not None:
        skin = retouched(skin, face.model, face.params.albedo, albedo)
    return replace(face, params=face.params.replace(albedo=albedo), photo_texture=skin)


def _haired(face: Face, wanted: dict[str, Any] | None, told: list[str]) -> Face:
    """Set style, colours and amounts; None takes the hair of the head off."""
    hair = face.params.hair or Hair()
    if wanted is None:
        told.append("hair: none")
        return _groomed(face, replace(hair, style="bald", groom=None))
    changes: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "style":
            if value not in STYLES:
                raise FaceGPTError(f"there is no hair style '{value}'; /api/about lists them")
            changes |= {"style": value, "groom": None} if value != hair.style else {}
        elif name in ("colour", "highlight_colour"):
            changes[name] = colour_of(value)
        elif name == "beard_shape":
            if value not in SHAPES:
                raise FaceGPTError(f"there is no beard '{value}'; there are: {', '.join(SHAPES)}")
            changes[name] = value
        elif name in _AMOUNTS:
            low, high = _AMOUNTS[name]
            changes[name] = float(np.clip(value, low, high))
        else:
            known = ", ".join(("style", "colour", "highlight_colour", "beard_shape", *_AMOUNTS))
            raise FaceGPTError(f"hair has no '{name}'; it has: {known}")
        told.append(_amount_told(name, changes[name]) if name in _AMOUNTS else f"{_label(name)}: {value}")
    return _groomed(face, replace(hair, **changes))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _label(name: str) -> str:
    """What a setting of hair is called: "beard", "brow arch", "hair roots"."""
    own = name.startswith(("beard", "moustache", "brow"))
    return _words(name) if own else f"hair {_words(name)}"


def _amount_told(name: str, value: float) -> str:
    """An amount of hair for people: "beard: none", "hair highlights: 40 %", "brow arch: -1.4", "beard: 60 mm"."""
    label = _label(name)
    if name.startswith("brow"):
        return f"{label}: {value:+.1f}"
    if name == "beard_mm":
        return f"beard: {value:.0f} mm" if value > 0 else "beard: as long as usual"
    return f"{label}: {100 * value:.0f} %" if value > 0 else f"{label}: none"


def _groomed(face: Face, hair: Hair) -> Face:
    """The head with other hair; a photo's skin gets or loses the beard."""
    skin, params = face.photo_texture, face.params
    if skin is not None:
        skin = regrown(skin, face.model, params, params.hair, hair)
    return replace(face, params=params.replace(hair=hair), photo_texture=skin)


def _bespectacled(face: Face, wanted: dict[str, Any] | None, told: list[str]) -> Face:
    """Put glasses on, change or recolour them; None takes them off."""
    if wanted is None:
        told.append("glasses: none")
        return face.with_glasses(None)
    style = wanted.get("style") or (face.glasses.style if face.glasses is not None else "rectangular")
    told += [f"glasses {name}: {value}" for name, value in ({"style": style} | wanted).items()]
    return face.with_glasses(style, wanted.get("colour"), wanted.get("tint"))


def colour_of(text: str) -> tuple[float, float, float]:
    """A colour by its name or as "#rrggbb": linear RGB. Raises FaceGPTError for another."""
    return colour_from(text, {name: colour_named(name) for name in (*NATURAL, *DYES)}, "hair")


def _looking(face: Face, x_deg: float, y_deg: float, told: list[str]) -> Face:
    """Turn both eyes from straight ahead, degrees towards the subject's left and up; the lids follow."""
    model, params = face.model, face.params
    x = float(np.clip(x_deg, -gaze.LIMIT_SIDE_DEG, gaze.LIMIT_SIDE_DEG))
    y = float(np.clip(y_deg, -gaze.LIMIT_DOWN_DEG, gaze.LIMIT_UP_DEG))
    angles = np.array([[gaze.STRAIGHT_SIDE_DEG, gaze.STRAIGHT_UP_DEG], [-gaze.STRAIGHT_SIDE_DEG, gaze.STRAIGHT_UP_DEG]])
    angles = angles + np.array([x, y])
    joints, expression = np.array(params.joints, np.float32), np.array(params.expression, np.float32)
    for side, (name, rest) in enumerate(zip(("left_eye", "right_eye"), _rest_directions(face), strict=True)):
        joints[model.joint_names.index(name)] = gaze.eye_rotvec(np.asarray(rest, np.float64), angles[side])
    for name, weight in gaze.look_weights(angles).items():
        expression[ARKIT_NAMES.index(name)] = weight
    told.append(f"gaze {x:g}° to its left, {y:g}° up")
    return replace(face, params=params.replace(joints=joints, expression=expression))


def _rest_directions(face: Face) -> list[Array]:
    """Where the left and the right eye point before their joints turn, head frame."""
    model, rest = face.model, at_rest(face.model, face.params)
    irises = model.embedding("mediapipe478")(head_vertices(model, rest))[list(_IRISES)]
    centres = joint_places(model, rest.identity)
    names = ("left_eye", "right_eye")
    return [iris - centres[model.joint_names.index(name)] for iris, name in zip(irises, names, strict=True)]
