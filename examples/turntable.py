"""Writes turntable.gif: the head turns by 90° to both sides. Run: python examples/turntable.py [PHOTO]."""

import sys

from PIL import Image

import facegpt


def main(photo: str | None) -> None:
    """Draw the head of a photo, or the mean head, from 24 sides."""
    model = facegpt.load()
    face = model.reconstruct(photo)[0] if photo else model.mean_face()
    angles = [*range(-90, 91, 15), *range(75, -90, -15)]
    frames = [
        Image.fromarray(face.render(320, yaw_deg=yaw, background=(255, 255, 255))).convert("RGB") for yaw in angles
    ]
    frames[0].save("turntable.gif", save_all=True, append_images=frames[1:], duration=80, loop=0)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
