"""Words that go with an age: "elderly", "toddler", "in her prime", and the years that they mean (LABELS.md)."""

from __future__ import annotations

from facegpt.language.patterns import joined, regex

INFANTS = r"baby|infant|new-?born|toddler"
GRANDPARENTS = joined(r"""
    (?:great[\s-]*)?gran(?:d)?[\s-]?(?:mother|father|ma|pa|dad|mum|mom|parent|ad|daddy|maw|paw)(?:'?s)?|gran(?:'s)?|
    granny(?:'s)?|grannie|nan(?:'s)?|nana|nanna|gramps|grandpop|pop-pop|mee-?maw|gammy|abuel[ao]|babushka|oma|opa|
    nonn[ao]|bubbe|nani|dadi|halmoni
""")
_NOT_YEARS_OLD = r"(?<!years )(?<!year )(?<!years-)(?<!year-)(?<!yr )(?<!yrs )(?<!months )(?<!month-)(?<!old )"
_OLD_THINGS = joined(r"""
    fashioned|school|looking|friend|photo|picture|money|testament|english|film|movie|painting|story|song|face\b|for\b|
    maths|teacher|boss|sofa|self\b|enough|pupil|english|ladies
""")
_OLDER = r"(?:lady|gentle(?:man|woman)|man|woman|gent|person|bloke|chap|guy|couple|fellow|relative|patient)"
_GRADES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh")
WORDS: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"middle[\s-]?aged?|midle[\s-]?aged?|middl(?:e|ing)[\s-]years|middle (?:of |part of )?(?:his |her )?life|"
        r"mid-?life", (40, 60)),
    (r"(?:in the|in his|in her|in) (?:afternoon of life|best years)", (40, 60)),
    (r"(?:a|of|d'un) certain (?:age|âge)", (45, 70)),
    (r"prime of life|in (?:his|her|their) prime", (28, 48)),
    (r"great[\s-]*grand\w+", (72, 98)),
    (r"dowager|queen mother", (55, 90)),
    (r"octogenarian", (80, 89)), (r"septuagenarian", (70, 79)), (r"sexagenarian", (60, 69)),
    (r"nonagenarian", (90, 99)), (r"quinquagenarian", (50, 59)), (r"centenarian|hundred years old", (97, 105)),
    (r"octo[\w]*an|octagenarian", (80, 89)),
    (GRANDPARENTS, (55, 100)),
    (r"elder(?:ly|ley)|pensioner|pensionist|oap|geriatric|ancient|old[\s-]age|crone|hag|wizened", (60, 100)),
    (r"(?:recently|newly) retired|(?:\w+ )?years? (?:off|from|short of) (?:retirement|retiring|(?:his|her|"
        r"a) pension)", (58, 70)),
    (r"(?:draws?|drawing|collects?|on) (?:an? |his |her |their |the )?(?:old age )?pension|pensionable age|"
        r"bus pass", (62, 95)),
    (r"retired|retiree|senior citizen|old[\s-]timer|decrepit|third age|santa|father christmas", (60, 100)),
    (r"silent generation\w*", (81, 98)),
    (r"boomers?", (62, 80)), (r"gen(?:eration)?[\s-]?x(?:er)?", (46, 61)),
    (r"millennials?", (30, 45)), (r"gen(?:eration)?[\s-]?z|zoomers?", (14, 29)),
    (r"pre-?school(?:er|boy|girl)?|nursery school", (3, 5)),
    (r"reception (?:age|class|year)", (4, 5)),
    (r"kindergart[\w]*", (5, 6)),
    *((rf"{word}[\s-]grade(?:r|rs)?", (5 + k, 6 + k)) for k, word in enumerate(_GRADES, start=1)),
    (r"(?:elementary|primary) school\w*", (6, 11)),
    (r"middle[\s-]school\w*|junior high\w*", (11, 14)),
    (r"tween(?:ager|ie)?|pre-?teen\w*", (10, 12)),
    (r"high[\s-]school freshman", (14, 15)),
    (r"high[\s-]school senior", (17, 18)),
    (r"high[\s-]school(?:er|s)?", (14, 18)), (r"sixth[\s-]form(?:er)?", (16, 18)),
    (r"(?:college |uni(?:versity)? )?(?:freshman|fresher)", (18, 19)),
    (r"(?:college )?sophomore", (19, 20)),
    (r"(?:mum|mom|mother|dad|father|parents?) of (?:teen\w*|two|three|four|twins|grown)", (35, 55)),
    (r"toddlers?|to?dd?l?lers?", (1, 3)),
    (r"baby(?!\s*(?:face|cheeks|fat|blue|hair|-))|infant|new-?born", (0, 2)),
    (r"cherub(?:s)?|tiny tot|tot", (1, 5)),
    (r"young teen\w*", (13, 15)), (r"(?:older|late) teen\w*", (16, 19)),
    (r"teen(?:s|ie|ager|agers|age|aged)?|adolescent", (13, 19)),
    (r"school[\s-]?(?:girl|boy|kid|child)|pupil", (6, 17)),
    (r"nipper|sprog|ankle[\s-]biter|bairn|wean", (3, 8)),
    (r"(?:little|lil|small|wee|young|tiny)\s+(?:girl|gyal|boy|kid|lad|lass|lassie|child|one|brother|sister)", (4, 12)),
    (r"boy scout|girl guide|brownie scout", (8, 14)),
    (r"child|kiddo?|kid|childhood", (4, 12)),
    (r"student|undergrad(?:uate)?", (18, 28)),
    (rf"older {_OLDER}", (55, 85)),
    (r"grown(?:[\s-]up)? (?:man|woman)|grown[\s-]?up|adult (?:man|woman|male|female)|an adult|adult", (18, 60)),
    (r"a (?:pale |pallid |slim |thin |slender )?youth", (15, 25)),
    (r"boy|laddie", (4, 17)),
    (r"(?:young|yung|yong)(?:ish)?(?!er\b|\s+(?:for|looking|at\s+heart|hair)|-looking)", (18, 32)),
    (rf"{_NOT_YEARS_OLD}(?:old|auld)(?:ish)?(?!er\b|\s*(?:-|\s)?(?:{_OLD_THINGS}))", (60, 100)),
    (r"aged(?!\s*\d)", (60, 100)),
    (r"(?:my|that one|the|an?) (?:[\w]+ )?(?:uncle|aunt|auntie|aunty)", (40, 70)),
)  # fmt: skip
#: Entries of WORDS that are hardly ever said of anything but the face asked for.
PLAIN_WORDS = regex(r"""
    pre|kinder|\w+[\s-]grade|primary|elementary|high|tween|soph|college|middle|midle|elder|teen|octo|septua|nona|centen|
    sexa|quinq|pensioner|geriatric|little|lil|wee|small|great|sixth|junior|older \w|retired|reception|gen|boomer|millen|
    zoomer|toddler|prime|in the|nipper|young teen|ancient|pension|draw|bus pass|collect|[\w ]*years? (?:off|from|short)
""")
NOT_CHILD = regex(r"""
    \b(?:boys?|lads?|kids?|girls?|child(?:ren)?)(?:'s|ish)|\bold boy|\bhis boys|\bbig boy|\bboy band|\bkid(?:s|ding)\b|
    \bthe kids\b|children|\bnot (?:an? )?(?:very )?(?:old|young)|\b(?:n't|never|neither) (?:be )?(?:old|young)|
    \bless young\b|\bnor (?:old|young)\b
""")
