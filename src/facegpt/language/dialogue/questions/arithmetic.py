"""Sums that a turn asks for, worked out exactly: "what is 17 times 6?", "12 % of 340", "the square root of 144".

A small language model gets them wrong, and a program cannot. Numbers and signs are found in the words; what is left
must say nothing more than that a result is wanted.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from facegpt.language.numbers import COUNTS
from facegpt.language.patterns import regex_any_case

#: Signs of operations by their words, the longer ones first.
_SIGNS = (
    (r"multiplied by|times|x|×|·|\*", "*"),
    (r"divided by|over|÷|/", "/"),
    (r"to the power of|\*\*|\^", "^"),
    (r"(?:%|per ?cent) of", "%"),
    (r"plus|added to|\+", "+"),
    (r"minus|take away|less|−|–|-", "-"),
)


@dataclass(frozen=True)
class _Function:
    """What is done to one number: its words, itself, and how it is written before or behind the number."""

    words: str
    of: Callable[[float], float]
    before: str = ""
    behind: str = ""


#: A number, a sign of _SIGNS, or a function.
_Token = float | str | _Function

_FUNCTIONS = (
    _Function(r"(?:the )?square root of|√", math.sqrt, before="√"),
    _Function(r"half of|half", lambda value: value / 2, before="half of "),
    _Function(r"(?:twice|double|the double of)", lambda value: value * 2, before="twice "),
)
_AFTER = (
    _Function(r"squared|²", lambda value: value * value, behind="²"),
    _Function(r"cubed|³", lambda value: value**3, behind="³"),
)
_STEPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": operator.pow,
          "%": lambda share, of: share * of / 100}  # fmt: skip
_ORDER = ("^", "%*/", "+-")
_ASKS = regex_any_case(r"""
    \b(?:what(?:'s|s| is| are| does| do)?|how much(?: is| are| does)?|calculate|compute|work out|please|quick(?:ly)?|
    tell me|is|equals?|makes?|the (?:sum|product|result) of|and|then|so|ok|okay|hey|can you|could you|do you know|
    give)\b|
    [?!.,:=]+(?=\s|$)
""")
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d*\.\d+|\d+")
_WORD_NUMBER = re.compile(rf"\b(?:{'|'.join(sorted(COUNTS, key=len, reverse=True))})\b", re.IGNORECASE)
#: Results beyond this are not written out; digits behind the point that are told.
LARGEST, DIGITS = 1e15, 4


def result_of(text: str) -> str:
    """The sum with its result ("17 × 6 = 102"); "" where a text is no sum, or one that has no result."""
    plain = _WORD_NUMBER.sub(lambda found: f"{COUNTS[found[0].lower()]:g}", text)
    plain = re.sub(r"\b(\d)0[ -](\d)\b", r"\1\2", plain)  # "twenty one"
    tokens = _tokens(plain)
    if tokens is None or all(isinstance(token, float) for token in tokens):
        return ""
    try:
        value = _value(tokens)
    except (ArithmeticError, ValueError, IndexError):
        return ""
    if isinstance(value, complex) or not math.isfinite(value) or abs(value) > LARGEST:
        return ""
    rounded = round(value, DIGITS)
    about = "=" if math.isclose(rounded, value, rel_tol=1e-12, abs_tol=1e-12) else "≈"
    return f"{_written(tokens)} {about} {_number(rounded)}."


def _tokens(text: str) -> list[_Token] | None:
    """Numbers, signs and functions of a text in order; None where it says anything else."""
    found: list[_Token] = []
    rest = text.lower().strip()
    while rest:
        taken = _next(rest, bool(found) and isinstance(found[-1], float))
        if taken is None:
            asks = _ASKS.match(rest)
            if asks is None:
                return None
            rest = rest[asks.end() :].lstrip()
            continue
        token, end = taken
        found.append(token)
        rest = rest[end:].lstrip()
    return found if any(isinstance(token, float) for token in found) else None


def _next(rest: str, after_number: bool) -> tuple[_Token, int] | None:
    """The token that a text begins with and its length."""
    if number := _NUMBER.match(rest):
        return float(number[0].replace(",", "")), number.end()
    for words, sign in _SIGNS if after_number else ():
        if match := re.match(rf"(?:{words})(?![a-z])", rest):
            return sign, match.end()
    for function in _AFTER if after_number else _FUNCTIONS:
        if match := re.match(rf"(?:{function.words})(?![a-z])", rest):
            return function, match.end()
    return None


def _value(tokens: list[_Token]) -> float:
    """The value of a sum, by the usual order of operations."""
    row: list[float | str] = []
    waiting: list[_Function] = []
    for token in tokens:
        if isinstance(token, float):
            while waiting:
                token = waiting.pop().of(token)
            row.append(token)
        elif isinstance(token, str):
            row.append(token)
        elif row and isinstance(row[-1], float):
            row[-1] = token.of(row[-1])
        else:
            waiting.append(token)
    for signs in _ORDER:
        k = 1
        while k < len(row):
            sign, left, right = row[k], row[k - 1], row[k + 1]
            if isinstance(sign, str) and sign in signs and isinstance(left, float) and isinstance(right, float):
                row[k - 1 : k + 2] = [float(_STEPS[sign](left, right))]
            else:
                k += 2
    if len(row) != 1 or waiting or not isinstance(row[0], float):
        raise ValueError("no sum")
    return row[0]


def _written(tokens: list[_Token]) -> str:
    """A sum as it is written."""
    signs = {"*": "×", "/": "÷", "-": "−", "%": "% of"}
    told = ""
    for token in tokens:
        if isinstance(token, _Function):
            told = f"{told.rstrip()}{token.behind} " if token.behind else told + token.before
        else:
            told += f"{_number(token) if isinstance(token, float) else signs.get(token, token)} "
    return told.rstrip()


def _number(value: float) -> str:
    """A number without a point where it is whole."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.{DIGITS}f}".rstrip("0").rstrip(".")
