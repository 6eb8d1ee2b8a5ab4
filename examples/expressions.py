"""Writes expressions.png: one head in six expressions. Run: python examples/expressions.py [PHOTO]."""

import sys
from dataclasses import replace

from PIL import Image

import facegpt

EXPRESSIONS = {
    "rest": {},
    "smile": {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.4, "cheekSquintRight": 0.4},
    "surprise": {"jawOpen": 0.5, "browInnerUp": 0.9, "eyeWideLeft": 0.7, "eyeWideRight": 0.7},
    "anger": {"browDownLeft": 0.9, "browDownRight": 0.9, "mouthPressLeft": 0.6, "mouthPressRight": 0.6},
    "wink": {"eyeBlinkLeft": 1.0, "mouthSmileLeft": 0.4},
    "kiss": {"mouthPucker": 0.9},
}


def main(photo: str | None) -> None:
    """Draw the head of a photo, or the mean head, six times."""
    model = facegpt.load()
    face = model.reconstruct(photo)[0].neutral() if photo else model.mean_face()
    names = list(face.blendshapes)
    sheet = Image.new("RGB", (3 * 384, 2 * 384), "white")
    for k, weights in enumerate(EXPRESSIONS.values()):
        expression = face.params.expression.copy()
        expression[:] = [weights.get(name, 0.0) for name in names]
        posed = replace(face, params=replace(face.params, expression=expression))
        picture = Image.fromarray(posed.render(384, yaw_deg=0))
        sheet.paste(picture, (k % 3 * 384, k // 3 * 384), picture)
    sheet.save("expressions.png")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
