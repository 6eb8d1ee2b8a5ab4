"""What goes with a smile that grows less: the jaw and lips that it opened, the cheeks that it raised.

Words like "less smile" and "stop smiling" name the smile alone; what came with it (draw_expression.BARES) goes as far.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading

_SMILES = np.array([name.startswith("mouthSmile") for name in ARKIT_NAMES])
_COMPANY = np.array(
    [name.startswith(("jawOpen", "mouthUpperUp", "mouthLowerDown", "cheekSquint")) for name in ARKIT_NAMES]
)
#: Weights from which a smile is seen, and the share of it that is less of one.
SEEN, LESS = 0.1, 0.9


def with_company(request: HeadRequest, face: FaceReading) -> HeadRequest:
    """A change that makes a smile less, with what the smile brought along; what was there before the smile stays.

    Args:
        request: as the words were read.
        face: what the face shows, and showed.
    """
    worn, named = np.asarray(face.expression, float), np.asarray(request.expression_named, bool)
    wanted, now = np.asarray(request.expression, float)[_SMILES].max(), worn[_SMILES].max()
    if request.emotion or now < SEEN or not named[_SMILES].all() or wanted > LESS * now:
        return request
    without = [np.asarray(each, float) for each in face.history.wore if np.asarray(each)[_SMILES].max() < SEEN]
    alone = np.max([np.zeros(len(worn)), *without], 0) > SEEN
    goes = _COMPANY & ~named & ~alone & (worn > 0)
    weights = np.where(goes, worn * wanted / now, request.expression)
    return replace(request, expression=weights, expression_named=named | goes)
