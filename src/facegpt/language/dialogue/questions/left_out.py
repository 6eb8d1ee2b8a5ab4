"""What a head leaves out of its photo, told where somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.made_heads import left_out_of
from facegpt.language.dialogue.wording import of_person
from facegpt.language.patterns import has_word

#: Words that ask what of a photo is not on its head.
_ASKS = re.compile(
    r"\b(?:(?:leave|left|leaving) (?:\w+ )?out|not on (?:the|this|his|her|its|their) head|didn'?t you (?:keep|draw)|"
    r"(?:lose|lost|losing|drop|dropped|missed|missing|overlooked|ignored?)\b[^.?!]*\b(?:photo|picture|image|head))",
    re.IGNORECASE,
)
_WHAT = ("what", "which", "anything", "something", "did", "is", "was")
#: What is said where nothing is known to be left out.
NOTHING = "As far as I see, all that the photo shows of the head is on it; clothes and the background never are."
NO_PHOTO = "This head was made or changed by words, so no photo tells what it leaves out."


def asks_for_left_out(text: str) -> bool:
    """Whether a text asks what of a photo is not on the head: "what did you leave out?"."""
    return bool(_ASKS.search(text)) and has_word(text, _WHAT)


def left_out_told(cast: Cast, who: Sequence[int]) -> str:
    """What the heads of some people leave out of their photos."""
    told = []
    for person in (cast.person(number) for number in who):
        face = person.first if person.photo else person.face
        if face.photo is None and not left_out_of(face):
            told.append(of_person(NO_PHOTO, person, cast))
        else:
            told.append(of_person(" ".join(left_out_of(face)) or NOTHING, person, cast))
    return " ".join(dict.fromkeys(told))
