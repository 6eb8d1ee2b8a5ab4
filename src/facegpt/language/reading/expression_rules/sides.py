"""Movements of one side of the face: "left corner of the mouth up, right eye closed", "a smirk on the right".

A clause with "left" or "right" and a movement sets the blendshape of that side and leaves the other side at rest, where
no other clause moves it. Left and right are the subject's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from facegpt.language.patterns import regex
from facegpt.language.reading.expression_rules.strength import PLAIN, strength_of
from facegpt.language.reading.normalise import standardise_dialect

_SIDE = regex(r"""
    (?<!\bhe )(?<!\bshe )(?<!\bthey )(?<!\bhas )(?<!\bhad )(?<!\bhave )(?<!\bnothing )(?<!\ball )(?<!\bbeen )(?
    <!\bthat is )\b(?P<side>left|right)\b(?! (?:now|away|up\b|through|between|under|below|after|behind|out|over|angle|
    amount|size|off\b|down on|at\b|by\b|next|above|where\b|here|there|in the|down the|across|into))(?!'s? (?:s|ve|
    re)\b)|(?<=pulled )(?P<pulled>left|right)\b
""")
_THAT_SIDE = re.compile(r"\b(?:on|to|at) (?:that|the same) side\b")
_OTHER = re.compile(r"\bthe other(?: one| eye| brow| eyebrow| corner| side| half)?\b")
_CUT = regex(r"""
    [.;:!?\n()]|,|\band\b|\bbut\b|\bwhile\b|\bwhereas\b|\bwith\b(?! (?:the|his|her|its|their) (?:left|
    right)(?: one| side| half| corner| mouth corner)?\W*(?:$|[.,;]|of\b|and\b|but\b))|\bplus\b|\bas\b(?! if)
""")
_MORE = re.compile(
    r"\b(?:more(?! than\b.*\bno)|higher|harder|hardest|further|stronger|heavier|climb\w*|mostly|mainly)\b"
)
_STILL = regex(r"""
    \b(?:normal|still|at rest|rests?|resting|relaxed|calm|neutral|unmoved|level|straight|flat|open|not|never|
    stay(?:s|ing|ed)?|does(?: not|n't)|without|no|none|nothing|zero|idle|asleep|sleeps?|sleeping|unaffected|uninvolved|
    unchanged|motionless|immobile|inactive|passive|dead|frozen|stuck|put|off(?=\W*$)|nowhere|refus\w+|spared|
    where (?:it|they) (?:is|are|was|were|belongs?))\b
""")
#: A piece that says nothing of a movement leaves its side at rest, unless it says that the side moves as well.
_TOO = re.compile(
    r"\b(?:too|also|as well|likewise|same|follows?|joins?|copies|both|even|more|less|harder|further|slight\w*|bit|"
    r"little|half|barely|faint\w*|hint|does(?! not| nothing)|up|down)\b"
)
#: Verbs that end a movement of a side, where they can mean nothing else of it.
_ENDS = re.compile(
    r"\b(?:lose|loses|remove|kill|delete|stop|ditch|scrap|erase|cut|wipe|get rid of|take (?:off|away)|no more|undo|"
    r"(?:can|must|should|has to) go|goes (?:away|off)|gone)\b"
)
_DROPS = re.compile(r"\bdrop\b.*\b(?:smil|grin|smirk|wink|sneer|squint)")
#: "Up again" and "back down": the brow or the corner returns to rest.
_BACK = re.compile(r"\b(?:again|back(?: down| up)?)\b(?! (?:in|at) )")
_OPPOSITE = {"browDown": "browOuterUp", "mouthFrown": "mouthSmile", "eyeWide": "eyeBlink"}
_BROW = r"(?:eye ?brows?|brows?)"
_EYE = r"(?:eyes?|eyelids?|lids?|peepers?)"
_CORNER = r"(?:corners?|mouths?|lip corners?|sides? of (?:the|his|her|their) (?:mouth|lips?)|lips?|smiles?|grins?)"
_UP = r"(?:up(?:wards?)?|raised?|raises|raising|lift(?:s|ed|ing)?|hitched?|hoist\w*|high(?:er)?|climb\w*|tugged)"
_DOWN = r"(?:down(?:wards?|turned)?|droop\w*|sag\w*|hang\w*|lower(?:ed|s)?|sulk\w*|low|drop(?:s|ped|ping)?)"
#: Stem of the blendshape → pattern of a clause that moves it, and its weight in plain words. The first one counts.
MOVEMENTS: tuple[tuple[str, str, float], ...] = (
    ("eyeBlink", r"\bwink\w*|\bwinky\b|\bblink\w*", 1.0),
    ("eyeBlink", rf"\b{_EYE}\b.*\b(?:half (?:closed|shut)|at half mast|droop\w*|heavy|ptosis)|\bptosis\b", 0.5),
    ("eyeBlink", rf"\b{_EYE}\b.*\b(?:closed?|closes|closing|shut\w*|screwed (?:shut|tight))|"
                 rf"\b(?:clos\w+|shut\w*) .*\b{_EYE}\b|\bone eye open\b", 0.95),
    ("eyeSquint", rf"\b{_EYE}\b.*\b(?:narrow\w*|squint\w*|pinched|screwed|slit|crinkl\w*|tight\w*)|\bsquint\w*|"
                  rf"\bpeer\w*|\bnarrow\w* .*\b{_EYE}\b", 0.7),
    ("eyeWide", rf"\b{_EYE}\b.*\b(?:wide\w*|popp\w*|pops|bulg\w*|staring|big)|\bwide .*\b{_EYE}\b|\bmonocle\b", 0.75),
    ("browDown", rf"\b{_BROW}\b.*\b(?:{_DOWN}|frown\w*|furrow\w*|knit\w*|scowl\w*|cross|heavy|heavier|angry)|"
                 rf"\b(?:lower\w*|frown\w*|furrow\w*|pull\w* down|drops?) .*\b{_BROW}\b", 0.7),
    ("browOuterUp", rf"\b{_BROW}\b.*\b(?:{_UP}|cock\w*|arch\w*|quirk\w*|quizzical|roof|hairline|fringe|surprised|"
                    rf"sky\w*|questioning)|\b(?:{_UP}|cock\w*|arch\w*|quirk\w*|quizzical) .*\b{_BROW}\b", 0.75),
    ("mouthUpperUp", r"\bupper ?lip\b.*|\btop lip\b.*|\bsnarl\w*|\bsneer\w*|\blip (?:curl\w*|lift\w*|raised)|"
                     r"\bbares?\b|\bcurl\w* (?:\w+ )?lip\b|\bteeth\b|\bfang\b", 0.7),
    ("mouthLowerDown", r"\b(?:lower|bottom) lip\b.*(?:down|dragg|pull|drop|lower)\w*|\btalk\w* out of\b", 0.7),
    ("mouthFrown", rf"\b{_CORNER}\b.*\b(?:{_DOWN}|frown\w*|depress\w*|glum|sad)|\b(?:{_DOWN}|frown\w*|droop\w*) .*"
                   rf"\b{_CORNER}\b|\bfrown\w*", 0.7),
    ("mouthDimple", r"\bdimpl\w*|\btuck\w*|\bdent in\b", 0.65),
    ("mouthStretch", rf"\b{_CORNER}\b.*\b(?:stretch\w*|yank\w*|pulled back|back|sideways|dragged)|\bstretch\w*", 0.65),
    ("mouthPress", r"\blips?\b.*\b(?:press\w*|pinch\w*|nipp?\w*|tight\w*|clamp\w*)|\bpress\w* .*\blips?\b", 0.7),
    ("mouthSmile", rf"\bsmil\w*|\bgrin\w*|\bsmirk\w*|\blaugh\w*|\bamus\w*|\bpleased\b|\b{_CORNER}\b.*\b(?:{_UP}|"
                   rf"curl\w*|quirk\w*|twitch\w*|tilt\w*|kick\w*|lopsided|crooked|tug\w*)|\b(?:{_UP}|curl\w*|"
                   rf"quirk\w*|twitch\w*|tug\w*) .*\b{_CORNER}\b", 0.7),
    ("noseSneer", r"\bnos(?:e|tril)s?\b.*\b(?:wrinkl\w*|scrunch\w*|crinkl\w*|flar\w*|twitch\w*|lift\w*|sneer\w*|up)|"
                  r"\b(?:wrinkl\w*|scrunch\w*|crinkl\w*|flar\w*|twitch\w*) .*\bnos(?:e|tril)s?\b", 0.65),
    ("cheekSquint", r"\bcheeks?\b.*\b(?:rais\w*|bunch\w*|push\w*|lift\w*|up)\b", 0.65),
)  # fmt: skip
_PARTS = re.compile(
    r"\b(?:brow|eye(?! ?brow)|lid|mouth|nose|nostril|cheek|ear|jaw|chin|lip|tooth|hand|arm|shoulder|hair|temple|"
    r"forehead)"
)
#: Longest piece, in words, that speaks of a side by the movement before.
_SHORT = 9
#: Movements towards a side of the room: what they are, for the subject's left and right.
TOWARDS: tuple[tuple[str, dict[str, tuple[str, ...]]], ...] = (
    (r"\b(?:look\w*|glanc\w*|gaz\w*|squint\w*|peer\w*|star(?:e|es|ed|ing)|eyes? (?:\w+ ){0,2}|side ?eye)"
     r"(?: ?(?:off|over|away|down|up))? ?(?:to |"
        r"towards? )?"
     r"(?:the |his |her |their )?(?:left|right)\b(?! (?:eye|lid|brow|corner|side of))",
     {"left": ("eyeLookOutLeft", "eyeLookInRight"), "right": ("eyeLookInLeft", "eyeLookOutRight")}),
    (r"\bjaw\b", {"left": ("jawLeft",), "right": ("jawRight",)}),
    (r"\bmouth\b.*\b(?:pull\w*|push\w*|twist\w*|over|shift\w*|skew\w*|to (?:the|his|her|their)|towards?|drawn|"
        r"slid\w*)",
     {"left": ("mouthLeft",), "right": ("mouthRight",)}),
)  # fmt: skip


@dataclass
class Sided:
    """Weights by blendshape that clauses with a side set: ARKit name → 0..1."""

    weights: dict[str, float] = field(default_factory=dict)


def find_sides(text: str) -> Sided:
    """Read the one-sided movements of a plain text (`normalised`)."""
    text = standardise_dialect(text)
    found, stems = Sided(), set()
    before, last = "", ""
    for start, end in _pieces(text):
        piece = text[start:end]
        sides = _sides_of(piece, last)
        if not sides:
            before = piece if _movement(piece) else before
            continue
        last, one = sides[0], bool(last)
        if len(set(sides)) == 2:
            _both(found, piece)
            continue
        moved = _movement(piece) or _movement(_part_before(text[:start]) + " " + piece)
        stem, weight = moved or _movement_of_part(piece, before, one) or ("", 0.0)
        if stem and _is_ended(piece, stem):
            stem = "mouthSmile" if _DROPS.search(piece) and stem == "mouthFrown" else stem
            found.weights[(_OPPOSITE.get(stem, stem) if _BACK.search(piece) else stem) + last.capitalize()] = 0.0
            before = ""
        elif stem == "towards":
            found.weights |= dict.fromkeys(_towards(piece, last), weight)
        elif stem:
            stems |= _one(found, piece, stem, last, weight)
            before = piece
    for name in (stem + side for stem in sorted(stems) for side in ("Left", "Right")):
        found.weights.setdefault(name, 0.0)
    return found


def _sides_of(piece: str, last: str) -> list[str]:
    """The sides that a piece names, by themselves or as "the other" and "that side" of the `last` one."""
    sides = [m["side"] or m["pulled"] for m in _SIDE.finditer(piece)]
    if not sides and last and _OTHER.search(piece):
        return ["right" if last == "left" else "left"]
    return [last] if not sides and last and _THAT_SIDE.search(piece) else sides


def _one(found: Sided, piece: str, stem: str, side: str, default: float) -> set[str]:
    """Note a movement of one side; give the stems whose other side rests."""
    weight = 0.0 if _is_still(piece, stem) else strength_of(piece, default)
    own, other = side.capitalize(), "Right" if side == "left" else "Left"
    found.weights[stem + own] = weight
    if _MORE.search(piece) and stem not in ("eyeWide", "browDown"):  # the other side moves too, but less
        found.weights.setdefault(stem + other, 0.3 * weight / 0.7)
    if not re.search(r"\bsnarl|\bsneer", piece):
        return {stem}
    found.weights["noseSneer" + own] = 0.7 * weight
    return {stem, "noseSneer"}


def _pieces(text: str) -> list[tuple[int, int]]:
    """Cut a text into pieces of one side each: at stops, commas and "and", but not where halves belong together."""
    found, start = [], 0
    for cut in _CUT.finditer(text):
        if text[start : cut.start()].strip():
            found.append((start, cut.start()))
        start = cut.end()
    found += [(start, len(text))] if text[start:].strip() else []
    joined: list[tuple[int, int]] = []
    for place in found:
        piece = text[slice(*place)]
        bare = _SIDE.search(piece) and not (_movement(piece))
        if joined and bare and _movement(text[slice(*joined[-1])]) and not _SIDE.search(text[slice(*joined[-1])]):
            joined[-1] = (joined[-1][0], place[1])  # "a crooked grin, left side"
        elif joined and _SIDE.search(text[slice(*joined[-1])]) and not _movement(text[slice(*joined[-1])]):
            if not _SIDE.search(piece) and _movement(piece):
                joined[-1] = (joined[-1][0], place[1])  # "on the left, a smirk"
            else:
                joined.append(place)
        else:
            joined.append(place)
    return joined


def _movement(piece: str) -> tuple[str, float] | None:
    """The movement of a piece: (stem of the blendshape or "towards", weight)."""
    if _SIDE.search(piece) and any(re.search(pattern, piece) for pattern, _ in TOWARDS[:1]) and "corner" not in piece:
        return "towards", strength_of(piece, 0.7)
    for stem, pattern, weight in MOVEMENTS:
        if re.search(pattern, piece):
            return stem, weight
    if any(re.search(pattern, piece) for pattern, _ in TOWARDS) and _SIDE.search(piece):
        return "towards", strength_of(piece, 0.65)
    return None


def _part_before(text: str) -> str:
    """The last part that moves in a text, "mouth" where there is none: "eyes, the left one popping"."""
    parts = re.findall(r"\b(?:eye ?brow|brow|eye|lid|corner|mouth|nose|nostril|cheek)s?\b", text)
    return parts[-1] if parts else "mouth"


def _movement_of_part(piece: str, before: str, is_second: bool) -> tuple[str, float] | None:
    """Read "the left one too", "the right stays put" by the movement of the piece before.

    Where a side was named before (`is_second`), one of which no movement is said rests.
    """
    movement = _movement(before) if before else None
    others = set(_PARTS.findall(piece)) - set(_PARTS.findall(before))
    if movement is None or movement[0] == "towards" or others or len(piece.split()) > _SHORT:
        return None
    moves = not is_second or _TOO.search(piece) or strength_of(piece, PLAIN) != PLAIN
    return movement if moves or _is_still(piece, movement[0]) else (movement[0], 0.0)


def _is_ended(piece: str, stem: str) -> bool:
    """Whether a piece puts a movement of its side to rest: "lose the smirk on the left", "right brow down again"."""
    if stem in _OPPOSITE and _BACK.search(piece):
        return True
    return stem != "towards" and bool(_ENDS.search(piece) or _DROPS.search(piece))


def _towards(piece: str, side: str) -> tuple[str, ...]:
    return next((names[side] for pattern, names in TOWARDS if re.search(pattern, piece)), ())


def _is_still(piece: str, stem: str) -> bool:
    """Whether a piece says that a side rests: "the left one calm", "right eye open"."""
    still = _STILL.search(piece)
    if still is None or (stem == "eyeWide" and still.group() == "open"):
        return False
    return not (still.group() in ("flat", "straight", "open", "level") and stem not in ("eyeBlink", "mouthFrown"))


def _both(found: Sided, piece: str) -> None:
    """Read a piece that names both sides: "smiles more on the left than on the right"."""
    movement = _movement(piece)
    if movement is None or movement[0] == "towards" or not _MORE.search(piece) or " than " not in piece:
        return
    stem, weight = movement
    first = next(m for m in _SIDE.finditer(piece))
    side = (first["side"] or first["pulled"]).capitalize()
    other = "Right" if side == "Left" else "Left"
    found.weights |= {stem + side: max(weight, 0.7), stem + other: 0.3}
