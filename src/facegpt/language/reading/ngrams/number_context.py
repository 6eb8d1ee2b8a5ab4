"""What stands around a number, and what tells a request for a face from other talk: features of the classifier."""

from __future__ import annotations

import re
from collections.abc import Sequence

from facegpt.language.numbers import NumberSpan
from facegpt.language.reading.ngrams.text_features import Word, part_of, words_of
from facegpt.language.reading.ngrams.word_tables import PARTS
from facegpt.language.reading.normalise import fold_case

_RAW = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?|[?`=<>{}]")


def request_features_of(text: str, face_before: bool) -> list[str]:
    """Name what tells a request for a face from a question or other talk: words as they stand, the first ones marked.

    face_before: whether a face came with the text or earlier; each word counts once more under what there was.
    """
    words = _RAW.findall(fold_case(text))[:400]
    place = "+" if face_before else "-"
    opening = [f"1 {' '.join(words[:size])}" for size in (1, 2, 3)]
    runs = [" ".join(words[k : k + size]) for size in (1, 2, 3) for k in range(len(words) - size + 1)]
    shape = [f"length {min(len(words).bit_length(), 8)}", "ends " + (text.strip()[-1:] if words else "")]
    parts = {part for word in words if (part := PARTS.get(word, ""))}
    named = [f"parts {min(len(parts - {'person', 'face', 'head'}), 3)}", *("part " + part for part in sorted(parts))]
    said = [*opening, *runs, *shape, *named]
    return ["face " + place, *said, *(place + name for name in said)]


_CLAUSE = re.compile(r"[,;:.!?()\n](?!\d)|\b(?:and|but|with)\b")
_SEGMENT = 90


def number_features_of(text: str, spans: Sequence[NumberSpan], k: int) -> list[str]:
    """Name what stands around a number: words before ("<") and behind (">") it, parts of the face, runs of two."""
    span = spans[k]
    first = spans[k - 1].end if k else 0
    last = spans[k + 1].start if k + 1 < len(spans) else len(text)
    before = text[max(first, span.start - _SEGMENT) : span.start]
    after = text[span.end : min(last, span.end + _SEGMENT)]
    near_before = _CLAUSE.split(before)[-1]
    near_after = _CLAUSE.split(after)[0]
    left, right = words_of(near_before), words_of(near_after)
    found = ["<" + w.base for w in left] + [">" + w.base for w in right] + ["unit " + (span.unit or "none")]
    found += [f"{-j}{w.base}" for j, w in enumerate(left[:-4:-1], 1)] + [
        f"+{j}{w.text}" for j, w in enumerate(right[:3], 1)
    ]
    found += [f"sign {span.sign}"] if span.sign else []
    around = [w.base for w in (*left, *right)]
    found += [f"{a} {b}" for words in (left, right) for a, b in zip(_bases(words), _bases(words)[1:], strict=False)]
    parts = {part_of(w) for w in (*left, *right)} - {"", "person"}
    if not parts:
        earlier = [part_of(w) for w in words_of(text[max(0, span.start - 2 * _SEGMENT) : span.start]) if part_of(w)]
        later = [part_of(w) for w in words_of(after) if part_of(w)]
        parts = {"?" + part for part in (*earlier[-1:], *later[:1])}
    found += [f"{part}&{word}" for part in sorted(parts) for word in around]
    found += ["part " + part for part in sorted(parts)]
    return found


def _bases(words: list[Word]) -> list[str]:
    return [word.base for word in words]
