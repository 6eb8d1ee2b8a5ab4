"""Several clips of a person: each tells the shape on its own, and the person's is the mean.

What leads a clip astray (its light, its shadows and shine, the folds of its expressions) is the same in all of its
frames and another in the next clip: a random effect of the clip, which a mean over clips lowers. All frames in one
adjustment do worse: they must agree on one albedo, which each light has coloured differently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from facegpt.parallax.adjust import Belief
from facegpt.parallax.comparison import CONTRADICTS, MATCHED, NOTHING_NEW, SAME_SIDE, TOO_LITTLE_SKIN
from facegpt.parallax.moving import ClipAgreement, clip_compared, fused_clips
from facegpt.parallax.person import BELIEVED, PhotoOfPerson
from facegpt.personal.bundle import SAME_IDENTITY, Floats, Person, View, bundle, points_cost, share_of
from facegpt.personal.colours import ColourFit, Picture, refine_by_colours
from facegpt.personal.head import PersonalHead
from facegpt.personal.looking import Keyframe
from facegpt.personal.shape_space import ShapeSpace, shape_of
from facegpt.personal.views import keyframe_params
from facegpt.runtime.side_by_side import in_order

#: Parts that the clips are sorted into: of more clips, several that follow each other are one part.
MOST_PARTS = 4
#: Clips whose frames are matched at most: those with the most keyframes.
MOST_MATCHED = 6
#: Colours may make the points so much worse, and no more.
MOST_WORSE = 2.5


def parted(person: Person) -> list[Person]:
    """The person as each clip, or several in a row, has them; views stay in their order, which is the clips'."""
    clips = sorted({view.clip for view in person.views})
    own = np.array_split(clips, min(MOST_PARTS, len(clips)))
    return [replace(person, views=tuple(view for view in person.views if view.clip in part)) for part in own]


def in_common(space: ShapeSpace, parts: Sequence[Person]) -> Person:
    """The person of all parts, each as telling as it has views; their views adjusted to that shape by points."""
    if len(parts) == 1:
        return parts[0]
    shape = np.average([part.shape for part in parts], axis=0, weights=[len(part.views) for part in parts])
    focals = parts[0].log_focals.copy()
    for part in parts:
        own = [view.clip for view in part.views]
        focals[own] = part.log_focals[own]
    person = Person(shape, focals, tuple(view for part in parts for view in part.views))
    return bundle(space, person, 1, hold_shape=True)


def rounds_by_colours(parts: Sequence[Person], blurs_mm: Sequence[float]) -> int:
    """How many rounds `refine_parts` has: one more for the views where the shape is a mean."""
    return len(blurs_mm) + (len(parts) > 1)


def refine_parts(
    space: ShapeSpace, parts: Sequence[Person], pictures: Sequence[Picture], prior: Floats, blurs_mm: Sequence[float]
) -> Iterator[tuple[Person, ColourFit]]:
    """Adjust each part to its points and colours, a round for each blur, then all views to the shape in common.

    pictures: of all views, part after part. prior: (N, 3) log albedo that the person's is expected near.
    """
    ends = np.cumsum([len(part.views) for part in parts])
    own = [pictures[end - len(part.views) : end] for part, end in zip(parts, ends, strict=True)]
    rounds = [_trusted(space, *one, prior, blurs_mm) for one in zip(parts, own, strict=True)]
    for found in zip(*rounds, strict=True):
        person = in_common(space, [part for part, _ in found])
        yield person, _all_lights([fit for _, fit in found])
    if len(parts) > 1:
        yield from refine_by_colours(space, person, pictures, prior, blurs_mm[-1:], hold_shape=True)


def _all_lights(fits: Sequence[ColourFit]) -> ColourFit:
    """The mean albedo, and the lights of all views."""
    albedo = np.mean([fit.albedo for fit in fits], axis=0)
    return ColourFit(albedo, [light for fit in fits for light in fit.lights])


def _trusted(
    space: ShapeSpace, part: Person, pictures: Sequence[Picture], prior: Floats, blurs_mm: Sequence[float]
) -> Iterator[tuple[Person, ColourFit]]:
    """The rounds of one part, until colours lead away from its points: shine, shadows or something in front then."""
    start, away = points_cost(space, part), False
    rounds = refine_by_colours(space, part, pictures, prior, blurs_mm)
    for _ in blurs_mm:
        if not away:
            person, colours = next(rounds)
            away = points_cost(space, person) > MOST_WORSE * start
            part = part if away else person
        yield part, colours


# What the skin in their frames says of the identity


def with_matches(
    space: ShapeSpace, person: Person, keyframes: Sequence[Keyframe], names: Sequence[str]
) -> tuple[Person, list[ClipAgreement], list[str]]:
    """The person as matches within each clip have them, what those are, and a sentence for each clip without any.

    The person is as it was where no clip says anything. keyframes: of the person's views, in their order. names: of
    all clips.
    """
    belief = networks_belief(person.views)
    clips, counts = np.unique([view.clip for view in person.views], return_counts=True)
    most = sorted(clips[np.argsort(-counts, kind="stable")][:MOST_MATCHED])

    def matched(clip: int) -> tuple[ClipAgreement | None, str]:
        rows = [k for k, view in enumerate(person.views) if view.clip == clip]
        own = [_photo(space, person, person.views[k], keyframes[k]) for k in rows]
        return clip_compared(space.model, own, belief)

    told = dict(in_order(matched, most))
    found = [agreed for agreed, _ in told.values() if agreed is not None]
    refused = _unmatched({names[clip]: reason for clip, (_, reason) in told.items() if reason != MATCHED})
    if not found:
        return person, [], refused
    identity, precision = fused_clips(found, belief)
    moved = replace(person, shape=shape_of(space, identity))
    return bundle(space, with_belief(moved, identity, precision), 1, hold_shape=True), found, refused


#: Why the frames of a clip were not matched, in words.
_WHY = {
    SAME_SIDE: "the head hardly turns there; turn it slowly by 20 to 30 degrees to both sides",
    TOO_LITTLE_SKIN: "too little skin can be followed there: it is blurred, compressed or covered",
    CONTRADICTS: "its skin is too smooth, too compressed or moves too much to be followed there",
    NOTHING_NEW: "its skin tells nothing more of the shape",
}


def _unmatched(refused: Mapping[str, str]) -> list[str]:
    """A sentence for each clip whose skin was not matched from frame to frame; refused: name → reason."""
    return [
        f"the skin in '{name}' was not matched from frame to frame ({_WHY[reason]}), so the shape rests on points and "
        "colours of this clip"
        for name, reason in refused.items()
    ]


def networks_belief(views: Sequence[View]) -> Belief:
    """What the networks say of the identity in all views, of which a share is believed beside matches."""
    share = BELIEVED * share_of(views, SAME_IDENTITY)
    precision = share * np.sum([view.identity_precision for view in views], axis=0)
    precision = precision + np.eye(len(precision))
    pull = share * np.sum([view.identity_pull for view in views], axis=0)
    return Belief(np.asarray(np.linalg.solve(precision, pull), np.float64), precision)


def with_belief(person: Person, identity: Floats, precision: Floats) -> Person:
    """The person whose identity is believed to be this, whichever of their views are adjusted together.

    identity: (I,). precision: (I, I), the population's included.
    """
    views = []
    for view in person.views:
        same = sum(other.clip == view.clip for other in person.views)
        own = (precision - np.eye(len(identity))) / same**SAME_IDENTITY
        pull = precision @ identity / same**SAME_IDENTITY
        views.append(replace(view, identity_precision=own, identity_pull=pull))
    return replace(person, views=tuple(views))


def _photo(space: ShapeSpace, person: Person, view: View, keyframe: Keyframe) -> PhotoOfPerson:
    """A keyframe with the person of the default head in it, without what is their own beside that."""
    model, identity = space.model, person.shape[: space.identity]
    plain = PersonalHead(model, "", np.zeros_like(identity), np.zeros_like(model.mean_vertices))
    pixels = keyframe.sighting.frame.pixels
    params = keyframe_params(plain, view, pixels, None, None)
    params = params.replace(model_id=model.model_id, identity=identity.astype(np.float32))
    return PhotoOfPerson(pixels, params, keyframe.sighting.seen.dense)
