"""Sentences of a plain text as the rules of comparison want them: one word for each part, "than" for what compares."""

from __future__ import annotations

import re
from itertools import pairwise

from facegpt.language.patterns import regex
from facegpt.language.reading.rules.phrases import parts_in

_THAN = re.compile(r"\bthan\b")
_EDGE = re.compile(r"[;:!?\n]|\.(?!\d)|/(?! ?\d)")
_WHOSE = r"(?:the |his |her |their |its )?"
#: Other ways to name a part or to compare, and the plain one; in this order.
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(pattern), words) for pattern, words in (
    (r"\s*>+\s*", " bigger than "),
    (r"\bbott?[eo]?m+\b(?= (?:lips?|one)\b)", "bottom"),
    (r"\s*<+\s*", " smaller than "),
    (r"\bvermill?ions?(?: lips?)?\b", "lip"),
    (r"\blips? (?:of|from|on) (?:the )?(?:below|down|under|bottom)\b|"
     r"\b(?:below|down|under|bottom|nether|inferior) lips?\b", "lower lip"),
    (r"\blips? (?:of|from|on) (?:the )?(?:above|up|top)\b|\b(?:above|up|top|superior) lips?\b", "upper lip"),
    (rf"\b(?:corners?|angles?|hinges?|base) of {_WHOSE}jaws?\b|\bjaws? (?:angles?|corners?|hinges?)\b", "jaw"),
    (r"\b(?:bi)?gonial\b|\bmandibular\b", "jaw"),
    (r"\bbizygomatic\b", "face"),
    (r"\bfrontal(?= (?:breadth|width|height))", "forehead"),
    (r"\bcheek bones?\b|\bmalars?\b|\bzygoma\w*", "cheekbone"),
    (r"\b(?:twice|double|(?:two|three|four|several) times) the (?:size|width|thickness|length) of\b", "bigger than"),
    (r"\b(?:half|a (?:third|quarter)) the (?:size|width|thickness|length) of\b", "smaller than"),
    (r"\b(?:twice|three times|half again) as ([a-z]+) as\b", r"more \1 than"),
    (r"\bhalf as ([a-z]+) as\b", r"less \1 than"),
    (r"\b(?:not|nowhere|never)(?: (?:nearly|quite|half|near|anywhere|at all|remotely|even|by far))* (?:as|so) ([a-z]+) "
     r"as\b", r"less \1 than"),
    (r"\b(?:takes?|taking|took) up (?:much |far |a lot )?more (?:room|space|of \w+ face) than\b", "is bigger than"),
    (r"\b(more|less) ([a-z]+) (?:as|nor|like)\b(?! (?:well|if))", r"\1 \2 than"),
    (r"\b([a-z]+er) (?:then|nor|tahn|thna|thn|as)\b(?! (?:well|if|a child))", r"\1 than"),
    (r"\b([a-z]+er)(?:,)? (?:(?:if|when) (?:you|we|one) )?(?:are )?compared? (?:it )?(?:to|with)\b", r"\1 than"),
    (r"\bthan (?:what|how (?:wide|big|long|thick|large) (?:is|are)?)\b", "than"),
    (r"\bmore (?:separated?|spaced)(?: out)?\b", "wider apart"),
    (r"\b(?:goes?|comes?|reach\w*|stands?|sticks?|juts?|pokes?|projects?|pushes|extends?|thrusts|protrudes?)"
     r"(?: (?:out|to (?:the )?front|forwards?|ahead|way|much|far|a lot|a bit|slightly))* (more|less|further|"
     r"farther)(?: (?:out|forwards?|to the front))* "
     r"than\b", r"is \1 prominent than"),
    (r"\bis (?:further|farther) prominent\b", "is more prominent"),
    (r"\b(?:juts?|sticks?|pokes?|stands?|comes?|goes?)(?: \w+){0,2} (?:further|farther)(?: out| forwards?)* than\b",
     "is more prominent than"),
    (r"\b(?:that |which )?(?:arriv|enter|com|get|turn)\w*(?: \w+){0,2} first\b.*?\bthen\b", "is more prominent than"),
    (r"\b(?:arriv|enter|com|turn|get)\w*(?: \w+){0,3} before\b", "is more prominent than"),
))  # fmt: skip
#: "brow" is the forehead where no hair is spoken of.
_HAIRY = re.compile(r"\b(?:thick|bush|arch|hair|dark|heav|shag|thin|pluck|low|high|rais)\w*|\beye ?brows?\b")
_BARE_LIP = regex(r"""
    \b(?P<whose>the|her|his|its|their|than|but|and|is|>|[,(])(?P<gap> *)(?P<which>upper|lower|top|
    bottom)(?! (?:lip|one|half|jaw|face|lid|eyelid|part|third|teeth|of|edge|row|heavy|knot|hat|bun))\b
""")
_LOWER_FIRST = re.compile(
    r"^(\s*)(upper|lower|top|bottom)(?= )(?! (?:lip|one|half|jaw|face|lid|eyelid|part|third|of|he))"
)
_ABOVE_BELOW = (
    (re.compile(r"\b(?:above|over|up top|on top)\b(?: (?:the mouth|it))?"), " {above} "),
    (re.compile(r"\b(?:below|beneath|underneath|under)\b(?: (?:the mouth|it))?"), " {below} "),
)
_WIDTH = re.compile(r"\b(?:wid|broad|narrow|slim|tight)\w*")


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of the sentences of a plain text; at commas too where several things are compared."""
    edges = [0, *(m.end() for m in _EDGE.finditer(text)), len(text)]
    found = []
    for start, end in pairwise(edges):
        several = len(_THAN.findall(text[start:end])) > 1
        commas = [start + m.end() for m in re.finditer(",", text[start:end])] if several else []
        cuts = [start, *commas, end]
        found += [(a, b) for a, b in pairwise(cuts) if text[a:b].strip()]
    return found


def one_word_for_each_part(sentence: str, text: str) -> str:
    """Write a sentence of a plain text with one word for each part and "than" for what compares.

    "the lip of below is more fat as the upper" becomes "the lower lip is more fat than the upper lip".
    """
    for pattern, words in _PLAIN:
        sentence = pattern.sub(words, sentence)
    if "lip" in text or "vermil" in text:
        sentence = _BARE_LIP.sub(r"\g<whose>\g<gap>\g<which> lip", sentence)
        sentence = _LOWER_FIRST.sub(r"\1\2 lip", sentence)
    if not _HAIRY.search(sentence):
        sentence = re.sub(r"\bbrow\b(?! ridge)", "forehead", sentence)
    return re.sub(r"  +", " ", _placed(sentence))


def _placed(sentence: str) -> str:
    """Put parts for "above" and "below", "top" and "bottom", where a sentence sets them against each other."""
    named = {part for _, part in parts_in(sentence)} - {"face", "head"}
    if re.search(r"\b(?:above|over|up top|on top)\b", sentence) and re.search(
        r"\b(?:below|beneath|under\w*)\b", sentence
    ):
        above, below = ("", "")
        if named and named <= {"lip", "mouth", "skin"}:
            above, below = ("upper lip", "lower lip") if "lip" in named else ("philtrum", "chin")
        if above:
            sentence = sentence.replace(" the mouth", "")
            for pattern, words in _ABOVE_BELOW:
                sentence = pattern.sub(words.format(above=above, below=below), sentence)
            return re.sub(r"\blips?(?=\s+(?:upper|lower) lip)", "", sentence)
    low = re.search(r"\b(?:bottom|down (?:below|there)|below|lower down)\b", sentence)
    if not named and _WIDTH.search(sentence) and re.search(r"\btop\b", sentence) and low:
        sentence = re.sub(r"\b(?:down below|down there|below|lower down)\b", "at the jaw", sentence)
        sentence = re.sub(r"\b(?:up at|at|up|on|near) (?:the )?top\b|\bthe top\b", "at the temples", sentence)
        sentence = re.sub(r"\b(?:at|near|down) (?:the )?bottom\b|\bthe bottom\b", "at the jaw", sentence)
    return sentence
