"""Movements by name, number or muscle, and commands that end one: "AU12 off", "jawForward 0.8", "that grin can go"."""

from __future__ import annotations

import re

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.patterns import joined, regex
from facegpt.language.reading.expression_rules.action_units import find_action_units
from facegpt.language.reading.expression_rules.strength import strength_of
from facegpt.language.reading.normalise import standardise_dialect

#: Muscle → blendshapes ("*": both sides).
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
    (r"nasalis", ("noseSneer*",)),
)
_AMOUNT = r"[\s:=,(]*(?:at |to |of )?(?P<{0}>0?\.\d+|1(?:\.0+)?(?!\d)|\d{{1,3}} ?%)?"
_NAME = re.compile(rf"\b(?P<name>{'|'.join(n.lower() for n in ARKIT_NAMES)})\b" + _AMOUNT.format("amount")
                   + r"(?P<after>[^.;,+\n]{0,16})")  # fmt: skip
_OFF = re.compile(r"\b(?:off|none|zero|out|gone|absent|not|no|without|never)\b|^\s*0\b")
_NO_BEFORE = re.compile(r"\b(?:no|without|not|lose|drop|remove|minus|kill|delete|cut|scrap|zero|mute|clear)\s*(?:any |"
                        r"the |that )?$")  # fmt: skip
_OWN = r"(?:his|her|the|that|this|those|your|its|their|my|both|any|all|such)"
#: Verbs that end a movement, and what stands behind one that ends.
_END = joined(r"""
    (?:stop|stops|no more|not|without|wipe|lose|loses|drop|remove|take (?:off|away|out)|get rid of|
    rid (?:him|her|them) of|kill|ditch|enough|scrap|delete|erase|bin|banish|axe|omit|cut|quit|end|undo|switch off|
    turn off|swallow|chuck|leave out|knock off|do away with|dump|strip|cancel|zero|mute|clear|never)
""")
_GOES = (
    r"(?: (?:has|have|needs?|ought|is|must|should|can|could|may|will|just|now|all|to|be|please)){0,3} "
    r"(?:go|goes|gone|off|away|vanish\w*|disappear\w*|fade\w*|stops?)\b(?! (?:up|higher|to|on|with|ear|wide))"
)
#: What ends → its words, blendshapes.
_ENDING: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?:smil|grin(?!d)|smirk)\w*", ("mouthSmile*",)),
    (r"(?:frown|scowl|glower|furrow)\w*", ("browDown*", "mouthFrown*")),
    (r"squint\w*", ("eyeSquint*",)),
    (r"(?:pout|pucker)\w*|duck ?(?:face|lips)|kissy? ?(?:face|lips)", ("mouthPucker",)),
    (r"wink(?!l)\w*|blink\w*", ("eyeBlink*",)),
    (r"star(?:e|ing)(?! (?:of|at the camera))|goggl\w*", ("eyeWide*",)),
    (r"sneer\w*|snarl\w*", ("noseSneer*", "mouthUpperUp*")),
    (r"(?:puff\w*|blown|bloated|swollen)(?: (?:up|out))? cheeks|(?:cheek )?puff\w*(?= (?:off|away|gone|can|has|must))",
     ("cheekPuff",)),
    (r"(?:wrinkl|scrunch)\w* (?:of |in )?(?:\w+ )?nose|nose wrinkl\w*", ("noseSneer*",)),
    (r"(?:raised|cocked|hoisted) (?:eye ?)?brows?", ("browInnerUp", "browOuterUp*")),
    (r"tongue", ("tongueOut",)),
    (r"gap(?:e|ing)|open mouth|mouth open", ("jawOpen",)),
)  # fmt: skip
#: Other commands and statements that put a movement to rest: pattern → blendshapes.
_RESTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"\b(?:clos\w+|shut\w*|zip) (?:up )?{_OWN}? ?(?:\w+ )?(?:mouth|jaw|lips|trap)\b|"
     r"\b(?:mouth|lips|jaw)(?: is| are| stays?| kept| firmly| tightly| gently| softly| now)* (?:closed|shut|together|"
     r"sealed)\b|\bclosed mouth\b|\bmouth not open\b", ("jawOpen",)),
    (rf"\bopen(?:s|ed|ing)? (?:up )?{_OWN} (?:\w+ )?eyes?\b|\beyes? (?:are |is )?(?:back )?open\b(?! wide)|"
     r"\b(?:want to|let me|let us|can) see (?:his|her|their|the) eyes?\b", ("eyeBlink*",)),
    (r"\bunsmiling\b|\bstraight faced\b", ("mouthSmile*",)),
    (r"\b(?:unfurrow|smooth(?: out)?|un ?knit|unknot|relax|iron out)\b[^.,;]{0,14}\bbrows?\b|"
     r"\biron out\b[^.,;]{0,8}\b(?:frown|scowl)\b", ("browDown*", "mouthFrown*")),
    (r"\b(?:lower|drop|relax|bring down|put down)\b[^.,;]{0,8} (?:raised|arched|lifted|high) (?:eye)?brows?\b|"
     r"\b(?:eye)?brows? (?:\w+ )?(?:back )?down again\b|\b(?:relax|lower) (?:his|her|the|those|both) (?:eye)?brows?\b",
     ("browInnerUp", "browOuterUp*")),
    (r"\btongue (?:\w+ )?(?:back )?in\b|\b(?:put|pull|tuck|take)\b[^.,;]{0,10}\btongue (?:away|back|in)\b|"
     r"\btongue (?:goes|go|put) back\b", ("tongueOut",)),
    (r"\b(?:un ?squint|relax (?:his|her|the) eyes)\b", ("eyeSquint*",)),
    (r"\b(?:unclench|loosen|relax)\b[^.,;]{0,10}\b(?:jaw|teeth)\b", ("mouthPress*",)),
    (r"\bun ?(?:wrinkle|scrunch)\b[^.,;]{0,10}\bnose\b", ("noseSneer*",)),
    (r"\b(?:deflate|let the air out of|suck in)\b[^.,;]{0,10}\bcheeks?\b", ("cheekPuff",)),
    (r"\b(?:lift|bring|raise|pull)\b[^.,;]{0,12}\b(?:droop\w*|downturned|sagging|fallen)\b[^.,;]{0,9}\bcorners?\b",
     ("mouthFrown*",)),
)  # fmt: skip
_AT = (
    r"\b(?:eyes?|gaze|gaz(?:es|ing)|looks?|looking|star(?:es|ing)|watching)(?: \w+){0,3}? "
    r"(?:(?:up |down )?(?:to|at|on|towards?))"
)
#: Movements by what somebody does or looks at: pattern → blendshapes with their weights.
_DOINGS: tuple[tuple[str, dict[str, float]], ...] = (
    (r"\broll(?:s|ing|ed)? (?:his|her|their|your|my|the) eyes\b", {"eyeLookUp*": 0.8}),
    (r"\b(?:cross|boss) eyed\b|\beyes crossed\b|\bcrossed eyes\b", {"eyeLookIn*": 0.8}),
    (r"(?<!were drinking )\bthrough a straw\b|(?<!him )(?<!home )\bwhistl(?:es|ing)\b", {"mouthPucker": 0.8}),
    (r"\bblow(?:s|ing)? (?:out|up) (?:the |a |his |her )?(?:candle|balloon)", {"cheekPuff": 0.7, "mouthPucker": 0.6}),
    (r"\bhold(?:s|ing) (?:his|her|their) breath\b", {"cheekPuff": 0.7}),
    (rf"{_AT} the (?:ceiling|sky|rafters|heavens?|roof|clouds)\b|\bheavenwards?\b", {"eyeLookUp*": 0.7}),
    (rf"{_AT} (?:(?:the|his|her|own) )+(?:floor|ground|shoes|feet|boots|toes)\b", {"eyeLookDown*": 0.7}),
)
#: Part → the movements that end when it goes back to rest.
_OF_PART = {
    "brow": ("browInnerUp", "browOuterUp*", "browDown*"), "eye": ("eyeWide*", "eyeSquint*", "eyeBlink*"),
    "mouth": ("mouthSmile*", "mouthFrown*", "mouthPucker", "mouthFunnel", "mouthStretch*", "mouthPress*", "jawOpen"),
    "corner": ("mouthSmile*", "mouthFrown*"), "nose": ("noseSneer*",), "cheek": ("cheekPuff", "cheekSquint*"),
    "jaw": ("jawOpen", "jawForward"),
}  # fmt: skip
_BACK = regex(r"""
    \b(?P<part>eye ?brow|brow|eye|(?:mouth )?corner|mouth|nose|cheek|jaw)s?\b[^.,;]{0,24}\b(?:back|
    again)(?: down| up)?(?: to)? (?:its |their |his |her |the |being )?(?:normal|neutral|rest|usual|level|straight|
    relaxed|default|zero)\b
""")
#: "A closed mouth" beside these is a movement of another kind ("mouth closed, lips pressed").
_NOT_RESTING = re.compile(
    r"\b(?:left|right|one|half|nearly|almost|wide|(?<!no )more|can not|could not|would not|never stop\w*|"
    r"(?:not|without) (?:only|just|stop\w*|los\w+|remov\w+|kill\w*|drop\w*|tak\w+|enough))\b"
)


def find_units(text: str) -> dict[str, float]:
    """The weights 0..1 of movements that a plain text names exactly, 0 for those that it puts to rest."""
    text = standardise_dialect(text)
    found = find_action_units(text)
    for match in _NAME.finditer(text):
        name = next(n for n in ARKIT_NAMES if n.lower() == match["name"])
        if name.lower() not in ("tongueout",) or match["amount"]:
            before = text[max(match.start() - 12, 0) : match.start()]
            found[name] = _weight(match["amount"], match["after"], before, 0.7)
    for pattern, names in _MUSCLES:
        muscle = re.search(rf"\b{pattern}\b", text)
        if muscle:
            around = text[max(muscle.start() - 24, 0) : muscle.end() + 16]
            moved = _on_sides(names, around)
            for name in _on_sides(names, ""):  # where a side is named, the other rests
                found.setdefault(name, strength_of(around, 0.7) if name in moved else 0.0)
    return _by_doing(text) | find_rests(text) | found


def _by_doing(text: str) -> dict[str, float]:
    weights = [pair for pattern, some in _DOINGS if re.search(pattern, text) for pair in some.items()]
    return {name: weight for stem, weight in weights for name in _on_sides((stem,), "")}


def find_rests(text: str) -> dict[str, float]:
    """Weight 0 for each movement of both sides that a plain text puts to rest."""
    found: dict[str, float] = {}
    for words, names in _ENDING:
        ended = rf"\b{_END}\b[^.,;:!?]{{0,18}}?\b(?:{words})"
        none = rf"\bno (?:(?:more|big|hint|trace|sign|of|a|kind) ){{0,3}}(?:{words})"
        for pattern in (ended, none, rf"\b(?:{words}){_GOES}"):
            found |= _rested(pattern, names, text)
    for pattern, names in _RESTS:
        found |= _rested(pattern, names, text)
    for match in _BACK.finditer(text):
        part = next(part for part in _OF_PART if match["part"].endswith(part))
        found |= dict.fromkeys(_on_sides(_OF_PART[part], match.group()), 0.0)
    return found


def _rested(pattern: str, names: tuple[str, ...], text: str) -> dict[str, float]:
    rests = re.search(pattern, text)
    if rests is None or _NOT_RESTING.search(text[max(rests.start() - 9, 0) : rests.end()]):
        return {}
    return dict.fromkeys(_on_sides(names, ""), 0.0)


def _weight(amount: str | None, after: str, before: str, default: float) -> float:
    if amount:
        return min(float(amount.rstrip(" %")) / (100.0 if "%" in amount else 1.0), 1.0)
    if _OFF.search(after) or _NO_BEFORE.search(before):
        return 0.0
    return strength_of(f"{before} {after}", default)


def _on_sides(names: tuple[str, ...], around: str) -> tuple[str, ...]:
    """Write out "*" for both sides, or for the one that is named."""
    side = re.search(r"\b(left|right)\b", around)
    sides = (side[1].capitalize(),) if side else ("Left", "Right")
    return tuple(name.replace("*", s) for name in names for s in (sides if "*" in name else ("",)))
