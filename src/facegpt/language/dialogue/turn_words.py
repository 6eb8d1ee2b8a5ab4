"""Word lists for what a turn does: people by what they are, texts that are asked for, thanks, codes of movements."""

from __future__ import annotations

from facegpt.language.patterns import joined

#: One person.
PERSON = joined(r"""
    (?:person|m[ae]n|wom[ae]n|face|head|guy|girl|boy|lady|gentleman|character(?!s? long)|stranger|portrait|kid|child|
    teen(?:ager)?|grandm\w+|grandp\w+|gran(?:ny|dad)?|grandfather|mother|father|mum|dad|daughter|son|sister|brother|
    twin|villain|hero|heroine|suspect|soldier|witch|king|queen|prince(?:ss)?|bloke|chap|lad|lass|fella|fellow|dude|
    rando|nurse|teacher|farmer|sailor|pirate|wizard|warrior|monk|nun|toddler|baby|
    \w+(?:wom[ae]n|m[ae]n(?<!human)(?<!german)(?<!roman)(?<!woman))|villager|baker|barber|blacksmith|butcher|clerk|cook|
    chef|doctor|driver|duke|duchess|countess|baron(?:ess)?|elf|dwarf|orc|goblin|giant|ogre|troll|brute|thug|crook|thief|
    spy|detective|cop|sheriff|cowboy|knight|squire|guard|gladiator|senator|emperor|empress|pharaoh|priest|vicar|bishop|
    rabbi|imam|saint|hag|crone|hermit|beggar|peasant|shepherd(?:ess)?|hunter|miner|miller|inn-?keeper|
    bar(?:tender|maid)|wait(?:er|ress)|maid|butler|librarian|professor|student|pupil|scholar|scientist|lawyer|judge|
    boss|banker|tailor|painter|sculptor|poet|novelist|musician|singer|drummer|dancer|actor|actress|clown|boxer|wrestler|
    jockey|coach|athlete|runner|rower|swimmer|captain|admiral|general|sergeant|pilot|astronaut|hacker|nerd|punk|goth|
    hippie|boomer|zombie|vampire|alien|angel|demon|robot|patient|bride|groom|widow(?:er)?|bachelor|neighbou?r|tourist|
    commuter|cyclist|biker|trucker|plumber|electrician|carpenter|mason|gardener|usher|fishmonger|grocer|porter|mayor|
    president|minister|ambassador|diplomat|rogue|bard|cleric|paladin|ranger|druid|sorcerer|mage|assassin|mercenary|
    viking|neanderthal|caveman|samurai|ninja|geisha|bouncer|model|candidate|bandmate|buddy|mate)
""")
#: Several.
PEOPLE = joined(rf"""
    (?:{PERSON}s|people|persons|children|womans|ladies|gentlemen|men|women|\w+(?:men|women)|versions?|variants?|
    variations?|options?|heroes|witches|princesses|duchesses|actresses|thieves|elves|dwarves|spies|babies|
    family(?! \w*(?:trip|tree|name|holiday|dinner)))
""")
#: Texts and other things that are asked for with "give me" and "make", and that are no head.
PRODUCT = joined(r"""
    names?|password|recipe|poem|haiku|limerick|sonnet|couplet|verse|rhyme|adjectives?|synonyms?|words?|sentences?|
    paragraph|dialogue|scene|script|job ad|advert|ads?|slogan|captions?|title|essay|e-?mail|mail|letter|note|text|
    message|formula|function|class|regex|invitation|list|plan|backstory|motive|story|joke|quiz|tips|ideas?|advice|blurb|
    speech|toast|review|summary|outline|spreadsheet|table|code|meme|compliment|insult|nickname|username|will|contract|
    schedule|playlist|menus?|bio|cover letter|cv|count formula|answer|reasons?|facts?|(?:random|phone) numbers?|
    difference|meaning|explanation|lyrics|verb|phrase|line|lines
""")
#: What is measured.
SIZES = r"figures?|width|length|height|measurements?"
_CONTENT = joined(r"""
    (?:thanks?(?: you)?|thx|thnaks|ta|cheers|great|perfect|lovely|nice|brilliant|good(?! looking)|cool|that's|that is|
    it's|its|looks|looking|much (?:better|obliged)|wow|haha\w*|lol|lmao|awesome|amazing|excellent|well done|yay|yep|yes|
    yeah|no|nah+|ok(?:ay)?|sure|oh|aww*|ha|he's|she's|he is|she is|i'm|im|my (?:\w+ ){1,2}|we|i)
""")
#: A piece that greets, thanks or is content, and asks nothing.
DONE = joined(rf"""
    ^\W*(?:hi|hiya|hello|hey+|yo+|sup|wass?up|heya|good (?:morning|evening|afternoon|night|day|bye)|morning|evening|
    afternoon|goodbye|bye|see you|greetings|howdy|testing|how do you do|(?:many |much )?thank(?:s| you)|thx|thnaks|ta|
    cheers|much obliged|sorry|(?:never mind|nvm)(?=\W*$)|wow|lol|lmao|haha\w*|ha|well done|ok(?:ay)?|cool|great|perfect|
    lovely|nice|brilliant|awesome|amazing|excellent|same to you|hm+|hold on|
    wait)\b(?!.*\b(?:make|give|try|add|more|less|too|a bit|without|with an?|with the|draw|show|but|
    now (?:a|the|with))\b)|^\W*{_CONTENT}\b[^.!?]*\b(?:fine|perfect|great|good(?! looking)|right|done|enough|lovely|
    spot on|thank(?:s| you)|like (?:it|him|her)|loves? (?:it|him|her)|satisfied|pleased|exactly|prefect|the one|
    finished|patient|welcome|looks? like (?:my|our|a mate)|my (?:boss|uncle|landlord|dad|mum|ex|brother|sister|teacher)|
    like my \w+)\b
""")
#: No more is wanted of the head at hand.
NO_MORE = joined(r"""
    \b(?:that'?ll do|that will (?:do|be all)|that's (?:all|it) for|that'?s a wrap|not now|let me think|
    no more (?:changes|faces|heads|pictures)|never mind\b(?! the)|leave it|i'?m (?:off|good|done)|saved it|call it done|
    that is all\W*$|nothing more(?: for now)?\W*$|talk about something else|sleep well|i am satisfied|
    i'?m (?:satisfied|happy with)|good night|^\W*(?:\w+\W+){0,2}later\W*$)
""")
#: Movements by code: "6+12", "AU4", "15B", "jawOpen".
CODES = (
    r"\bAU ?\d|\baction units? \d|\b\d{1,2}[A-E]?(?: ?\+ ?\d{1,2}[A-E]?)+(?![\d.])|\b\d{1,2}[A-E]\b(?= |$|,)|"
    r"\b(?-i:jaw(?:Open|Forward|Left|Right)|tongueOut|(?:brow|eye|mouth|cheek|nose)[A-Z]\w+)\b"
)
#: Turns of phrase that name a part of the face and speak of none.
IDIOM = joined(r"""
    \b(?:by the skin of \w+ teeth|face the music|(?:los|sav)(?:e|ing) face|lost face|saved face|face to face|
    on the face of it|let's face it|about[- ]face|neck and neck|head over heels|heads[- ]up|head start|heads or tails|
    (?:all|lend me your) ears|play (?:it )?by ear|turn(?:ed|ing)? a (?:blind eye|deaf ear)|an eye for an eye|
    see(?:ing)? eye to eye|keep an eye (?:on|out)|in the eye of the (?:storm|beholder)|pa(?:y|id) through the nose|
    under (?:my|your|his|her|our|their) (?:very )?nose|turn(?:ed)? up \w+ nose|keep (?:your|my|his|her) chin up|
    cheek by jowl|tongue[- ]in[- ]cheek|(?:tip|slip) of (?:my|the) tongue|word of mouth|by the scruff|
    (?:my|your) lips are sealed|stiff upper lip|pain in the neck|breath(?:e|ing) down \w+ neck|raised? eyebrows at|
    (?:fly|flew) in the face of|in the face of|slap in the face|blue in the face|face value|sink your teeth|
    off the top of (?:my|your) head|over (?:my|your|his|her) head|head of (?:state|the|our|my)|jaw-dropping)\b
""")
