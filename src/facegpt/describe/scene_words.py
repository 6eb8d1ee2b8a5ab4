"""What is seen around a face, in plain sentences: one for each thing that can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.describe.colour_names import colour_name
from facegpt.describe.glasses_words import glasses_words
from facegpt.describe.lists import listed
from facegpt.describe.scene import BRIGHT_PHOTO, DARK_SKIN, SMALL_FACE_PX, SOFT, Scene
from facegpt.describe.seen_movements import AVERTED_DEG
from facegpt.glasses.worn import SUNGLASSES
from facegpt.types import Glasses, Headwear, Shirt

#: What can be asked of a photo beside the measured head, by name; "elsewhere" takes eyes that know things by name.
SIGHTS = (
    *("glasses", "headwear", "clothes", "backdrop", "light", "gaze", "head_pose", "others", "sharpness", "hands"),
    "elsewhere",
)
#: Turns of a head that are spoken of, degrees; from which a head is seen from the side.
TURNED_DEG, PROFILE_DEG = 8.0, 55.0
#: What is said of a head that no photo shows.
NO_PHOTO = "There is no photo of this head, so it has no backdrop or light of its own."
#: What is said where only eyes that know things by name would help.
NO_EYES = (
    "More I can't see with this model: I tell faces, colours and light, not what things are. A talker that sees can be "
    "plugged in (--talker)."
)
#: What is said once where the network that knows some things by name was not pulled, and of which sights.
UNNAMED = "With `facegpt models pull objects` I can name some clothes, hats and places."
#: What is said of hands where none covers a face.
NO_HAND = (
    "Nothing covers the face, as far as I see: no hand, no thing before it. Hands that are not at the face I don't see."
)
NAMEABLE = frozenset({"clothes", "headwear", "backdrop", "elsewhere"})


@dataclass(frozen=True)
class Place:
    """Where one face stands among those of its photo: from the left, from 1; of how many."""

    from_left: int = 1
    count: int = 1


def sight_words(
    name: str, scene: Scene, glasses: Glasses | None, place: Place | None = None, headwear: Headwear | None = None
) -> str:
    """Answer one of SIGHTS from the facts of a scene.

    Args:
        name: what was asked.
        scene: around the face.
        glasses: that the head wears, None for none.
        place: of the face among others.
        headwear: that was made of the photo, None for none: its form tells its kind.
    """
    where = place or Place()
    told: dict[str, Callable[[], str]] = {
        "glasses": lambda: _glasses(scene, glasses),
        "headwear": lambda: _headwear(scene, headwear),
        "clothes": lambda: _clothes(scene),
        "backdrop": lambda: _backdrop(scene),
        "light": lambda: _light(scene),
        "gaze": lambda: _gaze(scene, glasses),
        "head_pose": lambda: _pose(scene),
        "others": lambda: _others(where),
        "sharpness": lambda: _sharpness(scene),
        "hands": lambda: _covered(scene),
        "elsewhere": lambda: _elsewhere(scene, where),
    }
    return told[name]()


def all_sights(
    scene: Scene, glasses: Glasses | None, place: Place | None = None, headwear: Headwear | None = None
) -> list[str]:
    """Every sentence on a scene: what a talker is told of a photo."""
    names = [name for name in SIGHTS if name != "elsewhere"]
    return [sight_words(name, scene, glasses, place, headwear) for name in names]


def _glasses(scene: Scene, glasses: Glasses | None) -> str:
    if glasses is not None:
        return glasses_words(glasses)
    told = _perhaps(scene, "glasses")
    if scene.glasses:
        kind = f", {told}" if told else ""
        return f"Something before the eyes may be glasses{kind}; the head is made without them."
    if told:
        return f"It wears {told}; the head is made without them."
    return "It wears no glasses that I can see."


def _headwear(scene: Scene, headwear: Headwear | None) -> str:
    told = _perhaps(scene, "headwear")
    if not scene.headwear:
        return f"It wears {told} on the head." if told else "It wears nothing on the head that I can see."
    colour = _colours(scene, scene.headwear)
    if told:
        return f"It wears something{colour} on the head, {told}."
    if headwear is None:
        return f"It wears something{colour} on the head: a hat, a hood, a helmet or a scarf; which, I can't tell."
    return f"It wears something{colour} on the head, by its form {_form_of(headwear)}."


def headwear_words(headwear: Headwear | None) -> str:
    """What a head wears on it, as a sentence; of the head itself, not of a photo."""
    if headwear is None:
        return "It wears nothing on the head."
    return f"It wears something {_dye(headwear.colour)} on the head: {_form_of(headwear)}."


def _form_of(headwear: Headwear) -> str:
    """What headwear of a form may be."""
    if headwear.kind == "hood":
        return "a hood or a scarf"
    if headwear.brim_mm:
        return "a hat with a brim all around" if min(headwear.brim_mm) > 0 else "a cap with a peak"
    return "a cap, a turban or another hat without a brim"


def shirt_words(shirt: Shirt | None) -> str:
    """What a head wears below its neck, as a sentence; of the head itself, not of a photo."""
    if shirt is None:
        return "It wears no clothes: it ends at the neck."
    return f"It wears a plain {_dye(shirt.colour)} shirt."


def _dye(colour: Sequence[float]) -> str:
    """Name the colour (3,) of cloth, linear RGB."""
    return colour_name(np.rint(255 * linear_to_srgb(np.array(colour))))


def _clothes(scene: Scene) -> str:
    if not (scene.clothes or scene.below):
        return "I can't make out the clothes in this photo."
    told = _perhaps(scene, "clothes")
    if not scene.has_colour:
        kind = told or "what they are I can't tell"
        return f"The clothes below the face can be seen, but the photo has no colours; {kind}."
    kind = f": {told}" if told else "; what kind of clothes, I can't tell"
    return f"The clothes below the face are {listed(_worn_colours(scene))}{kind}."


def _worn_colours(scene: Scene) -> tuple[str, ...]:
    """Colours of clothes, the largest first: the parts map is near the face, and may show no more than a patch."""
    if not scene.clothes or not scene.below or set(scene.clothes) & set(scene.below):
        return scene.clothes or scene.below
    return (*scene.below, scene.clothes[0])


def _backdrop(scene: Scene) -> str:
    place = _perhaps(scene, "place")
    if not scene.backdrop:
        return f"The face fills the photo: hardly any background is seen{f', {place}' if place else ''}."
    if scene.plain:
        return f"The background is plain and {listed(next(iter(scene.backdrop.values())))}."
    sides = {"left": "on the left of the picture", "right": "on the right", "top": "above the head"}
    told = [f"{listed(colours)} {sides[name]}" for name, colours in scene.backdrop.items()]
    kind = f": {place}" if place else "; what is there, I can't tell"
    return f"The background is {', '.join(told)}{kind}."


def _elsewhere(scene: Scene, where: Place) -> str:
    told = _perhaps(scene, "clothes", "headwear", "held")
    guess = f"Of things I see {told}." if told else ""
    faces = f"The photo shows {where.count} faces." if where.count > 1 else ""
    return " ".join(filter(None, (faces, guess, _backdrop(scene), NO_EYES)))


def _light(scene: Scene) -> str:
    side = f"More light comes from the {scene.lighter} of the picture" if scene.lighter else "Both sides are lit alike"
    if scene.photo_lightness < DARK_SKIN:
        return f"{side}; the photo is dark."
    bright = scene.photo_lightness > BRIGHT_PHOTO
    return f"{side}; the photo is {'very bright' if bright else 'neither dark nor glaring'}."


def _gaze(scene: Scene, glasses: Glasses | None) -> str:
    if glasses is not None and glasses.darkness >= SUNGLASSES:
        return "The eyes are behind dark lenses: where they look, I can't tell."
    if scene.gaze_deg is None:
        return "Where the eyes look, I can't tell here."
    side, down = scene.gaze_deg
    if max(abs(side), abs(down)) < AVERTED_DEG:
        return "It looks about into the camera."
    told = []
    if abs(side) >= AVERTED_DEG:
        told.append(f"to the {'right' if side > 0 else 'left'} of the picture")
    if abs(down) >= AVERTED_DEG:
        told.append("down" if down > 0 else "up")
    return f"It looks {' and '.join(told)}, past the camera."


def _pose(scene: Scene) -> str:
    yaw, pitch, roll = scene.turned_deg
    told = []
    if abs(yaw) >= TURNED_DEG:
        how = "seen from the side, " if abs(yaw) >= PROFILE_DEG else ""
        told.append(f"{how}turned {abs(yaw):.0f}° to the {'right' if yaw > 0 else 'left'} of the picture")
    if abs(pitch) >= TURNED_DEG:
        told.append(f"{'lowered' if pitch > 0 else 'raised'} by {abs(pitch):.0f}°")
    if abs(roll) >= TURNED_DEG:
        told.append(f"tilted {abs(roll):.0f}° to the {'right' if roll > 0 else 'left'} of the picture")
    return f"The head is {', '.join(told)}." if told else "The head is held straight, seen from the front."


def _others(place: Place) -> str:
    if place.count < 2:
        return "This is the only face that I find in the photo; people without a visible face I don't find."
    ends = {1: "the left-most", place.count: "the right-most"}
    order = ends.get(place.from_left, f"number {place.from_left} from the left")
    return f"The photo shows {place.count} faces; this is {order}."


def _sharpness(scene: Scene) -> str:
    width, height = scene.size
    size = f"The photo has {width} × {height} px, the face some {scene.face_px} px"
    small = "; that is small, a larger one would show more" if scene.face_px < SMALL_FACE_PX else ""
    sharp = "soft: a little out of focus, moved or enlarged" if scene.sharpness < SOFT else "sharp enough"
    return f"{size}{small}. It is {sharp}{'' if scene.has_colour else ', and without colours'}."


def _covered(scene: Scene) -> str:
    told = _perhaps(scene, "held")
    if not scene.covered:
        held = f" The photo shows {told}." if told else ""
        return f"{NO_HAND}{held}"
    kind = f": {told}" if told else "; what it is, I can't tell"
    return f"Something stands before or beside the face, a hand or a thing{kind}."


def _perhaps(scene: Scene, *kinds: str) -> str:
    """Hints of these kinds, "perhaps a suit and a tie"; "" for none."""
    words = [thing.word for thing in scene.things or () if thing.kind in kinds]
    if not words:
        return ""
    return f"perhaps {listed(words)}"


def _colours(scene: Scene, names: tuple[str, ...]) -> str:
    return f" {listed(names)}" if scene.has_colour else ""
