"""Where a turn is cut into pieces that each do one thing: ask, tell, thank."""

from __future__ import annotations

import re

from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.normalise import straighten_quotes

_QUESTION_WORD = r"(?:who|what|where|when|why|which|how|whose|whats|hows|wheres|whos|whens|wich|wat)(?:'s|'re|'d)?"
#: Where a turn is cut: ends of sentences, dashes, colons; commas and "and" before a question, a request or a turn.
_ASIDE = r"(?:(?:and|or|but|also|anyway|so|then|now|next|right|well|please)\s+)*"
_INVERTED = (
    r"(?:can|could|would|will|may|shall|is|are|does|do|did) (?:you|u|i|we|he|she|it|they|that|this|there|"
    r"the|anything|any)\b"
)
_BEGINS_QUESTION = (
    rf"(?:{_QUESTION_WORD}\b(?=[^.!;]*\?)|(?:what|how|why|which|where|who)(?: \w+){{0,2}} (?:is|are|"
    rf"do|does|did|can) (?:you|u|i|the|we)\b)"
)
_CUT = regex_any_case(rf"""
    (?<=[.?!;…])\s+|(?<=[?!…])(?=\w)|\n+|(?<=\w:)\s+|\s+[-–—]+\s+|
    \s*[,;]\s*{_ASIDE}(?={_BEGINS_QUESTION}|{_INVERTED}|(?:don'?t|do not) (?!them|one)|only (?:the|her|his)\b|
    if (?:so|not)\b)|\s*,?\s+(?:but|anyway|except)\s+(?!that\b)|\s*,\s+(?=(?:now|next|then|so|just)\b)|
    ^\W*(?:hi|hiya|hello|hey+|yo+|good (?:morning|evening|afternoon|day))(?: (?:there|again|love|mate|bro))?\s*,\s*|
    \s*,?\s+and\s+(?=(?:also|now|then|help|tell|write|make|change|give|show|draw|let|what|how|where|when|which|who)\b)
""")
#: Several words in quotation marks are a text that is spoken of.
_QUOTED = re.compile(r"(?<!\w)(['\"“‘])(?=\S)([^\"“”]{3,}?)(?<=\S)(['\"”’])(?!\w)")
_SPOKEN_OF = " this "
_FEWEST_AROUND = 2


def pieces(text: str) -> list[str]:
    """Cut a turn into pieces that each do one thing; a text in quotation marks becomes "this"."""
    bare = straighten_quotes(re.sub(r"</?\w+>", " ", text))
    rest = _QUOTED.sub(lambda match: _SPOKEN_OF if " " in match[2] else match[0], bare)
    if len(re.findall(r"\w+", rest)) > _FEWEST_AROUND:
        bare = rest
    return [piece.strip() for piece in _CUT.split(bare) if piece and re.search(r"\w", piece)]
