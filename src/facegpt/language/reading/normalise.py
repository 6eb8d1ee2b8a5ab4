"""What is typed in the spelling that word lists know: case, quotes, blanks."""

from __future__ import annotations

import re
import unicodedata


def printable(text: str) -> str:
    """A text without control characters and broken surrogates, runs of blanks as one; its lines stay lines."""
    known = text.encode("utf-8", "replace").decode()
    clean = "".join(" " if unicodedata.category(c)[0] == "C" and c != "\n" else c for c in known)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", clean)).strip()


def straighten_apostrophes(text: str) -> str:
    """A text with "'" for the curly apostrophe."""
    return text.replace("’", "'")


def fold_case(text: str) -> str:
    """A text in lower case with straight apostrophes."""
    return straighten_apostrophes(text).lower()


def split_words(text: str, marks: str) -> str:
    """A text with blanks for the given marks, which join words ("-", "/", "_")."""
    return re.sub(f"[{re.escape(marks)}]", " ", text)
