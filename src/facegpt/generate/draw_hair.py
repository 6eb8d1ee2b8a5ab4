"""Hair, brows and beard for a person: drawn as such people wear them, and as words ask; and a given one's changed.

The readings are those of describe/hair_readings.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from facegpt.describe.hair_readings import BEARD, GREY, HAIR_ATTRIBUTES, STYLE_LENGTH, hair_colour, read_hair
from facegpt.morphable.makehuman.appearance_norms import usual_brows, usual_styles
from facegpt.morphable.makehuman.peoples import PeopleLook, draw_kind
from facegpt.morphable.makehuman.skin import usual_greyness
from facegpt.types import Hair

#: Styles that show next to no hair, and the attributes of hair that want some to be seen.
SHAVED, COLOURS = ("bald", "cropped"), ("hair_lightness", "hair_redness", "hair_greyness")
#: Hair shorter than this is none at all.
BALD = -1.6
#: Spread of brows among people of one sex and age, SDs of all adults.
BROW_SPREAD = 0.7
#: Lightness of the skin (SDs) → mean and spread of the hair's lightness: fair hair is rare on brown skin.
HAIR_BY_SKIN = ((-1.2, -0.3, 0.5, 1.5), (-1.75, -1.55, -1.1, -0.8), (0.15, 0.25, 0.7, 0.85))
#: From this reading on grey hair tells of an age: of "grey" and of "greying" hair, years. This share is grey early.
GREY_SAYS_AGE, GREY_YEARS, GREYING_YEARS, EARLY_GREY = 0.4, (52.0, 76.0), (42.0, 60.0), 0.1


@dataclass(frozen=True)
class Wearer:
    """Who wears the hair: `man`, apparent age in years, how light the skin is (SDs), and the look of a people named."""

    man: bool
    age_years: float
    skin_lightness: float = 0.0
    look: PeopleLook | None = None


def years_with_grey(named: Mapping[str, tuple[float, float]], dice: float) -> float | None:
    """Draw an age in years for somebody of whom words say grey hair and no age; None where it stays open.

    Args:
        named: attribute → (mean, spread) of what the words name.
        dice: uniform 0..1. One in ten has turned grey early.
    """
    grey = named.get("hair_greyness", (0.0, 1.0))[0]
    if grey < GREY_SAYS_AGE or "age" in named or dice < EARLY_GREY:
        return None
    low, high = GREY_YEARS if grey >= 0.9 else GREYING_YEARS
    return low + (high - low) * (dice - EARLY_GREY) / (1 - EARLY_GREY)


def draw_hair(wanted: dict[str, float], wearer: Wearer, styles: tuple[str, ...], rng: np.random.Generator) -> Hair:
    """Draw hair that reads as `wanted` (attribute → reading); what is open varies as it does among such people."""
    # Everything is drawn, asked for or not, so that one request does not change the dice of another.
    typical = _typical_hair(wearer, rng)
    brows = usual_brows(wearer.man, wearer.age_years)
    thickness, arch = np.array(brows) + BROW_SPREAD * rng.standard_normal(2)
    style = _style(wanted.get("hair_length"), wearer, styles, rng, seen=any(name in wanted for name in COLOURS))
    get = {**typical, "brow_thickness": float(thickness), "brow_arch": float(arch), **wanted}
    if "moustache" not in wanted and wanted.get("beard", -1.0) > 0:
        get["moustache"] = wanted["beard"]
    if "hair_greyness" not in wanted and wanted.get("hair_lightness", -3.0) > 1.6:
        get["hair_greyness"] = typical["hair_greyness"]  # platinum is a colour; white hair is asked for as grey
    elif "hair_greyness" not in wanted and ({"hair_lightness", "hair_redness"} & set(wanted)):
        get["hair_greyness"] = min(typical["hair_greyness"], -0.5)
    return _made(Hair(style=style), get)


def _made(hair: Hair, get: dict[str, float]) -> Hair:
    """Set what `get` names (readings) on a Hair."""
    grey = float(np.interp(get["hair_greyness"], GREY[1], GREY[0]))
    return replace(
        hair,
        colour=hair_colour(get["hair_lightness"], get["hair_redness"]),
        grey=grey,
        beard=float(np.interp(get["beard"], BEARD[1], BEARD[0])),
        moustache=float(np.interp(get["moustache"], BEARD[1], BEARD[0])),
        brow_thickness=float(np.clip(get["brow_thickness"], -3, 3)),
        brow_arch=float(np.clip(get["brow_arch"], -3, 3)),
    )


def _typical_hair(wearer: Wearer, rng: np.random.Generator) -> dict[str, float]:
    """Draw the readings of colour, grey and beard of someone of this sex and age."""
    dice = rng.random(4)
    dark, spread = (float(np.interp(wearer.skin_lightness, HAIR_BY_SKIN[0], course)) for course in HAIR_BY_SKIN[1:])
    lightness = float(np.clip(dark + spread * rng.standard_normal(), -2, 1.2))
    ginger = dice[0] < 0.04 and dark > -1.2
    share = usual_greyness(wearer.age_years) * (0.3 + 0.9 * dice[1])
    bearded = wearer.man and wearer.age_years >= 19 and dice[2] < 0.3 * (wearer.look.beards if wearer.look else 1.0)
    amount = (0.5, 0.5, 0.8, 1.0)[int(4 * dice[3])] if bearded else -1.0
    redness = 1.0 if ginger else 0.3 * float(rng.standard_normal())
    if wearer.look:
        kind, tint = draw_kind(wearer.look.hair, dice[0])
        lightness, redness, ginger = kind + 0.15 * (lightness - dark) / spread, tint + 0.3 * redness, False
    return {
        "hair_lightness": 0.0 if ginger else lightness,
        "hair_redness": redness,
        "hair_greyness": float(np.interp(share, *GREY)),
        "beard": amount,
        "moustache": amount,
    }


def _style(
    length: float | None, wearer: Wearer, styles: tuple[str, ...], rng: np.random.Generator, seen: bool = False
) -> str:
    """Choose a style: by its length where that is asked for, and else by what such people wear.

    `seen`: there must be hair to see, since its colour was asked for.
    """
    shares = usual_styles(wearer.man, wearer.age_years, wearer.skin_lightness)
    if wearer.look:
        shares = {n: share * wearer.look.styles.get(n, 1.0) for n, share in shares.items()}
        shares = {n: share for n, share in shares.items() if share > 0}
    there = [s for s in styles if s in STYLE_LENGTH]
    if seen:
        shares = {n: share for n, share in shares.items() if n not in SHAVED}
    if length is not None:
        length = STYLE_LENGTH["bald"] if length < BALD else length
        off = np.array([abs(STYLE_LENGTH[s] - length) for s in there])
        near = [s for s, d in zip(there, off, strict=True) if d <= off.min() + 0.2]
        typical = [s for s in near if s in shares] or near
        return str(rng.choice(typical))
    there = [s for s in there if s in shares] or list(styles)
    weight = np.array([shares.get(s, 1.0) for s in there])
    return str(rng.choice(there, p=weight / weight.sum()))


def change_hair(
    hair: Hair | None, changes: dict[str, float], wearer: Wearer, styles: tuple[str, ...], rng: np.random.Generator
) -> Hair:
    """Change what is asked (attribute → signed degree) and keep the rest of `hair`.

    Hair that is not known is drawn as such people wear it, without beard. A degree of 1 or more is reached in full
    ("make it long" gives long hair whatever it was); less moves from what is there. A shaved beard is gone.
    """
    if hair is None:
        hair = draw_hair({"beard": -1.0, "moustache": -1.0}, wearer, styles, rng)
    now = read_hair(hair)
    new = {name: now[name] for name in HAIR_ATTRIBUTES}
    for name, degree in changes.items():
        new[name] = now[name] + degree
        if abs(degree) >= 0.9:
            new[name] = max(new[name], degree) if degree > 0 else min(new[name], degree)
    for name in ("beard", "moustache"):
        if changes.get(name, 0.0) <= -0.9:
            new[name] = -1.0
    style = hair.style
    if "hair_length" in changes:
        style = _changed_style(style, new["hair_length"], changes["hair_length"], wearer, styles, rng)
    made = _made(replace(hair, style=style), new)
    colour_asked = {"hair_lightness", "hair_redness"} & set(changes)
    if not colour_asked:
        made = replace(made, colour=hair.colour)
    elif "hair_greyness" not in changes:  # dyed: grey hairs go
        made = replace(made, grey=min(hair.grey, 0.1), colour=hair_colour(new["hair_lightness"], new["hair_redness"]))
    if "hair_greyness" not in changes and not colour_asked:
        made = replace(made, grey=hair.grey)
    return replace(made, **{n: getattr(hair, n) for n in ("beard", "moustache") if n not in changes})


def _changed_style(
    style: str, length: float, degree: float, wearer: Wearer, styles: tuple[str, ...], rng: np.random.Generator
) -> str:
    """A style of the new length: always another one that is longer (or shorter), if there is one."""
    now = STYLE_LENGTH.get(style, 0.0)
    further = tuple(s for s in styles if s in STYLE_LENGTH and (STYLE_LENGTH[s] - now) * degree > 1e-6)
    if not further:
        return style
    if degree < BALD:
        length = STYLE_LENGTH["bald"]
    return _style(length, wearer, further, rng)
