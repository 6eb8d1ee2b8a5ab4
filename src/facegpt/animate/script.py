"""A performance in words, cut into movements with their order and their times.

Order and times stand in connectors, adverbs and numbers ("then", "while", "slowly", "twice", "for 2 seconds"), which
are read here. What a face shows is left to the language model's reader. Movements of the head and of the eyes, and
blinks, are no expressions: they have a course of their own and are read here by their verbs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from facegpt.language.numbers import find_numbers

#: Verbs of movements with a course of their own, by the kind; the words behind say the direction.
GESTURES: dict[str, re.Pattern[str]] = {
    "nod": re.compile(r"\bnod(?:s|ded|ding)?\b"),
    "shake": re.compile(r"\b(?:shakes?|shaking|shook)\b"),
    "tilt": re.compile(r"\b(?:tilt|tip|cock|lean)(?:s|ed|ing|ping|ped)?\b"),
    "turn": re.compile(r"\b(?:turn|rotate|swivel)(?:s|d|ed|ing)?\b(?! (?:sad|happy|angry|red|pale|away from))"),
    "bow": re.compile(r"\b(?:bow|lower|drop|duck|hang|raise|lift)(?:s|ed|ing|ping|ped)?\b(?=.*\b(?:head|chin)\b)"),
    "wink": re.compile(r"\bwink(?:s|ed|ing)?\b"),
    "blink": re.compile(r"\bblink(?:s|ed|ing)?\b"),
    "pause": re.compile(r"\b(?:pause|wait|rest|stay|remain|hold|keep still|stand still)(?:s|ed|ing)?\b"),
    "look": re.compile(r"\b(?:look|gaze|glance|peer|stare|eyes? (?:go|move|dart))(?:s|d|ed|ing)?\b"),
}
_WAYS = {
    "left": re.compile(r"\bleft(?:wards?)?\b"),
    "right": re.compile(r"\bright(?:wards?)?\b"),
    "up": re.compile(r"\b(?:up(?:wards?)?|back(?:wards?)?|raise[sd]?|raising|lift(?:s|ed|ing)?|ceiling|sky)\b"),
    "down": re.compile(r"\b(?:down(?:wards?)?|forwards?|lower(?:s|ed|ing)?|bow(?:s|ed|ing)?|drop\w*|duck\w*|floor)\b"),
    "ahead": re.compile(r"\b(?:ahead|straight|camera|viewer|me|us|front|cent(?:er|re)|here|back to)\b"),
}
#: Words that may stand beside a direction that goes on from the one before: "left, then right and to the camera".
_SMALL = re.compile(r"\b(?:and|to|the|his|her|their|its|then|back|it|at|of|again|towards?|directly|into|side)\b")
#: What a "turn" or a "tilt" of these is: an expression; of the eyes it is a look.
_OF_THE_FACE, _OF_THE_EYES = (
    re.compile(r"\b(?:mouth|corners?|lips?|brows?|eyebrows?|nose|smile)\b"),
    re.compile(r"\beyes?\b"),
)
_SLOW = re.compile(r"\b(?:slow(?:ly)?|gradual(?:ly)?|gently|softly|lazily|bit by bit)\b")
_QUICK = re.compile(
    r"\b(?:quick(?:ly)?|fast|sudden(?:ly)?|abrupt(?:ly)?|rapid(?:ly)?|swiftly|at once|all of a sudden)\b"
)
_BRIEF = re.compile(r"\b(?:brief(?:ly)?|for (?:a moment|an instant|a short while)|momentarily|a flash of)\b")
_WEAK = re.compile(r"\b(?:slight(?:ly)?|a (?:little|bit|touch)|faint(?:ly)?|barely|half|subtly)\b")
_STRONG = re.compile(r"\b(?:strong(?:ly)?|firmly|vigorous(?:ly)?|hard|wide(?:ly)?|far|very|deep(?:ly)?|emphatically)\b")
_ONCE = re.compile(r"\b(?:once|one time|a single time)\b")
_TWICE = re.compile(r"\b(?:twice|two times|again and again|repeatedly|several times|a few times|a couple of times)\b")
_THRICE = re.compile(r"\bthrice\b")
_TIMES = re.compile(r"\b(\w+) times\b")
_UNIT = re.compile(r"(?<=\d)\s*(?:s|secs?)\b|\b(?:seconds?|secs?)\b", re.IGNORECASE)
#: How long, after `_in_short`; the word before it says whether it is the hold or the way there.
_SECONDS = re.compile(r"\b(?:(for|lasting|about|over|within|in|during)\s+)*(\d+(?:\.\d+)?)s\b")
_THEN = re.compile(
    r"\s*(?:(?:,(?!\d)|\.(?!\d)|[;!?])+|\b(?:and )?(?:then|next|afterwards?|after that|finally|before|followed by)\b)"
    r"(?:\s|[,;.!?\n]|\band\b|\bthen\b|\bnext\b|\bafterwards?\b|\bafter that\b|\bfinally\b)*"
)
#: "after a pause", "after 2s": a pause of its own.
_LATER = re.compile(
    r"\b(?:and )?after (?:about )?(?:an?|one|another|the)?\s*(?:short |brief |long |little )?"
    r"(?:pause|moment|while|(\d[\d.]*s))\b,?"
)
_WHILE = re.compile(r"\s*\b(?:while|whilst|meanwhile|simultaneously|at the same time(?: as)?)\b\s*")
_AND = re.compile(r"\s+and\s+")


@dataclass(frozen=True)
class Movement:
    """One thing that is done.

    Attributes:
        words: what is read of it, without the words of time.
        kind: a name of GESTURES, or "face".
        ways: of "left", "right", "up", "down", "ahead".
        beside: whether it goes along with what is before it.
        pace: of the usual time that it takes, 1; 2.5 is slow.
        times: how often, or None where the words don't say.
        holds_s: how long it lasts, or None. takes_s: how long it takes to get there, or None.
        size: of the usual, 1.
    """

    words: str
    kind: str = "face"
    ways: tuple[str, ...] = ()
    beside: bool = False
    pace: float = 1.0
    times: int | None = None
    holds_s: float | None = None
    takes_s: float | None = None
    size: float = 1.0


def movements(text: str) -> list[Movement]:
    """The movements of a performance, in their order."""
    found: list[Movement] = []
    for piece in _THEN.split(_LATER.sub(r", pauses \1, ", _in_short(" ".join(text.split())))):
        first = not piece.lower().startswith(("while ", "whilst "))
        for k, part in enumerate(p for p in _WHILE.split(piece) if p.strip()):
            beside = k > 0 or bool(found and found[-1].words.startswith("…"))
            for one in _apart(part.strip(), found[-1] if found else None):
                found.append(replace(one, beside=one.beside or beside))
                beside = one.beside
            if not first and k == 0 and found:
                found[-1] = replace(found[-1], words="…" + found[-1].words)
    return [replace(one, words=one.words.lstrip("…")) for one in found]


def _apart(text: str, before: Movement | None) -> list[Movement]:
    """The movements of words that are joined by "and": faces are read together, all else by itself."""
    out: list[Movement] = []
    for part in _AND.split(text):
        if not part.strip():
            continue
        last = out[-1] if out else before
        one = _movement(part.strip())
        if last is not None and last.ways and _only_ways(part):
            sideways = [bool({"left", "right"} & {*each}) for each in (last.ways, ways_in(part))]
            if out and sideways[0] != sideways[1] and "ahead" not in (*last.ways, *ways_in(part)):
                out[-1] = replace(last, ways=(*last.ways, *ways_in(part)))
            else:
                out.append(replace(one, kind=last.kind, ways=ways_in(part)))
        elif out and one.kind == "face" and out[-1].kind == "face":
            joined = replace(one, words=f"{out[-1].words} and {one.words}", beside=out[-1].beside)
            out[-1] = replace(joined, pace=max(out[-1].pace, one.pace), holds_s=one.holds_s or out[-1].holds_s)
        else:
            out.append(replace(one, beside=bool(out)))
    return out


def ways_in(text: str) -> tuple[str, ...]:
    """The directions in some words."""
    return tuple(name for name, pattern in _WAYS.items() if pattern.search(text.lower()))


def _movement(text: str) -> Movement:
    """One movement with its times, which are taken out of its words."""
    plain = text.lower()
    kind = next((name for name, pattern in GESTURES.items() if pattern.search(plain)), "face")
    ways = ways_in(plain) if kind not in ("face", "pause", "nod", "shake") else ()
    if kind in ("turn", "tilt") and _OF_THE_EYES.search(plain):
        kind = "look"
    if kind in ("look", "turn", "tilt", "bow") and (not ways or _OF_THE_FACE.search(plain)):
        kind, ways = "face", ()  # "looks sad", "turns red", "turns the corners of the mouth down"
    holds, takes, plain = _seconds(plain)
    pace = 2.5 if _SLOW.search(plain) else 0.45 if _QUICK.search(plain) else 1.0
    size = 0.5 if _WEAK.search(plain) else 1.5 if _STRONG.search(plain) else 1.0
    if holds is None and _BRIEF.search(plain):
        holds = 0.25
    times = _times(plain)
    for pattern in (_SLOW, _QUICK, _BRIEF, _ONCE, _TWICE, _THRICE, _TIMES):
        plain = pattern.sub(" ", plain)
    return Movement(" ".join(plain.split()), kind, ways, False, pace, times, holds, takes, size)


def _times(text: str) -> int | None:
    counted = _TIMES.search(text)
    if counted and (numbers := find_numbers(counted[1])):
        return min(max(round(numbers[0].value), 1), 20)
    return 1 if _ONCE.search(text) else 2 if _TWICE.search(text) else 3 if _THRICE.search(text) else None


def _only_ways(text: str) -> bool:
    """Whether some words are nothing but a direction."""
    plain = text.lower()
    for pattern in (*_WAYS.values(), _SMALL, _SLOW, _QUICK, _SECONDS):
        plain = pattern.sub(" ", plain)
    return bool(ways_in(text)) and not plain.strip()


def _in_short(text: str) -> str:
    """Write every number of seconds as "2.5s": "for half a second", "two and a half seconds"."""
    measured = _UNIT.sub(" mm", text)  # the reader of numbers knows lengths
    if measured == text:
        return text
    for span in reversed(find_numbers(measured)):
        if span.unit == "mm":
            measured = f"{measured[: span.start]}{min(max(span.value, 0.05), 60.0):g}s{measured[span.end :]}"
    return measured


def _seconds(text: str) -> tuple[float | None, float | None, str]:
    """How long something is held and how long it takes to get there, seconds, and the words without that."""
    holds, takes = None, None
    for match in _SECONDS.finditer(text):
        if match[1] in ("over", "within", "in", "during"):
            takes = float(match[2])
        else:
            holds = float(match[2])
    return holds, takes, _SECONDS.sub(" ", text)
