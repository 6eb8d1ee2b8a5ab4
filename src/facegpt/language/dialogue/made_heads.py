"""Heads that words make: a new one, a given one changed, and what can be measured on either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.appearance.texture import retouched
from facegpt.describe.sentences import Facts, name_emotion
from facegpt.face import Face
from facegpt.generate.decoder import Decoder
from facegpt.generate.understood import understood
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.base import MorphableModel
from facegpt.render.default_view import default_view
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import FaceParams


def mean_head(head: MorphableModel) -> Face:
    """The head of the prior's mean at rest, in its own view."""
    sizes = head.sizes
    pose, camera = default_view()
    params = FaceParams(
        model_id=head.model_id,
        identity=np.zeros(sizes.identity, np.float32),
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=pose,
        albedo=np.zeros(sizes.albedo, np.float32),
        lighting=default_studio_lighting(),
        camera=camera,
    )
    return Face(head, params)


def new_head(decoder: Decoder, head: MorphableModel, request: HeadRequest, seed: int = 0) -> Face:
    """The head that a request asks for, in its own view."""
    return Face(head, decoder.imagine(head, request, seed), understood=understood(request))


def changed_head(decoder: Decoder, face: Face, request: HeadRequest, seed: int = 0) -> Face:
    """A head changed as a request says. Its photo no longer shows it, so that it has a view of its own instead."""
    params = decoder.edit(face.model, face.params, request, seed)
    if face.photo is not None:
        pose, camera = default_view(params.pose.rotation)
        params = params.replace(pose=pose, camera=camera)
    skin = face.photo_texture
    if skin is not None:
        skin = retouched(skin, face.model, face.params.albedo, params.albedo)
    told = understood(request)
    return replace(face, params=params, photo=None, photo_texture=skin, understood=told, ignored=[])


def facts_of(decoder: Decoder, face: Face) -> Facts:
    """All that can be said about a head, measured."""
    readings = decoder.attributes(face.model, face.params)
    return Facts(
        measures=face.measure(),
        looks=face.attributes,
        looks_sd=face.attribute_sd,
        attributes=dict(zip(ATTRIBUTES, map(float, readings), strict=True)),
        blendshapes=face.blendshapes,
        emotion=name_emotion(face.blendshapes, decoder.emotions, from_photo=face.scale_sd is not None),
        hair=face.params.hair,
        scale_sd=face.scale_sd,
    )
