"""Words that say a woman or a man: nouns, pronouns and the sex of a sheet; both or neither are left open."""

from __future__ import annotations

import re

from facegpt.language.patterns import regex


def _alternatives(words: str) -> str:
    """Join the words of a list, regular expressions parted by spaces."""
    return "|".join(words.split())


_WOMEN = _alternatives(r"""
    wom[ae]n wumm[ae]n \w+woman lad(?:y|ies) girl gurl gal gyal lass(?:ie)? wifie female mother \w*mother
    mum(?:my|s)? mom(?:my|s)? mam mama ma'?am madam[e]? gran grann(?:y|ie) nan nana nanna aunt(?:ie|y)?
    \w*sister daughter \w*daughter niece wife \w+wife bride widow spinster queen princess duchess countess
    baroness empress actress waitress hostess heiress stewardess sorceress witch nun abbess mermaid heroine
    villainess ballerina barmaid maid(?:en)? matron(?:ly)? missus mrs miss ms señora chick babe dame crone hag
    goddess priestess \w+girl babushka abuela oma nonna dowager damsel matriarch landlady housewife seamstress
    enchantress huntress tigress lioness governess sheila colleen diva tomboy lassies cailleach geisha valkyrie
    songstress bridesmaid girlie grandma grandmaw womenfolk mee\W?maw bubbe contessa doña ingenue nuns witches
    priestesses granddaughter stepdaughter
""")
_MEN = _alternatives(r"""
    m[ae]n (?!wo|hu|ger|ro|nor|sha|tali|otto|mus|isth)\w+(?<!wo)man gent(?:leman|s)? guy bloke blke chap
    fell(?:a|er|ow) lad(?:die|s)? boy \w+boy male father \w*father dad(?:dy|s)? grand(?:pa|ad|dad) gramps uncle
    \w*brother son grandson stepson nephew husband groom bridegroom widower king prince duke baron emperor
    viscount lord sir mr mister dude bro himbo monk friar abbot wizard warlock schoolboy papa abuelo opa nonno
    waiter landlord cowboy patriarch grandpop geezer boyo señor boyfriend godfather santa grampa monks monsieur
    don twink fishermen soldier\W?boy oga gaffer warlord squire butler earl alderman lads grandads
""")
_SHE, _HE = r"she|her|'er|hers|herself|she's|shes|she'll|she'd", r"he|him|his|himself|he's|hes|he'll|he'd"
_SAID = re.compile(
    rf"(?<![\w'-])(?:(?P<f>{_WOMEN}|{_SHE})|(?P<m>{_MEN}|{_HE}))(?:'s)?(?![\w])(?!['’]t\b)", re.IGNORECASE
)
_PRONOUNS = frozenset(f"{_SHE}|{_HE}".split("|"))
#: Women and men that are no persons, and the sex of things.
_NOBODY = regex(r"""
    \b(?:man[- ]made|no man's|oh boy|boy oh|oh man|hey man|thanks man|dear sir|sir or madam|
    (?:caveman|mr\.?) (?:potato head|brow)|ladies and gentlemen|
    (?:father christmas|santa|wizard|gandalf|viking)(?:'s)? (?:beard|style)|^sir\b,|
    miss(?:ing|es|ed)?\b(?! [a-z]+'s| who)|(?:guys|fellas)\b|king[- ]size\w*|snow ?man|bat ?man|super ?man|
    gingerbread man|stick ?man figure|lady ?bird|queen bee|old man of|next man|grim reaper|
    (?:ex|my|ma|your|his|her|our|their|the) (?:\w+ )?(?:wife|husband|mother|father|mum|mom|dad|girlfriend|boyfriend|
    gran|nan) (?:says|said|thinks|wants|calls|insists|asked|puts|always|used)|
    (?:like|as|than) (?:an? |the |my |his |her |your )?(?:\w+ ){0,2}(?:man|woman|king|queen|princess|boy|girl|lady|guy|
    mother|father|mum|dad|uncle|aunt|grandad|gran|\w+man|\w+boy)(?:'s|s')?\b)
""")
_SHEET = regex(r"""
    \b(?:sex|gender)\"?\W{0,4}(?:is |was )?(?:(?P<f>f(?:em(?:ale)?)?|wom[ae]n|girl|lady)|(?P<m>m(?:ale)?|man|boy))\b|
    (?<![\w'])\d\d?(?:\s?(?:yo|y/o|yrs?(?: old)?|years? old))?\s?/?\s?(?:(?P<f2>f)|(?P<m2>m))(?![\w']|
    \.\d)(?! ?(?:in|long|tall|of))|(?:^|[,;:/|(.]\s*)(?:(?P<f3>f(?:emale)?)|(?P<m3>m(?:ale)?))\s*(?=[,;/|)]|\d|$)
""")


#: What stands before somebody who is there already.
_DEFINITE = re.compile(r"\b(?:this|that|the)(?:\s+(?:old|young|same|first|second|other|left|right))?\s+$", re.I)


def find_sex(text: str) -> str:
    """The sex, "F" or "M", where a plain text (`normalised`) names one, "both", or "" where it names none."""
    sheet = _SHEET.search(text)
    if sheet:
        return "F" if any(sheet[name] for name in ("f", "f2", "f3")) else "M"
    found = {match.lastgroup for match in _SAID.finditer(_NOBODY.sub(" ", text))}
    return "both" if len(found) > 1 else str(found.pop()).upper() if found else ""


def sex_of_pronouns(text: str) -> str:
    """The sex, "F" or "M", of the pronouns of a text in which no other word names one; "" otherwise."""
    words = {text[start:end].lower().removesuffix("'s"): sex for start, end, sex in sex_words(text)}
    only = _PRONOUNS.issuperset(words) and not _SHEET.search(text.lower())
    return next(iter(words.values())) if only and len(set(words.values())) == 1 else ""


def sex_referred_to(text: str) -> str:
    """The sex, "F" or "M", by which a text only points at somebody: "him", "this woman's nose"; "" otherwise.

    "The woman" is who is there already; "a woman" is what somebody is to become.
    """
    if pronouns := sex_of_pronouns(text):
        return pronouns
    told = sex_words(text)
    for start, end, _ in told:
        pronoun = text[start:end].lower().removesuffix("'s")
        if pronoun not in _PRONOUNS and not _DEFINITE.search(text[:start]):
            return ""
    sexes = {sex for _, _, sex in told}
    return sexes.pop() if len(sexes) == 1 and not _SHEET.search(text.lower()) else ""


def sex_words(text: str) -> list[tuple[int, int, str]]:
    """Every word that names a person of one sex: (start, end, "F" or "M")."""
    return [(*match.span(), str(match.lastgroup).upper()) for match in _SAID.finditer(text)]
