"""Comparisons by other means than "than": verbs of winning, questions that answer themselves, extremes, marks.

"The jaw beats the forehead", "nose or mouth, which is wider? mouth", "widest at the temples, tighter at the jaw",
"top lip 9/10, bottom lip a 2".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from facegpt.language.patterns import regex
from facegpt.language.reading.rules.dimensions import attribute_of, comparative_base, dimension_of, is_size
from facegpt.language.reading.rules.phrases import parts_in

Pair = tuple[str, str]

_STEMS = "do|did|span|spread|size|grow|reach|rank|run|ran|weigh|measure|shine|class|strip|number|pace|score|play|jut"
_BEATS = regex(rf"""
    \b(?:beats?|out ?(?:{_STEMS})\w*|wins? (?:out )?(?:over|against)|won (?:over|against)|exceed\w*|surpass\w*|
    greater than|dwarfs?|overpowers?|overshadow\w*|outsizes?|trumps?|upstages?|dominates?|eclipses?|overtak\w+|overtook|
    has (?:the (?:edge|better|advantage|upper hand)|it) (?:over|of|on)|gets? the better of|ahead of|
    (?:has|have|had) (?:\w+ ){{1,3}}(?:inch(?:es)?|mm|cm|millimet\w+|centimet\w+) on|is king over|rules? over|
    (?:puts?|leaves?|makes?)(?= [^.;]*\b(?:in(?:to)? the shade|to shame|standing|behind|in the dust|
    (?:look|seem|appear) (?:like )?(?:\w+ )?(?:small|tiny|narrow|short|thin|puny|slim|little|nothing)))|
    (?:goes?|extends?|reach\w*)(?: out)? (?:past|beyond)(?! the (?:corners?|pupils?|edge)))\b
""")
_LOSES = regex(rf"""
    \b(?:is no match for|no match for|ha(?:s|ve) nothing on|los(?:es?|ing|t) (?:out )?to|(?:comes? )?second to|
    yields? to|gives? way to|can not (?:compete|keep up|rival|match)(?: with)?|pales? (?:beside|next to|against)|
    lags? behind|trails?(?: behind)?|falls? short of|comes? after|
    (?:beaten|out ?(?:done|{_STEMS})\w*|dwarfed|overshadowed|eclipsed|surpassed|exceeded|overpowered|overtaken|
    dominated|trumped|upstaged) by)\b
""")
_CHOICE = re.compile(
    r"\b(?:between|of the two|of (?:his|her|the|their)(?: two)? lips|versus|vs|race|contest|fight|battle|competition|"
    r"match|side by side|from the two|of both|compare[ds]?|if we|measured)\b"
)
_WINS = regex(r"""
    \b(?:(?:would |will |clearly |easily )?wins?|won|winning|winner|victor|victorious|ahead|in front|in the lead|leads|
    leading|prevails?|prize|(?:having|has) the (?:advantage|edge|upper hand)|comes? (?:out )?(?:first|on top)|takes? it|
    has it|steals? the show|is the one with (?:all|most|more)|won hands down)\b
""")
_THE_MORE = re.compile(
    r"\b(?:the|is|are|being) (?:more )?(?P<word>(?!other|upper|lower)(?:[a-z]+er|(?<=more )[a-z]+))\b(?: (?:one|"
    r"of|by|lip|to)|\s*[.,;!?]|\s*$)"
)
_MORE_SO = re.compile(
    r"\b(?:especially|above all|particularly|in particular|most of all|chiefly|notably|more so|even more(?: so)?)\b"
)
_GRADED_FORM = re.compile(r"\b(?:more |most )?(?P<word>[a-z]+)\b")
_NO_WINNERS = frozenset({"face", "head", "corner", "hair", "skin"})


def rivals(sentence: str) -> list[tuple[int, str]]:
    """The parts that a sentence sets against each other: (place, part); a lip's rival is the other lip."""
    named = [(where, part) for where, part in parts_in(sentence) if part not in _NO_WINNERS]
    parts = {part for _, part in named}
    if parts & {"upperlip", "lowerlip"} and parts <= {"upperlip", "lowerlip", "lip", "mouth"}:
        named = [(where, part) for where, part in named if part not in ("lip", "mouth")]
        if len({part for _, part in named}) == 1:
            named.append((-1, "lowerlip" if named[0][1] == "upperlip" else "upperlip"))
    return named


def size_word(sentence: str) -> str:
    """The adjective of size by which a sentence compares: a noun of dimension, a comparative, or any; or ""."""
    noun = dimension_of(sentence)
    if noun:
        return noun
    if re.search(r"\b(?:stick|jut|pok|project)\w*\b", sentence):
        return "prominent"
    words = [m["word"] for m in _GRADED_FORM.finditer(sentence) if is_size(m["word"])]
    graded = [word for word in words if word.endswith(("er", "est"))]
    return (graded or words or [""])[-1]


def _ranked(winner: str, loser: str, word: str) -> Pair | None:
    """Order two parts: the winner has more of it, or less where the word says little ("which is smaller?")."""
    one, side = attribute_of(winner, word)
    other = attribute_of(loser, word)[0]
    if not one or not other or one == other:
        return None
    return (one, other) if side > 0 else (other, one)


def outdone(sentence: str) -> Pair | None:
    """Read "the jaw beats the forehead", "her eyes outran her mouth in width", "the nose loses to the chin"."""
    verb = _LOSES.search(sentence) or _BEATS.search(sentence)
    if verb is None or re.search(r"\bexceed the (?:mean|average|norm)", sentence):
        return None
    ours, theirs = parts_in(sentence[: verb.start()]), parts_in(sentence[verb.end() :])
    if not ours or not theirs:
        return None
    word = dimension_of(sentence)
    words = [w for w in re.findall(r"[a-z]+", sentence[verb.end() :]) if is_size(w) and comparative_base(w) != "big"]
    if not word and verb.group().startswith("make") and words and comparative_base(words[0]) not in ("small", "little"):
        word = {"narrow": "wide", "slim": "wide", "short": "long", "thin": "thick"}.get(words[-1], "")
    if re.search(r"\bgap between the eyes?\b", sentence[: verb.start()]):
        return "eye_spacing", attribute_of(theirs[0][1], word)[0]
    before = next((w for w in re.findall(r"[a-z]+", sentence[: verb.start()])[::-1] if is_size(w)), "")
    word = word or (before if comparative_base(before) not in ("big", "large", "small", "little", "strong") else "")
    if re.search(r"spread|span", verb.group()):
        word = "wide"
    pair = attribute_of(ours[-1][1], word)[0], attribute_of(theirs[0][1], word)[0]
    return pair[::-1] if _LOSES.search(sentence) else pair


def won(sentence: str) -> Pair | None:
    """Read a contest in one sentence: "of the two lips the upper is the thicker", "thick lips, the lower winning"."""
    named = rivals(sentence)
    if len({part for _, part in named}) != 2 or sentence.rstrip().endswith("?"):
        return None
    lips = {part for _, part in named} == {"upperlip", "lowerlip"}
    cue = _WINS.search(sentence)
    if cue and not lips and not _CHOICE.search(sentence) and not re.match(r"(?:\w+ )?wi|wo|vi|pri", cue.group()):
        cue = None
    if cue is None and (lips or _CHOICE.search(sentence)):
        cue = _THE_MORE.search(sentence) or (re.search(r"\bmore prominent\b|\bsticks out\b", sentence))
        if cue is not None and cue.groupdict().get("word") and not is_size(cue["word"]):
            return None
    if cue is None and lips and "lips" in sentence:
        cue = _MORE_SO.search(sentence)
        behind = [part for where, part in named if cue and where >= cue.end()]
        if behind:
            named = [(-2, part) for _, part in named if part != behind[0]] + [(-1, behind[0])]
    if cue is None:
        return None
    before = [part for where, part in named if where < cue.start()]
    after = [part for where, part in named if where >= cue.end()]
    if not before and not after:
        return None
    explicit = [(where, part) for where, part in named if 0 <= where < cue.start()]
    winner = explicit[-1][1] if explicit else before[-1] if before else after[0]
    loser = next(part for _, part in named if part != winner)
    return _ranked(winner, loser, size_word(sentence))


def answered(spoken: Sequence[str]) -> Iterator[tuple[Pair, int, int]]:
    """Read questions that the speaker answers: "nose or mouth, which is wider? the mouth"."""
    for k, question in enumerate(spoken[:-1]):
        is_contest = question.rstrip().endswith(":") and re.search(r"\b(?:vs|versus|or|against|between)\b", question)
        if not question.rstrip().endswith("?") and not is_contest:
            continue
        first, asked = k, question
        if (len({part for _, part in rivals(asked)}) < 2 or not _asks_which(asked)) and k:
            first, asked = k - 1, spoken[k - 1] + question
        named = list(dict.fromkeys(part for _, part in rivals(asked)))
        answer = spoken[k + 1]
        says = list(dict.fromkeys(part for _, part in parts_in(answer) if part in named))
        asks = _asks_which(asked) or (is_contest and _WINS.search(answer))
        if len(named) != 2 or len(says) != 1 or not asks or re.search(r"\bnot\b", answer):
            continue
        loser = next(part for part in named if part != says[0])
        pair = _ranked(says[0], loser, size_word(asked) or size_word(answer) or dimension_of(asked))
        if pair:
            yield pair, first, k + 1


def _asks_which(question: str) -> bool:
    """Whether a question asks which of two things has more."""
    graded = [w for w in re.findall(r"[a-z]+", question) if w.endswith(("er", "est")) and is_size(w)]
    return bool(graded or re.search(r"\b(?:vs|versus|wins?|most|more|dominat\w*|sticks? out)\b", question))


_WIDEST = re.compile(
    r"\b(?<!at its )(?<!at his )(?<!at her )(?P<word>wid|broad|thick|narrow|slim|tight|thinn|slend)est\b"
)
_TIGHTER = re.compile(r"\b(?:narrower|tighter|slimmer|thinner|less wide|leaner|smaller|narrow(?:ing|s)?)\b")
#: Parts whose widths make the outline of a head; what each is compared with where nothing is named.
_OUTLINE = {"jaw": ("forehead",), "forehead": ("jaw",), "temple": ("jaw",), "cheekbone": ("jaw", "forehead"),
            "cheek": ("jaw", "forehead"), "neck": ("face",), "chin": ("forehead",), "eye": ("jaw",),
            "brow": ("jaw",)}  # fmt: skip
_UP = r"(?:upwards?|towards? (?:the )?(?:top|temples|forehead|crown|brows?|scalp)|as it (?:goes|gets) up|up top)"
_DOWN = r"(?:downwards?|towards? (?:the )?(?:bottom|jaw|base)|as it (?:goes|comes|gets) down|lower down|further down)"
_WIDENS = r"(?:widens?|broadens?|spreads?|(?:gets?|grows?|becomes?|is) (?:wider|broader))(?: \w+)?"
_NARROWS = r"(?:narrows?|tapers?|(?:gets?|grows?|becomes?|is) (?:narrower|slimmer|thinner|tighter))(?: \w+)?"
_NO_LIPS = r"(?!.*\b(?:lips?|mouth|brows|hair|nose)\b)"
#: Outlines by the way they run: pattern → (more, less).
_WAYS: tuple[tuple[re.Pattern[str], Pair], ...] = (
    (re.compile(rf"^{_NO_LIPS}.*\b(?:{_WIDENS} {_DOWN}|{_NARROWS} {_UP})|"
                rf"^{_NO_LIPS}.*\b(?:beg[ai]ns?|starts?|started)(?: off| out)? narrow\b.*\b(?:wide|broad|wider|"
                rf"broader)\b|"
                rf"^{_NO_LIPS}.*\bbottom heavy\b|\bpear (?:shaped )?(?:head|face|skull)\b"),
     ("jaw_width", "forehead_width")),
    (re.compile(rf"^{_NO_LIPS}.*\b(?:{_WIDENS} {_UP}|{_NARROWS} {_DOWN})|"
                rf"^{_NO_LIPS}.*\b(?:beg[ai]ns?|starts?|started)(?: off| out)? (?:wide|broad)\b.*\b(?:narrow|"
                rf"narrower|slim)\b|"
                rf"^{_NO_LIPS}.*\btop heavy (?:face|head|skull)\b"),
     ("forehead_width", "jaw_width")),
    (re.compile(r"\btop heavy\b.*\b(?:lips?|mouth|pout)\b|\b(?:lips?|mouth|pout)\b.*\btop heavy\b"),
     ("upper_lip_fullness", "lower_lip_fullness")),
    (re.compile(r"\bbottom heavy\b.*\b(?:lips?|mouth|pout)\b|\b(?:lips?|mouth|pout)\b.*\bbottom heavy\b"),
     ("lower_lip_fullness", "upper_lip_fullness")),
)  # fmt: skip


def extremes(spoken: Sequence[str]) -> Iterator[tuple[Pair, int, int]]:
    """Read outlines: "widest at the cheekbones, tighter at the jaw", "the face narrows towards the top"."""
    for k, sentence in enumerate(spoken):
        for pattern, pair in _WAYS:
            if pattern.search(sentence):
                yield pair, k, k
        match = _WIDEST.search(sentence)
        if match is None:
            continue
        near = sentence + (spoken[k + 1] if k + 1 < len(spoken) and sentence.rstrip().endswith(":") else "")
        part = _at(near, match.end(), match.start())
        if part not in _OUTLINE or re.search(r"\b(?:nose|eyes?|mouth|lips?)\b", sentence):
            continue
        rest = " ".join([near[match.end() :], *spoken[k + 1 : k + 3]])
        other = _WIDEST.search(rest) or _TIGHTER.search(rest)
        against = [p for _, p in parts_in(rest[other.start() :])] if other else [p for _, p in parts_in(near)]
        others = [p for p in dict.fromkeys(against) if p in _OUTLINE and p != part] or _OUTLINE[part]
        little = match["word"] in ("narrow", "slim", "tight", "thinn", "slend")
        last = k if near is sentence else k + 1
        for loser in others[:2]:
            found = _ranked(loser if little else part, part if little else loser, "wide")
            if found:
                yield found, k, last


_SIZED = re.compile(r"\b(?P<word>(?:wid|broad|narrow|slim|tight)(?:e|er)?)\b(?P<rest>[^,;]*)")


def outlined(sentence: str) -> Pair | None:
    """Read "wide at the cheekbones but narrower at the jaw", "narrow at the temples, broad at the jaw"."""
    found = []
    for match in _SIZED.finditer(re.sub(r"\b(?:but|and|while|then)\b", ",", sentence)):
        at = re.match(r"\s*(?:at|across|in|over|round|up|down|through|along)\b", match["rest"])
        parts = [part for _, part in parts_in(match["rest"]) if part in _OUTLINE]
        if at and parts:
            found.append((match["word"][0] in "wb", parts[0]))
    if len(found) != 2 or found[0][0] == found[1][0] or found[0][1] == found[1][1]:
        return None
    (first_wide, one), (_, other) = found
    return _ranked(one if first_wide else other, other if first_wide else one, "wide")


def _at(text: str, after: int, before: int) -> str:
    """The part at which an extreme stands: named soon after it, else last before it."""
    behind = [part for where, part in parts_in(text) if after <= where <= after + 30]
    ahead = [part for where, part in parts_in(text[:before])]
    at = re.match(r"\s*(?:(?:point|part|bit|place|spot|of|all|him|her|it|them|the|face|is|was)\b[\s:=]*)*"
                  r"(?:at|across|in|over|around|through|along|by|the|:|=|-)?", text[after:])  # fmt: skip
    if behind and (not ahead or (at and at.group().strip())):
        return behind[0]
    return ahead[-1] if ahead else behind[0] if behind else ""


_NUMBERS = {
    word: k
    for k, word in enumerate(["nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}
_MARK = rf"(?P<mark>\d+(?:\.\d+)?|{'|'.join(_NUMBERS)})"
_OUT_OF = re.compile(rf"\b{_MARK} ?(?:/|out of|of) ?(?:10|ten)\b")
_BARE_MARK = re.compile(
    rf"\b(?:a|only|just|maybe|like|about|at|gets?|is|barely|solid|:|=|scores?)(?: an?)? {_MARK}\b(?! ?(?:/|out of|"
    rf"of|y))"
)


def rated(spoken: Sequence[str]) -> Iterator[tuple[Pair, int, int]]:
    """Read marks out of ten: "if the top lip is a 9/10 for plumpness the bottom one is a 2"."""
    if not any(_OUT_OF.search(sentence) for sentence in spoken):
        return
    marks: list[tuple[float, str, str, int]] = []
    for k, sentence in enumerate(spoken):
        found = sorted([*_OUT_OF.finditer(sentence), *_BARE_MARK.finditer(sentence)], key=lambda m: m.start("mark"))
        start = 0
        for match in found:
            named = [p for _, p in parts_in(sentence[start : match.start()])] or [
                p for _, p in parts_in(sentence[match.end() : match.end() + 30])
            ]
            value = float(_NUMBERS.get(match["mark"], 0) or match["mark"]) if match["mark"] != "nought" else 0.0
            if named and match.start("mark") >= start:
                marks.append((value, named[-1], size_word(sentence), k))
            start = match.end()
    for (one, part, word, first), (other, against, again, last) in pairwise(marks):
        if part != against and abs(one - other) >= 2 and (first == last or word == again):
            pair = _ranked(*((part, against) if one > other else (against, part)), _positive(word))
            if pair:
                yield pair, first, last


def _positive(word: str) -> str:
    """A word of size without its side: a mark for thinness is rare, one for size is not."""
    return word if attribute_of("nose", word)[1] > 0 else ""


_RANKS = {"first": 1, "dominant": 1, "primary": 1, "biggest": 1, "largest": 1, "main": 1, "1st": 1, "second": 2,
          "secondary": 2, "2nd": 2, "next": 2, "third": 3, "3rd": 3, "last": 9, "smallest": 9}  # fmt: skip
_RANK = re.compile(r"\b(?P<rank>" + "|".join(_RANKS) + r")\b")
_ORDER = re.compile(r"\b(?:priority|order|ranks?|ranking|hierarchy|biggest|largest|widest|by size|in size|budget)\b")


def ranked(spoken: Sequence[str]) -> Iterator[tuple[Pair, int, int]]:
    """Read orders of size: "ears: dominant, nose: secondary", "by size: ears, then nose, then mouth"."""
    places = [(k, m) for k, sentence in enumerate(spoken) for m in _RANK.finditer(sentence)]
    ranks = []
    for k, match in places:
        before = spoken[k][: match.start()]
        if not parts_in(before) and k and spoken[k - 1].rstrip().endswith(":"):
            before = spoken[k - 1]
        named = parts_in(before)
        if named and not re.search(r"\bthe\s*$", before):
            ranks.append((_RANKS[match["rank"]], named[-1][1], k))
    word = next((w for w in map(size_word, spoken) if w), "")
    if len(ranks) >= 2:
        yield from _in_turn([part for _, part, _ in sorted(ranks)], word, ranks[0][2], ranks[-1][2])
        return
    for k, sentence in enumerate(spoken):
        listed = re.split(r"\bthen\b", sentence)
        if len(listed) > 1 and _ORDER.search(" ".join(spoken[max(k - 1, 0) : k + 1])):
            parts = [parts_in(each)[-1][1] for each in listed if parts_in(each)]
            yield from _in_turn(parts, word, k, k)


def _in_turn(parts: Sequence[str], word: str, first: int, last: int) -> Iterator[tuple[Pair, int, int]]:
    for one, other in pairwise(parts):
        pair = _ranked(one, other, _positive(word)) if one != other else None
        if pair:
            yield pair, first, last
