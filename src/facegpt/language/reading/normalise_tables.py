"""Word tables of normalise.py: contractions, dialect, chat and slips. A line is "standard: spellings"."""

from __future__ import annotations


def _table(lines: str) -> dict[str, str]:
    """Spelling → standard words."""
    pairs = (line.split(":") for line in lines.splitlines() if line)
    return {word: standard for standard, spellings in pairs for word in spellings.split()}


#: Regular expressions of contractions in a lower-case text, and their full forms, applied in this order.
CONTRACTIONS = (
    (r"\bcan(?:no|')?t\b|\bcannot\b", "can not"),
    (r"\bwon'?t\b", "will not"),
    (r"\bdo(?:se?n'?t|sent|esen'?t|snae|snt)\b|\bdisnae\b", "does not"),
    (r"\b(?:shoudn|shudn|shuldn|shouldn|shoul?den|shudden)'?t\b", "should not"),
    (r"\b(?:coudn|cudn|culdn)'?t\b", "could not"),
    (r"\b(?:woudn|wudn|wuldn)'?t\b", "would not"),
    (r"\b(?:arn|aren|ar'n)'?t\b", "are not"),
    (r"\b(?:isen|isin|is'n)'?t\b", "is not"),
    (r"\b(?:wasen|was'n|wosn)'?t\b", "was not"),
    (r"\b(?:hasen|haven|havn|hav'n)'?t\b", "has not"),
    (r"\bmus(?:n|tn)'?t\b", "must not"),
    (r"\bdinn?ae?\b|\bdunna\b", "do not"),
    (r"\binn(?:a|it)\b", "is not"),
    (r"\b(is|was|has|does|did|have|are|would|could|should)(?:na|nae)\b", r"\1 not"),
    (r"\b(?:cannae|canna)\b", "can not"),
    (r"\bnae\b", "no"),
    (r"\blang(?= (?:chin|nose|face|neck|hair|beard|neb|heid))", "long"),
    (r"\bwith?uot\b|\bwithou\b|\bwihout\b|\bw/o\b", "without"),
    (
        r"(?<=[a-z]) (?:n|an|'n'|&)(?= (?:the|his|her|hers?|their|my|a|its|no|not|has|is|got|does|did|thin|big|"
        r"small)\b)",
        " and",
    ),
    (r"\b(?:cuz|coz|cos|becuz|bcos)\b", "because"),
    (r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should|must|need)n'?t\b", r"\1 not"),
    (r"\bain'?t\b", "is not"),
    (r"\b(he|she|it|that|there|what|here|who)'s\b", r"\1 is"),
    (r"\b(they|you|we)'re\b", r"\1 are"),
    (r"\b(nose|mouth|chin|jaw|face|head|forehead|neck|skin|hair|brow|lip|beard|bridge|tip|gob|neb)'s\b", r"\1 is"),
    (r"\b(one|body)'s\b", r"\1 is"),
)
#: Small words of dialect and chat that mean one thing wherever they stand.
_SHARED = """
nose: neb
to: tae
with: wi
your: ur yer
is not: isnae
does not: disnae
can not: cannae canna
will not: willnae
do not: dinna dinnae
give: gie
make: mak mek
take: tak
"""
#: Words of looks and feelings as Scots, Northern English and chat write them.
DIALECT = _table(
    _SHARED
    + """
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
half: hauf haulf
with: wae wiv
of: o'
out: oot
down: doon doun
away: awa awaw
very: gey awfy awfu
is not: isna isny
has not: hasnae hasna
does not: doesnae disna
did not: didnae didna
was not: wisnae wasnae wisna
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
)
#: Words that mean something else in plain English, and so count only beside words of the dialect.
SCOTS_ONLY = {"greet": "cry", "greets": "cries", "wan": "one", "pit": "put", "fair": "very", "ken": "know"}
#: The small words that edits are made of, as chats, Scotland, Yorkshire, Ireland and Nigeria write them, and by slips;
#: no names of traits. Where this table and DIALECT differ ("didnae"), an edit gives an order and a description tells.
SMALL_WORDS = _table(
    _SHARED
    + """
do not: didnae dinnie dont dnt dun doan dinny
does not: doesnt dusnt
is not: isnt
are not: arent arenae
will not: wont winna
can not: cant
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
make: maek mke mkae
take: tek taek
give: gi giv gimme
off: aff orf
more: mair moar
too: ower owre tooo toooo
awfully: awfy awfu awfie
those: thae dem
the: teh da di th' ze
all: a' aw
you: u ye ya yeh youse
your: yir
please: pls plz pleas plss plase
them: em 'em
with: wi' w
small: littler
not: nae
have: hae hav
do: dae
want: wanna
straighten: straiten strayten straten streighten straigten strighten
remove: remoov remuv remov
wrinkles: rinkles wrinkels
lose: looze
"""
)
