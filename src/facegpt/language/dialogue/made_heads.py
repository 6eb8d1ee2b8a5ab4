"""Heads that words make: a new one, a given one changed, and what can be measured on either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.appearance.texture import retouched
from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.describe.sentences import Facts, name_emotion
from facegpt.face import OWN_IMAGE_SIZE, Face
from facegpt.generate.decoder import Decoder
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.base import MorphableModel
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Array, Camera, FaceParams, Pose

#: How far the camera of a head without a photo stands away, mm, and its focal length in sides of its picture.
DISTANCE_MM, FOCAL = 1000.0, 3.0


def mean_head(head: MorphableModel) -> Face:
    """The head of the prior's mean at rest, in its own view."""
    sizes = head.sizes
    pose, camera = own_view(HEAD_TO_CAMERA_AXES.copy())
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
    params = decoder.imagine(head, request, seed)
    pose, camera = own_view(HEAD_TO_CAMERA_AXES.copy())
    return Face(head, params.replace(pose=pose, camera=camera))


def changed_head(decoder: Decoder, face: Face, request: HeadRequest, seed: int = 0) -> Face:
    """A head changed as a request says. Its photo no longer shows it, so that it has a view of its own instead."""
    params = decoder.edit(face.model, face.params, request, seed)
    if face.photo is not None:
        pose, camera = own_view(params.pose.rotation)
        params = params.replace(pose=pose, camera=camera)
    skin = face.photo_texture
    if skin is not None:
        skin = retouched(skin, face.model, face.params.albedo, params.albedo)
    return replace(face, params=params, photo=None, photo_texture=skin)


def own_view(rotation: Array) -> tuple[Pose, Camera]:
    """The view of a head without a photo, turned as `rotation` (3, 3) says: 512 pixels square, from one metre."""
    size = OWN_IMAGE_SIZE
    middle = (size - 1) / 2
    return (
        Pose(np.asarray(rotation), np.array([0.0, 0.0, DISTANCE_MM])),
        Camera(FOCAL * size, (middle, middle), size, size),
    )


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
