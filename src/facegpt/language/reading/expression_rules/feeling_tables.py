"""Turns of phrase, cries and hints of feelings: tables for language/reading/expression_rules/feeling_phrases.py.

A line is "kind: phrase | phrase" with the kinds of word_tables.KINDS_OF_FEELING. In a phrase "(a|b)" is a choice,
"?" and "+" repeat as in regular expressions, "~" ends a stem, and words in capitals stand for those of `CLASSES`.
"""

from __future__ import annotations

from facegpt.language.reading.rules.phrases import word_set

#: What words in capitals stand for.
CLASSES = {
    "OWN": "(his|her|their|my|your|our|its|the)",
    "WHOM": "(him|her|us|them|you)",
    "WORD": r"\w+",
    "THAT": "(that|it|this)",
    "FORESEE": "(se+n?|saw|expect(ed)?|reckon(ed)?|think|thought|foreseen?|dream(t|ed)?|guess|know)",
    "NOTBELIEVE": "can (not|hardly|barely|scarcely) believe",
    "STRIKE": "(hit|punch|slap|throttle|strangle|smack|kick|throw (a|the|something|things|hands|punches)|smash|break|"
    "hurt|clobber|deck|wring|shout at|thump)",
    "RATHER": "(bit|touch|little|tad|shade|trifle|rather|quite|very|so|really|slightly|mildly|somewhat|pretty|is|am|"
    "looks?|feels?|feeling|gets?|getting|dead)",
    "ENDS": "(wipe|clean|take|remove|strip|erase|clear|cut|drop|lose)",
    "SETTLES": "( is| are| goes?| back| set| down)*",
    "BACK": "(back|return~|bring) (WORD ){0,4}?(to|at) (a |its |the |his |her )?",
}


def _table(lines: str) -> tuple[tuple[str, str], ...]:
    """Read lines "kind: phrase | phrase" into (kind, phrase)."""
    pairs = (line.split(": ", 1) for line in lines.strip().splitlines())
    return tuple((kind, phrase) for kind, phrases in pairs for phrase in phrases.split(" | "))


#: Turns of phrase that name a feeling.
PHRASES = _table(r"""
joy: all smiles | in stitches | roll~ (with|about) laugh~ | laugh~ OWN (head|socks) off | burst~ out laughing
joy: crying laughing | belly laugh | face lit up | cheesin~ | (smil|grin)~ (from )?ear to ear | grinning like
joy: over the moon | on cloud nine | tickled pink | (thrilled|chuffed) to bits | made up(?= with|\W*$)
joy: walking on air | in seventh heaven | (pleased|proud|happy) as (punch|larry|a WORD) | like a dog with two tails
joy: (best|good|great|lovely|wonderful|happiest|brilliant) (mood|day|news|time)(?! to| for)
joy: in (high|good|great) spirits | jump~ (for|from|with|of) joy | full of the joys | having a (ball|blast)
joy: (time|day|mood) of OWN (life|lives) | feel~ (great|wonderful|fantastic|on top) | on top of the world
joy: lit (her|him|them|me)? ?(up )?from within | how glad | so glad | loves? (it|every WORD of it)
sad: bummed( out)? | homesick | mop(ing|es) | (got|has|have|with) the blues | (close|near|moved) to tears
sad: (verge|brink|point) of tears | eyes well~ up | wail~ | gutted | crushed by
sad: OWN heart (is |was |has |had )?(broken|breaking|in (bits|pieces)|heavy|sank|bleeding)
sad: br(oken|eak~|oke) OWN heart | heart (heavy|is broken) | heavy heart | heart ?sore | down in the (dumps|mouth)
sad: sunk in the dumps | in floods | waterworks | in tears | tears (come|came|run|ran|roll|stream|well)~
sad: burst~ (into|out) (tears|crying) | want~ to (cry|weep|bawl)
sad: (could|only wants to|going to|gonna|about to|ready to|might) (cry|weep|bawl|sob)
sad: (a )?(bit|touch|little|tad) (down|blue|low)\b(?! (to|in|at|the|on)) | feel~ (down|blue|low)
sad: lower lip (will not stop |is )?(trembl|wobbl|quiver)~ | all cried out | ugly crying | big sad
surprise: knocked for six | bolt from the blue | (eyes|eyes like) saucers | jump scare | blow me down
surprise: i will be darned | (did|do|does|had|has) (not|never) (really )?FORESEE ((any )?(of|on) )?THAT
surprise: never (WORD ){0,4}?(saw|seen|see|expect~|dreamt|dreamed|thought|imagined) (that|it|this|of)\b( com~)?
surprise: could (never|not) have (dreamt|dreamed|imagined|guessed|known|expected|seen)
surprise: would (not|never) have (thought|believed|dreamt|guessed|expected) | never have thought | not expect~
surprise: (had|with) no warning | was not (prepared|ready|expecting) | NOTBELIEVE OWN (WORD )?(eyes|ears|luck)
surprise: NOTBELIEVE (THAT|what|how|you|(s)?he|they|any(one|body))
surprise: could (not|hardly) believe (it|what|OWN (eyes|ears))
surprise: knocked (me|him|her|them) (WORD )?(sideways|down|over) ?(with a feather)? | out of nowhere
surprise: came from nowhere | out of the blue | caught (WORD )?(unawares|off guard|out)
surprise: (completely |totally )?(unawares|unforeseen|unprepared) | taken aback | double take
surprise: jaw (is |was |has )?(on the floor|hit the floor) | pig fly | mind blown | sprung on (him|her|them|me)
surprise: stopped in OWN tracks | where did that come from | what just happened | how did that happen | who knew
surprise: lost for words at | never (once |really )?(reckoned|bargained|counted|banked) (on|for) THAT
fear: in the headlights | white as a sheet | seen a ghost | frit | hair (stood|standing) on end | scared stiff
fear: (scared|frightened|startled) (to death|out of) | out of OWN wits | (shaking|quaking|trembling) (with|in|like)
fear: (blood|bones) (runs?|ran|went|turned) cold | (terrible|bad|awful|sinking) feeling about | butterflies in
fear: on edge | cold feet | heebie ?jeebies | wants? to (run|bolt|hide|flee|run away) | (screaming )?abdabs
fear: cold sweat | brown(ing)? OWN trousers | makes? OWN (flesh|skin) crawl | dreads? | dreading | dreaded
fear: dreadful feeling | the creeps | knees (are |were )?(knocking|shaking|turned) | afear~ | scaredy ?cat
fear: it frightens (him|her|them|me) | (he|she|they|i) fears? | worst fears? | wobbly with nerves
anger: doing OWN nut | foaming at | in a (temper|rage|fury|huff|strop|paddy) | curdle~ milk | fuming | vex(ed)?
anger: mad(der)? (as|than) | cross as | glar(es|ing) at | off my lawn | daggers drawn | hopping mad
anger: see(s|ing)? red | hit the roof | blown? OWN top | blew OWN top | spit~ feathers | spitting nails
anger: blood (is )?(boil~|up) | boiling (blood|with|over|mad) | fit to be tied | in high dudgeon
anger: hot under the collar | steam coming | up in arms | lose (it|my temper)
anger: (lost|losing) (it|OWN (temper|rag|cool)) | temper (is |has )?(gone|lost|up|frayed) | about to explode
anger: ready to explode | (could|wants? to|would|ready to|going to|gonna|about to|itching to) (just )?STRIKE
anger: fly off the handle | flew off | flies off the handle | spoiling for a fight | piece of OWN mind | ticked off
anger: pissed( off)? | teed off | cheesed off | browned off | thick with (him|her|them|me|it) | how dare
anger: bent out of shape | RATHER (cross|mad|upset with)(?! (eyed|legged|section|about (him|her|it)))
anger: (cross|mad) (with|at)\b | ^\W*mad\W*$ | thunder (gathering )?in OWN | face like thunder | losing OWN rag
anger: going to end (him|her|them) | for two pins
disgust: gross(ed|es|ing)? (WORD )?out | milk (is|was|were|gone|that is) (gone )?off | bad taste in
disgust: turn~ OWN stomach | stomach (is )?(turn~|churn~|heav~) | gag(s|ging|ged)?
disgust: want~ to (throw up|puke|vomit|be sick|retch)
disgust: (going to|about to|gonna|might|could) (throw up|puke|vomit|be sick|hurl|chunder)
disgust: makes? (him|her|them|me|you) (feel )?(sick|ill|queasy) | feel~ sick | sick to (his|her|their|the|my)
disgust: gorge (had |has )?(rose|risen|rising)
disgust: smell(s|ing|ed|t)? (something (bad|foul|awful|rotten|off)|rank|bad|foul|awful)
disgust: it (reeks?|reeked|stinks?|stank) | reek~ | stinks? | stinking | vile | putrid | rancid | throw~ up
disgust: sicken~ | bad smell | sour milk | bit into a lemon | dry heav~ | horrible smell
disgust: how gross | so gross | that is gross
contempt: nose in the air | above it all | stuck up
contempt: (far|so|clearly|utterly|is|are|was|were|as|all|somehow|well) beneath (him|her|them|me|us)
contempt: beneath (contempt|notice|OWN (notice|dignity))
contempt: (look~|sneer~|star(e|es|ing|ed)) down at (WHOM|everyone|everybody|people|the (rest|lot))
contempt: (look~|sneer~|star(e|es|ing|ed)) down OWN (WORD )?nose | (look~|sneer~|star(e|es|ing|ed)) down on\b
contempt: too good for
contempt: (think|believe) (that )?they are (WORD )?(better|above|superior|a cut|god|cleverer|royalty|it)
contempt: (thinks?|believes?) (that )?(s)?he is (WORD )?(better|above|superior|a cut|god|cleverer|royalty|it)
contempt: a cut above | better than (the rest|everyone|everybody|anyone|all|you|us|me) | holier than thou
contempt: who do they think they | (is that|that is) the best you (can|could|have) | rolls? OWN eyes at
contempt: as (if|though) (WORD ){1,4}(were|was|is) (something|dirt|nothing|a (worm|bug|flea|insect))
contempt: like (he|she|they|i|you|we|it) (is|are|were|was) (nothing|dirt|scum|beneath|worth nothing) | worth nothing
contempt: something (the cat|stuck to|on the sole|nasty|(he|she|they) (had )?(stepped|trodden|trod) in)
contempt: looks? at (WORD ){1,3}(like|as) (dirt|nothing|a worm|vermin) | no respect | far (below|beneath|under)
contempt: not worth (his|her|my|their|the) (time|breath|bother|effort|attention) | (utterly|totally)? ?unimpressed
contempt: not impressed | holds? (WORD ){1,3}cheap | cannot be bothered with | such peasants? | from above
contempt: pathetic | amateurs? | could not care less what | turns? (up )?OWN nose( up)? at
hate: looking daggers | murder(ous)? (in OWN|stare|look|glare) | can not stand the sight | bears? a grudge
hate: wants? you dead | if looks could kill | wish~ (him|her|them|you) (dead|ill|gone|off)
hate: want~ (him|her|them) (dead|gone|off the) | hates? (the|every|his|her|them|him|you|it all) | rot in hell
hate: sworn enem~ | never forgive | burn~ with hat~ | nothing but hat~
hate: (could|would) kill (him|her|them|you) | bad blood
awe: wonder ?struck | in (WORD )?wonder(?!land) | (quiet|hushed|full of|filled with) (WORD )?wonder | \brapt\b
awe: in the presence of (great|god|some) | (takes?|took|taken) OWN breath( away)? | breath (was |is )?taken away
awe: breath ?taking | feels? (so |very )?small before
awe: (so |too )(vast|beautiful|huge|grand|immense|lovely)( and WORD)? (it is|that|to be true)
awe: how (vast|grand|immense|beautiful) | before (so much )?(greatness|something greater) | humbled
awe: face to face with (god|the divine|the sublime) | beholding | like at the fireworks | goose ?bumps
appalled: apalled
appalled: shocked (at|by|about) (such|this|the|that|her|his|their) (WORD )?(behaviou?r|conduct|language|cruelty)
appalled: a disgrace | clutch~ (WORD )?pearls | how could (they|anyone|anybody|you|he|she) (do|stoop|sink)
appalled: (would|could) (stoop|sink) so low | shame on
appalled: (simply |utterly |absolutely )?(disgraceful|shameful|unconscionable|inhuman~) | for shame
appalled: beyond the pale | how (very )?dare anyone
neutral: (blank|resting|relaxed|stony|stone|expressionless) (face|stare|look|expression)d? | straight face(?! shape)
neutral: zero emotion | (no|not a flicker of) (mood|feeling) | giv(es?|ing) nothing away
neutral: no (expression|emotion|feeling)s?( at all| whatsoever)?(?! in)
neutral: without (any )?(expression|emotion|feeling|mimic) | feels? nothing | poker ?face~ | dead ?pan
neutral: (nothing|not a thing|no emotion)( at all)? (on|in) (the|his|her|that|their) face | face (is )?at rest
""")
#: Interjections, drawn out or not.
CRIES = _table(r"""
joy: yay+ | woo+ ?hoo+ | wahoo+ | yippee+ | hoo?rray | hurrah | let'?s goo+ | yess+ | delira | buzzing
joy: loving (it|life) | (?<!not )ha(ha)+ | he(he)+ | lol+ing
sad: boo ?hoo+( hoo)* | waah+ | sniffle~
surprise: wait,? what+ | wh?aa+t+ | what the( heck| hell| blazes| fuck| actual)?(?= ?[—–!?.…-]|\W*$| face) | wtf+
surprise: what\?+! | ^\W*what\?+ | no way+ | crikey | blimey | well i never | good (heavens|lord) | goodness( me)?
surprise: gosh
surprise: wh?oa+h* | hold on(?=[ .,!?]*(what|$)) | o+h my (god|goodness|gosh) | omg+ | no{4,} way | my word | golly
surprise: gasp~
fear: eek+ | ee+k!* | ya+rgh | aaa+h+!*(?= ?[.!?]| (no|help|it|you)|\W*$) | nope nope( nope)* | help+!+
anger: gr{2,} | gah+ | argh+ | a+rgh+ | excuse me ?\?+
disgust: e+w+h* | y+u+c*k+y? | yech+ | b+le+(u+r?g?h+|c+h+|g+h+|h+|rgh+) | bleh+ | blegh+ | eu+gh+
disgust: ugh+ (gross|disgusting) | i+ck+y? | pee?-?yew | ph?ew the smell | gro+ss+ | bleurgh | blech+ | blargh
disgust: icky( poo)? | chh?i( chh?i)+ | barf+
contempt: pf+t+ | pff+ | tch+ | tsk( tsk)* | meh losers? | puh+ ?lease | hmph+
awe: o{4,}h*( a+h+)?
""")
#: What is no feeling alone, and half of one beside another; stems.
HINTS = _table(r"""
joy: laugh | giggl | chuckl | funny | lol\b | lmao | enjoy | hilarious | loves? it | smil | grin | tickled
joy: in a good way | agreeabl | pleasant | lucky | (her|his) luck | good surprise | surprise party | cracking up
joy: the best (way|wey)
sad: tear(s|ful|y)?\b | cry | cries | sob | weep | wept | hurt | wounded | (bad|terrible|awful|sad|devastating) news
sad: pain(ed|ful) | sorr | pit(y|ies|ied)\b | gutted | heart ?(sore|sick|broken) | betray | loss\b | mourn
sad: broken\b | disappoint | ashamed | hopeless | desperate | anguish
surprise: surpris | supri[sz] | startl | amaz | stun | shock | wide eyed | open mouth
surprise: mouth (fall~|fell|hang~|drop~) ?open | jaw (drop|hang|slack) | what did you | unexpected | out of nowhere
surprise: suddenly | ambush | gasp | jump~ (scare|with|out of) | from behind | never heard (him|her|it|them) come
fear: fright | scare | scary | afraid | terrif | worr | anxi | panic | horror | horrif | trembl | threaten
fear: cornered | creep | dread
anger: cross\b | mad\b | fum(es|ing) | temper\b | scowl | hiss | snarl | savage | bitter | reproach | accus
anger: indignan | hostil | livid | having a go | squaring up | swinging | none too pleased | ticked
disgust: gross | foul\b | nast | stench | filth | slim[ey] | rotten | vile | puke | sick(en|ness)?\b | smelly
disgust: the smell | yuck | nausea | repell? | (wrinkl|scrunch)~ (WORD )?nose | nose (WORD ){0,2}(wrinkl|scrunch)
disgust: grimac | discust | distaste | slug | maggot | vomit
""")
#: What is said by the way, or of something else: no feeling of the face.
IDLE = _table(r"""
idle: surprise (me|us) | scare (me|us) | no worries | not to worry | do not worry | i am afraid | i fear
idle: if you are happy
idle: (happy|glad|sad|delighted|pleased) (to|with) (help|pay|the result|it so far)
idle: happy (birthday|christmas|new year|hour|days) | love (it|this) | i would love | hate to (ask|bother|say)
idle: i hate (it|that|how) | sorry( to| if) | ^sorry | thrilled with (it|the) | ^cheers | glad you | good grief
idle: would be happy | please | angry birds? | sad to say | awful lot | terribly sorry
idle: shock(ingly|ing)? (red|pink|blue|of hair|white) | disgustingly (rich|handsome|pretty) | awfully | terribly
idle: wonder~ (how|what|if|why|who|where|whether) | frightfully | horribly | supercilii | depressor~
idle: depressed (nasal|bridge|nose|root) | poker straight
idle: neutral WORD (hair|skin|brown) | resting (grump|sad|angry) | (gave|give|gives|giving) me
idle: (hate|love)s? (the|her|his|my|their) WORD(?=[.,;])
""")
#: Signs of a second feeling or of a story, beside which one word is not all; stems.
MORE_IS_MEANT = _table(r"""
more: hiss | scream | howl | yell | gasp | jump | pity | pities | sorry | sigh | spit | shak | trembl | weep | wept
more: tear | cornered | dead | death | die | dying | grave | funeral | killed | murder | what(?=\W*$|[?!])
""")
#: Signs that looks are not all: what somebody sees, does or is told.
HAPPENS = _table(r"""
happens: (has|have|had|is|was|who|he|she|they|we|i) just | just (been|found|seen|heard|won|lost|told|WORDed)
happens: as (if|though) | like (he|she|they|it|you) WORD | see(s|ing|n)? | saw | smell~ | caught | find~ | found
happens: first time | scream~ | howl~ | bellow~ | beam~ | quiver~ | cr(y|ies) | told | tell~ | hear~ | about to
happens: los(t|ing|es) | w(on|ins) | learn~ | reali[sz]~ | receiv~ | gasp~ | flicker | mocking~ | news | who has
happens: waiting | watching | after (WORD )?WORDing | before (WORD )?WORDing
""")
#: Commands that put the whole face to rest.
RESETS = _table(r"""
reset: (zero|reset|clear|null|flatten) (WORD ){0,4}?(sliders?|blend ?shapes?|morphs?|weights?|expression|anim~)
reset: (zero|reset|clear|null|flatten) (WORD ){0,4}?(everything|emotions?|all|face|controls) | rest pose
reset: (everything|all( of it)?|(the )?(sliders|blendshapes)|every WORD)SETTLES (to|at) (zero|0|rest|neutral)
reset: at ease(?=\W*$|[.;]) | ENDS (WORD )?(all|any|the|his|her) (WORD )?(expression|emotions?|feelings?)
reset: BACK(neutral|rest|normal|blank|default)(?=\W*$| (face|expression|pose|state|look))
reset: relax~ (the|his|her|every) (WORD ){0,4}?face | calm (him|her|them|it) down
""")
#: Kind of feeling → further stems, for the rules alone.
STEMS = {
    "joy": "jovial buoyant upbeat gratif triumph chortl guffaw rejoic exuberan ebullien gleef jocular carefree beamed "
    "tickled rapture raptur overjoy",
    "sad": "sadden sadly sadder saddest inconsol heartsick heartach brokenheart doleful dolorous lugubr morose bereft "
    "bereav bawl whimper snivel depress mopey lachrym wept tears blubb",
    "surprise": "stupef nonplus dumbstruck dumbfounded suprised flummox blindsid",
    "fear": "quaking jumpy creeped freaked phobi dread daunted unnerv skittish",
    "anger": "fury apoplec incandes choler vexed tantrum snarl bristl rage raging narked ropeable miffed peeved enrag "
    "aggrieved huffy riled steamed crabby grouch testy irascib wrath displeas disgruntl",
    "disgust": "repugn puking barf grossed retch nausea unappetis",
    "contempt": "scoff jeer derid sniffy dismissiv unimpress",
    "hate": "malice malici vitriol enmity",
    "awe": "enthral mesmeri transfix",
    "neutral": "stoic inscrut unreadab unemotion emotionless",
}
#: Words that begin like words of feeling.
OTHERWISE = frozenset({"rest", "crossed", "crossing", "crosses", "scarecrow", "scarecrows"})
EMOJI = {
    "joy": "😀😃😄😁😆😂🤣😊🙂☺😍🥰😎🤗😋🥳", "sad": "😢😭😞😔🙁☹😟😿🥺😥", "surprise": "😮😯😲",
    "fear": "😨😰😱", "anger": "😠😡🤬😤", "disgust": "🤢🤮", "contempt": "🙄😒😏", "awe": "🤩",
    "neutral": "😐😑😶",
}  # fmt: skip
#: Emoji that people write beside anything, and the words beside which they are meant.
BY_THE_WAY = frozenset("😭🥺😂🤣😊🙂😍😎🙄😅😆🥰😁😄😀😃🤩😏😩🙁😔")
BARE = word_set(
    "a an the man woman guy girl boy person face head kid lad lady dude like this that make me him her them it look "
    "looks looking somebody someone one who is are so very mood vibe vibes emoji give pls please of with just human "
    "version but as and be all time rn he she they do show feeling feels today right now"
)
#: Emoticons as regular expressions.
EMOTICONS = {
    "surprise": r"(?<!\w):-?[oO0](?!\w)", "anger": r">:-?[(\[]", "sad": r"(?<![\w>]):'?-?\(",
    "joy": r"(?<!\w)[:;]-?[)D](?!\w)",
}  # fmt: skip
