"""Dialect and chat spellings in plain English, for the rules: "the left yin hasnae shiftit", "ur mouht"."""

from __future__ import annotations

import re

from facegpt.language.reading.ngrams.word_tables import feelings_of

_MEANINGS = """
right: richt
one: yin
other: ither
eye: ee
eyes: een
brow: broo
brows: broos
mouth: mooth gub gob mouht muoth
face: fizzog phizog phiz
head: heid
nose: neb
half: hauf haulf
to: tae
with: wi wae wiv
of: o'
out: oot
down: doon doun
away: awa awaw
very: gey awfy awfu
your: ur yer
is not: isnae isna isny
has not: hasnae hasna
does not: disnae doesnae disna
did not: didnae didna
was not: wisnae wasnae wisna
can not: cannae canna
will not: willnae
do not: dinna dinnae
give: gie
make: mak mek
take: tak
staying: steyin stayin bidin
stay: stey bide
where: whaur
crying: greetin greetan
hit: skelp
afraid: feart frichtit fleggit
furious: bealin beelin radge
raging: ragin
disgusted: scunnert scunnered
dumbfounded: dumfoonert dumbfoonert
grumpy: crabbit
nausea: boak boke
sad: dowie
disgusting: mingin minging mingin'
shut: steekit steek steeked
laughing: lauchin laffin
smiling: smilin smilin'
grinning: grinnin
looking: lookin keekin
moved: shiftit budgit
"""
_WORDS = {
    word: line.split(":")[0]
    for line in _MEANINGS.strip().splitlines()
    for word in line.split(":")[1].split()
}  # fmt: skip
_PATTERN = re.compile(
    r"(?<![\w'])(?:" + "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)) + r")(?!\w|'[a-rt-z])"
)
#: Words that mean something else in plain English, and so count only beside words of the dialect.
_SCOTS_ONLY = {"greet": "cry", "greets": "cries", "wan": "one", "pit": "put", "fair": "very", "ken": "know"}
_SCOTS = re.compile(
    r"(?<!\w)(?:tae|oot|doon|doun|yin|hauf|ither|richt|\w+nae|dinna|gey|awfy|auld|bairn|weans?|aw|awa|wisna|isna|fae|"
    r"ken|haun|heid|baith|tak|mak|gie|nae|efter|greetin)(?!\w)"
)
#: "Fumin'", "ragin".
_DROPPED_G = re.compile(r"\b([a-z]{3,})in\b'?")
_SCOTS_PATTERN = re.compile(r"\b(?:" + "|".join(_SCOTS_ONLY) + r")\b")


def in_plain_english(text: str) -> str:
    """Write the words of a lower-case text that are dialect or slips as the rules know them."""
    scots = bool(_SCOTS.search(text))
    text = _DROPPED_G.sub(lambda m: m[1] + "ing" if feelings_of(m[1] + "ing") else m.group(), text)
    text = re.sub(r"\ban(?= (?:the|his|her|he|she|it|that|wi|then)\b)", "and", text)
    text = _PATTERN.sub(lambda m: _WORDS[m.group()], text)
    return _SCOTS_PATTERN.sub(lambda m: _SCOTS_ONLY[m.group()], text) if scots else text
