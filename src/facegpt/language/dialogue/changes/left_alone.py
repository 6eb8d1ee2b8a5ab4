"""Clauses of a change that tell to change nothing of somebody: "leave the woman alone", "but keep him as he is"."""

from __future__ import annotations

from facegpt.language.patterns import regex_any_case

_WHO = r"(?:(?!\b(?:and|but|while|then)\b)[^,.;!?])+?"
_AS_IS = r"untouched|unchanged|as (?:is|(?:he|she|it|they) (?:is|are|was|were))"
_LEFT = regex_any_case(rf"""
    (?:[\s,;.]|\b(?:and|but|while|just|please)\b)*
    \b(?:leav(?:e|ing)\s+{_WHO}\s+(?:alone|be|out of (?:it|this)|{_AS_IS})|
    keep(?:ing)?\s+{_WHO}\s+(?:the same|{_AS_IS})|
    (?:don't|do not)\s+(?:touch|change)\s+{_WHO})(?=\s*(?:$|[,.;!?]|\b(?:and|but|while|then)\b))
""")


def without_left_alone(text: str) -> str:
    """A change without the clauses that leave somebody as is; the text itself where nothing else is asked for."""
    rest = _LEFT.sub(" ", text).strip(" ,;.")
    for word in ("and ", "but ", "then "):
        rest = rest[len(word) :] if rest.lower().startswith(word) else rest
    return rest if any(c.isalpha() for c in rest) and rest != text.strip(" ,;.") else text
