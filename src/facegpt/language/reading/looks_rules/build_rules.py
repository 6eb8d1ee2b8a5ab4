"""How heavy somebody is, by rule: idioms ("well padded", "a slip of a girl"), likenesses, the body mass index."""

from __future__ import annotations

import re

from facegpt.language.patterns import regex
from facegpt.language.reading.rules.word_lines import rows

_SHORT = {
    "STICK": "stick|twig|pipe ?cleaner|toothpick|broom ?stick|matchstick|drinking straw|coat ?hanger|bean ?pole|pencil",
    "WOULD": "would|could|might|seemed to|will|can",
    "ROUND": r"barrel|(?:\w+)?ball|beach ball|dumpling|sumo\w*|snowman|pudding|space hopper|blimp|balloon",
    "BIT": "bit|little|touch|shade|slightly|tad|somewhat|fraction",
    "WHO": r"(?:(?!lip|\w+ed\b)[a-z]+,? ){0,2}(?:m[ae]n|wom[ae]n|lad|lass|girl|boy|guy|bloke|lady|person|kid|fella|"
    r"chap|gentleman|child|fellow|dude)",
    "PART": "cheek|lip|nose|chin|brow|eye|ear|in the|on the|on top|about|face|neck|forehead|jaw|than",
}
#: Wordings of people as a whole, the stronger and longer ones first.
_IDIOMS = rows(
    r"""
heaviness -2: skin an?d? ?bones? | (?:bag|sack|rack) of bones | (?:walking|living) skeleton | skeletal | emaciated |
    cachectic | cadaverous |
    (?:all|nothing but|mostly|made of) (?:\w+ and )?(?:bones?|ribs|elbows|knees|collar ?bones?|angles and elbows) |
    matchstick (?:m[ae]n|woman|figure|girl|boy|body) |
    (?:{STICK}) (?:with|on|for|of) (?:an? |two )?(?:head|legs|hair|face|body|man|woman|girl|boy|person) |
    stick (?:insect|figure|thin) | walking (?:stick|pencil) |
    (?:starv(?:ed|ing)|wasted|famished)(?: away| to nothing| looking) | (?:more|seen more) (?:meat|fat|flesh) on an? |
    (?:post|slide|fit|slip) (?:\w+ )?(?:through|under) an? (?:letter ?box|door) | run around in the shower |
    turns? sideways | disappears? (?:if|when) |
    (?:breeze|wind|gust|draught) (?:{WOULD}) (?:\w+ )?(?:blow|carry|take|knock|snap|go through) |
    blow (?:\w+ )?(?:away|over) | snap (?:him|her|them) in (?:two|half) | not a pick on |
    (?:thin|skinny|slim|lean) well well | so (?:thin|skinny) | painfully thin | (?:thin|skinny) as (?:an? |the )?\w+
heaviness -1.5: bean ?pole | string ?bean |
    (?:rake|reed|whippet|pencil|lath|wafer|whip|stick|paper|rail) (?:thin|slim|skinny) |
    (?:like|as) an? (?:rake|reed|lath|rail|greyhound|whippet|scarecrow|string ?bean|stick insect|wisp|{STICK}) |
    (?:like|as) an? (?:knitting needle|hat ?stand|lamp ?post|bamboo|heron) |
    not (?:an ounce|a scrap|a pound|any|much) (?:of )?(?:spare |extra )?(?:fat|flesh|meat|to spare|spare)(?: on)? |
    (?:no|little|hardly any|not much) (?:meat|flesh|fat) (?:on|to) | (?:under|half|badly|poorly) ?fed |
    (?:half )?starved | (?:mal|under)nourished |
    (?:wants|needs|could do with) (?:feeding(?: up)?|fattening|a (?:\w+ )?(?:meal|sandwich|dinner|feed|pie)) |
    (?:slip|scrap|wisp|reed|slither|sliver|whip) of an? (?:girl|lad|lass|boy|thing|man|woman|child|creature|fellow) |
    (?:like|as) a (?:bird|sparrow)(?:,| to look at| in (?:build|body)) | could do with fattening |
    ribs? (?:you could|showing) | scraggy | scrawny | (?:body|frame) (?:is )?(?:dry|all bone)
heaviness 2: morbidly obese | built like (?:an? )?(?:barn|house|tank|bus|mountain|hippo|elephant) |
    (?:mountain|barn|hippo|whale|elephant|walrus) of an? (?:man|woman|lad|guy|fellow|bloke|person|girl|boy) |
    (?:the )?size of an? (?:house|barn|bus|small (?:car|planet)|shed|planet|van) |
    (?:big|fat|large|wide) as an? (?:house|barn|bus|whale|hippo|elephant|door and) | absolute unit |
    enormously (?:fat|heavy|overweight) | (?:grossly|hugely|extremely|very|vastly|severely) (?:overweight|obese|fat) |
    mountainous
heaviness 1.5: built like (?:an? )?(?:brick \w+|fridge|wardrobe|ox|bull|bear|prop|linebacker|keg|truck|{ROUND}) |
    (?:like|as) an? (?:barrage balloon|{ROUND}) |
    bit of a (?:barrage )?(?:balloon|lump|barrel) |
    (?:fat|round|plump|big) as an? (?:pig|tub|partridge|hog|butter|{ROUND}) |
    barrel of an? (?:man|woman|lad) | roly ?poly | corpulent | rotund | obese |
    (?:of )?(?:ample|generous) (?:proportions|figure|girth|build) | great girth | (?:beer|pot) ?(?:belly|bellied|gut) |
    big belly | chonky | thicc | beefy | prop forward | sumo | a big (?:unit|lump) of an? | globular | blubbery |
    overweight | heavily overweight | (?:spare|extra) t[iy]re
heaviness 1: well (?:padded|covered|upholstered|fed|cushioned|rounded|larded|fleshed|built and soft) |
    (?:comfortably|generously|amply|nicely) (?:padded|upholstered|built|covered|rounded|proportioned|cushioned) |
    heavy ?set | thick ?set | portly | stout | tubby | podgy | pudgy | burly | stocky | paunch(?:y)? |
    (?:good|plenty of) (?:meat|flesh|padding) on | body chubby | chubby (?:body|build) | running to fat |
    (?:gone|going|run|running) to (?:seed|fat) | (?:healthy|heavy|big|large|solid|hefty) (?:build|body|frame) |
    of healthy build | hefty (?:lad|man|woman|girl|guy|bloke|lady|boy|fellow) |
    carrying (?:a few|some|a bit of|a lot of) (?:too many |extra )?(?:pounds|kilos|weight|timber|padding) |
    (?:bit of|some) timber on | love handles | matronly
heaviness 2: (?:very|really|extremely|ever so|enormously) (?:fat|chubby|plump) {WHO}
heaviness -2: (?:very|really|extremely|ever so) (?:thin|skinny) {WHO}
heaviness 1.5: (?:proper|right|dead|seriously) (?:fat|chubby|tubby) {WHO}
heaviness 1: (?:fat|plump|chubby) {WHO}
heaviness -1: (?:thin|skinny|slim|lean|slender|slight|bony) {WHO}
heaviness 0.5: stoutish | plumpish | chubbyish | tubbyish | fattish | heavyish |
    {BIT} (?:on the )?(?:heav(?:y|ier)|plump(?:er)?|fat(?:ter)?|stout(?:er)?|over ?weight)(?: side)?(?! {PART}) |
    {BIT} (?:podgy|chubby|tubby|pudgy)(?! {PART}) |
    dad bod | (?:a few|some) (?:extra|spare|surplus) (?:pounds|kilos) | little extra (?:around|round) | big boned |
    a size (?:up|over|above) | cuddly | on the (?:heavier|plump|heavy|fleshy) side
heaviness -0.5: thinnish | skinnyish | slimmish | leanish |
    (?:a )?{BIT} (?:under ?weight|thin(?:ner)?|skinny|slim|lean)(?! {PART}) |
    on the (?:thin|slim|lean|skinny|slender) side
heaviness -1: weedy | spindly | svelte | willowy | wiry | rangy | fighting weight | lissom\w* | lithe
""",
    _SHORT,
)
_BMI = re.compile(r"\bb\.?m\.?i\.?\W{0,3}(?:is |of |about |around )?(?P<value>\d\d(?:\.\d)?)(?!\d)")
#: Body mass index → degree.
_BY_BMI = ((16.5, -2.0), (18.5, -1.0), (25.5, 0.0), (29.5, 0.5), (35.0, 1.0), (40.0, 1.5), (99.0, 2.0))
_SHEET = regex(r"""
    \b(?:(?:build|weight|figure|physique|frame)\W{0,3}|body ?[:=|
    ] ?)(?:(?P<none>medium|average|normal|ordinary|neither (?:fat|thin|here)\b)|
    (?P<more>heavy|stout|fat|large|big|plump|solid|stocky|full|chubby)|
    (?P<less>lean|slim|slight|thin|slender|light|skinny|spare))\b
""")
_TURNED = re.compile(r"\b(?:not|no|never|nor|neither|isnt|than|without|hardly|nothing|if)\b[^.;,:]*$")
#: A part of the face that the words may be about.
_PART = re.compile(
    r"\s*(?:and \w+ |of an? (?:\w+ )?)?(?:eye|caterpillar|jawline|mandible|brow|eyebrow|lip|nose|nostril|chin|cheek|"
    r"neck|ear|finger|hand|leg|arm|lash|beard|moustache|hair|jaw|face)"
)
_SUBJECT = regex(r"""
    \b(?:eyes?|brows?|eyebrows?|lips?|nose|nostrils?|chin|cheeks?|neck|ears?|legs?|arms?|lashes|beard|moustache|hair|
    jaw|mouth|forehead|lids?|face|skin|head|bonce|temples|nut)\b
""")
_HEAD_BEHIND = re.compile(r"[^.;]{0,30}\b(?:his|her|the) (?:head|face|nose|chin)\b")


def find_heaviness(text: str) -> float | None:
    """The degree of heaviness that a plain text (`normalised`) says by an idiom; None where none."""
    match = _BMI.search(text)
    if match:
        value = float(match["value"])
        return next(degree for most, degree in _BY_BMI if value < most)
    for pattern, says in _IDIOMS:
        for found in pattern.finditer(text):
            before, behind = text[max(0, found.start() - 40) : found.start()], text[found.end() :]
            if not _is_of_a_part(found.group(), before, behind) and not (
                _TURNED.search(before) and not found.group().startswith("not")
            ):
                return says["heaviness"]
    sheet = _SHEET.search(text)
    return ({"none": 0.0, "more": 1.0, "less": -1.0}[sheet.lastgroup or "none"]) if sheet else None


def _is_of_a_part(idiom: str, before: str, behind: str) -> bool:
    """Whether an idiom is said of a part of the face: "a head like a barrel", "an absolute unit of a jaw"."""
    clause = re.split(r"[.;,:\n]|\band\b|\bwith\b", before)[-1]
    likened = bool(
        re.match(r"(?:like|as|so|round|fat|big|all|bit|on the|thin|skinny|a bit|slightly|well|carrying)\b", idiom)
    )
    return bool(_PART.match(behind) or (likened and (_SUBJECT.search(clause) or _HEAD_BEHIND.match(behind))))
