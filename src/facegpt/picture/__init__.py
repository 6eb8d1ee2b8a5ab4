"""The photo itself, changed: expressions, gaze and turns of the head on its own pixels.

    rig = prepare(model, "photo.jpg")                  # fits once; prepare(model, photo, face, size=512) for clips
    params = rig.params                                # FaceParams of the face as photographed
    pixels = rig.picture(with_weights(params, {"jawOpen": 0.4}))   # (H, W, 3) uint8 sRGB, no refit
    still = rig.changed(params)                        # .picture, .mask; antialiased, for stills

`rig.picture` takes any FaceParams of the same model: replace `expression` (52 weights, absolute), `joints` (gaze and
head, radians), `pose` or `identity` of `rig.params`. `turned(rig.params, yaw, pitch, roll)` turns the head on its neck
and leaves the shoulders; `looking(model.head, params, side_deg, up_deg)` turns the eyes. `edit_photo` takes words and
`PhotoWishes`, and gives the picture, its mask and its parameters.
"""

from facegpt.picture.editing import EditedPhoto, edit_photo
from facegpt.picture.prepare import prepare
from facegpt.picture.rig import Changed, PhotoRig
from facegpt.picture.turning import looking, looking_at_camera, turned
from facegpt.picture.wishes import PhotoWishes

__all__ = [
    "Changed",
    "EditedPhoto",
    "PhotoRig",
    "PhotoWishes",
    "edit_photo",
    "looking",
    "looking_at_camera",
    "prepare",
    "turned",
]
