"""Word tables of the classifier: small words, denials, degrees, parts of the face, kinds of adjectives and feelings."""

from __future__ import annotations

import re
from functools import lru_cache


def _set(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


def _table(lines: str) -> dict[str, str]:
    """Read lines "meaning: word word" into word → meaning; a meaning is a word of itself."""
    pairs = (line.split(":") for line in lines.strip().splitlines())
    return {word: meaning.strip() for meaning, words in pairs for word in (meaning.strip(), *words.split())}


def _kinds(lines: str) -> dict[str, tuple[str, ...]]:
    """Read lines "kind: word word" into word → all its kinds; a kind may have several lines."""
    table: dict[str, tuple[str, ...]] = {}
    for line in lines.strip().splitlines():
        kind, words = line.split(":")
        for word in {kind, *words.split()}:
            table[word] = tuple(sorted({*table.get(word, ()), kind}))
    return table


STOPS = frozenset(".;:!?()\n")
#: Words that are left out before anything is counted.
ARTICLES = _set("""
a an her his its my of our some that the their these this those your
""")
#: What joins a part to what is said of it.
COPULAS = _set("""
're 's are be been being is lie lies look looks seem seems sit sits stand stays was were
""")
#: Words that say nothing alone.
SMALL = _set("""
also and as at but by can could did do does for from give had has have he here him i if in it just made make
may me might on or please she should so than them then there they to we when which who will with would you
""")
#: Words that deny what follows.
DENIALS = _set("""
ain't aint aren't arent barely can't cannot didn't doesn't doesnt don't dont hardly isn't isnt lacking lacks
lose loses n't neither never no none nor not nothing nowhere scarcely un wasn't without
""")
#: What a word of degree makes of a plain 1.
GRADES = {
    word: degree
    for degree, words in (
        (
            0.5,
            """
            slightly bit little touch somewhat mildly faintly tad shade hint subtly fractionally slight faint
            subtle mild moderately trace kinda notch smidge ish
            """,
        ),
        (
            1.5,
            """
            quite rather pretty fairly really so noticeably clearly markedly decidedly much lot properly proper
            rlly seriously considerably significantly strongly
            """,
        ),
        (
            2.0,
            """
            very extremely hugely enormously incredibly massively super ultra insanely way exceptionally
            extraordinarily absurdly ridiculously impossibly terribly awfully immensely exceedingly vry v
            utterly totally extreme maximum
            """,
        ),
    )
    for word in words.split()
}
#: Parts of the face: one word for each, and others that mean the same.
PARTS = _table("""
nose: noses nosed schnoz conk hooter snout honker beezer schnozz proboscis nasal schnozzle snoot sniffer neb conker
bridge: bridges dorsum
tip: tips
nostril: nostrils
eye: eyes eyed peepers orbs peeper orb
lid: lids eyelid eyelids lidded
brow: brows eyebrow eyebrows browed
forehead: foreheads
mouth: mouths gob mouthed kisser cakehole piehole
lip: lips lipped
upperlip:
browridge:
lowerlip:
chin: chins chinned pogonion
jaw: jaws jawed mandible jawbone
jawline:
cheek: cheeks cheeked
cheekbone: cheekbones zygoma zygomas zygomata malar malars
face: faces faced visage mug features phiz physiognomy
head: heads skull noggin headed cranium bonce noddle
ear: ears eared lugs lugholes lug auricle auricles pinna pinnae
neck: necks necked throat
philtrum:
skin: complexion skinned
hair: haired locks
beard: beards bearded
moustache: mustache tache mustaches moustaches
iris: irises
temple: temples
corner: corners
hairline:
midface:
person: man woman guy girl boy lady bloke chap dude fella gentleman lad person male female gal
""")
ALIKE = _table("""
wide: widen widens widened widening widely wideness
broad: broaden broadening broadly
long: lengthen lengthened length lengthening elongate elongated
short: shorten shortened shortening
big: enlarge enlarged bigger biggest bigg
large: larger
small: shrink shrunk shrinking smal
thick: thicken thickened thickness
flat: flatten flattened
sharp: sharpen sharpened
high: heighten
deep: deepen
light: lighten lightened
dark: darken darkened
soft: soften softened
straight: straighten straightened
narrow: narrowed narrowing narow
eye: eyes
grey: gray greying graying
blond: blonde
""")
#: Adjectives that say nearly the same of any part: one that was never met beside a part counts as its neighbours do.
KINDS_OF_WORD = _kinds("""
big: large huge enormous massive giant gigantic great
big: oversized sizeable sizable whopping hefty colossal immense mammoth
big: humongous ginormous monstrous generous ample substantial considerable vast jumbo whacking outsize monster mighty
big: titanic roomy biggish supersized beefy hulking grand voluminous imposing gargantuan mega overlarge elephantine
small: little tiny petite dainty wee teeny minute undersized
small: diminutive mini miniature tiddly smallish dinky itty compact
small: minuscule puny weeny neat microscopic lilliputian titchy
small: negligible modest slight meagre scant bitty insignificant
wide: broad widish spread expansive splayed spacious wideset
wide: flared flaring outspread sprawling sweeping broadish widen
narrow: slim slender thin skinny lean pinched fine tight constricted narrowish spindly reedy slight willowy slimline
narrow: razor pencil slimmed threadlike skimpy scrawny weedy
long: elongated lengthy stretched extended longish drawn tall prolonged extensive lanky
short: stubby stumpy shortish truncated squat cropped abbreviated brief curtailed stunted compressed foreshortened
high: tall lofty towering elevated raised highish uplifted lifted
low: lowish lowered shallow sunken depressed lowset
full: plump fleshy pouty luscious voluminous puffy juicy pillowy swollen thick fat fullish rich ripe voluptuous bee
full: meaty chubby padded cushiony
chubby: plump podgy pudgy round rounded fat puffy chubbed rotund fleshy chunky tubby plumpish roly
thick: bushy dense heavy shaggy full luxuriant unruly stout solid sturdy burly chunky beefy bull muscular
flat: flattened squashed level even flattish pressed
prominent: protruding jutting projecting strong protuberant pronounced
prominent: bold outstanding thrusting sticking jutty forward
prominent: conspicuous salient obvious noticeable marked bulging pushing
weak: retrusive retrognathic hypoplastic underdeveloped deficient unobtrusive minimal
prominent: protrusive prognathic overdeveloped projected
weak: receding recessed retreating feeble slight undefined recessive faint retruded shy soft
sharp: pointed pointy peaked pinched angular chiselled chiseled sculpted crisp defined keen spiky acute edged needle
round: rounded circular bulbous roundish globular orb curved moon ball spherical
square: boxy angular squared blocky rectangular squarish cornered right-angled oblong
crooked: bent broken wonky twisted deviated skewed squint lopsided off-centre zigzag bashed busted squiffy askew
hooked: aquiline roman hawkish beaky humped convex bumpy beaked curved hawk eagle arched bowed
scooped: concave dished ski ski-jump dipped sway retroussé
upturned: snub turned perky tip-tilted uptilted pert retroussé button tilted piggy upswept upward
droopy: drooping hanging sagging downturned pendulous downward dropped saggy sad overhanging sloping basset hangdog
deep: sunken recessed hollow sunk buried cavernous deepset inset set-back hollowed
hollow: sunken gaunt hollowed concave drawn haggard cadaverous emaciated caved pinched sucked
bulging: bulgy protruding bug popping goggling protuberant froggy goggle popped
pale: fair light white ivory porcelain pasty milky alabaster pallid ashen ghostly chalky wan lily snowy whitish paper
dark: brown black ebony tanned tan swarthy dusky mahogany chocolate inky raven jet darkish coffee deep bronze bronzed
ruddy: red rosy flushed florid pink reddish sunburnt blotchy rubicund red-faced scarlet crimson sunburned
wrinkled: wrinkly lined creased craggy furrowed leathery weathered crinkled weather-beaten crumpled crinkly
smooth: unlined silky flawless even unwrinkled
fat: heavy plump chubby overweight stout heavyset obese chunky
fat: tubby portly stocky rotund corpulent thickset hefty burly
fat: fleshy podgy pudgy beefy porky well-fed flabby weighty roly
thin: slim skinny slender lean bony gaunt underweight scrawny wiry slight lanky emaciated skeletal lithe svelte
grey: silver silvery grizzled white hoary salt steel greyish
blond: golden flaxen sandy platinum fair towheaded yellow straw honey
ginger: red auburn copper carroty flame russet rust titian
feminine: womanly ladylike girly delicate soft dainty femme effeminate
masculine: manly rugged butch macho virile mannish blokeish
asymmetrical: lopsided uneven asymmetric skewed wonky irregular skew-whiff cockeyed imbalanced
symmetrical: even symmetric balanced regular matching mirrored
upright: vertical plumb sheer perpendicular steep
sloped: sloping slanting slanted oblique raked slopy
more: increase add boost extra grow extend expand raise greater
more: enhance augment build pump plump bigger up enlarge exaggerate
fewer: reduce decrease cut trim shave remove shrink minimise minimize diminish lower tone take lessen
""")
#: Words of feeling, by stem; two kinds in one text are mostly a compound emotion.
KINDS_OF_FEELING = _kinds("""
joy: happ joy glad cheer merr delight pleased content overjoyed
joy: beaming jolly elat glee thrill radian jubila bliss laugh
joy: smil grin amused giggl chuckl ecsta euphor chuffed gladly exult blithe mirth chirpy stoked pleasant pleasure
sad: sad unhapp sorrow gloom miser mourn heartbr deject
sad: downcast melanchol glum grief griev tear wistful forlorn despond
sad: crestfallen weep cry cries crying cried weeping sob upset hurt disappoint dismal woe despair tragic lonel regret
surprise: surpris astonish amaz startl shock stun
surprise: aback gobsmack flabbergast astound dumbfound thunderstruck speechless
surprise: unexpected disbelie incredul agog jolt suddenly boggl bewilder
fear: afraid scared scare fright terrif terror fear anxi petrif
fear: panic nervous horrif horror alarm spook worr uneas dread
fear: apprehens rattled jittery cower trembl timid aghast threat scary
anger: ang furi mad cross irate enrag livid annoy irrit fum seeth rag incens wrath outrag infuriat pissed grump scowl
anger: indignan resent irk cheesed exasperat fuming glower cranky
disgust: disgust revolt repuls gross nause sicken queasy repel squeam revulsion yuck yucky icky ick vomit retch ew eww
disgust: foul nasty sick distaste
contempt: contempt scorn disdain sneer supercil deris snoot
contempt: haught condescend patronis patroniz smug superior superciliou
contempt: snob withering smirk belittl
hate: hate hatred hating loath venom vengeful malevol spite despis detest abhor
awe: awe awed awestruck wonder reveren spellbound marvel enraptur majest astral sublime wowed
appalled: appal scandal outrageous dismay aghast atroci disapprov
neutral: neutral expressionless blank impassive deadpan calm
neutral: poker relaxed unmoved emotionless serene straight-faced rest
""")


@lru_cache(maxsize=20000)
def base_form(word: str) -> str:
    """The plain form of a word: "noses" nose, "wider" wide, "lengthen" long."""
    if word in PARTS and PARTS[word] != "person":
        return PARTS[word]
    if word in ALIKE:
        return ALIKE[word]
    if word.endswith("'s"):
        return base_form(word[:-2])
    for ending in ("iest", "ier"):
        if word.endswith(ending) and len(word) > 5:
            return word[: -len(ending)] + "y"
    for ending in ("est", "er"):
        stem = word[: -len(ending)]
        if word.endswith(ending) and stem in _GRADABLE:
            return _GRADABLE[stem]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _forms(words: str) -> dict[str, str]:
    """The stems before "-er" of adjectives: "wide" wid, "big" bigg, "full" full."""
    table = {}
    for word in words.split():
        table[word[:-1] if word.endswith("e") else word] = word
        if re.fullmatch(r"[a-z]*[aeiou][bdgmnpt]", word):
            table[word + word[-1]] = word
    return table


_GRADABLE = _forms(
    "wide broad long short big large small thick thin full flat sharp high low deep light dark soft straight narrow "
    "round square strong weak young old fat slim lean plump blunt tall close fair pale smooth loose tight fine bold "
    "crook hook slant red grey bright hard firm wee great steep rough stout taut puff bush stub"
)


_SHORTEST_STEM = 4


@lru_cache(maxsize=20000)
def feelings_of(word: str) -> tuple[str, ...]:
    """The kinds of feeling of a word: by the longest stem of four letters or more, or the whole word."""
    if word in KINDS_OF_FEELING:
        return KINDS_OF_FEELING[word]
    for size in range(len(word) - 1, _SHORTEST_STEM - 1, -1):
        if word[:size] in KINDS_OF_FEELING:
            return KINDS_OF_FEELING[word[:size]]
    return KINDS_OF_FEELING.get("ang", ()) if word.startswith(("angr", "anger")) else ()
