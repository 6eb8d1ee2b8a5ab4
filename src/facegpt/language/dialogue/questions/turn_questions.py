"""Which questions the measures of a head at hand answer, and which are about people as such or about the program."""

from __future__ import annotations

from facegpt.language.dialogue.questions.asked_names import asked_names, asked_traits
from facegpt.language.dialogue.turns import without_expletives
from facegpt.language.patterns import has_word, regex_any_case, word_set

#: Probability from which words name a measure or a trait of a head.
OF_A_HEAD = 0.5
#: Questions for a way or a reason, of no head ("how do I export it?"), and of people without an article.
_AT_LARGE = regex_any_case(r"""
    \b(?:how (?:do|can|should) (?:i|you|we|one)|why (?:do|does) (?!he|she|it|they|his|her|this)|muscles?|vertices)\b|
    (?<!many )\b(?:do|does|did|are|were|can|have) (?:(?!the|these|those|both)\w+ )?
    (?:people|humans?|men|women|babies|children|kids|animals|we)\b(?! (?:here|in the|on the))|
    \b(?:the|an?|most) (?:human|average (?:person|man|woman|human|adult))\b
""")
_POINTS = word_set("he she him his her hers it its this that these those photo picture image")
_HERE = _POINTS | word_set("they their theirs the which whose who i my me mm cm inches")
_VERBS = word_set("is are do does did can")
_YOU = ("who are you", "what are you", "what are u", "who are u", "how old are you")


def asks_of_the_head(text: str) -> bool:
    """Whether the measures of a head at hand answer a question ("how wide is her nose?"): it is not about the world."""
    text = without_expletives(text)
    if of_people_at_large(text) or not {*asked_names(text, OF_A_HEAD), *asked_traits(text)} - {"count"}:
        return False
    return has_word(text, _HERE) or not has_word(text, _VERBS)


def of_people_at_large(text: str) -> bool:
    """Whether a question is of people as such or of a way to do something, and of nobody here: "why do we smile?"."""
    return bool(_AT_LARGE.search(text)) and not has_word(text, _POINTS)


def asks_of_you(text: str) -> bool:
    """Whether a question is about the one who answers ("who are you?"): no face is spoken of."""
    return any(words in text.lower() for words in _YOU)
