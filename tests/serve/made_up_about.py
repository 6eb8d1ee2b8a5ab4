"""What the made-up studio offers and whom it knows: names as the real server tells them, two people's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from glb_reader import Glb
from PIL import Image

from facegpt.conventions import ARKIT_NAMES

REGIONS = {
    "brow": "Brows",
    "eye": "Eyes",
    "jaw": "Jaw",
    "cheek": "Cheeks",
    "nose": "Nose",
    "mouth": "Mouth",
    "tong": "Tongue",
}
COLOURS = (
    "black",
    "dark_brown",
    "brown",
    "light_brown",
    "dark_blond",
    "blond",
    "ginger",
    "auburn",
    "platinum",
    "grey",
    "white",
    "blue",
    "pink",
)


def _unit(name: str) -> dict[str, str]:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    region = next(region for start, region in REGIONS.items() if name.startswith(start))
    return {"name": name, "region": region, "label": words[0].upper() + words[1:]}


ABOUT: dict[str, Any] = {
    "version": "0.1.0",
    "model": "makehuman-head/1",
    "formats": [
        {"name": "glb", "label": "Head for 3D tools and the web", "extension": ".glb"},
        {"name": "usdz", "label": "USD for Apple and film", "extension": ".usdz"},
        {"name": "obj", "label": "Mesh with texture", "extension": ".zip"},
        {"name": "params", "label": "All parameters", "extension": ".json"},
        {"name": "folder", "label": "Everything", "extension": ".zip"},
    ],
    "qualities": ["fast", "balanced", "best"],
    "details": ["off", "normal"],
    "hair_styles": [
        {"name": "bob", "family": "straight"},
        {"name": "crew_cut", "family": "short"},
        {"name": "afro", "family": "coily"},
    ],
    "hair_colours": list(COLOURS),
    "expression_units": [_unit(name) for name in ARKIT_NAMES],
    "shape_controls": [
        {
            "name": f"{group.lower()}_{word}",
            "label": f"{group} {word}",
            "low_label": low,
            "high_label": high,
            "group": group,
            "low": -3,
            "high": 3,
        }
        for group, names in {
            "Nose": ("width", "length", "bridge"),
            "Jaw": ("width", "angle"),
            "Eyes": ("size", "distance"),
        }.items()
        for word, low, high in [(name, "less", "more") for name in names]
    ],
    "limits": {},
    "examples": [
        "An old fisherman with a weathered face and a short grey beard",
        "A young woman with long red hair, smiling",
        "A heavy man in his forties with a broad nose, furious",
    ],
    "extras": {"video": True},
}


def made_up_heads(folder: Path) -> list[Path]:
    """Two people's files in folders below `folder`: the mean head and somebody else."""
    import facegpt.face
    from facegpt.face import Face

    facegpt.face.PREVIEW_SIZE, facegpt.face.TEXTURE_SIZE = 96, 256
    mean = facegpt.load().mean_face()
    identity = mean.params.identity.copy()
    identity[:8] = 1.2
    folders = []
    for name, params in (("mean", mean.params), ("other", mean.params.replace(identity=identity))):
        face = Face(mean.model, params, renderer=mean.renderer)
        face.save(folder / name / "face.glb")
        Image.fromarray(face.render(96)).save(folder / name / "preview.png")
        Image.new("RGB", (params.camera.width, params.camera.height), (90, 120, 150)).save(folder / name / "photo.jpg")
        (folder / name / "head.json").write_text(json.dumps(_told(face)))
        skin = Glb(folder / name / "face.glb").attribute("POSITION", "skin")
        (folder / name / "sizes.json").write_text(json.dumps({"skin": len(skin)}))
        folders.append(folder / name)
    return folders


def _told(face: Any) -> dict[str, Any]:
    """Camera, photo and a measure of a head, as the server tells them."""
    camera, pose = face.params.camera, np.eye(4)
    pose[:3, :3], pose[:3, 3] = face.params.pose.rotation, face.params.pose.translation
    nose = face.landmarks("ibug68", "head")[[31, 35]]
    measure = {
        "name": "nose_breadth",
        "label": "nose breadth",
        "value_mm": 35.0,
        "percentile": 48.0,
        "points": nose.tolist(),
    }
    seen = {
        "focal_px": float(camera.focal_px),
        "principal": [float(x) for x in camera.principal_px],
        "pose": pose.tolist(),
    }
    return {"camera": seen, "image": {"width": camera.width, "height": camera.height}, "measures": [measure]}
