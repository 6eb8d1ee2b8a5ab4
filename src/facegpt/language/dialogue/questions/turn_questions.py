"""Which questions the measures of a head at hand answer, and which are about the world."""

from __future__ import annotations

import re

from facegpt.language.dialogue.questions.asked_names import asked_names
from facegpt.language.dialogue.questions.asked_traits import asked_traits
from facegpt.language.dialogue.who.pieces import pieces
from facegpt.language.patterns import has_word, regex_any_case, word_set

#: Probability from which words name a measure or a trait of a head.
OF_A_HEAD = 0.5
#: A question about faces at large, or a task on a text: no measure of the head at hand answers it.
_OF_THE_WORLD = regex_any_case(r"""
    \b(?:people|persons|humans?|babies|children|kids|everybody|everyone|anyone|in general|generally|usually|normally|
    called|mean(?:s|ing)?|words? for|muscles?|mussle|bones?|nerves?|teeth|causes?|best|razor|creams?|lotion|recommend|
    how (?:do|can|should) (?:i|you|we|u|one)|how to|why (?:do|does|did|are|is)|history|invent\w*|write|poem|translate|
    spell|rhymes?|synonyms?|recipe|draw|paint|photoshop|blender|export|print|file|unreal|unity|obj|fbx|glb|vertices|
    polygons?|films?|movies?|song|word|verse|story|sentence|caption|in (?:french|german|spanish|italian|english|dutch)|
    tell apart|difference between (?:a|an)|a good|my (?:dad|mum|son|daughter|baby|sister|brother|uncle|friend|dog|cat|
    hair|skin|nose|eyes|boss|husband|wife))\b
""")
#: Questions about all of it.
_WHOLE_HEAD = regex_any_case(r"""
    \bwhat (?:does|do) (?:he|she|they|it|this|that|these|the|i|we)\b[^?]*\blook like\b|
    \bhow many (?:faces|heads|persons|of (?:us|them))\b|\bcompare (?:these|them|the|both)\b|
    \b(?:do|are|how) (?:these|they|the) (?:two|both|faces|heads)\b|
    \b(?:describe|sum up) (?:it|her|him|them|this|that|the)\b|\bsum (?:it|her|him) up\b
""")
#: People without an article behind a verb, and words that point at somebody or at a place in a picture.
_AT_LARGE = regex_any_case(r"""
    \b(?:do|does|did|are|were|can|have)\s+(?:(?:most|some|all|many|old|young|older|younger|other)\s+)?
    (?:people|humans?|men|women|babies|children|kids|boys|girls|adults|animals|we)\b(?!\s+(?:here|in the|on the))|
    \b(?:the|an?|most) (?:human|average (?:person|man|woman|human|adult))\b
""")
_POINTS = word_set("he she him his her hers it its this that these those photo picture image")
_OF_YOU = regex_any_case(r"^\W*(?:(?:so|and|but|hey|ok|okay|hi)\W+)*(?:who|what|how old) are (?:you|u)\b")
_OF_A_HEAD = regex_any_case(r"""
    \b(?:her|his|him|he|she|it|its|this|that|these|those|they|their|theirs|the|which|whose|who|your one|i|my|me)\b|
    \b(?:lengths?|widths?|heights?|distances?|breadths?|circumference|percentiles?|thickness|span|mm|cm|inches)\b
""")


def asks_of_the_head(text: str) -> bool:
    """Whether the measures of a head at hand answer a question ("how wide is her nose?"): it is not about the world."""
    if _OF_THE_WORLD.search(text):
        return False
    if _WHOLE_HEAD.search(text):
        return True
    about = [piece for piece in pieces(text) if {*asked_names(piece, OF_A_HEAD), *asked_traits(piece)} - {"count"}]
    if not about:
        return False
    return any(_OF_A_HEAD.search(piece) for piece in about) or not re.search(
        r"\b(?:is|are|do|does|did|can)\b", about[-1]
    )


def of_people_at_large(text: str) -> bool:
    """Whether a question is of people as such, and of nobody here: "why do people have eyebrows?"."""
    return bool(_AT_LARGE.search(text)) and not has_word(text, _POINTS)


def asks_of_you(text: str) -> bool:
    """Whether a question is about the one who answers ("who are you?"): no face is spoken of."""
    return bool(_OF_YOU.match(text))
