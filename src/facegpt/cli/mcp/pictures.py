"""Pictures in answers to assistants: heads, photos, two photos side by side, frames of a take."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from facegpt.animate.curves import Curves
from facegpt.animate.take import Take
from facegpt.data.images import photo_of
from facegpt.face import Face
from facegpt.render.plots import on_background

#: Longer side of pictures in answers, px; how many frames of a take are shown, and their size, px.
PICTURE_PX, FRAMES, FRAME_PX = 384, 4, 256


def picture_of(picture: Image.Image) -> Any:
    """A picture as a part of an answer."""
    from mcp.server.mcpserver import Image as McpImage

    small, data = picture.convert("RGB"), io.BytesIO()
    small.thumbnail((max(PICTURE_PX, FRAMES * FRAME_PX if picture.width > 2 * picture.height else 0),) * 2)
    small.save(data, format="PNG")
    return McpImage(data=data.getvalue(), format="png")


def head_picture(face: Face) -> Image.Image:
    """A head alone, as in its photo."""
    return Image.fromarray(on_background(face.render(PICTURE_PX, None, None)))


def side_by_side(photos: Sequence[str], boxes: Sequence[Sequence[float] | None]) -> Image.Image:
    """Two photos of one height, with the faces that were compared."""
    drawn = []
    for path, box in zip(photos, boxes, strict=True):
        photo = photo_of(path)
        picture = Image.fromarray(photo.pixels)
        if box is not None:
            scaled = [photo.scale * value for value in box]
            ImageDraw.Draw(picture).rectangle(scaled, outline=(255, 200, 0), width=max(2, picture.height // 150))
        drawn.append(picture.resize((max(1, round(picture.width * FRAME_PX / picture.height)), FRAME_PX)))
    return Image.fromarray(np.hstack([np.asarray(each) for each in drawn]))


def frames_of(take: Take) -> Image.Image:
    """A few frames of a take in a row."""
    at = np.unique(np.linspace(0, len(take) - 1, FRAMES + 2).round().astype(int)[1:-1])
    whole = take.motion.curves
    few = replace(take, curves=Curves(whole.names, whole.weights[at], take.fps, whole.turns[at], whole.gaze[at]))
    pictures = [Image.fromarray(picture) for picture in few.pictures(FRAME_PX)]
    for picture in pictures:
        picture.thumbnail((FRAME_PX, FRAME_PX))
    return Image.fromarray(np.hstack([np.asarray(picture) for picture in pictures]))
