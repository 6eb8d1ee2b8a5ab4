"""Words for people by what they are."""

from __future__ import annotations

import re

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
_ONE_OR_SEVERAL = re.compile(rf"(?:{PERSON}|{PEOPLE})", re.IGNORECASE)


def is_person(word: str) -> bool:
    """Whether a word is one for a person or for several."""
    return bool(_ONE_OR_SEVERAL.fullmatch(word))
