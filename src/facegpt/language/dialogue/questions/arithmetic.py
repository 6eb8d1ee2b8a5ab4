"""Sums that a turn asks for, worked out exactly: "what is 17 times 6?", "12 % of 340", "the square root of 144".

A small language model gets them wrong, and a program cannot. The words become an expression; what is left of them must
say nothing more than that a result is wanted.
"""

from __future__ import annotations

import ast
import math
import operator
import re

from facegpt.language.numbers import COUNTS
from facegpt.language.patterns import regex_any_case

#: Words between two numbers, then those before and behind one: how Python writes them, and how the answer does.
_BETWEEN = (
    (r"multiplied by|times|x|×|·|\*(?!\*)", "*", " × "),
    (r"divided by|over|÷|/", "/", " ÷ "),
    (r"to the power of|\*\*|\^", "**", " ^ "),
    (r"(?:%|per ?cent) of", "*0.01*", " % of "),
    (r"plus|added to|\+", "+", " + "),
    (r"minus|take away|less|−|–|-", "-", " − "),
    (r"squared|²", "**2", "²"),
    (r"cubed|³", "**3", "³"),
)
_BEFORE = (
    (r"(?:the )?square root of|√", "~", "√"),
    (r"half of|half", "0.5*", "half of "),
    (r"twice|double|the double of", "2*", "twice "),
)
_STEPS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
          ast.Pow: operator.pow}  # fmt: skip
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
    code, written = _expression(plain.lower().strip())
    if not set(code) & set("+-*/~"):
        return ""
    try:
        value = _value(ast.parse(code, mode="eval").body)
    except (ArithmeticError, ValueError, SyntaxError):
        return ""
    if not math.isfinite(value) or abs(value) > LARGEST:
        return ""
    rounded = round(value, DIGITS)
    about = "=" if math.isclose(rounded, value, rel_tol=1e-12, abs_tol=1e-12) else "≈"
    return f"{written} {about} {_number(rounded)}."


def _expression(rest: str) -> tuple[str, str]:
    """A text as Python and as an answer write it; both "" where it says anything else than a sum."""
    code, written, after_number = "", "", False
    while rest:
        if number := _NUMBER.match(rest):
            if after_number:
                return "", ""
            value = float(number[0].replace(",", ""))
            code, written, taken, after_number = code + repr(value), written + _number(value), number, True
        elif found := _worded(rest, _BETWEEN if after_number else _BEFORE):
            taken, python, told = found
            code, written, after_number = code + python, written + told, python.startswith("**") and len(python) > 2
        elif (asks := _ASKS.match(rest)) is not None:
            taken = asks
        else:
            return "", ""
        rest = rest[taken.end() :].lstrip()
    return code, written


def _worded(rest: str, words: tuple[tuple[str, str, str], ...]) -> tuple[re.Match[str], str, str] | None:
    """What of a table a text begins with."""
    each = ((re.match(rf"(?:{pattern})(?![a-z])", rest), python, told) for pattern, python, told in words)
    return next(((match, python, told) for match, python, told in each if match), None)


def _value(node: ast.expr) -> float:
    """The value of an expression of numbers, by the usual order of operations; "~" stands for the square root."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return math.sqrt(_value(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _STEPS:
        value = _STEPS[type(node.op)](_value(node.left), _value(node.right))
        if isinstance(value, float):
            return value
    raise ValueError("no sum")


def _number(value: float) -> str:
    """A number without a point where it is whole."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.{DIGITS}f}".rstrip("0").rstrip(".")
