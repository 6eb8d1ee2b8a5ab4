"""A model of words for tests: the keyword parser reads, a few lines of arithmetic decode. No weights, milliseconds.

The head is the default one, so that measures are real. What is known: a broader nose is asked of the direction in
identity space that widens it, sex and seed choose the person, and an expression is what the words name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
from made_up_head import made_up_head
from stand_in import RedRectangles, fit_to_box, own_tone, plain_texture

import facegpt.face
from facegpt.api import FaceGPT
from facegpt.describe.emotions import rank_emotions
from facegpt.generate.decoder import Decoder
from facegpt.generate.draw_expression import emotion_expression
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.reading.beyond.unshown_network import Unshown
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import Fit, Hair
from facegpt_lab.evaluate.protocols.words.text_baselines import KeywordParser

HEAD = cache(makehuman.load)
_OF_ONE_TO_ANOTHER = (
    r"\b(?:give|swap|put|transfer)\b.*\b(?:his|hers?|their|'s)\b.*\b(?:nose|eyes|mouth|chin|jaw|hair|smile)"
)
#: What a turn does, by the first of these that its words match.
_ACTS = (
    ("redo", r"\bredo\b|put (?:it|that) back|do (?:it|that) again"),
    ("back", r"\b(?:original|first (?:one|version)|as (?:it|she|he) was|from the start)\b"),
    ("undo", r"\b(?:undo|take (?:that|it) back|go back|revert|scrap|forget that)\b"),
    (
        "vary",
        r"\b(?:variations?|versions?|relatives?|(?:her|his) (?:twin|brother|sister|son|daughter|mother|father))\b",
    ),
    ("blend", r"\b(?:mix|blend|cross|halfway|in ?between|child of|merge)\b"),
    (
        "compare",
        r"\b(?:which (?:of|one)|who (?:has|is|looks)|(?:old|wid)er than|both|could th\w+|are (?:they|the two))\b.*\?",
    ),
    ("take", _OF_ONE_TO_ANOTHER),
    ("edit", r"^\W*(?:(?:make|let|cut)|(?:a bit |even )?more|less|too much)\b"),
    ("small_talk", r"^\W*(?:thanks|thank you|hello|hi|hey|great|lovely|nice|good|cool|wow|ok)\b"),
    ("ability", r"^\W*(?:what (?:all )?can you|can you|how do you|do you)\b"),
    ("question", r"^\W*(?:and |so )?(?:who|what|which|how|is|are|does|do|has|where|why|when|was|did)\b|\?$"),
)


class WordList(KeywordParser):
    """The keyword parser as a language model that can also chat; it notes what it was given."""

    name = "word list"

    def __init__(self) -> None:
        self.heard: list = []
        self.told: list = []

    def read(self, text, face=None, is_edit=False):
        text = text if isinstance(text, str) else text[-1]["content"]
        self.heard.append(text)
        self.told.append(face)
        return super().read(text, face, is_edit)

    def acts(self, text, cast) -> dict[str, float]:
        """What a turn does, by a few words; else a head where the keyword parser reads one, and talk where not."""
        found = next((act for act, words in _ACTS if re.search(words, text, re.IGNORECASE)), "")
        if found in ("edit", "vary", "blend", "take", "compare") and not cast.people:
            found = ""
        made = "new_head" if not cast.people or asks_for_new(text) else "edit"
        wanted = asks_for_new(text) or super().read(text).wants_face
        return {found or (made if wanted else "chat"): 20.0}

    def unshown(self, text) -> list[Unshown]:
        """Some things that no head shows, found by their names."""
        return [Unshown(*match.span(), "worn") for match in re.finditer(r"\b(?:tiara|earrings|scarf)\b", text)]

    def spoken(self, messages, say) -> tuple[str, list[float]]:
        self.heard.append(messages)
        for piece in ("You said: ", messages[-1]["content"]):
            say(piece)
        return f"You said: {messages[-1]['content']}", [0.0]

    def count_tokens(self, text) -> int:
        return len(text.split())


@cache
def _nose_direction() -> np.ndarray:
    """(I,) unit: the way in identity space that widens the nose fastest."""
    head, step = HEAD(), 0.5 * np.eye(HEAD().sizes.identity)
    wide = np.array([head.measure(z)["nose_breadth"].value_mm for z in step])
    slope = wide - head.measure(np.zeros(len(step)))["nose_breadth"].value_mm
    return slope / np.linalg.norm(slope)


def _shaped(identity, request) -> np.ndarray:
    return identity + 2 * request.attribute_mean[ATTRIBUTES.index("nose_width")] * _nose_direction()


def _expression(request, start) -> np.ndarray:
    felt = emotion_expression(request.emotion, request.intensity) if request.emotion else start
    return np.where(request.expression_named, request.expression, felt).astype(np.float32)


def imagine(head, request, seed, whole=None):
    sex = {0.0: "F", 1.0: "M"}.get(request.man)
    start = FaceGPT(head).mean_face().params
    identity = _shaped(head.sample(1, seed, sex)[0], request)
    return start.replace(
        identity=identity.astype(np.float32), expression=_expression(request, start.expression), hair=Hair("short")
    )


def edit(head, params, request, seed):
    return params.replace(
        identity=_shaped(params.identity, request).astype(np.float32),
        expression=_expression(request, params.expression),
    )


def attributes(head, params, sex=None) -> np.ndarray:
    readings = np.zeros(len(ATTRIBUTES))
    readings[ATTRIBUTES.index("nose_width")] = params.identity @ _nose_direction()
    return readings


def seen(head, params) -> FaceReading:
    return FaceReading(attributes(head, params))


def fit_person(head, detection, width, height, focal_px=None, dense=None) -> Fit:
    """Place a person where a red rectangle is; each width is another one."""
    fit = fit_to_box(made_up_head(), detection, width, height, focal_px)
    person = head.sample(1, int(np.ptp(detection.points[:, 0])))[0]
    start = FaceGPT(head).mean_face().params
    return replace(fit, params=start.replace(pose=fit.params.pose, camera=fit.params.camera, identity=person))


def word_model(language: WordList | None = None) -> FaceGPT:
    """The default head with stand-ins for everything learnt."""
    facegpt.face.PREVIEW_SIZE = facegpt.face.TEXTURE_SIZE = 64  # pixels: most of the time of a test goes into these
    words = language or WordList()
    decoder = Decoder(imagine, edit, attributes, seen, rank_emotions)
    return FaceGPT(
        HEAD(),
        RedRectangles,
        fit_person,
        plain_texture,
        own_tone,
        make_language=lambda: words,
        make_decoder=lambda: decoder,
    )
