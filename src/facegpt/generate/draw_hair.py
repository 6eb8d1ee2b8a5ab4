"""Hair, brows and beard for a person: drawn as such people wear them, and as words ask; and a given one's changed.

The readings are those of describe/hair_readings.py; what words ask of style, cut and colour is a HairWish.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from facegpt.describe.colours_of_heads import hair_name
from facegpt.describe.hair_readings import BEARD, GREY, HAIR_ATTRIBUTES, hair_colour, read_hair
from facegpt.generate.choose_style import LENGTH_STEPS, Shape, choose_style, length_of, shape_of, styles_of_kinds
from facegpt.generate.groom_wish import bounded, said_of
from facegpt.generate.look_of_hair import coloured, with_beard, with_covered_locks, with_greyed_own, with_kept_colours
from facegpt.generate.worn_styles import usual_styles
from facegpt.hair import whiskers
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.language.hair_wish import COLOUR_OF_HEAD_SLOTS, HairWish
from facegpt.morphable.makehuman.appearance_norms import usual_brows, usual_density
from facegpt.morphable.makehuman.painted_hair import BROW_GONE
from facegpt.morphable.makehuman.skin import usual_greyness
from facegpt.types import Groom, Hair

#: Families of styles that show next to no hair, and what wants some to be seen.
SHAVED, COLOURS = ("bald", "shaved"), ("hair_lightness", "hair_redness", "hair_greyness")
_COLOUR_SLOTS = ("colour", "highlights", "roots", "tone", "grey")
#: Readings of hair_length up to which hair is of a step of the slot "length".
_LENGTH_UP_TO = {"none": -1.6, "short": -0.5, "chin": 0.5, "shoulder": 1.15, "long": 9.0}
#: Share of grey hairs that nobody notices.
YOUNG_GREY = 0.2
#: Spread of brows among people of one sex and age, SDs of all adults.
BROW_SPREAD = 0.7
#: From this reading on grey hair tells of an age: of "grey" and of "greying" hair, years. This share is grey early.
GREY_SAYS_AGE, GREY_YEARS, GREYING_YEARS, EARLY_GREY = 0.4, (52.0, 76.0), (42.0, 60.0), 0.1
#: Spread of lengths and of volume among people of one style, as a share.
_VARIES = 0.09
#: Steps of brow_thickness that words ask for (-2 is none at all; the reader is shy of the end), and the thickness that
#: shows them, SDs: thick ones must be seen so beside the brows that others have.
_BROW_STEPS, _BROW_SDS = (-1.55, -1.45, -1.0, 0.0, 0.5, 1.0, 1.5), (BROW_GONE[0], -3.3, -1.6, 0.0, 1.1, 2.0, 3.0)
#: Kinds of style that any curl can have.
_ANY_CURL = ("bob", "lob", "shag", "tail", "low_tail", "pigtails", "plait", "two_plaits", "half_up", "loose", "mullet")
#: Power of the share of a sex among who wear a style: hair is drawn that tells the sex.
SEX_TOLD = 2.0
#: The share of women with short or tied hair who are drawn with it unasked: hair that does not show beside the face
#: reads as a man's on this head, tied hair most of all.
BARE_OF_WOMEN = 0.12
#: Babies' hair tells nobody's sex: up to these years.
BABY_YEARS = 2.5
#: Hair that bares the ears: tied in one of these ways, or this short at the sides, mm.
TIED, EARS_BARE_MM = ("tail", "low_tail", "high_tail", "bun", "low_bun", "top_knot", "updo", "plait"), 20.0
#: Where women part tied hair, the frizz that leaves some of it free, and its volume at the roots, mm.
PARTS_OF_TIED, FRIZZ_OF_TIED, LIFT_OF_TIED_MM = (-0.5, 0.0, 0.5), 0.45, 6.0
_OPEN = HairWish()
#: Steps of length from which on hair has another cut than it had.
OTHER_CUT = 2
#: Grey hairs, as a share of all, up to which hair that looks grey has grey for its colour; and the least it then has.
TOLD_GREY = 0.2
#: Curls that are seen in short hair as well as in long.
CURLED_SHORT = ("curly", "coily")
#: What belongs to a head of hair whatever its cut.
_STAYS = ("hairline_mm", "recession", "crown_thinning", "density", "seed")


@dataclass(frozen=True)
class Wearer:
    """Who wears the hair.

    Attributes:
        man: sex. age_years: apparent age.
        curl: one of choose_style.CURLS, or "" for any. colour: natural lightness and redness of the hair, steps.
        beards: factor of how many men of the people wear one.
    """

    man: bool
    age_years: float
    curl: str = ""
    colour: tuple[float, float] = (-1.2, 0.1)
    beards: float = 1.0

    def styles(self) -> dict[str, float]:
        """How often such people wear styles, those more that tell their sex: who asks for a man expects to see one."""
        if self.age_years <= BABY_YEARS:
            return usual_styles(self.man, self.age_years, self.curl)
        own, others = (usual_styles(man, self.age_years, self.curl) for man in (self.man, not self.man))
        told = {n: share * (share / (share + others.get(n, 0.0))) ** SEX_TOLD for n, share in own.items()}
        bare = 1.0 if self.man else BARE_OF_WOMEN
        return {n: share * (1.0 if _frames_face(n) else bare) for n, share in told.items()}


@cache
def _frames_face(style: str) -> bool:
    """Whether a style shows hair beside the face from the front."""
    groom = PRESETS[style].groom
    return length_of(groom) not in LENGTH_STEPS[:2] and groom.gather not in TIED


def years_with_grey(named: Mapping[str, tuple[float, float]], dice: float, wish: HairWish = _OPEN) -> float | None:
    """Draw an age in years for somebody of whom words say grey hair and no age; None where it stays open.

    Args:
        named: attribute → (mean, spread) of what the words name.
        dice: uniform 0..1. One in ten has turned grey early.
        wish: what words ask of hair.
    """
    grey = {"half": 0.5, "temples": 0.5, "full": 1.0, "white": 1.0}.get(wish.said.get("grey", ""), 0.0)
    grey = max(grey, named.get("hair_greyness", (0.0, 1.0))[0])
    if grey < GREY_SAYS_AGE or "age" in named or dice < EARLY_GREY:
        return None
    low, high = GREY_YEARS if grey >= 0.9 else GREYING_YEARS
    return low + (high - low) * (dice - EARLY_GREY) / (1 - EARLY_GREY)


def greyed_by_years(hair: Hair, before: float, after: float) -> float:
    """By how much the reading of greyness of somebody's hair changes from one age to another, years.

    Of the hairs that still have their colour such a share turns grey as does among people of these ages.
    """
    was, now = usual_greyness(before), usual_greyness(after)
    turned = hair.grey + (1 - hair.grey) * (now - was) / (1 - was) if now > was else hair.grey * now / max(was, 1e-3)
    return float(np.interp(turned, *GREY) - np.interp(hair.grey, *GREY))


def loses_grey(hair: Hair, years: tuple[float, float]) -> bool:
    """Whether hair that looks grey belongs to somebody who is made too young for it (before, after)."""
    grey = hair_name(whiskers.hair_colour(hair)) in ("grey", "white")
    return grey and years[1] < years[0] and usual_greyness(years[1]) < YOUNG_GREY < usual_greyness(years[0])


def draw_hair(
    wanted: dict[str, float],
    wearer: Wearer,
    rng: np.random.Generator,
    wish: HairWish = _OPEN,
    seen: bool = False,
    bare_ears: bool = False,
) -> Hair:
    """Draw hair as asked: `wanted` (attribute → reading) and `wish`; what is open varies as among such people.

    `seen`: some hair is to be seen, as also where its colour is named. `bare_ears`: where the words leave the style
    open, it lets the ears be seen.
    """
    # Everything is drawn, asked for or not, so that one request does not change the dice of another.
    typical = _typical_hair(wearer, rng)
    brows = usual_brows(wearer.man, wearer.age_years)
    thickness, arch = np.array(brows) + BROW_SPREAD * rng.standard_normal(2)
    get = {**typical, "brow_thickness": float(thickness), "brow_arch": float(arch), **wanted}
    if "brow_thickness" in wanted:
        get["brow_thickness"] = _brows_shown(wanted["brow_thickness"])
    if "moustache" not in wanted and wanted.get("beard", -1.0) > 0:
        get["moustache"] = wanted["beard"]
    if "hair_greyness" not in wanted and wanted.get("hair_lightness", -3.0) > 1.6:
        get["hair_greyness"] = typical["hair_greyness"]  # platinum is a colour; white hair is asked for as grey
    elif "hair_greyness" not in wanted and ({"hair_lightness", "hair_redness"} & set(wanted)):
        get["hair_greyness"] = min(typical["hair_greyness"], -0.5)
    said = _bald_where_none({**_length_said(wanted.get("hair_length")), **wish.said})
    style = _style(said, wearer, rng, seen or names_colour(wanted, said), bare_ears)
    groom = _tied_by(wearer, _varied(PRESETS[style].groom, said, rng, wearer.age_years), said)
    groom = said_of(groom, said, wish.lengths)
    hair = coloured(_made(Hair(style=style, groom=groom), get), said, rng, is_new=True)
    return with_beard(hair, wish, is_new=True)


def _brows_shown(step: float) -> float:
    """The thickness of brows, SDs, that shows a step asked for."""
    return float(np.interp(step, _BROW_STEPS, _BROW_SDS))


def names_colour(wanted: Mapping[str, object], said: Mapping[str, str]) -> bool:
    """Whether readings or slots name a colour of hair."""
    return any(name in wanted for name in COLOURS) or any(slot in said for slot in _COLOUR_SLOTS)


def _length_said(reading: float | None) -> dict[str, str]:
    """The slot "length" of a reading of hair_length."""
    if reading is None:
        return {}
    return {"length": next(step for step, end in _LENGTH_UP_TO.items() if reading <= end)}


def _bald_where_none(said: dict[str, str]) -> dict[str, str]:
    """No hair at all is a bald head, unless a shaved one is named."""
    return {"kind": "bald", **said} if said.get("length") == "none" else said


def _made(hair: Hair, get: dict[str, float]) -> Hair:
    """Set what `get` names (readings) on a Hair."""
    grey = float(np.interp(get["hair_greyness"], GREY[1], GREY[0]))
    return replace(
        hair,
        colour=hair_colour(get["hair_lightness"], get["hair_redness"]),
        grey=grey,
        beard=float(np.interp(get["beard"], BEARD[1], BEARD[0])),
        moustache=float(np.interp(get["moustache"], BEARD[1], BEARD[0])),
        brow_thickness=float(np.clip(get["brow_thickness"], BROW_GONE[0], 3)),
        brow_arch=float(np.clip(get["brow_arch"], -3, 3)),
    )


def _typical_hair(wearer: Wearer, rng: np.random.Generator) -> dict[str, float]:
    """Draw the readings of colour, grey and beard of someone of this sex and age."""
    dice = rng.random(3)
    share = usual_greyness(wearer.age_years) * (0.3 + 0.9 * dice[0])
    bearded = wearer.man and wearer.age_years >= 19 and dice[1] < 0.3 * wearer.beards
    amount = (0.5, 0.5, 0.8, 1.0)[int(4 * dice[2])] if bearded else -1.0
    return {
        "hair_lightness": wearer.colour[0],
        "hair_redness": wearer.colour[1],
        "hair_greyness": float(np.interp(share, *GREY)),
        "beard": amount,
        "moustache": amount,
    }


def _style(
    said: Mapping[str, str], wearer: Wearer, rng: np.random.Generator, seen: bool, bare_ears: bool = False
) -> str:
    """Choose a style: by what is said of it, and else by what such people wear.

    seen: there must be hair to see. bare_ears: it is to leave the ears bare; women tie it for that.
    """
    shares = wearer.styles()
    if bare_ears:
        shares = {n: share for n, share in shares.items() if _bares_ears(PRESETS[n].groom, wearer.man)} or shares
    if seen or (said.get("crown") == "full" and "length" not in said):
        shares = {n: share for n, share in shares.items() if PRESETS[n].family not in SHAVED}
    if "kind" in said or set(said) & set(shape_of(Groom()).values):
        return choose_style(said, None, shares, rng)
    weight = np.array(list(shares.values()))
    return str(rng.choice(list(shares), p=weight / weight.sum()))


def _bares_ears(groom: Groom, man: bool) -> bool:
    """Whether hair leaves the ears bare: short at the sides, or tied, since short hair makes men of women here."""
    return groom.gather in TIED or (man and groom.gather == "none" and groom.sides_mm <= EARS_BARE_MM)


def _varied(groom: Groom, said: Mapping[str, str], rng: np.random.Generator, age_years: float) -> Groom:
    """The groom of one person: sides swapped or not, lengths and volume a little other, strands of its own."""
    factor = np.exp(_VARIES * np.clip(rng.standard_normal(2), -2, 2))
    mirror = -1.0 if rng.random() < 0.5 and said.get("part") not in ("left", "right") else 1.0
    seed = int(rng.integers(2**31))
    lengths = {name: getattr(groom, name) * float(factor[0]) for name in ("top_mm", "sides_mm", "back_mm")}
    sides = {name: getattr(groom, name) * mirror for name in ("part", "sweep_side", "fringe_sweep")}
    lift_mm, density = groom.lift_mm * float(factor[1]), groom.density * usual_density(age_years)
    return bounded(replace(groom, seed=seed, lift_mm=lift_mm, density=density, **lengths, **sides))


def _tied_by(wearer: Wearer, groom: Groom, said: Mapping[str, str]) -> Groom:
    """Tied hair as women wear it where the words leave it open: parted, full, locks beside the face left free."""
    if wearer.man or groom.gather not in TIED or groom.stand > 0:
        return groom
    if "part" not in said:
        groom = replace(groom, part=PARTS_OF_TIED[groom.seed % 3], parted=0.9)
    if "finish" not in said:
        groom = replace(groom, frizz=FRIZZ_OF_TIED)
    return groom if "volume" in said else replace(groom, lift_mm=max(groom.lift_mm, LIFT_OF_TIED_MM))


def change_hair(
    hair: Hair | None,
    changes: dict[str, float],
    wearer: Wearer,
    rng: np.random.Generator,
    wish: HairWish = _OPEN,
    with_age: Collection[str] = (),
) -> Hair:
    """Change what is asked (attribute → signed degree, and `wish`) and keep the rest of `hair`.

    A colour that is asked of hair changes the hair alone; one that comes `with_age` (names of `changes`) changes brows
    and beard as well.

    Hair that is not known (a headwrap hides it) is drawn as such people wear it, without beard, where it is asked for;
    a change of brows or beard grows none. A degree of 1 or more is reached in full
    ("make it long" gives long hair whatever it was); less moves from what is there. A shaved beard is gone.
    """
    if hair is None and (wish.of_head or {"hair_length", *COLOURS} & set(changes)):
        hair = draw_hair({"beard": -1.0, "moustache": -1.0}, wearer, rng)
    hair = hair or Hair("bald", hair_colour(*wearer.colour))
    said = dict(wish.said)
    kept = said.get("keep")
    named = any(name in changes and name not in with_age for name in COLOURS)
    if named or any(slot in said for slot in COLOUR_OF_HEAD_SLOTS):
        hair = with_kept_colours(hair)
    if {"grey", "grey_change"} & set(said) or "hair_greyness" in changes:
        hair = _with_told_grey(hair, wearer)
    now, had = read_hair(hair), hair
    new = {name: now[name] for name in HAIR_ATTRIBUTES}
    for name, degree in changes.items():
        new[name] = now[name] + degree
        if abs(degree) >= 0.9 and name not in with_age:
            new[name] = max(new[name], degree) if degree > 0 else min(new[name], degree)
    if changes.get("brow_thickness", 0.0) <= _BROW_STEPS[1]:
        new["brow_thickness"] = min(new["brow_thickness"], _brows_shown(changes["brow_thickness"]))
    for name in ("beard", "moustache"):
        if changes.get(name, 0.0) <= -0.9:
            new[name] = -1.0
    if "hair_length" in changes and kept not in ("hair", "length"):
        said = {**_length_changed(hair, changes["hair_length"], new["hair_length"]), **said}
    made = _recoloured(hair, changes, new) if kept not in ("hair", "colour") else hair
    made = replace(made, **{n: getattr(_made(hair, new), n) for n in ("brow_thickness", "brow_arch")})
    made = replace(made, **{n: getattr(_made(hair, new), n) for n in ("beard", "moustache") if n in changes})
    made = _restyled(made, said, wish, wearer, rng)
    if "hair_greyness" in with_age:
        made = with_greyed_own(made, had.grey, float(np.interp(new["hair_greyness"], GREY[1], GREY[0])))
    made = with_covered_locks(coloured(made, said, rng, is_new=False), had)
    return with_beard(made, wish, is_new=False)


def _with_told_grey(hair: Hair, wearer: Wearer) -> Hair:
    """Hair whose colour itself is grey, as a photo's is read, as hair of the wearer's natural colour and grey hairs."""
    if hair_name(whiskers.hair_colour(hair)) not in ("grey", "white") or hair.grey > TOLD_GREY:
        return hair
    seen, natural = np.asarray(whiskers.hair_colour(hair)), np.asarray(hair_colour(*wearer.colour))
    towards = np.asarray(whiskers.WHITE_HAIR) - natural
    grey = float(np.clip((seen - natural) @ towards / (towards @ towards), TOLD_GREY, 1))
    return replace(hair, colour=hair_colour(*wearer.colour), grey=grey)


def _length_changed(hair: Hair, degree: float, reading: float) -> dict[str, str]:
    """The slots of a change of hair_length by `degree` to a `reading`: a step of length where one is reached."""
    if degree <= -1.9:
        return {"length": "none"}
    step = _length_said(reading)
    if abs(degree) >= 0.9 and step["length"] != length_of(groom_of(hair)):
        return step
    return {"length_change": "longer" if degree > 0 else "shorter"}


def _recoloured(hair: Hair, changes: dict[str, float], new: dict[str, float]) -> Hair:
    """Colour and grey as the readings of attributes ask."""
    made = _made(hair, new)
    asked = {"hair_lightness", "hair_redness"} & set(changes)
    colour = made.colour if asked else hair.colour
    if "hair_greyness" in changes:
        return replace(hair, colour=colour, grey=made.grey)
    return replace(hair, colour=colour, grey=min(hair.grey, 0.1) if asked else hair.grey)  # dyed: grey hairs go


def _other_style(shape: Shape, said: Mapping[str, str], wearer: Wearer, rng: np.random.Generator) -> str:
    """The style that hair of a shape is cut to as said: near to its own, or, much longer or shorter, a usual one."""
    now = shape.values
    steps = LENGTH_STEPS.index(said.get("length", now["length"])) - LENGTH_STEPS.index(now["length"])
    if now["length"] == "none":
        return choose_style(said, None, wearer.styles(), rng)
    if abs(steps) < OTHER_CUT:
        return choose_style(said, shape, wearer.styles(), rng)
    stays = {slot: now[slot] for slot in ("crown", "hairline", "curl") if slot != "curl" or now[slot] in CURLED_SHORT}
    return choose_style({**stays, **said}, None, wearer.styles(), rng)


def _restyled(hair: Hair, said: dict[str, str], wish: HairWish, wearer: Wearer, rng: np.random.Generator) -> Hair:
    """Cut, curl and gather as said; the same cut stays where its numbers alone can say it."""
    groom, said = groom_of(hair), _bald_where_none(said)
    if said.get("keep") == "hair" and "kind" not in said and "length" not in said:
        said = {slot: value for slot, value in said.items() if slot not in ("length_change", "curl", "volume")}
    shape = shape_of(groom)
    bare = shape.values["length"] == "none"
    if said.get("kind") == "loose":
        if shape.gather in ("none", "cornrows", "box_braids", "locs") and "length" not in said:
            said = {slot: value for slot, value in said.items() if slot != "kind"}
        else:
            said = {"length": length_of(groom), **said}
    grows = (
        bare
        and (
            "full" in (said.get("crown"), said.get("volume"))
            or any(slot in said for slot in ("length_change", "curl", "fringe"))
        )
        and "length" not in said
    )
    if grows:
        said = {**said, "length": "short"}
        said.pop("length_change", None)
    anew = (
        said.get("kind") in (*styles_of_kinds(), "loose")
        or said.get("length", shape.values["length"]) != shape.values["length"]
        or "coily" in (said.get("curl"), shape.values["curl"] if "curl" in said else "")
        or (bare and any(length.region == "all" and length.mm > 12 for length in wish.lengths))
    )
    style = hair.style
    if anew:
        style = _other_style(shape, said, wearer, rng)
        new = _tied_by(wearer, PRESETS[style].groom, said)
        stays = {} if bare or style == "bald" else {name: getattr(groom, name) for name in _STAYS}
        new = replace(new, **stays)
        if said.get("kind") in _ANY_CURL and not bare and shape.values["curl"] not in ("straight", "coily"):
            said = {"curl": shape.values["curl"], **said}
        groom = new
    changed = said_of(groom, said, wish.lengths)
    if not anew and changed == groom:
        return hair
    return replace(hair, style=style, groom=changed)
