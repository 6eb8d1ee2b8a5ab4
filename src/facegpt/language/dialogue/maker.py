"""What a conversation needs of a model and of its language model; `facegpt.api.FaceGPT` is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from facegpt.data.images import ImageSource, Photo
from facegpt.describe.scene import Scene
from facegpt.describe.sentences import Facts
from facegpt.face import Face
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.talkers.base import Talker


class Reading(Protocol):
    """What the language model read in a text: see `facegpt.language.reading.text_reading`."""

    @property
    def request(self) -> HeadRequest:
        """What the words ask of a head."""

    @property
    def asks(self) -> Sequence[str]:
        """What a question is about, by the names of LABELS.md."""

    @property
    def face_probability(self) -> float:
        """Probability 0..1 that the answer needs a face."""

    @property
    def decline(self) -> bool:
        """Whether a part of the question asks what a face cannot show."""

    @property
    def torn(self) -> Sequence[str]:
        """Attributes that the words ask for on both sides."""


class Language(Protocol):
    """What a conversation needs of a language model."""

    def read(self, messages: Any, face: FaceReading | None = None, is_edit: bool = False) -> Reading:
        """Read the last message, in its conversation, about the face given."""
        ...

    def spoken(self, messages: Any, say: Callable[[str], None]) -> tuple[str, list[float]]:
        """Answer a conversation in the base's own words, with the log-probability of each token."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens a text has."""
        ...


class LikenessSeen(Protocol):
    """How likely two photos show one person: `facegpt.analyze.compare.Likeness`."""

    @property
    def likelihood(self) -> float:
        """0..1 that both show one person."""

    @property
    def interval(self) -> tuple[float, float]:
        """What nine of ten such pairs have."""

    @property
    def same(self) -> bool | None:
        """True, False, or None where that is not sure."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not sure: sentences without a full stop."""


class Maker(Protocol):
    """What a conversation needs of a model: `facegpt.api.FaceGPT`."""

    @property
    def language(self) -> Language:
        """The language model."""

    @property
    def talker(self) -> Talker:
        """What says everything that is not about measured faces."""

    def scene(self, face: Face) -> Scene | None:
        """What the photo of a face shows around it; None where there is no photo."""
        ...

    def faces_in(self, image: ImageSource | Photo) -> list[Face]:
        """Make the heads of a photo, or find them again."""
        ...

    def head_from(self, request: HeadRequest, seed: int) -> Face:
        """The head that a request asks for."""
        ...

    def changed(self, face: Face, request: HeadRequest, seed: int) -> Face:
        """A head changed as a request says."""
        ...

    def seen(self, face: Face) -> FaceReading:
        """What the language model is told of a head."""
        ...

    def facts(self, face: Face) -> Facts:
        """Measure a head."""
        ...

    def _likeness(self, first: Face, second: Face) -> LikenessSeen | None:
        """How likely the photos of two heads show one person; None where one has none."""
        ...
