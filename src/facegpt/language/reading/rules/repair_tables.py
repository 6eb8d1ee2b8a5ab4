"""Words by which an edit takes something away, blames it, states it or acts on it: tables of repairs.py."""

from __future__ import annotations

import re

from facegpt.language.patterns import joined, regex


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{'|'.join(alternatives)})(?![a-z])")


_MUST = r"(?:can|must|should|will|has to|have to|needs to|need to|had better|is to|are to|got to|gotta|may|could)"
_OFF = r"(?:off|away|out|down|back)"
_REACH = r"(?:(?!\b(?:but|then|make|give)\b)[a-z' ]){0,40}?"
#: A word of removal or repair and what belongs to it.
REMOVES = _words(
    r"(?:get|be|getting) (?:shot|rid) of", r"rid (?:him|her|them|me|it) of", r"(?:do|doing) away with", r"los(?:e|es|"
    r"ing)",
    r"remov(?:e|es|ing|al of)", r"delet(?:e|ing)", r"eras(?:e|ing)", r"eliminat(?:e|ing)", r"ditch(?:ing)?",
    r"scrap(?:ping)?", r"banish", r"scrub(?: (?:off|out|away))?", r"kill(?: off)?", r"drop(?:ped|ping)?", r"lay aside",
    r"iron(?:ing)?(?: (?:out|away|over)|(?= (?:the|those|that|these|his|her|it|them)))", r"smooth(?:en|"
    r"ing)?(?: (?:out|over|away|down))?", r"wip(?:e|ing)",
    r"clear(?: up)?", r"clean (?:off|up)", r"shav(?:e|ing)(?: (?:off|down))?", r"raz(?:or|e)(?: (?:off|"
    r"to))?", r"wax off",
    r"chop off", r"whip off", r"hack off", r"slice off", r"cut (?:off|out|away)", r"spare (?:him|her|them|me|us)",
    r"fix(?: up)?", r"repair", r"correct", r"mend", r"cure", r"undo", r"heal", r"treat", r"straighten(?: (?:out|up))?",
    r"unbend", r"soften", r"refine", r"file(?: (?:down|off))?", r"sand(?: (?:down|off))?", r"grind (?:down|"
    r"off)", r"plane",
    r"tame", r"minus (?=the|his|her|all|any)", r"reduc(?:e|es|"
    r"ing)", r"lessen", r"minimi[sz]e", r"shrink", r"flatten", r"deflate", r"fill(?: in)?",
    r"cover(?: up)?", r"hide", r"fad(?:e|ing)(?: out)?", r"lighten up", r"blunt", r"balance", r"even (?:out|up|off)",
    r"break(?: \w+)? up", r"break(?= the| that)", r"disturb", r"tone down", r"calm(?: down)?", r"dial (?:back|"
    r"down)", r"ease off(?: on)?",
    r"bin", r"shed", r"dump", r"axe", r"(?:take|tak) (?:off|out|away|down)", r"no more", r"enough (?:of|with)",
    r"enough(?= \w+$)", r"off with", r"away with", r"down with", r"rid of", r"without", r"have the razor to",
    r"untangle", r"melt(?: (?:off|away))?", r"dissolve", r"burn off", r"sort out", r"strip(?: off)?", r"bleach out",
    r"drain", r"clip off", r"trim off", r"pare (?:down|off|away)", r"whittle(?: (?:down|away))?", r"buff out", r"botox",
    r"dye (?:out|over)", r"free (?:him|her|them) (?:of|from)", r"relieve (?:him|her|"
    r"them) of", r"tidy away", r"steam out",
    rf"(?:take|get|pull|knock|shave|cut|wipe|iron|smooth|tone|dial|turn|throw|scrape|rub|suck|draw|tak|file|whittle|"
    rf"clean|bring|wash|scrub|sand|chop|plane|trim|calm|play|strip|lift|tease|comb|press|"
    rf"hammer)(?= {_REACH} ?\b{_OFF}\b)",
)  # fmt: skip
#: A trait that is said to go.
GOES = _words(
    rf"{_MUST} (?:all |now |just |really )*(?:go|come off|come out|disappear|vanish|leave|be (?:gone|off|removed|taken|"
    r"shaved?n?|smoothed|ironed|erased|cut|lasered|corrected|straightened|filed|reduced|softened|fixed))(?: away|"
    r" off| out)?",
    r"(?:be|is|are|all|now|is all|are all)? ?(?:gone|begone|going|away with|removed|corrected|reduced|shaved off|"
    r"ironed "
    r"out|smoothed(?: out| away)?|straightened(?: out)?|erased|deleted|fixed|softened|cured)(?: away| off)?(?= *$|"
    r" by\b)",
    r"(?:is|are) (?:coming|going|to come|to be) (?:off|out|away|removed)", r"goes(?= *$| (?:now|please|too|away|"
    r"today))",
    r"(?<!took )(?<!put )(?<=[a-z] )(?:off|out|away)(?= *(?:please|now|"
    r"thanks)?$)", r"disappears?(?= *$)", r"vanish(?:es)?(?= *$)",
    r"nil", r"zero(?= *$)", r"none(?= *$)",
)  # fmt: skip
#: What looks like a removal and is none.
SPARED = _words(
    r"after los\w+ .*", r"(?:gr[eo]w\w*|let) (?:\w+ ){1,3}out", r"fill(?:ed|s)? (?:\w+ ){1,3}out",
    r"lose (?:sleep|track|the plot|his|her) ?(?:temper|cool|"
    r"head)?(?= *$)", r"no more than", r"without (?:touching|changing|"
    r"altering|moving|losing|making|any (?:extra|other))", r"ears? (?:go |stick |pop |come )?out", r"sticks? out",
    r"(?:chin|jaw|nose|cheekbones?|eyes|brow) (?:further |more |a bit |comes? |to come |push\w* )?(?:out|forward)",
    r"fill(?:ed)? (?:out|up)", r"fill (?:him|her|them|it) out", r"drop\w* (?:his|her|the) jaw", r"even (?:more|"
    r"bigger|\w+er)",
)  # fmt: skip
#: Less of a part, and more of it, where no adjective stands beside it.
CUTS = _words(
    r"eas(?:e|ing) (?:off|up)(?: on)?", r"dial (?:back|down)?", r"ton(?:e|"
    r"ing)(?: down)?", r"halve", r"shrink", r"reduce",
    r"decrease", r"over(?:did|done|doing) (?:it with |it on )?", r"overboard (?:with|on)", r"scale (?:back|down)",
    r"less(?: of)?", r"downsize", r"rein in",
    r"half as much", r"cut (?:back|down)(?: on)?", r"diminish", r"take (?:some|a bit|a little) (?:of|off|from)",
)  # fmt: skip
BOOSTS = _words(
    r"boost", r"beef up", r"build up", r"increase", r"exaggerate", r"scale up", r"blow up", r"dial up", r"bump up",
    r"amp(?:lify)?(?: up)?", r"crank up", r"pump up", r"more(?: of)?", r"extra", r"double the", r"enlarge",
    r"twice the", r"twice as much",
    r"stingy with", r"skimped on", r"skimpy with", r"upsize", r"add (?:some|to)", r"bulk up", r"not enough",
)  # fmt: skip
#: Words of blame: what they speak of is wrong as it is.
BLAME = _words(
    r"over(?:did|done|doing)(?: it)?(?: with| on)?", r"(?:gone |went |going |a bit )?overboard(?: with| on)?",
    r"(?:gone|went|got) (?:too far|mad|crazy|wild)(?: with| on)?", r"heavy handed with", r"i did not ask for",
    r"nobody asked for", r"who (?:ordered|asked for|gave \w+)", r"bothers me", r"is not working", r"are not working",
    r"i (?:hate|dislike|detest|can not (?:stand|bear))", r"i (?:do not|am not) (?:like|keen on|fond of|happy with)",
    r"why (?:is|are) there", r"why (?:has|does|have) (?:he|she|it|they)(?: got| have)?", r"what is with", r"spoils?",
    r"ruins?", r"(?:you were |too )?stingy(?: with)?", r"skimp(?:y|ed)(?: on| with)?", r"not enough", r"short of",
)  # fmt: skip
#: Of these more is wanted.
FEWER = _words(r"(?:too )?stingy(?: with)?", r"skimp(?:y|ed)(?: on| with)?", r"not enough", r"short of")
#: A piece that blames the one before it.
COVERED = _words(
    r"(?:that|it|this|which) (?:can not be|is not|is just not|does not look|looks|is|looks all|feels) (?:right|wrong|"
    r"off|odd|"
    r"silly|ugly|weird|awful|dreadful)", r"(?:and )?(?:it|that|this) (?:bothers|annoys|irks|bugs) me", r"not right",
    r"(?:i |we )?(?:hate|do not like|dislike|can not stand) (?:it|that|them|this)",
    r"that is (?:a problem|not (?:her|him|it|right))",
)  # fmt: skip
#: Words of a finite statement.
STATES = _words(
    r"is", r"are", r"has", r"have", r"got", r"looks?", r"seems?", r"appears?", r"reads?", r"sits?", r"stands?",
    r"sticks?",
    r"pops?", r"bulges?", r"juts?", r"slides?", r"droops?", r"sags?", r"leans?", r"overhangs?", r"hangs?", r"runs?",
    r"starts?", r"comes?", r"goes", r"hardly", r"barely", r"reaches", r"vanish(?:es)?", r"disappears?", r"feels?",
    r"slopes?",
    r"recedes?", r"tilts?", r"slants?", r"points?", r"dips?", r"pokes?", r"protrudes?", r"takes? up", r"swallows?",
    r"you(?: all)? (?:made|gave|put|drew)", r"y'all made", r"dey", r"be like", r"bends?", r"wanders?", r"cross(?:es)?",
    r"curves?", r"gapes?", r"swamps?", r"flaps?", r"turns?", r"can (?:see|look)",
)  # fmt: skip
#: A fault without a verb: a part "like" something.
FAULTS = re.compile(r"\blike an? \w+|^(?:the |his |her |these |those |that )?\w+ (?:of|as) an? \w+")
#: Words by which a piece asks for something, and does not state it.
REQUEST_WORDS = _words(
    r"should", r"must", r"needs?", r"ought", r"could", r"would", r"want", r"wants", r"prefer", r"imagined", r"let",
    r"please", r"less", r"wish", r"rather have", r"shall", r"ha(?:s|ve) to", r"was", r"were", r"had been", r"to be",
    r"now", r"instead", r"becomes?", r"gets?", r"turns (?:white|grey|blond|black|red)",
    r"(?!(?:her|over|under|other|lower|upper|corner|never|either|another|together|rather|after|ever|whether|center|"
    r"hawker|brother|sister|father|mother|baker|boxer|singer|finger|ladder|hammer|spider|saucer|butter|soldier|farmer|"
    r"badger|tower|flower|number|paper|water|river|shoulder|power|leather|character|poker|ower|cover)\b)[a-z]{2,}er"
    r"(?! than\b)(?!s)",
)  # fmt: skip
_FILLERS = joined(r"""
    (?:please|so|just|now|kindly|well|right|ok|okay|go on|honey|dear|love|mate|need to|need|i want to|i would|i'd|
    can't you|(?:can|could|would|will|might) (?:you|we|ye|not you|you not|you ever|you please)|let us|
    you (?:can|may|should|must|need to|had better)|do|you|to|abeg|try to|maybe|perhaps|then|go and|simply|at least|
    want to|the chin must)
""")
#: What is done to a part.
ACTIONS = regex(rf"""
    ^\W*(?:{_FILLERS}\W+)*(?P<verb>make|put|give|take|bring|pull|push|move|nudge|ease|shift|slide|fetch|lift|raise|
    lower|drop|set|sit|sink|tuck|pin|glue|stick|press|flatten|fill|plump|puff|fatten|feed|beef|bulk|build|thin|slim|
    trim|cut|shave|plane|sand|file|scrape|blunt|taper|pinch|narrow|widen|broaden|spread|space|scoot|open|close|shut|
    stretch|lengthen|shorten|extend|grow|shrink|reduce|enlarge|halve|double|scale|straighten|fix|repair|correct|mend|
    even|balance|level|soften|smooth|iron|tone|dial|calm|lighten|darken|warm|cool|add|remove|lose|tighten|loosen|tilt|
    turn|rotate|stand|lie|lay|get|hide|cover|sharpen|round|refine|restore|cure|undo|change|adjust|sort|rax|hoist|heave|
    yank|draw|gather|knock|rough|break|squeeze|squash|peel|prop|hitch|haul|drag|stop|bend|roll|flip|shape|help|let|
    brighten|dim|deepen|carve|chisel|mould|mold|heighten|steer|angle|aim|point|swing|mess|disturb|throw|ruffle|muss|
    moderate|treat|improve|crank|turn|boost|pad|firm|tame|rein|unbend|sculpt|relax|wind)(?:s|ed)?\b
""")
#: What stays: no piece of these is a change.
KEPT = _words(
    r"keep(?:ing|s)?", r"leav(?:e|ing) (?!nothing|none|no\b)", r"stays?", r"staying", r"remains?", r"do not (?:touch|"
    r"change|"
    r"alter|move)", r"not to be touched", r"as (?:it|they) (?:is|are)", r"leave alone", r"same",
)  # fmt: skip
STRONG = _words(
    r"fully", r"completely", r"totally", r"a lot", r"lots", r"way", r"much", r"loads", r"really", r"properly",
    r"proper",
    r"plenty", r"hugely", r"far", r"a good deal", r"twice", r"half as", r"halve", r"hard", r"big",
)  # fmt: skip
SLIGHT = _words(
    r"a (?:wee |tiny |little |small |teeny )?(?:bit|touch|shade|tad|hair|trifle|fraction|smidge|smidgen|notch|piece|"
    r"dash|whisker)",
    r"a little", r"slightly", r"somewhat", r"some", r"subtly", r"gently", r"modestly", r"lightly", r"a tiny",
    r"ever so",
    r"faintly", r"partly", r"fractionally", r"just barely",
)  # fmt: skip
#: Things on a face by words of their own, the longer ones first: what a head has more of with them.
THINGS: tuple[tuple[re.Pattern[str], dict[str, int]], ...] = tuple(
    (_words(pattern), said)
    for pattern, said in (
        (r"facial hair|face (?:fuzz|hair|fur|fungus)|(?:hair|fuzz|fur) (?:on|from|off|of) (?:the|his|her|its) face",
         {"beard": 1, "moustache": 1}),
        (r"(?:hair|fuzz|fur|bristles?|fluff) (?:on|from|off|along|round|around) (?:the|his|her|its) (?:chin|jaw|"
         r"cheeks?)|"
         r"beards?|baird|goatee|stubble|whiskers?|chin (?:hair|fuzz|strap|curtain)|five o'clock shadow|sideburns|"
         r"scruff",
         {"beard": 1}),
        (r"(?:hair|fuzz|fur|fluff|bristles?|bit) (?:on|under|over|above|from|below) (?:the|his|her|its) (?:nose|lip|"
         r"upper lip|"
         r"top lip|mouth)|(?:mo|mou)?u?stach(?:e|io)s?|'?tac?he?s?|tash(?:es)?|mo|muzzy|handlebars?", {"moustache": 1}),
        (r"(?:grey|gray|white|silver) (?:hairs?|strands?|bits?|streaks?)|(?:the |that |his |her |"
         r"any )?gr[ea]ys?(?= *$| out| "
         r"hair| from| off| away| in)|salt in (?:the|his|her) hair", {"hair_greyness": 1}),
        (r"(?:the |that )?(?:red|ginger|carroty?|auburn)(?: \w+)? (?:of|in|from|out of) (?:the|his|her) (?:hair|"
         r"curls|locks)|"
         r"(?:ginger|carroty|red) (?:hair|tint|tinge|locks)|ginger", {"hair_redness": 1}),
        (r"hair on top|(?:the|his|her|its|that|all|of|all his|all her) hair|hair(?= off| goes| gone)|locks|"
         r"head of hair|mop",
         {"hair_length": 1}),
        (r"(?:dent|dimple|cleft|groove|line|crease|split|crack|notch) (?:in|on|from|of|out of|down) (?:the|his|her|"
         r"that) chin|"
         r"cleft|chin (?:dent|dimple|cleft|groove|crease)|dimpled chin", {"chin_cleft": 1}),
        (r"freckles?|(?:sun |liver |little )?spots|speckles?", {"freckles": 1}),
        (r"(?:w?rinkl\w+)|(?:laughter |frown |fine |forehead |brow )?lines|creases?|crow's feet|furrows?|crinkles",
         {"wrinkles": 1}),
        (r"(?:eye )?bags|puffiness|(?:dark )?circles|pouches|suitcases", {"eye_bags": 1}),
        (r"hump|bumps?|hook|roman nose|(?:hawk's |parrot's )?beak", {"nose_bridge_convexity": 1}),
        (r"kinks?|bend in|deviation|deviated (?:bridge|septum|nose)|crook in", {"nose_crookedness": 1}),
        (r"doub\w* chins?|second chin|extra chin|jowls?|wattles?|turkey neck|submental (?:fat|fullness)|(?:fat|flab|"
         r"skin|"
         r"weight) (?:\w+ ){0,2}?(?:under|below|beneath|off|of|on|from) (?:\w+ )?(?:chin|neck|"
         r"jaw)", {"jawline_definition": -1}),
        (r"(?:fat|flab|weight|padding|puff) (?:on|in|off|from|of|round) (?:the|his|her|its) cheeks?|cheek (?:fat|"
         r"padding|puff)",
         {"cheek_fullness": 1}),
        (r"redness|ruddiness|blotch(?:es|iness|y bits)?|flush|(?:the |that |some )red(?: (?:of|in|from|"
         r"out of) (?:the|his|her) "
         r"(?:skin|face|cheeks|complexion))?(?= *$| down| off| away| out| of| in| from)|rosacea", {"skin_redness": 1}),
        (r"weight|fat|flab|pounds|kilos?|chub|blubber|bulk|paunch|puppy fat", {"heaviness": 1}),
        (r"asymmetry|lopsidedness|unevenness|imbalance", {"asymmetry": 1}),
        (r"symmetry|evenness", {"asymmetry": -1}),
        (r"masculinity|manliness|mannishness|machismo", {"masculinity": 1}),
        (r"femininity|girliness|womanliness", {"masculinity": -1}),
        (r"hooding|hooded(?:ness)?(?= *$)", {"lid_hooding": 1}),
    )
)  # fmt: skip
_ARTICLES = r"(?:the|his|her|its|a|an|any|all|some|both|those|that|these|every|this|of|it|them)"
#: A piece that is nothing but a thing: it goes on with a list ("lose the beard, moustache").
WORDS_OF_THINGS = re.compile(
    rf"(?:{_ARTICLES} )*(?:\w+ )?(?:{'|'.join(pattern.pattern for pattern, _ in THINGS)})(?: too| as well| included)?"
)
#: Something is put there.
GIVES = _words(
    r"chuck", r"bung", r"whack", r"stick", r"slap", r"pop", r"put", r"give", r"add", r"grow", r"draw", r"plonk", r"lob",
    r"with", r"paint", r"stick on", r"slip", r"bang", r"needs", r"fancy", r"get \w+ an?",
)  # fmt: skip
#: A small step, where no hair is meant.
HAIRS_BREADTH = _words(r"(?:by )?(?:just )?a (?:hair|whisker)(?:'s breadth)?(?= *(?:$|[.,;!?]|narrow|wide|long|short|"
    r"big|small|"
                       r"high|low|thick|thin|less|more|off|to))")  # fmt: skip
#: What is left of a removal that names nothing: "take it away", "lose that".
NO_OBJECT = re.compile(
    r"(?:(?:it|them|that|those|these|all|please|so|now|just|the lot|both|well|you can|can you|would you|"
    r"i want you to|we|off|away|too|as well|right|only)\b ?)*"
)
#: Comparisons of more and less that speak of no amount.
WORSE = _words(r"more or less", r"no more", r"no less", r"(?:more|less) than", r"once more", r"any more", r"even more",
               r"more (?:like|years|of a|time)")  # fmt: skip
#: An adjective with its degree.
GRADED = re.compile(r"\b(?:so|very|rather|quite|awfully|terribly|really|pretty|a bit|all|totally|completely) ([a-z]+)")
#: What turns a piece round.
TURNED = _words(r"not", r"no", r"less", r"never", r"without", r"than", r"too", r"nothing", r"none", r"nor", r"un\w+",
                r"from", r"instead of", r"rather", r"if", r"was", r"were", r"hardly", r"barely", r"enough")  # fmt: skip
#: Sayings of an edit that name no trait: what they change.
SAYINGS: tuple[tuple[re.Pattern[str], dict[str, float]], ...] = (
    (_words(r"feed (?:him|her|them|it|this|that|the|up)", r"needs? (?:a )?(?:good )?feed(?:ing)?",
    r"fatten (?:\w+ )?up",
            r"(?:few|good|square|decent) (?:hot )?(?:meals?|dinners?)"), {"heaviness": 1.0}),
    (_words(r"shear (?:him|her|it|them|the)", r"crop (?:him|her|the hair)"), {"hair_length": -1.0}),
)  # fmt: skip
#: A number of years that an edit takes away, and one that it adds.
YEARS_OFF = _words(r"off", r"back", r"younger", r"shed", r"lose", r"strip", r"knock", r"remove", r"rewind", r"wind")
YEARS_ON = _words(r"on", r"older", r"add", r"more", r"another", r"forward", r"plus", r"extra")
