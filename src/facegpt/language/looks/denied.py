"""Impressions that words deny: somebody "you would not want to meet at night", "nobody you'd trust", is not trusted.

Networks of whole texts hear the wish and miss the denial. What a denial denies is what its words say without it: an
impression that they make then, and that the rest of the text does not, was denied.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import CLAUSE_END, has_word, word_set, words_in

#: What somebody looks like of whom an impression is denied; who is not called pretty is not called ugly either.
OPPOSITES = {"trustworthy": "villain"}
#: What led to the denied words: "a man who has".
_DANGLING = re.compile(
    r"(?:\s+(?:who|that|which|is|was|are|has|have|does|do|would|could|can|will))+\s*$", re.IGNORECASE
)
#: How words for harm begin: who never does it is trusted, and the networks hear the harm as the trust.
_HARM = ("cheat", "harm", "hurt", "rob", "steal", "betray", "deceiv", "swindl", "kill", "threaten", "bully")
_LIES = word_set("lie lies lied lying")
_SKIN = word_set("skin skinned complexion dark black brown pale white fair tan tanned")
#: Denials with what stands in their place where nothing is denied.
_AFFIRMED = (
    (re.compile(r"\b(?:nobody|no[ -]one|none)\b", re.IGNORECASE), "somebody"),
    (
        re.compile(r"\b(?:the )?(?:very )?last (?=(?:person|man|woman|guy|one|face|girl|boy|human)\b)", re.IGNORECASE),
        "a ",
    ),
    (re.compile(r"\b(?:anything but|far from|not|never|hardly|scarcely|least)\b ?", re.IGNORECASE), ""),
    (re.compile(r"\b(?:can['’]?t|cannot)\b", re.IGNORECASE), "can"),
    (re.compile(r"\bwon['’]t\b", re.IGNORECASE), "will"),
    (re.compile(r"(?<=\w)n['’]t\b", re.IGNORECASE), ""),
)


def denial_in(text: str) -> tuple[str, str] | None:
    """A text whose first denial is taken back, and the text without the denied words; None where nothing is denied."""
    found = [(match, instead) for pattern, instead in _AFFIRMED if (match := pattern.search(text))]
    if not found:
        return None
    match, instead = min(found, key=lambda each: each[0].start())
    after = CLAUSE_END.search(text, match.end())
    affirmed = f"{text[: match.start()]}{instead}{text[match.end() :]}"
    before = _DANGLING.sub("", text[: match.start()])
    return affirmed, f"{before}{text[after.start() :] if after else ''}".strip(" ,;")


def without_denied(request: HeadRequest, text: str, impression: Callable[[str], str]) -> HeadRequest:
    """A request that asks for the opposite of an impression that its text denies, or for none.

    Who is not trusted has no other skin for it, unless the words name one.

    Args:
        request: with the impression that the text makes as a whole, or "".
        text: as typed.
        impression: of other words.
    """
    parts = denial_in(text)
    if parts is None:
        return request
    affirmed, rest = parts
    denied, heard = impression(affirmed), request.impression
    if not denied or heard not in ("", denied):
        return request
    if rest and impression(rest) == denied:  # it stands beside the denial
        return replace(request, impression=denied)
    if has_word(affirmed, _LIES) or any(word.startswith(_HARM) for word in words_in(affirmed)):
        return request
    request = request if has_word(text, _SKIN) else left_open(request, ["skin_lightness"])
    return replace(request, impression=OPPOSITES.get(denied, ""))
