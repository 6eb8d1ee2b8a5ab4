"""Light of mouths and eyes: teeth of a smile are nearly as bright as skin, a narrow slit and the depth are dark."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.render import portrait
from facegpt.render.lid_shadow import darken_mouth


def share_in_slit(open_px: int, behind_mm: float) -> np.ndarray:
    """What is left of white light (3,) in the middle of a slit, behind the lips; a pixel is a millimetre."""
    inside = np.zeros((60, 60), bool)
    inside[30 - open_px // 2 : 30 + (open_px + 1) // 2, 10:50] = True
    depth = np.where(inside, 600.0 + behind_mm, 600.0)
    color = np.ones((60, 60, 3), np.float32)
    darken_mouth(inside, np.ones_like(inside), depth, 600.0, color)
    return color[30, 30]


def test_wide_smiles_light_their_teeth():
    assert share_in_slit(12, 3.0).min() > 0.85


def test_light_falls_with_depth_and_with_the_lips_closing():
    shallow, deep, narrow = share_in_slit(12, 3.0), share_in_slit(12, 40.0), share_in_slit(2, 6.0)
    assert (deep < 0.35).all()
    assert (narrow < shallow - 0.2).all()


def test_what_comes_from_the_depth_is_no_less_than_the_sky_alone_and_warm():
    a, h = 5.5, 10.0
    sky = a / np.hypot(a, h)  # in the middle of a slit 11 mm wide, no light bounced
    found = share_in_slit(11, h)
    assert (found > sky).all()
    assert (found < 1).all()
    assert found[0] > found[1] > found[2]


def test_corneas_shine_from_open_eyes_and_not_through_shut_lids(head, monkeypatch):
    pictures = {}
    for shut in (0.0, 1.0):
        expression = np.zeros(head.sizes.expression, np.float32)
        expression[[ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]] = shut
        face = mean_head(head)
        face = Face(head, face.params.replace(expression=expression))
        pictures[shut, True] = face.render(size=384)
        with monkeypatch.context() as without:
            without.setattr(portrait, "_mirror_on_glass", lambda *_: None)
            pictures[shut, False] = face.render(size=384)
    changed = {shut: (pictures[shut, True] != pictures[shut, False]).any(-1).sum() for shut in (0.0, 1.0)}
    assert changed[0.0] > 20
    assert changed[1.0] < 0.1 * changed[0.0]
