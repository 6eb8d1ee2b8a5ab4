"""Several clips of a person: each tells the shape on its own, and the person's is the mean.

What leads a clip astray (its light, its shadows and shine, the folds of its expressions) is the same in all of its
frames and another in the next clip: a random effect of the clip, which a mean over clips lowers. All frames in one
adjustment do worse: they must agree on one albedo, which each light has coloured differently.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from facegpt.personal.bundle import Floats, Person, bundle, points_cost
from facegpt.personal.colours import ColourFit, Picture, refine_by_colours
from facegpt.personal.shape_space import ShapeSpace

#: Parts that the clips are sorted into: of more clips, several that follow each other are one part.
MOST_PARTS = 4
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
