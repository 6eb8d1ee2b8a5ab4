"""Writes people.png: eight heads that fit a sentence. Run: python examples/people.py "an old man with a broad nose"."""

import sys

from PIL import Image

import facegpt


def main(words: str) -> None:
    """Draw eight people who fit the words; what they leave open differs."""
    faces = facegpt.load().imagine_many(words, 8)
    sheet = Image.new("RGB", (4 * 320, 2 * 320), "white")
    for k, face in enumerate(faces):
        picture = Image.fromarray(face.render(320))
        sheet.paste(picture, (k % 4 * 320, k // 4 * 320), picture)
    sheet.save("people.png")
    print(f"understood: {faces[0].understood}; left out: {faces[0].ignored}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "an old man with a broad nose")
