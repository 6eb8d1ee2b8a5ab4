"""From requests to heads: a new person who fits the words, or a given one changed as the words say.

A new head is drawn from the prior of its sex and age given the named attributes (identities.py). The named attributes
move, all others are held where the prior has them, so that "a broad nose" does not bring a broad face along. The seed
decides the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from zlib import crc32

import numpy as np

from facegpt.appearance.even_skin import evened
from facegpt.appearance.prior import prior_of, tone_size
from facegpt.describe import hair_readings
from facegpt.describe.attribute_readings import SKIN_ATTRIBUTES, gauge_of
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.generate.choose_style import curl_said
from facegpt.generate.degrees import rings_for, shown, shown_step, spread_for
from facegpt.generate.draw_expression import emotion_expression
from facegpt.generate.draw_hair import (
    SHAVED,
    Wearer,
    change_hair,
    draw_hair,
    greyed_by_years,
    loses_grey,
    names_colour,
    years_with_grey,
)
from facegpt.generate.hair_colours import NATURAL
from facegpt.generate.identities import (
    OLDEST_DRAWN,
    OPEN_SEX,
    SETTLED_SPREAD,
    imagine_identity,
    on_grid,
    people_of,
    says_sex,
)
from facegpt.generate.joint_prior import Appearance, Said, draw_appearance
from facegpt.generate.kept_hair import with_kept_hair
from facegpt.generate.look_of_hair import with_own_brows
from facegpt.generate.millimetres import closed, from_now_on, kept_goals, meet_millimetres
from facegpt.generate.named_expression import edited_expression, looking, with_named
from facegpt.generate.put_on_headwear import with_wished_headwear
from facegpt.generate.sex import CHILD_YEARS, drawn_as_man, hair_of_sex, without_mans_cut
from facegpt.generate.shape.beyond_identity import beyond_identity, with_ear_points
from facegpt.generate.shape.changed_identities import edit_identity, is_mans
from facegpt.generate.shape.eyes_apart import with_whole_eyes
from facegpt.generate.shape.sagging import sagged_mm
from facegpt.generate.shape.weight import weighed_mm
from facegpt.generate.shape.youth import grown_mm
from facegpt.generate.skin.paint import painted, with_bare_lips
from facegpt.generate.skin.skin_wish import edited_skin, irises_of, with_colour_of_sex
from facegpt.generate.wear_glasses import wished_glasses
from facegpt.hair.bare_crown import without_roots
from facegpt.hair.groom import curl_of
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.characters import with_look_of_character
from facegpt.language.looks.eras import with_style_of_era
from facegpt.language.looks.eye_colours import EYE_COLOURS
from facegpt.language.reading.edits.kept_parts import WRINKLES
from facegpt.language.targets import ATTRIBUTES, NETWORK_ATTRIBUTES
from facegpt.morphable.makehuman.appearance_norms import usual_brows
from facegpt.morphable.makehuman.attributes import OLDEST_YEARS, YOUNGEST_YEARS
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.makehuman.skin import (
    SKIN_CONTROLS,
    sex_of_skin_changed,
    skin_of_sex,
    skin_read,
    skin_sample,
    skin_set,
    usual_greyness,
    usual_wrinkles,
)
from facegpt.render.default_view import default_view
from facegpt.render.lighting import default_studio_lighting
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, FaceParams, Hair

#: An attribute is named when its spread is below this or its mean is off the prior's by this, SDs.
NAMED_SPREAD, NAMED_MEAN = 0.85, 0.3
#: Hair that is asked for differs by at least this from what it would be, or was; steps of LABELS.md.
LEAST_OF_HAIR, LEAST_CHANGE_OF_HAIR = 0.7, 0.5
#: Words that begin below this age, years, speak of babies.
NEWBORN = 0.5
#: Nobody is drawn younger, years: what sets newborns apart tears the heads that are least like the mean.
YOUNGEST_DRAWN = 0.5
#: Readings of the colour of hair.
HAIR_COLOURS = ("hair_lightness", "hair_redness")
#: A reading of greyness by which years change it at least.
LEAST_GREYING = 0.15
#: A degree of beard or moustache up to which there is none; the share of a spread with which named hair varies.
NO_HAIR, HAIR_SHARE = -0.7, 0.5


@one_thread()
def imagine_params(
    model: MakeHumanHead, request: HeadRequest, seed: int = 0, whole: HeadRequest | None = None
) -> FaceParams:
    """Make a person who fits the words; the seed chooses among all who do. Numbers come last and are met exactly.

    Args:
        model: the head model.
        request: what is asked for.
        seed: decides about what is left open.
        whole: the request that this one is a part of: the dice fall as they did for it, so that the person stays.
    """
    said, request, whole = request, with_look_of_character(request), with_look_of_character(whole or request)
    rng = np.random.default_rng(seed)
    named, man, years, sexed = _person(model, request, whole, rng)
    request = with_style_of_era(without_mans_cut(request, said, man), man)
    order = tuple(named_attributes(whole))
    rng_of_looks = np.random.default_rng([seed, _fingerprint(whole)])  # or all descriptions had the same four people
    appearance, values = _appearance(request, named, whole, years, rng_of_looks)
    sex = "M" if man else "F"
    shape = imagine_identity(model, request, named, sex, years, rng, order, sexed, look=appearance.look)
    local = grown_mm(beyond_identity(model, shape.identity, shape.wanted, shape.held, {}), None, years)
    local = weighed_mm(with_ear_points(local, request.ear_points), named.get("heaviness", (0.0,))[0], years)
    identity = shape.identity
    if request.millimetres:
        mean_identity = people_of(model, sex, on_grid(years)).mean
        goals = from_now_on(model, mean_identity, request.millimetres)
        identity, _ = meet_millimetres(shaped(model, local), identity, goals)
    age_years = model.axes.age_years(identity) if years is None else years
    wearer = Wearer(man, age_years, appearance.curl, appearance.hair, appearance.look.beards)
    if (more := values.get("wrinkles", 0.0)) > 0:  # than others of the age have
        values["wrinkles"] = max(more, usual_wrinkles(age_years, sex) + 0.5 * more)
    values |= rings_for(named)
    albedo = _imagine_skin(model, {**appearance.skin, **values}, wearer, int(rng_of_looks.integers(2**31)))
    albedo = painted(model, with_colour_of_sex(albedo, man, age_years, values), request)
    asked = {n: v for n, v in values.items() if n in HAIR_ATTRIBUTES}
    shown_colour = names_colour(named_attributes(whole), whole.hair.said)
    ears = bool(request.ear_points) or any(name.startswith("ear_") for name in named)
    hair = with_own_brows(draw_hair(asked, wearer, rng_of_looks, request.hair, shown_colour, ears), request)
    albedo = without_roots(model, albedo, hair, shaven=False)
    expression = with_named(emotion_expression(request.emotion or NEUTRAL, request.intensity, seed), request)
    params = studio_params(model, identity, expression, albedo, hair)
    params = params.replace(glasses=wished_glasses(request.glasses, None, seed), local=local)
    return with_wished_headwear(model, params, request.headwear, request.bareheaded)


def _appearance(
    request: HeadRequest,
    named: dict[str, tuple[float, float]],
    whole: HeadRequest,
    years: float | None,
    rng: np.random.Generator,
) -> tuple[Appearance, dict[str, float]]:
    """Draw skin, hair and eyes together, and the readings of skin and hair that words name."""
    values = _drawn_values(request, named, deepcopy(rng))
    of_whole = _drawn_values(whole, named_attributes(whole), rng)
    said, of_all = (_said(each, found) for each, found in ((request, values), (whole, of_whole)))
    return draw_appearance(said, rng, 30.0 if years is None else years, of_all), values


def _said(request: HeadRequest, values: Mapping[str, float]) -> Said:
    """What a request says of skin, hair and eyes, with the readings that were drawn for what it names."""
    readings = {name: value for name, value in values.items() if name in (*SKIN_CONTROLS, *HAIR_COLOURS)}
    if "iris_lightness" in readings and not request.irises:
        readings |= irises_of(readings["iris_lightness"])
    for slot in ("beard_colour", "colour"):
        if (colour := NATURAL.get(request.hair.said.get(slot, ""))) is not None:
            readings |= dict(zip(HAIR_COLOURS, colour, strict=True))
    return Said(request.peoples, readings, curl_said(request.hair.said))


def _person(
    model: MakeHumanHead, request: HeadRequest, whole: HeadRequest, rng: np.random.Generator
) -> tuple[dict[str, tuple[float, float]], bool, float | None, bool]:
    """What is named, sex, age, and whether the whole request has a die for the sex."""
    rng_of_part = deepcopy(rng)
    told = []
    for one, dice in ((request, rng_of_part), (whole, rng)):
        named = named_attributes(one)
        man = drawn_as_man(one, named, dice)
        years = _years(one, named, dice)
        told.append((named, man, years, says_sex(one, named, years)))
    return *told[0][:3], told[1][3]


def _fingerprint(request: HeadRequest) -> int:
    """A number that differs from one person described to another, whatever the expression; 0 for anybody."""
    mean = np.asarray(request.attribute_mean, float)
    said_by_rows = mean[len(NETWORK_ATTRIBUTES) :]  # not there if silent: another row makes nobody somebody else
    means = mean if said_by_rows.any() else mean[: len(NETWORK_ATTRIBUTES)]
    asked = np.round(np.array([*means, *(request.age_years or ()), request.man - 0.5]), 1) + 0.0
    peoples = ",".join(request.peoples)
    hair = repr(sorted(request.hair.said.items())) if request.hair.said else ""
    return crc32(asked.tobytes() + (peoples + hair).encode()) if np.any(asked) or peoples or hair else 0


def studio_params(model: MakeHumanHead, identity: Array, expression: Array, albedo: Array, hair: Hair) -> FaceParams:
    """Put a head in front of the studio's camera, one metre away, looking at it."""
    pose, camera = default_view()
    return FaceParams(
        model_id=model.model_id,
        identity=np.asarray(identity, np.float32),
        expression=np.asarray(expression, np.float32),
        joints=looking(model, expression),
        pose=pose,
        albedo=np.asarray(albedo, np.float32),
        lighting=default_studio_lighting(),
        camera=camera,
        hair=hair,
    )


def named_attributes(request: HeadRequest) -> dict[str, tuple[float, float]]:
    """What the words name: attribute → (mean, spread)."""
    mean, spread = np.asarray(request.attribute_mean, float), np.asarray(request.attribute_spread, float)
    is_named = (np.abs(mean) > NAMED_MEAN) if request.is_edit else (spread < NAMED_SPREAD) | (np.abs(mean) > NAMED_MEAN)
    return {n: (float(mean[k]), float(spread[k])) for k, n in enumerate(ATTRIBUTES) if is_named[k]}


def _years(request: HeadRequest, named: dict[str, tuple[float, float]], rng: np.random.Generator) -> float | None:
    """Draw an age within the range that was asked for, or None where it is open."""
    dice = rng.random()
    if request.age_years is None:
        return years_with_grey(named, dice, request.hair)
    low, high = (float(np.clip(a, YOUNGEST_YEARS, OLDEST_YEARS)) for a in sorted(request.age_years))
    high = min(high, max(low, OLDEST_DRAWN))
    if low < NEWBORN:  # who is called a baby is mostly a small one
        dice = dice**2
    return max(low + (0.1 + 0.8 * dice) * (high - low), YOUNGEST_DRAWN)


def _drawn_values(
    request: HeadRequest, named: dict[str, tuple[float, float]], rng: np.random.Generator
) -> dict[str, float]:
    """Draw a value for each named attribute of skin and hair (the length of hair is drawn with its style)."""
    dice = dict(zip(NETWORK_ATTRIBUTES, rng.standard_normal(len(NETWORK_ATTRIBUTES)), strict=True)) | {
        "hair_length": 0.0
    }
    values = {
        n: _drawn_value(n, m, s) + float(np.clip(dice[n], -2, 2)) * _open_part(n, m, s)
        for n, (m, s) in named.items()
        if n in SKIN_ATTRIBUTES or n in HAIR_ATTRIBUTES
    }
    return values | EYE_COLOURS.get(request.irises, {})


def _open_part(name: str, degree: float, spread: float) -> float:
    """The SD that the words leave open: none where they rule out hair, little where they name its steps."""
    if name in SKIN_ATTRIBUTES:
        return spread_for(spread)
    return 0.0 if name in ("beard", "moustache") and degree <= NO_HAIR else HAIR_SHARE * spread_for(spread)


def _drawn_value(name: str, degree: float, spread: float) -> float:
    if spread == SETTLED_SPREAD:
        return degree
    if name in SKIN_ATTRIBUTES:
        return shown(degree, skin=True)
    return -1.0 if name in ("beard", "moustache") and degree <= NO_HAIR else shown_step(degree, LEAST_OF_HAIR)


def _imagine_skin(model: MakeHumanHead, values: dict[str, float], wearer: Wearer, seed: int) -> Array:
    """Draw albedo coefficients (A,) that read as the named values, with the lines that go with the age."""
    sex, lightness = "M" if wearer.man else "F", values["skin_lightness"]
    start = skin_sample(model.albedo, 1, seed, sex, wearer.age_years, lightness=lightness)[0]
    wanted = {n: v for n, v in values.items() if n in SKIN_CONTROLS}
    of_sex = skin_of_sex(model.albedo, sex, wearer.age_years)  # is skin, and no light of a photo
    return skin_set(model.albedo, wanted, of_sex + evened(start - of_sex, prior_of(model, tone_size(model))))


@one_thread()
def edit_params(model: MakeHumanHead, params: FaceParams, request: HeadRequest, seed: int = 0) -> FaceParams:
    """Change a head as the words say and keep everything else: pose, camera and light always, the rest as measured."""
    before = np.asarray(params.identity, np.float64)
    request = with_look_of_character(request, womans=not _sexes(model, before, request)[1])
    named = named_attributes(request)
    request = with_whole_eyes(shaped(model, params.local), before, request, named)
    shape = edit_identity(shaped(model, params.local), before, request, named)
    local, held = params.local, shape.held
    if request.age_years is not None:
        was, now = (model.axes.age_years(each) for each in (before, shape.identity))
        local = grown_mm(local, was, now)
        local = local if request.keeps else sagged_mm(local, was, now)
        held = gauge_of(shaped(model, local)).read(shape.identity[None])[0]
    if named or request.man != 0.5:
        local = beyond_identity(model, shape.identity, shape.wanted, held, local)
    local = with_ear_points(local, request.ear_points)
    local = weighed_mm(local, named.get("heaviness", (0.0,))[0], model.axes.age_years(shape.identity))
    goals = from_now_on(shaped(model, params.local), before, request.millimetres)
    if not np.array_equal(shape.identity, before):
        asked = {goal.measure for goal in goals}
        kept = kept_goals(shaped(model, params.local), before, request.kept)
        goals = (*goals, *(goal for goal in kept if goal.measure not in asked))
    met, _ = meet_millimetres(shaped(model, local), shape.identity, goals)
    identity = closed(shape.identity, met)
    years = (model.axes.age_years(before), model.axes.age_years(identity))
    if request.age_years is None and "age" not in named:
        years = (years[0], years[0])
    lines_stay = WRINKLES in request.kept
    albedo = edited_skin(
        model, params.albedo, named, years[:1] * 2 if lines_stay else years, EYE_COLOURS.get(request.irises, {})
    )
    was_man, man = _sexes(model, before, request)
    request = with_style_of_era(request, man)
    if _asks_sex(request):
        albedo = sex_of_skin_changed(model.albedo, with_bare_lips(albedo) if man else albedo, man, was_man)
    albedo = painted(model, albedo, request)
    hair = _edit_hair(model, params.replace(albedo=albedo), request, named, years, seed)
    if hair is not None:
        hair = with_own_brows(with_kept_hair(hair, params.hair, request, named), request)
    expression = edited_expression(params.expression, request, seed)
    joints: Array = np.array(params.joints, np.float32)
    if not np.array_equal(expression, params.expression):
        joints = joints + looking(model, expression) - looking(model, np.clip(params.expression, 0, 1))
    changed = params.replace(
        identity=np.asarray(identity, np.float32),
        expression=expression,
        joints=joints,
        albedo=albedo,
        hair=hair,
        local=local,
        glasses=wished_glasses(request.glasses, params.glasses, seed),
    )
    return with_wished_headwear(model, changed, request.headwear, request.bareheaded)


def _edit_hair(
    model: MakeHumanHead,
    params: FaceParams,
    request: HeadRequest,
    named: dict[str, tuple[float, float]],
    years: tuple[float, float],
    seed: int,
) -> Hair | None:
    """Change hair, brows and beard as asked, and as a change of sex or age brings with it."""
    was_man, man = _sexes(model, np.asarray(params.identity, np.float64), request)
    changes = {n: shown_step(m, LEAST_CHANGE_OF_HAIR) for n, (m, _) in named.items() if n in HAIR_ATTRIBUTES}
    with_age: tuple[str, ...] = ()
    if (hair := params.hair) is not None:
        if _asks_sex(request):
            changes = hair_of_sex(hair, was_man, man, years[1]) | changes
            usual, own = usual_brows(man, years[1])[0], hair.brow_thickness
            hair = replace(hair, brow_thickness=max(own, usual) if man else min(own, usual))
        greyer = greyed_by_years(hair, *years)
        if abs(greyer) > LEAST_GREYING and "hair_greyness" not in changes:
            with_age = ("hair_greyness",)
            changes = {"hair_greyness": greyer} | changes
        if loses_grey(hair, years):
            left = usual_greyness(years[1]) / usual_greyness(years[0])
            hair = replace(hair, colour=_natural(model, params, years[1], seed), grey=left)
        params = params.replace(hair=hair)
        is_made_young = request.age_years is not None or years[1] < years[0]
        if years[1] < CHILD_YEARS and is_made_young:  # not a man whose large eyes alone read so
            changes = {"beard": -1.0, "moustache": -1.0} | changes
    brows = hair is None and (request.brow_colour or request.brows_meet is not None)
    if not changes and not request.hair and not brows:
        return params.hair
    rng = np.random.default_rng(seed)
    wearer = _wearer_of(model, params, man, years[1], seed)
    return change_hair(params.hair, changes, wearer, rng, request.hair, with_age)


def _asks_sex(request: HeadRequest) -> bool:
    return abs(request.man - 0.5) >= OPEN_SEX


def _sexes(model: MakeHumanHead, identity: Array, request: HeadRequest) -> tuple[bool, bool]:
    """Whether a head is a man's, and whether it is to be one's."""
    was_man = is_mans(model, identity)
    return was_man, request.man > 0.5 if _asks_sex(request) else was_man


def _natural(model: MakeHumanHead, params: FaceParams, years: float, seed: int) -> tuple[float, float, float]:
    """The colour of hair, linear RGB, that goes with a head's skin at an age."""
    light = skin_read(model.albedo, params.albedo)["skin_lightness"]
    readings = draw_appearance(Said(readings={"skin_lightness": light}), np.random.default_rng(seed), years).hair
    return hair_readings.hair_colour(*readings)


def _wearer_of(model: MakeHumanHead, params: FaceParams, man: bool, years: float, seed: int) -> Wearer:
    """Who wears the hair of a head: its curl is what is seen, and else what goes with the skin."""
    light = skin_read(model.albedo, params.albedo)["skin_lightness"]
    drawn = draw_appearance(Said(readings={"skin_lightness": light}), np.random.default_rng(seed), years)
    seen = params.hair is not None and PRESETS[params.hair.style].family not in SHAVED
    curl = curl_of(groom_of(params.hair)) if params.hair is not None and seen else drawn.curl
    return Wearer(man, years, curl, drawn.hair, drawn.look.beards)
