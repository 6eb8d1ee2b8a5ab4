"""The records that a scene of the studio is made of. Frames and units: conventions.py; mm, linear RGB."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class SkinLook:
    """Which skins of the pool are worn and how they shine.

    Attributes:
        first, second: places 0..1 in the pool; `mix` 0..1 is the share of the second. gain: linear RGB factor.
        gloss, exponent: strength and exponent of the highlight. under: how far light wraps around an edge, RGB.
    """

    first: float
    second: float
    mix: float
    gain: Colour
    gloss: float
    exponent: float
    under: Colour


@dataclass(frozen=True)
class EyeLook:
    """Colours of the eyes: iris and white, the pupil's share 0..1 of the iris' radius, and lash and teeth tones."""

    iris: Colour
    sclera: Colour
    pupil: float
    lash: float
    teeth: Colour


@dataclass(frozen=True)
class HairLook:
    """Hair on the scalp. `style` is a mesh style of the head model, "shell" (a smooth mass), or "" for none.

    Attributes:
        colour: linear RGB. stretch: factor of length downwards. volume: factor of the distance from the skin.
        mirrored: left and right exchanged. top_mm, side_mm: height of a shell's hairline above the brows, and of its
            lower edge at the side above the ear canal. thickness_mm: of a shell. wave: (4,) its waves.
        gloss: strength of the highlight. as_brows: whether its colour gives way to that of the skin's brows.
    """

    style: str
    colour: Colour
    stretch: float = 1.0
    volume: float = 1.0
    mirrored: bool = False
    top_mm: float = 60.0
    side_mm: float = 0.0
    thickness_mm: float = 10.0
    wave: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    gloss: float = 0.3
    as_brows: bool = True


@dataclass(frozen=True)
class Cloth:
    """A fabric: two colours, a pattern ("plain", "stripes", "checks", "noise"), its size in mm and its gloss."""

    colour: Colour
    second: Colour
    pattern: str
    size_mm: float
    gloss: float


@dataclass(frozen=True)
class Body:
    """Shoulders and what they wear.

    yaw_deg: their turn against the head. collar_mm: how high the neck is closed (0 a round neck, 35 a polo neck).
    neckline_mm: how deep it is open in front. width: factor.
    """

    cloth: Cloth
    yaw_deg: float
    collar_mm: float
    neckline_mm: float
    width: float


@dataclass(frozen=True)
class Glasses:
    """Rims and lenses.

    half_width, half_height, wire: of a rim and its wire's radius, mm. power: 2 is an oval, 5 almost a box.
    colour: of the frame. tint, dark: of the lenses, 0..1. drop: how far the glasses slid down, mm. rimless: thin wire.
    mirror: strength of reflections.
    """

    half_width: float
    half_height: float
    power: float
    wire: float
    colour: Colour
    tint: Colour
    dark: float
    drop: float
    rimless: bool
    mirror: float = 0.0


@dataclass(frozen=True)
class Hat:
    """kind: "beanie", "cap", "brim", "scarf" (covers all but the face), "band" or "mask" (over nose and mouth).

    height_mm: of the edge above the brows; brim_mm: how far a brim stands out; thickness_mm above the skin.
    """

    kind: str
    cloth: Cloth
    height_mm: float
    brim_mm: float
    thickness_mm: float


@dataclass(frozen=True)
class Occluder:
    """Something before the face: "hand", "stick", "box", "ball", "flat".

    target: place 0..1 among the front of the face where it covers. lift_mm: how far in front. turn_deg: in the image.
    tilt_deg: out of it. size_mm: (3,). cloth: its look; a hand has the person's skin.
    """

    kind: str
    target: float
    lift_mm: float
    turn_deg: float
    tilt_deg: float
    size_mm: tuple[float, float, float]
    cloth: Cloth
    shape: tuple[float, ...]


@dataclass(frozen=True)
class Lamp:
    """A distant lamp: direction towards it in the camera frame, linear RGB strength, whether it casts shadows."""

    direction: tuple[float, float, float]
    colour: Colour
    shadow: bool


@dataclass(frozen=True)
class Backdrop:
    """What is behind: kind "photo", "noise", "plain" or "shapes", with a seed for its details and a brightness."""

    kind: str
    seed: int
    brightness: float


@dataclass(frozen=True)
class Lens:
    """What the camera does to the picture; 0 or 1 is nothing.

    Attributes:
        exposure: mean brightness of the face aimed at, linear. balance: RGB. gamma, contrast: of the tone curve.
        defocus_px: blur of the backdrop. blur_px: of everything. motion_px, motion_deg: motion blur.
        noise: SD of the sensor's noise in sRGB units. scale: resolution kept. jpeg: quality, 0 for none.
        noise_grain: whether the noise is coarse. grey: no colour. vignette: darkening of the corners.
    """

    exposure: float
    balance: Colour
    gamma: float
    contrast: float
    saturation: float
    defocus_px: float
    blur_px: float
    motion_px: float
    motion_deg: float
    noise: float
    noise_grain: float
    scale: float
    jpeg: int
    grey: bool
    vignette: float


@dataclass(frozen=True)
class Framing:
    """How the face sits in the picture. distance_mm: camera to head. off_axis: direction (x, y) of the head, tangents.

    margin: side of a crop against 1.4 times the face's box, or share of a photo that the face fills. shift: of the
    centre, in sides. roll_deg: of the eye line (crop), or of the head (photo).
    """

    distance_mm: float
    off_axis: tuple[float, float]
    margin: float
    shift: tuple[float, float]
    roll_deg: float
