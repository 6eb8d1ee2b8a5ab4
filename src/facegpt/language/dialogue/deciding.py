"""What a turn does, weighed from what the classifier of acts, the language model and a few plain signs say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from facegpt.language.dialogue import turns as turn_words
from facegpt.language.dialogue.act_classifier import MAKING, Before, load_act_classifier
from facegpt.language.dialogue.asked_names import asked_names
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.small_talk import nearest
from facegpt.language.dialogue.takings import takings
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.patterns import regex_any_case

_LEAD = (
    r"^\W*(?:(?:no|nope|ok|okay|oh|hm+|please|pls|actually|wait|and|now|so|sorry|"
    r"well|right|then|yes|just|can you|could you|lol|haha)\b\W*)*"
)
UNDO = regex_any_case(rf"""
    {_LEAD}(?:undo|un-do|take (?:it|that|this|the last \w+) back|take back (?:that|the)|
    go (?:one )?(?:step )?back(?! to)|
    (?:one|a) step back|step back|revert(?! to)|reverse (?:it|that)|scrap that|cancel that|
    (?:two|three|\d) (?:steps|changes) back|that was (?:wrong|a mistake|worse|better before)|
    (?:forget|drop|remove) (?:that|the last) (?:change|edit|step)|i (?:liked|prefer(?:red)?) (?:it|her|
    him) (?:better )?before)\b|
    \bundo (?:that|it|this|the last|again|one more|once more|both|all|her|his|another)\b|
    ^\W*(?:back|again,? back|one more back|and again)\W*$|\btake (?:that|it|this) back\b
""")
REDO = regex_any_case(rf"""
    {_LEAD}(?:redo|re-do|undo the undo|do it again after all|bring (?:it|that|the change) back|put (?:it|
    that) back(?: in| on)|
    no,? (?:put|bring) (?:it|that) back|i want (?:it|that) back(?: after all)?|reapply|restore (?:that|
    the) change)\b|\bredo (?:that|it)\b
""")
BACK = regex_any_case(r"""
    \b(?:back to (?:the )?(?:first|original|start|beginning|very first|initial|one|photo|how|what|way|her|him|his|
    square|
    normal|the (?:man|woman|head))|start(?:ing)? (?:over|again)(?: with (?:him|her))?|(?:the |her |
    his )?original(?: (?:one|head|version|face|look))?\W*$|
    (?:as|how|the way|like) (?:she|he|it|they) (?:was|were|looked)(?: (?:at|in|when|before|first)\b|\W*$)|reset|
    restore (?:the|him|her|it)|undo (?:everything|all)|(?:first|original|initial) version|return to|revert to|
    (?:go|went|put (?:it|him|her)) back to|without (?:any|all) (?:the |those )?changes|as in the photo)\b
""")
ALL_OF_IT = regex_any_case(r"\b(?:undo (?:everything|all(?: of (?:it|that))?|all (?:the )?changes)|reset|start over)\b")
VARY = regex_any_case(r"""
    \b(?:variations?|variants?|alternatives?|versions? of (?:her|him|them|it|this)|(?:other|different|
    slightly different) (?:takes|versions?)|
    (?:her|his|their) (?:(?:older|younger|big|little|twin|evil|long-lost|elder|possible) )*(?:sister|brother|
    mother|father|mum|mom|dad|son|daughter|twin|
    cousin|sibling|relatives?|parents?|siblings|sisters|brothers|uncle|aunt|grand\w+)\b(?!'s| (?:nose|eyes|mouth))|
    (?:make|give|draw|show|create) (?:me )?(?:her|him|them|this one|it) (?:an? )?(?:\w+ )?(?:sister|brother|twin|
    mother|father|son|daughter|cousin|sibling)s?\b(?!'s)|
    (?:sister|brother|twin|cousin|relative|sibling)s? (?:of|for|to) (?:her|him|this|that|the)|similar (?:faces|
    heads|people|ones?)|
    (?:more|others|two|three|four|some|a few|someone|one) (?:\w+ )?like (?:her|him|this|that|these))\b
""")
BLEND = regex_any_case(r"""
    \b(?:blend|mix|mixture|cross between|halfway between|half-way between|in between|midway|merge|combine|morph|
    average of|
    (?:their|our|the two of them's|a|the) (?:\w+ )?(?:child|kid|baby|son|daughter|offspring) (?:of|would|together|look)|
    (?:their|our) (?:\w+ )?(?:child|kid|baby|son|daughter|offspring|children|kids)|if they had a (?:child|kid|
    baby|son|daughter))\b
""")
_RELATED = regex_any_case(r"""
    \b(?:related|(?:is|are) (?:he|she|they|these|this|that|it)\b.*\b(?:sisters?|brothers?|sib\w+|father|mother|
    family|relatives?|twins?|same person))\b
""")
#: Changes that say nothing of a face by themselves.
_SAYS_MORE = regex_any_case(
    r"\b(?:more|less|again|too|further|same|stronger|weaker|bigger|even|another|different|other way|opposite|"
    r"half|twice|head|3d|show|"
    r"make|turn|look)\b"
)
_MAY_BE = regex_any_case(
    r"^\W*(?:(?:and|but|so|or)\b\W*)*(?:(?:could|might|would|can) (?:he|she|they|it|this|these|that) be|"
    r"(?:would|do|can|could) you (?:say|call|"
    r"trust|hire|guess|tell|rate|think|describe|recogni[sz]e|identify|know))\b"
)
_QUESTION_MARK = re.compile(r"\?\s*$")
_WH = regex_any_case(r"""
    ^\W*(?:(?:and|but|so|ok|okay|well|now|also)\b\W*)*(?:who|what(?! (?:if|about)| would)|whats|what's|which|
    whose|how(?! about)|where|when|why|is|are|was|does|do (?:they|you|i|we)|did|has|have (?:you|they)|am)\b
""")
_SURE_REMARK = 0.75
_INTRODUCES = regex_any_case(
    r"^\W*(?:(?:hi|hello|hey|ok|okay|so|and|now|look|well)\b\W*)*(?:(?:this|that|here|these|it)(?:'s| is|"
    r" are)\b|here we are|meet\b|look at|"
    r"(?:my|our) \w+(?: \w+)?\W*$)(?!.*\b(?:make|give|turn|change|with a|head of|3d|how|what|bigger|smaller)\b)[^?]*$"
)
#: A relative who is described is a person of their own.
_DESCRIBED_RELATIVE = regex_any_case(
    r"\b(?:her|his|their) (?:\w+ )?(?:grand\w+|mother|father|mum|mom|dad|husband|wife|son|daughter|uncle|"
    r"aunt|boss|friend|brother|sister)\b"
    r"(?:,| with | who | of \w+(?:ty|een)?\b)"
)
_OF_YOU = regex_any_case(
    r"^\W*(?:(?:and|but|so|hey|hi|well|ok|lol|wow)\b\W*)*(?:you(?:'re|'ve| are| look| seem| know)|are you|"
    r"do you (?!see|think|know|notice|find|mean)|who (?:built|made|created|trained|programmed|is behind|"
    r"wrote) you|"
    r"where (?:do|are) you|how (?:do|were) you (?:work|made|built|trained)|i (?:love|like|"
    r"hate) you)\b(?!.*\b(?:make|give|draw|nose|eyes|mouth|face|head)\b)"
)
#: A measure by its name alone: "neck size please".
_A_MEASURE = regex_any_case(
    r"^\W*(?:(?:and|now|also|the|her|his|their|its|report|give me|tell me|what about|"
    r"current)\s+)*(?:[a-z]+\s+){0,2}(?:width|length|height|breadth|size|circumference|distance|"
    r"thickness|girth|measurements?)(?:\s+(?:of|please|pls|now|in|cm|mm|the|her|his|man|woman|nose|mouth|jaw|head|neck|face|again|both|them|and|for))*\W*$"
)
_MAY_I = regex_any_case(r"^\W*(?:(?:and|but|so|ok)\b\W*)*(?:can|could|may) (?:i|we|one) (?!see|have|get|look)\w+")
_TAGGED = regex_any_case(r"""
    \b(?:isn't|aren't|doesn't|don't|wasn't|hasn't|innit|is) ?(?:it|she|he|they)\W*$|,? (?:right|no|huh|
    or not)\s*\?\s*$
""")
_MAKES = regex_any_case(r"\b(?:make|show|give|draw|create|generate|imagine|want|need)\b")
#: Log odds that a plain wording adds, and that an act loses for which nobody is there.
SIGN, IMPOSSIBLE = 3.0, 6.0
#: What can only be done with somebody there.
NEEDS_SOMEBODY = ("edit", "undo", "redo", "back", "take", "vary", "blend", "compare")


@dataclass(frozen=True)
class Evidence:
    """What the language model and the grammar of the turn say.

    Attributes:
        face: log odds that the answer has a face, above the calibrated threshold.
        asks_nothing: whether nothing was read in it for a head.
    """

    face: float
    asks_nothing: bool


def decide(text: str, cast: Cast, photos: int, evidence: Evidence) -> str:
    """One of act_classifier.ACTS for a turn, or for a part of one."""
    people = len(cast.people)
    if plain := _plain(text, cast, people, photos):
        return plain
    odds = load_act_classifier().log_odds(text, Before(people, photos, cast.said.act))
    face = max(-6.0, min(6.0, evidence.face))
    for act in odds:
        odds[act] += 0.5 * face if act in MAKING else -0.5 * face
    if people == 0:
        odds["new_head"] = max(odds["new_head"], odds["edit"])
        odds = {act: value for act, value in odds.items() if act not in NEEDS_SOMEBODY}
        if evidence.face <= 0 and not photos:  # the language model knows who asks for somebody
            odds["new_head"] = -np.inf
    else:
        if turn_words.asks_for_new(text):
            odds["new_head"] += 3.0
            odds["edit"] -= 3.0
        else:
            odds["new_head"] -= 4.0
            odds["new_head"] -= 4.0 if mentions(text, cast) else 0.0
        for act, shown in _signs(text, cast, photos).items():
            odds[act] += SIGN if shown else 0.0
        odds |= {act: odds[act] - IMPOSSIBLE for act in _impossible(cast)}
    question = bool(_WH.match(text)) or bool(_QUESTION_MARK.search(text))
    if people:
        for act in ("question", "compare", "decline"):
            odds[act] += 1.5 if is_question(text) else 0.0
            odds[act] += 1.0 if question and (act == "decline" or asked_names(text)) else 0.0
    if evidence.asks_nothing and not _SAYS_MORE.search(text):
        odds["edit" if people else "new_head"] -= 2.5
    return max(odds, key=lambda act: odds[act])


def is_question(text: str) -> bool:
    """Whether a text asks for words: by its first words, or "could they be …?"."""
    return bool(_WH.match(text)) or bool(_MAY_BE.match(text)) or bool(_TAGGED.search(text))


def wants_made(text: str) -> bool:
    """Whether a text has a verb that asks for a head: "make", "show"."""
    return bool(_MAKES.search(text))


def _signs(text: str, cast: Cast, photos: int) -> dict[str, bool]:
    """What plain wordings say is done with people who are there: back and forth, parts of others, mixes, relatives."""
    signs = {
        "redo": bool(REDO.search(text)),
        "back": bool(BACK.search(text) or ALL_OF_IT.search(text)),
        "undo": bool(UNDO.search(text)) and not BACK.search(text),
        "blend": bool(BLEND.search(text)),
        "take": bool(takings(text, cast)),
        "vary": bool(VARY.search(text)) and not _DESCRIBED_RELATIVE.search(text),
    }
    if photos and not _MAKES.search(text):
        signs["vary"] = False
    return signs


def _impossible(cast: Cast) -> list[str]:
    """Acts for which there is nobody, or nothing to go back to."""
    found = ["take", "blend", "compare"] if len(cast.people) < 2 else []
    return found + ([] if cast.future else ["redo"]) + ([] if cast.past or len(cast.people) > 1 else ["back"])


def _plain(text: str, cast: Cast, people: int, photos: int) -> str:
    """An act whose signs are plain, or ""."""
    if not any(c.isalnum() for c in text):
        return "small_talk"
    if _OF_YOU.match(text):
        return nearest(text, "small_talk", "ability")[1].act
    if _MAY_I.match(text) and not asked_names(text):
        return "ability"
    if people and _A_MEASURE.match(text):
        return "question"
    if photos and (_INTRODUCES.match(text) or re.fullmatch(r"\W*[A-Z][a-zà-ÿ]+\W*", text)):
        return "chat"
    if _RELATED.search(text):
        return "decline"
    if people and any(_signs(text, cast, photos).values()):
        return ""
    score, exchange = nearest(text)
    return exchange.act if score >= _SURE_REMARK else ""
