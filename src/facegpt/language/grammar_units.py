"""Movements by name and commands that end one: "AU12 off", "jawForward 0.8", "close the mouth"."""

from __future__ import annotations

import re

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.grammar_strength import strength_of

#: FACS action unit → blendshapes ("*": both sides), as LABELS.md has them.
ACTION_UNITS: dict[int, tuple[str, ...]] = {
    1: ("browInnerUp",), 2: ("browOuterUp*",), 4: ("browDown*",), 5: ("eyeWide*",), 6: ("cheekSquint*",),
    7: ("eyeSquint*",), 9: ("noseSneer*",), 10: ("mouthUpperUp*",), 12: ("mouthSmile*",), 14: ("mouthDimple*",),
    15: ("mouthFrown*",), 16: ("mouthLowerDown*",), 17: ("mouthShrugLower",), 18: ("mouthPucker",),
    20: ("mouthStretch*",), 22: ("mouthFunnel",), 24: ("mouthPress*",), 26: ("jawOpen",), 27: ("jawOpen",),
    28: ("mouthRollLower", "mouthRollUpper"), 34: ("cheekPuff",), 43: ("eyeBlink*",), 45: ("eyeBlink*",),
}  # fmt: skip
#: Muscle → blendshapes.
_MUSCLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?:inner|medial) frontalis", ("browInnerUp",)),
    (r"(?:outer|lateral) frontalis", ("browOuterUp*",)),
    (r"frontalis", ("browInnerUp", "browOuterUp*")),
    (r"corrugator\w*", ("browDown*",)),
    (r"zygomatic(?:us)?(?: major)?", ("mouthSmile*",)),
    (r"orbicularis oculi", ("cheekSquint*",)),
    (r"depressor anguli(?: oris)?", ("mouthFrown*",)),
    (r"depressor labii\w*(?: inferioris)?", ("mouthLowerDown*",)),
    (r"levator labii(?: superioris)?(?! alaeque)", ("mouthUpperUp*",)),
    (r"mentalis", ("mouthShrugLower",)),
    (r"buccinator", ("mouthDimple*",)),
    (r"risorius", ("mouthStretch*",)),
)
_AMOUNT = r"[\s:=,(]*(?:at |to |of )?(?P<{0}>0?\.\d+|1(?:\.0+)?(?!\d)|\d{{1,3}} ?%)?"
_AU = re.compile(
    r"\b(?:au|action unit)s?[\s-]?(?P<number>\d{1,2})(?P<letter>[a-e])?\b" + _AMOUNT.format("amount")
    + r"(?P<after>[^.;,+\n]{0,22})"
)  # fmt: skip
_NAME = re.compile(rf"\b(?P<name>{'|'.join(n.lower() for n in ARKIT_NAMES)})\b" + _AMOUNT.format("amount")
                   + r"(?P<after>[^.;,+\n]{0,16})")  # fmt: skip
_LETTERS = {"a": 0.2, "b": 0.4, "c": 0.6, "d": 0.8, "e": 1.0}
_OFF = re.compile(r"\b(?:off|none|zero|out|gone|absent|not|no|without|never)\b|^\s*0\b")
_NO_BEFORE = re.compile(r"\b(?:no|without|not|lose|drop|remove|minus)\s*(?:any )?$")
#: Commands and statements that put a movement to rest: pattern → blendshapes.
_RESTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\b(?:clos\w+|shut\w*) (?:up )?(?:his|her|the|that|your|its|their|my)? ?(?:mouth|jaw|lips)\b|"
     r"\b(?:mouth|lips|jaw)(?: is| are| stays?| kept| firmly| tightly| gently| softly)* (?:closed|shut|together|"
     r"sealed)\b|"
     r"\bno open mouth\b|\bmouth not open\b", ("jawOpen",)),
    (r"\bopen(?:s|ed|ing)? (?:up )?(?:his|her|the|your|its|their|my|both) (?:\w+ )?eyes\b|\beyes (?:are "
        r")?open\b(?! wide)",
     ("eyeBlink*",)),
    (r"\b(?:stop|no more|not|without|wipe|lose|drop|remove|take (?:off|away)|get rid of|kill|ditch|less|enough)\b"
     r"[^.,;]{0,18}\b(?:smil\w*|grin\w*|smirk\w*)|\bno (?:smile|grin|smirk)\b|\bunsmiling\b|"
     r"\b(?:smile|grin|smirk) (?:off|gone|away)\b", ("mouthSmile*",)),
    (r"\b(?:unfurrow|smooth(?: out)?|un ?knit|unknot|relax)\b[^.,;]{0,14}\bbrows?\b|\b(?:stop|no|not|without|lose)\b"
     r"[^.,;]{0,12}\b(?:frown\w*|scowl\w*|glower\w*)", ("browDown*", "mouthFrown*")),
    (r"\b(?:lower|drop|relax|bring down|put down)\b[^.,;]{0,8} (?:raised|arched|lifted|high) (?:eye)?brows?\b|"
     r"\b(?:eye)?brows? (?:back )?down again\b|\b(?:relax|lower) (?:his|her|the|those|both) (?:eye)?brows?\b",
     ("browInnerUp", "browOuterUp*")),
    (r"\btongue (?:back )?in\b|\b(?:put|pull|tuck|take)\b[^.,;]{0,10}\btongue (?:away|back|in)\b|\bno tongue\b",
     ("tongueOut",)),
    (r"\b(?:stop|no|not|without)\b[^.,;]{0,8}\bsquint\w*|\b(?:un ?squint|relax (?:his|her|the) "
        r"eyes)\b", ("eyeSquint*",)),
    (r"\b(?:stop|no|not|without)\b[^.,;]{0,8}\bpout\w*", ("mouthPucker",)),
    (r"\b(?:unclench|loosen|relax)\b[^.,;]{0,10}\b(?:jaw|teeth)\b", ("mouthPress*",)),
    (r"\b(?:stop|no|not|without)\b[^.,;]{0,8}\b(?:wink|blink)\w*", ("eyeBlink*",)),
    (r"\b(?:deflate|let the air out of|suck in)\b[^.,;]{0,10}\bcheeks?\b", ("cheekPuff",)),
)  # fmt: skip
#: "A closed mouth" beside these is a movement of another kind ("mouth closed, lips pressed").
_NOT_RESTING = re.compile(r"\b(?:left|right|one|half|nearly|almost|wide|more|can not|could not|would not|never)\b")


def find_units(text: str) -> dict[str, float]:
    """Give the weights 0..1 of movements that a plain text names exactly, 0 for those that it puts to rest."""
    found: dict[str, float] = {}
    for match in _AU.finditer(text):
        names = ACTION_UNITS.get(int(match["number"]), ())
        letter = _LETTERS.get(match["letter"] or "", 0.7)
        weight = _weight(match["amount"], match["after"], text[max(match.start() - 12, 0) : match.start()], letter)
        found |= dict.fromkeys(_on_sides(names, match["after"]), weight)
    for match in _NAME.finditer(text):
        name = next(n for n in ARKIT_NAMES if n.lower() == match["name"])
        if name.lower() not in ("tongueout",) or match["amount"]:
            before = text[max(match.start() - 12, 0) : match.start()]
            found[name] = _weight(match["amount"], match["after"], before, 0.7)
    for pattern, names in _MUSCLES:
        muscle = re.search(rf"\b{pattern}\b", text)
        if muscle:
            around = text[max(muscle.start() - 24, 0) : muscle.end() + 16]
            for name in _on_sides(names, around):
                found.setdefault(name, strength_of(around, 0.7))
    for pattern, names in _RESTS:
        rests = re.search(pattern, text)
        if rests and not _NOT_RESTING.search(rests.group()):
            found |= {name: 0.0 for name in _on_sides(names, "") if name not in found}
    return found


def _weight(amount: str | None, after: str, before: str, usual: float) -> float:
    if amount:
        return min(float(amount.rstrip(" %")) / (100.0 if "%" in amount else 1.0), 1.0)
    if _OFF.search(after) or _NO_BEFORE.search(before):
        return 0.0
    return strength_of(f"{before} {after}", usual)


def _on_sides(names: tuple[str, ...], around: str) -> tuple[str, ...]:
    """Write out "*" for both sides, or for the one that is named."""
    side = re.search(r"\b(left|right)\b", around)
    sides = (side[1].capitalize(),) if side else ("Left", "Right")
    return tuple(name.replace("*", s) for name in names for s in (sides if "*" in name else ("",)))
