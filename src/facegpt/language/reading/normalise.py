"""What is typed in the spelling that the rules and tables know: case, quotes, dashes, contractions, dialect.

Every step is one function, and each reader takes those that it needs:

- `fold_case`: the n-gram features, ages, sayings and keywords, whose tables are in lower case;
- `split_words`: keywords and peoples, which take "blue-eyed" for two words;
- `straighten_quotes`: turns of a conversation, where quotation marks fence off what is not said to us;
- `printable`: texts as they come in, before anything reads them;
- `normalised`: the rules of grammar, which expect lower case, full forms and lips called lips;
- `standardise_dialect`: after it, rules of looks and feelings;
- `standardise_small_words`: after it, rules of edits.

What needs to know more than letters is elsewhere: slips of the finger are corrected towards the words of the n-gram
classifier (ngrams/spelling.py), sayings are put in plain words (ngrams/sayings.py), and comparisons get one word for
each part of the face (rules/comparison_sentences.py).
"""

from __future__ import annotations

import re
import unicodedata

from facegpt.language.reading.ngrams.word_tables import feelings_of
from facegpt.language.reading.normalise_tables import CONTRACTIONS, DIALECT, SCOTS_ONLY, SMALL_WORDS

#: "The upper" where lips are spoken of.
_BARE_LIP = re.compile(
    r"\b(?P<whose>the|her|his|its|their|than)(?P<gap> )(?P<which>upper|lower|top|bottom)\b(?! (?:lip|one|half|jaw|"
    r"face|lid|eyelid|part|third|teeth|of|edge|row|heavy|knot|hat|bun|button|and lower|corner))"
)
_DIALECT = re.compile(
    r"(?<![\w'])(?:" + "|".join(sorted(map(re.escape, DIALECT), key=len, reverse=True)) + r")(?!\w|'[a-rt-z])"
)
_SCOTS = re.compile(
    r"(?<!\w)(?:tae|oot|doon|doun|yin|hauf|ither|richt|\w+nae|dinna|gey|awfy|auld|bairn|weans?|aw|awa|wisna|isna|fae|"
    r"ken|haun|heid|baith|tak|mak|gie|nae|efter|greetin)(?!\w)"
)
_SCOTS_ONLY = re.compile(r"\b(?:" + "|".join(SCOTS_ONLY) + r")\b")
#: "Fumin'", "ragin".
_DROPPED_G = re.compile(r"\b([a-z]{3,})in\b'?")
_WORD = re.compile(r"'?[a-z]+'?[a-z]*'?")
#: Small words of edits that stand for others beside some words only.
_BESIDE = (
    (re.compile(r"\b(?:an'?|n)(?= (?:make|leave|do|keep|take|not|nothing|the|all)\b)|&"), "and"),
    (re.compile(r"\bits(?= (?:too|so|awfully|very|bent|big|small|way|really|a bit|all)\b)"), "it is"),
)


def printable(text: str) -> str:
    """A text without control characters and broken surrogates, runs of blanks as one; its lines stay lines."""
    known = text.encode("utf-8", "replace").decode()
    clean = "".join(" " if unicodedata.category(c)[0] == "C" and c != "\n" else c for c in known)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", clean)).strip()


def straighten_apostrophes(text: str) -> str:
    """A text with "'" for the curly apostrophe."""
    return text.replace("’", "'")


def straighten_quotes(text: str) -> str:
    """A text with straight apostrophes and double quotation marks."""
    return straighten_apostrophes(text).replace("“", '"').replace("”", '"')


def fold_case(text: str) -> str:
    """A text in lower case with straight apostrophes."""
    return straighten_apostrophes(text).lower()


def split_words(text: str, marks: str) -> str:
    """A text with blanks for the given marks, which join words ("-", "/", "_")."""
    return re.sub(f"[{re.escape(marks)}]", " ", text)


def normalised(text: str) -> str:
    """A text as the rules of grammar read it: what they call a "plain" or normalised text.

    It is in lower case with contractions in full; hyphens between words are spaces, runs of blanks one; "the upper" is
    "the upper lip" where lips are spoken of.
    """
    lower = fold_case(text.replace("‘", "'"))
    for pattern, full in CONTRACTIONS:
        lower = re.sub(pattern, full, lower)
    lower = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", lower)
    if "lip" in lower or "vermil" in lower:
        lower = re.sub(
            r"\b(upper|top|lower|bottom) ones\b(?= (?:an?|is|only|more|much|not|barely|thin|full)\b)",
            r"\1 lip is",
            lower,
        )
        lower = re.sub(r"\b(upper|top|lower|bottom) ones?\b", r"\1 lip", lower)
        lower = _BARE_LIP.sub(r"\g<whose>\g<gap>\g<which> lip", lower)
    return re.sub(r"[ \t]+", " ", lower)


def standardise_dialect(text: str) -> str:
    """A plain text with words of dialect and chat as the rules of looks and feelings know them."""
    scots = bool(_SCOTS.search(text))
    text = _DROPPED_G.sub(lambda m: m[1] + "ing" if feelings_of(m[1] + "ing") else m.group(), text)
    text = re.sub(r"\ban(?= (?:the|his|her|he|she|it|that|wi|then)\b)", "and", text)
    text = _DIALECT.sub(lambda m: DIALECT[m.group()], text)
    return _SCOTS_ONLY.sub(lambda m: SCOTS_ONLY[m.group()], text) if scots else text


def standardise_small_words(text: str) -> str:
    """A plain text with the small words of an edit in their standard spelling."""
    text = _WORD.sub(lambda match: SMALL_WORDS.get(match[0], match[0]), text)
    for pattern, words in _BESIDE:
        text = pattern.sub(words, text)
    return text
