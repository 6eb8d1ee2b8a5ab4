"""What goes with a smile that grows less: the jaw and lips that it opened, the cheeks that it raised.

Words like "less smile" and "stop smiling" name the smile alone; what came with it (draw_expression.BARES) goes as far.
Who is told to frown smiles no longer, and who is told to smile a bit smiles no less than before.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.patterns import regex_any_case
from facegpt.types import Array

_SMILES = np.array([name.startswith("mouthSmile") for name in ARKIT_NAMES])
_COMPANY = np.array(
    [name.startswith(("jawOpen", "mouthUpperUp", "mouthLowerDown", "cheekSquint")) for name in ARKIT_NAMES]
)
_FROWNS = np.array([name.startswith(("browDown", "mouthFrown")) for name in ARKIT_NAMES])
#: Weights from which a smile and a frown are seen, and the share of a smile that is less of one.
SEEN, FROWNED, LESS = 0.1, 0.3, 0.9
#: Words for less of what the face does.
_WEAKER = regex_any_case(
    r"\b(?:less|only|just|half|smaller|subtle|subtler|soft\w*|faint\w*|slight|slighter|ton(?:e|ing)|dial|turn|reduce\w*|"
    r"weak\w*|calm\w*|instead|too|not|n't|no|stop|hint)\b"
)
#: Words for more of what the face does; the share of what is read that it then grows by.
_STRONGER = regex_any_case(r"\b(?:more|bigger|wider|broader|larger|stronger|further|deeper)\b")
_DENIED, GROWS = regex_any_case(r"\b(?:no|not|n't|less|stop)\b"), 0.5


def as_asked_at_least(request: HeadRequest, text: str, worn: Array) -> HeadRequest:
    """A change in which a smile that is asked for is no weaker than the one worn, unless words ask for less.

    More of a movement that is worn is more than is worn ("a slightly bigger smile"). worn: (52,) what the face shows.
    """
    weights, named = np.asarray(request.expression, float), np.asarray(request.expression_named, bool)
    if _STRONGER.search(text) and not _DENIED.search(text):
        grown = np.clip(worn + GROWS * weights, 0, 1)
        weights = np.where(named & (weights > 0) & (worn >= SEEN), np.maximum(weights, grown), weights)
        return replace(request, expression=weights)
    if request.emotion or weights[_SMILES].max() < SEEN or _WEAKER.search(text):
        return request
    stronger = _SMILES & named & (weights > 0) & (worn > weights)
    return replace(request, expression=np.where(stronger, worn, weights))


def without_smile_of_frown(request: HeadRequest, text: str, worn: Array) -> HeadRequest:
    """A change to a frown that ends the smile worn; lowered brows that are asked for by their name do not.

    worn: (52,) what the face shows.
    """
    named, weights = np.asarray(request.expression_named, bool), np.asarray(request.expression, float)
    frowns = bool((named & _FROWNS & (weights >= FROWNED)).any()) and not request.emotion
    if not frowns or named[_SMILES].any() or worn[_SMILES].max() < SEEN or "brow" in text.lower():
        return request
    return replace(request, expression=np.where(_SMILES, 0.0, weights), expression_named=named | _SMILES)


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
