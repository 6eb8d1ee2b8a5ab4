"""The one list of words for relatives: of which sex each is, and how many years older than whose relative it is."""

from __future__ import annotations

from dataclasses import dataclass

from facegpt.language.patterns import words_in

_YEARS = 28.0


@dataclass(frozen=True)
class Kin:
    """A relative: the noun, "F", "M" or "" for either sex, and years beyond those of whose relative this is."""

    noun: str
    sex: str = ""
    years: float = 0.0

    @property
    def is_sibling(self) -> bool:
        """Whether the noun is for children of the same parents."""
        return self.noun in ("sister", "brother", "sibling", "twin")


#: Words by sex, either first, with the years between both.
_ROWS = (
    (0.0, "sibling twin cousin lookalike double", "sister", "brother"),
    (_YEARS, "parent", "mother mum mom mummy mama aunt auntie", "father dad daddy papa uncle"),
    (-_YEARS, "child kid baby offspring", "daughter niece", "son nephew"),
    (2 * _YEARS, "grandparent", "grandmother grandma granny gran nan nana", "grandfather grandpa grandad granddad"),
    (-2 * _YEARS, "grandchild grandkid", "granddaughter", "grandson"),
)
KIN = {
    word: Kin(word, sex, years)
    for years, *of_sexes in _ROWS
    for sex, words in zip(("", "F", "M"), of_sexes, strict=True)
    for word in words.split()
}
#: Words for several at once.
_SEVERAL = {"parents": ("mother", "father"), "grandparents": ("grandmother", "grandfather")}
_SEVERAL |= {"siblings": ("sister", "brother"), "children": ("daughter", "son"), "kids": ("daughter", "son")}
_FAMILY = {False: ("mother", "father", "sister", "brother"), True: ("daughter", "son")}


def kin_named(text: str) -> list[tuple[Kin, bool]]:
    """The relatives whom a text names, in order, and whether each word stands for several ("sisters")."""
    found = []
    for word in words_in(text):
        single = KIN.get(word) or KIN.get(word.removesuffix("s"))
        if single is not None:
            found.append((single, word not in KIN))
    return found


def kin_wanted(text: str, has_children: bool = False) -> list[Kin]:
    """The relatives whom a text wants made, one for each; "family" means parents and siblings, or else children."""
    words = words_in(text)
    several: tuple[str, ...] = next((_SEVERAL[word] for word in words if word in _SEVERAL), ())
    if not several and "family" in words:
        several = _FAMILY[has_children]
    named = [kin for kin, _ in kin_named(text)]
    if len(named) > 1 and named[0].noun == "twin" and named[1].is_sibling:  # "his twin sister"
        named = named[1:]
    return [KIN[noun] for noun in several] or named[:1]
