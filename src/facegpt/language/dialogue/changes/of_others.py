"""Heads made of others: parts taken over, relatives and variations, mixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from facegpt.appearance.texture import retouched
from facegpt.face import Face
from facegpt.generate.parts_of_others import of_people, with_parts_of, with_size_towards
from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.likeness import hair_named, with_worn_of
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.takings import WORN, Taking
from facegpt.language.head_request import SURE

#: How far a variation and a relative lie from the head they are of, as a share of a person of the prior; relatives of
#: another generation have half of their genes from somebody else.
VARIED, RELATED, OF_THE_OTHER_SEX, OF_ANOTHER_AGE = 0.3, 0.35, 0.1, 0.5
#: The share of the sexes' difference in size that a relative does not have: with all of it she is nearer to strangers.
OF_THE_SIZE = 0.8


def taken_over(cast: Cast, wanted: Sequence[Taking], said: str = "") -> Cast:
    """Draw the parts of one head nearer to those of another, as one step. said: the words."""
    faces: dict[int, Face] = {}
    for taking in wanted:
        source = cast.person(taking.source).face
        face = faces.get(taking.to, cast.person(taking.to).face)
        if "expression" in taking.parts:
            face = replace(face, params=face.params.replace(expression=source.params.expression))
        face = own_head(
            face,
            with_parts_of(face.model, face.params.identity, source.params.identity, taking.parts),
            face.params.albedo,
        )
        owner = cast.person(taking.source)
        for name in {*WORN.values()} & {*taking.parts}:  # what was taken off before is taken over all the same
            worn = getattr(source.params, name) or getattr(owner.first.params, name)
            face = replace(face, params=face.params.replace(**{name: worn}))
        if "skin" in taking.parts:
            face = replace(face, params=face.params.replace(albedo=source.params.albedo))
        if "hair" in taking.parts and (part := hair_named(said)[1]):
            face = with_worn_of(face, source, part)
        elif "hair" in taking.parts:
            face = replace(face, params=face.params.replace(hair=source.params.hair))
        faces[taking.to] = face
    return cast.with_changes(faces, said=said)


def variation(model: Maker, face: Face, share: float, seed: int, sex: str = "") -> Face:
    """A head like another: its person mixed with `share` of one of the prior; of another sex if wanted."""
    rng = np.random.default_rng([seed, 17])
    identity = np.asarray(face.params.identity)
    if sex:
        face = model.changed(face, replace(no_change(), man=SURE[sex]), seed)
        identity = with_size_towards(face.model, face.params.identity, identity, OF_THE_SIZE)
    noise = rng.standard_normal(len(identity)) * share
    return own_head(face, identity * np.sqrt(1 - share**2) + noise, face.params.albedo)


def as_relative(face: Face, same_skin: bool) -> Face:
    """A head at rest that wears nothing of whom it is made of; same_skin: whether it keeps the skin of their photo."""
    params = face.params
    params = params.replace(
        expression=np.zeros_like(params.expression), joints=np.zeros_like(params.joints), glasses=None, headwear=None
    )
    return replace(face, params=params, photo_texture=face.photo_texture if same_skin else None)


def blended(faces: Sequence[Face]) -> Face:
    """The head half-way between several."""
    identity = np.mean([np.asarray(face.params.identity) for face in faces], 0)
    albedo = np.mean([np.asarray(face.params.albedo) for face in faces], 0)
    return own_head(faces[0], identity, albedo)


def with_people(face: Face, families: tuple[str, ...], seed: int) -> Face:
    """A head with the look of a people, as words ask for it; what is said of it stays, a photo's skin goes along."""
    identity, albedo = of_people(face.model, face.params, families, seed)
    skin = face.photo_texture
    skin = None if skin is None else retouched(skin, face.model, face.params.albedo, albedo)
    after = own_head(face, identity, albedo)
    return replace(after, photo_texture=skin, understood_parts=face.understood_parts, ignored=face.ignored)


def own_head(face: Face, identity: np.ndarray, albedo: np.ndarray) -> Face:
    """A head of its own, with another's hair, view and light."""
    from facegpt.face.pictures import own_view

    params = face.params
    if face.photo is not None:
        pose, camera = own_view(face)
        params = params.replace(pose=pose, camera=camera)
    params = params.replace(identity=identity.astype(np.float32), albedo=np.asarray(albedo, np.float32))
    return replace(face, params=params, photo=None, scale_sd=None, understood_parts=[], ignored=[])
