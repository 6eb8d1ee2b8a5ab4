"""Words for glasses: which are meant, and whether they go on or off. Definitions: shapes and colours have names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.patterns import TAKING, denies, has_word, last_clause, last_words, word_set, words_in

#: What glasses are called; not those that are drunk from or looked at.
_NOUN = (
    r"(?<!wine )(?<!drinking )(?<!beer )(?<!shot )(?<!champagne )(?<!whisky )(?<!magnifying )"
    r"(?:(?:sun|eye|reading|prescription|nerd)[- ]?glasses|glasses(?! of\b)|spectacles|specs|eyewear|aviators|"
    r"wayfarers|shades(?! of\b)|bifocals)"
)
#: Frames by what they are called; the first that fits is meant.
_STYLES = {
    "cat_eye": r"cat(?:['’]?s)?[- ]?eyed?|butterfly|winged",
    "aviator": r"aviators?|pilot(?:['’]?s)?|tear[- ]?drop",
    "browline": r"brow[- ]?line|club[- ]?masters?|(?:half|semi)[- ]?rim(?:med|less)?",
    "rimless": r"rimless|frameless",
    "round": r"round(?:e[dr])?|circular|john lennon|harry potter",
    "oval": r"oval|elliptical",
    "rectangular": r"rectang(?:ular|le)|narrow|slim|oblong|reading",
    "square": r"square|wayfarers?|hipster|nerdy?|thick(?:er)?|chunky|bold|horn[- ]?rim(?:med)?|big(?:ger)?|larger?|"
    r"oversized?|huge",
}
_COLOURS = {
    "gold": r"gold(?:en)?", "silver": r"silver(?:y)?|metal(?:lic)?|steel|wire", "gunmetal": r"gunmetal|titanium",
    "tortoise": r"tortoise(?:[- ]?shell)?|horn(?:[- ]?rim(?:med)?)?", "copper": r"copper|bronze|rose gold",
    "black": r"black", "brown": r"brown", "grey": r"gr[ea]y", "white": r"white|transparent|see-through",
    "red": r"red", "blue": r"blue", "green": r"green", "pink": r"pink", "purple": r"purple|violet",
    "yellow": r"yellow", "orange": r"orange",
}  # fmt: skip
_TINTS = {
    "dark": r"dark(?:ened)?|black|tinted|shaded|mirror(?:ed)?", "clear": r"clear|transparent|untinted",
    "grey": r"gr[ea]y|smok(?:y|ed)",
    "brown": r"brown|amber", "green": r"green", "blue": r"blue", "pink": r"pink|rose", "yellow": r"yellow",
    "orange": r"orange", "red": r"red", "purple": r"purple|violet",
}  # fmt: skip
_DESCRIBING = "|".join((*_STYLES.values(), *_COLOURS.values(), *_TINTS.values()))
_SUFFIX = r"(?:[- ](?:rimmed|framed|lensed|tinted|coloured|colored|shaped))?"
_WORD = rf"(?:(?:{_DESCRIBING}){_SUFFIX}|thin(?:ner)?|small(?:er)?|stylish|pair of|old|new)"
#: The whole phrase: what is said before the noun, the noun, and frames or lenses said after it.
_PHRASE = re.compile(
    rf"\b(?P<before>(?:{_WORD}(?: and |, | |-)){{0,4}})(?P<noun>{_NOUN})\b"
    rf"(?P<after>(?:,? (?:with|and|in) (?:an? )?(?:{_WORD}[ -]){{0,3}}(?:frames?|rims?|lens(?:es)?|glass|tint))*"
    rf"(?: (?:to )?(?:be )?{_WORD}(?=\s*(?:$|[.,;!?]|and\b|instead\b)))?)",
    re.IGNORECASE,
)
_WITH_PHRASE = re.compile(
    r"(?:,?\s*\b(?:and|with|wearing|wears|in|has|put on)\s+)?(?:\b(?:an?|the|his|her|their|some)\s+)?"
    + _PHRASE.pattern,
    re.IGNORECASE,
)
_LENSES = re.compile(
    rf"({'|'.join(_TINTS.values())})(?:[- ]tinted)? (?:lens(?:es)?|glass|tint)|(\w+)[- ](?:tinted|lensed)", re.I
)
#: What is said behind things that come off.
TAKEN_OFF_AFTER = re.compile(r"^\s*(?:away|off|gone|removed|have to go|should go)\b", re.IGNORECASE)
#: Words of putting on and taking off: without the glasses they say nothing of a face.
_HANDLING = word_set("""
    take takes taking took put puts putting remove removed lose loses drop drops ditch discard delete give gives get
    gets rid of off on away back again no not with without wear wears wearing please now and the a an some pair let us
    want i would like could can you should have has go gone just only add try need needs make
""")
#: Words of whom: a head that is changed is who it was, a new one is made of them.
_WHOM = word_set("""
    her him them his their this that these those it one she he they for to same but other another thing thanks thank
    we man woman girl boy guy lady dude person kid child baby old young my our your see show in is are
    mother father mum mom dad daddy son daughter sister brother aunt uncle cousin nephew niece wife husband granny gran
    grandma grandpa grandmother grandfather granddad nan
""")
#: In a clause with glasses: these come off where "off" follows, and stay as they are, on or off.
_TAKES = word_set("take takes taking took pull pulls slip come comes with keep keeps leave leaves")
_KEPT = word_set("keep keeping leave leaving")
_DARK = word_set("dark tinted mirrored")


def glasses_wish(text: str) -> GlassesWish | None:
    """What a text asks of glasses; None where it speaks of none. The last of several is meant."""
    found = list(_PHRASE.finditer(text))
    if not found:
        return None
    phrase = found[-1]
    before = text[: phrase.start()]
    off_after = TAKEN_OFF_AFTER.match(text[phrase.end() :]) and (is_taken(before) or not words_in(before))
    if comes_off(before) or off_after:
        return GlassesWish(on=False)
    if has_word(last_clause(before), _KEPT):
        return GlassesWish()
    noun, said = phrase["noun"].lower(), f"{phrase['before']} {phrase['noun']} {phrase['after']}"
    lenses = _LENSES.search(said)
    frame = said if lenses is None else said.replace(lenses[0], " ")
    tint = "" if lenses is None else _named(_TINTS, lenses[0])
    if not tint and (
        noun.replace("-", "").replace(" ", "") == "sunglasses" or noun in ("shades", "aviators", "wayfarers")
    ):
        tint = "dark"
    if not tint and has_word(frame, _DARK):
        tint = "dark"
    return GlassesWish(True, _named(_STYLES, frame), _named(_COLOURS, frame), tint)


def comes_off(before: str) -> bool:
    """Whether the last words of a text deny what follows, or take it off."""
    near = last_words(before, 4)
    return any(denies(word) or word in TAKING for word in near) and "on" not in near


def is_taken(before: str) -> bool:
    """Whether the last clause of a text takes or keeps what follows it: "take her" before "glasses off"."""
    return has_word(last_clause(before), _TAKES)


def only_handles(text: str, is_edit: bool) -> bool:
    """Whether words say no more than that a thing goes on or off; is_edit: of a head that is there."""
    return (_HANDLING | _WHOM if is_edit else _HANDLING).issuperset(words_in(text))


def without_glasses(text: str, is_edit: bool = False) -> str:
    """A text without its words for glasses, which would redden skins and round faces.

    Where nothing is left but that they go on or off, the bare word stays: "take her red glasses off" is "the glasses".
    """
    bare = " ".join(_WITH_PHRASE.sub(" ", text).split())
    return "the glasses" if bare != text and only_handles(bare, is_edit) else bare


def turns_without_glasses(turns: Sequence[Mapping[str, Any]], is_edit: bool = False) -> list[dict[str, Any]]:
    """A conversation ([{"role", "content"}], a text or a list of parts) whose last user turn is `without_glasses`."""
    return with_last_text(turns, partial(without_glasses, is_edit=is_edit))


def with_last_text(turns: Sequence[Mapping[str, Any]], changed: Callable[[str], str]) -> list[dict[str, Any]]:
    """A conversation whose last user turn is put otherwise: each text of it as `changed` says."""
    said = [dict(turn) for turn in turns]
    last = next((turn for turn in reversed(said) if turn.get("role") == "user"), None)
    content = None if last is None else last.get("content")
    if last is None or content is None:
        return said
    if isinstance(content, str):
        last["content"] = changed(content)
    else:
        last["content"] = [{**p, "text": changed(p["text"])} if p.get("type") == "text" else p for p in content]
    return said


def _named(names: dict[str, str], text: str) -> str:
    """The first name whose words a text holds, or ""."""
    return next((name for name, words in names.items() if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), "")
