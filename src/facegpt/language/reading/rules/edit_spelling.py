"""Everyday and dialect spellings of the small words that edits are made of, written as the standard ones.

Only words that carry the grammar of a request are here ("dinna", "nowt", "ower"), not names of traits.
"""

from __future__ import annotations

import re

#: Standard words: how they are written in chats, in Scotland, Yorkshire, Ireland, Nigeria, and by slips.
_WRITTEN = """
do not: dinna dinnae didnae dinnie dont dnt dun doan dinny
does not: doesnt disnae dusnt
is not: isnt isnae
are not: arent arenae
will not: wont winna willnae
can not: cant canna cannae
must not: mustnt mauna
should not: shouldnt shouldnae
would not: wouldnt wouldnae
nothing: nowt naethin naething nuffin nuttin nuthin nothin nout
anything: owt ocht oucht anythin anyting anythng anyfing onything
everything: evrything evrythin everythin evrythng everyting a'thing awthing everthing
else: esle els elce elze
change: chnage chagne chainge
touch: tuch toch tutch
keep: kep keap
leave: leve lave
make: mak mek maek mke mkae
take: tak tek taek
give: gie gi giv gimme
off: aff orf
more: mair moar
too: ower owre tooo toooo
awfully: awfy awfu awfie
those: thae dem
the: teh da di th' ze
all: a' aw
you: u ye ya yeh youse
your: ur yer yir
please: pls plz pleas plss plase
them: em 'em
with: wi' wi w
small: littler
to: tae
not: nae
have: hae hav
do: dae
want: wanna
nose: neb
straighten: straiten strayten straten streighten straigten strighten
remove: remoov remuv remov
wrinkles: rinkles wrinkels
lose: looze
"""
_STANDARD = {
    word: meaning
    for meaning, words in (line.split(":") for line in _WRITTEN.strip().splitlines())
    for word in words.split()
}
_WORD = re.compile(r"'?[a-z]+'?[a-z]*'?")
#: Words that stand for others beside some words only.
_BESIDE = (
    (re.compile(r"\b(?:an'?|n)(?= (?:make|leave|do|keep|take|not|nothing|the|all)\b)|&"), "and"),
    (re.compile(r"\bits(?= (?:too|so|awfully|very|bent|big|small|way|really|a bit|all)\b)"), "it is"),
)


def standard(text: str) -> str:
    """Write the small words of a plain text (grammar_phrases.plain) in their standard form."""
    text = _WORD.sub(lambda match: _STANDARD.get(match[0], match[0]), text)
    for pattern, words in _BESIDE:
        text = pattern.sub(words, text)
    return text
