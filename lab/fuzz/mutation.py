"""Break bytes as disks, networks and attackers do: flips, cuts, repeats, zeros, splices, changed numbers."""

from __future__ import annotations

import re

import numpy as np

#: Values that break parsers: edges of integers, numbers that are none, very deep or very long things.
NASTY = (b"0", b"-1", b"1e999", b"NaN", b"null", b"[]", b"{}", b'""', b"2147483648", b"-0.0", b"true", b'"\\u0000"')


def mutated(data: bytes, rng: np.random.Generator, other: bytes = b"") -> bytes:
    """One to four random kinds of damage, one after the other.

    Args:
        data: what is broken.
        rng: decides about all.
        other: another valid input, whose parts may be spliced in.
    """
    for _ in range(int(rng.integers(1, 5))):
        kind = KINDS[int(rng.integers(len(KINDS)))]
        data = kind(data, rng, other)
    return data


def _place(data: bytes, rng: np.random.Generator, length: int = 64) -> tuple[int, int]:
    """A random stretch of some bytes; headers are hit as often as all the rest."""
    limit = min(len(data), 512) if rng.random() < 0.5 else len(data)
    start = int(rng.integers(max(limit, 1)))
    return start, min(start + int(rng.integers(1, length + 1)), len(data))


def flip(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Turn single bits over."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        start, _end = _place(data, rng)
        if out:
            out[min(start, len(out) - 1)] ^= 1 << int(rng.integers(8))
    return bytes(out)


def cut(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """End early, as a broken download does."""
    return data[: int(rng.integers(len(data) + 1))]


def leave_out(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Lose a stretch."""
    start, end = _place(data, rng, 4096)
    return data[:start] + data[end:]


def repeat(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Write a stretch several times."""
    start, end = _place(data, rng, 256)
    return data[:start] + data[start:end] * int(rng.integers(2, 20)) + data[end:]


def blank(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Overwrite a stretch by zeros or ones."""
    start, end = _place(data, rng, 512)
    return data[:start] + (b"\0" if rng.random() < 0.5 else b"\xff") * (end - start) + data[end:]


def splice(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Go on with the end of another input."""
    return data[: int(rng.integers(len(data) + 1))] + other[int(rng.integers(len(other) + 1)) :]


def renumber(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Put a nasty value in the place of a number of a text."""
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data[:200_000]))
    if not found:
        return flip(data, rng, other)
    hit = found[int(rng.integers(len(found)))]
    return data[: hit.start()] + NASTY[int(rng.integers(len(NASTY)))] + data[hit.end() :]


KINDS = (flip, cut, leave_out, repeat, blank, splice, renumber)
