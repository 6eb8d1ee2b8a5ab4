"""A picture of what is seen on a face: box, points, gaze and parts over the photo, and words beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facegpt.analyze.label_map import COLOURS, NAMES
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.analyze.seen import Seen

#: Side of each picture and width of the words, px; how far around the face's box it shows the photo, in its sizes.
SIDE_PX, WORDS_PX, AROUND = 480, 330, 0.55
#: Colours of the box, points that are seen, points that are hidden, and of the gaze; length of its line, in faces.
BOX, POINT, HIDDEN, GAZE, GAZE_LENGTH = (255, 255, 255), (64, 255, 128), (255, 80, 80), (255, 230, 0), 0.5
#: What is painted where the photo ends.
NO_PHOTO = (205, 205, 205)
#: How much of the photo is left under the colours of the parts; units and blendshapes that are written from here on.
UNDER, WRITTEN = 0.45, 0.15


def plotted(seen: Seen) -> Image.Image:
    """The photo around the face with what is seen drawn in, the parts over it, and the words: side by side."""
    photo = seen.observation.photo
    scale = photo.scale
    x0, y0, x1, y1 = (seen.box.reshape(2, 2) + 0.5).ravel() * scale - 0.5
    half = max(x1 - x0, y1 - y0) * (0.5 + AROUND)
    left, top = (x0 + x1) / 2 - half, (y0 + y1) / 2 - half
    window = (left, top, left + 2 * half, top + 2 * half)
    picture = Image.fromarray(photo.pixels)
    how = (SIDE_PX, SIDE_PX), Image.Transform.EXTENT, window
    shown = picture.transform(*how, Image.Resampling.BICUBIC, fillcolor=NO_PHOTO)
    labels = shown.copy()
    if (found := seen.parts) is not None:
        cut = np.asarray(Image.fromarray(found.labels).transform(*how, Image.Resampling.NEAREST))
        mixed = UNDER * np.asarray(shown, float) + (1 - UNDER) * np.array(COLOURS, float)[cut]
        labels = Image.fromarray(np.where((cut > 0)[..., None], mixed, np.asarray(shown)).astype(np.uint8))

    def placed(points: Array) -> Array:
        return ((np.asarray(points, float) + 0.5) * scale - (left + 0.5, top + 0.5)) * SIDE_PX / (2 * half)

    _draw_points(ImageDraw.Draw(shown), seen, placed)
    out = Image.new("RGB", (2 * SIDE_PX + WORDS_PX, SIDE_PX), (250, 250, 250))
    out.paste(shown, (0, 0))
    out.paste(labels, (SIDE_PX, 0))
    _draw_legend(ImageDraw.Draw(out), seen)
    _draw_words(ImageDraw.Draw(out), seen)
    return out


def _draw_points(draw: ImageDraw.ImageDraw, seen: Seen, placed: Callable[[Array], Array]) -> None:
    corners = placed(seen.box.reshape(2, 2))
    draw.rectangle([tuple(corners[0]), tuple(corners[1])], outline=BOX, width=2)
    shown = seen.visibility
    for name, radius in (("mediapipe478", 0.8), ("ibug68", 2.2)):
        visible = shown[name] >= 0.5 if shown else np.ones(len(seen.points[name]), bool)
        for (x, y), free in zip(placed(seen.points[name]), visible, strict=True):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=POINT if free else HIDDEN)
    length = GAZE_LENGTH * float(np.ptp(corners[:, 0]))
    for eye, middle in (("left", 473), ("right", 468)):
        if (looks := seen.gaze.get(eye)) is not None and looks.visible:
            start = placed(seen.points["mediapipe478"][middle][None])[0]
            draw.line([tuple(start), tuple(start + length * looks.direction[:2])], fill=GAZE, width=3)


def _draw_legend(draw: ImageDraw.ImageDraw, seen: Seen) -> None:
    if seen.parts is None:
        return
    y, font = SIDE_PX - 16, ImageFont.load_default(11)
    for name in reversed([name for name in seen.parts.shares if name != "background"]):
        draw.rectangle((SIDE_PX + 4, y, SIDE_PX + 14, y + 10), fill=COLOURS[NAMES.index(name)])
        draw.text(
            (SIDE_PX + 18, y - 2),
            name.replace("_", " "),
            fill=(255, 255, 255),
            font=font,
            stroke_width=1,
            stroke_fill=0,
        )
        y -= 14


def _draw_words(draw: ImageDraw.ImageDraw, seen: Seen) -> None:
    pose, age, hair, covers = seen.pose, seen.age, seen.hair_colour, seen.occlusions
    lines = [f"{seen.expression.name} ({seen.expression.confidence:.2f})"]
    if age is not None:
        lines.append(f"looks {age.years:.0f} years old ({age.low:.0f} to {age.high:.0f})")
    lines.append(f"yaw {pose.yaw_deg:.0f}°, pitch {pose.pitch_deg:.0f}°, roll {pose.roll_deg:.0f}°")
    lines.append(f"{pose.distance_mm / 1000:.2f} ± {pose.distance_sd_mm / 1000:.2f} m away")
    lines.append(
        f"hair: {hair.name + ' (a grey photo)' * (not hair.sure) if hair else 'none seen'}"
        + (f"; beard {seen.beard:.1f}" if seen.beard else "")
    )
    if seen.skin_lightness is not None:
        lines.append(f"skin: L* {seen.skin_lightness:.0f}; sharpness {seen.sharpness:.3f}")
    kinds = {"glasses": covers.glasses and not covers.dark_glasses, "dark glasses": covers.dark_glasses}
    kinds |= {"headwear": covers.headwear, "something before the face": covers.hand}
    lines.append("worn or before it: " + (", ".join(name for name, there in kinds.items() if there) or "nothing"))
    for side, eye in seen.gaze.items():
        where = f"{eye.side_deg:+.0f}°, {eye.down_deg:+.0f}° down" if eye.visible else "not seen"
        lines.append(f"{side} eye: {where}, open {eye.open:.2f}")
    strong = {name: value for name, value in seen.units.items() if value >= WRITTEN}
    lines.append("")
    lines += [f"{name:5s} {value:.2f}" for name, value in sorted(strong.items(), key=lambda item: -item[1])[:14]]
    font = ImageFont.load_default(14)
    for k, line in enumerate(lines):
        draw.text((2 * SIDE_PX + 10, 10 + 18 * k), line, fill=(20, 20, 20), font=font)
