"""How strong a feeling or a movement is, by its adverbs and by the word itself: "barely smiling", "furious"."""

from __future__ import annotations

import re

from facegpt.language.patterns import joined

#: The steps of LABELS.md.
FAINT, SLIGHT, PLAIN, STRONG, FULL = 0.3, 0.35, 0.7, 0.85, 1.0
_FAINT = (
    r"barely|hardly|scarcely|just about|the (?:ghost|hint|trace|shadow|beginnings?|suggestion|merest) of|almost|"
    r"(?:a )?(?:hint|trace|flicker|ghost|whisper|suspicion|glimmer|suggestion) of|imperceptibl[ye]|faintest"
)
_SLIGHT = joined(r"""
    slight(?:ly)?|a (?:wee |little |tiny |teeny |teensy )?bit|a little|little bit|a touch|a tad|a shade|a trifle|
    somewhat|mild(?:ly)?|faint(?:ly)?|gentl[ey]|softly|subtl[ey]|subdued|vaguely|kinda|sort of|kind of|quietly|small|
    lil|tiny|weak|half|ish\b|not too|restrained|discreet(?:ly)?|polite(?:ly)?|timid(?:ly)?|shy(?:ly)?|partly|partially|
    low[- ]key|lowkey|a smidge|minor|thin|weak(?:ly)?|lightly|minimal(?:ly)?|a small bit|a wee thing|ever so slightly|
    the tiniest bit
""")
#: Half of it.
_MEDIUM = r"medium|moderate(?:ly)?|half (?:strength|way|power|intensity)|halfway|fifty percent"
_STRONG = joined(r"""
    very|really|so|big|broad(?:ly)?|wide(?:ly)?|deep(?:ly)?|strong(?:ly)?|intense(?:ly)?|hard|fierce(?:ly)?|clearly|
    openly|quite|great|real|proper(?:ly)?|seriously|terribly|awfully|dead|bitter(?:ly)?|violent(?:ly)?|loud(?:ly)?|
    heav(?:y|ily)|right up|way up|high
""")
_FULL = joined(r"""
    extremely|utter(?:ly)?|absolute(?:ly)?|complete(?:ly)?|totally|huge(?:ly)?|enormous(?:ly)?|massive(?:ly)?|insanely|
    incredibly|maximum|max|full(?:y)?|sheer|as (?:\w+ )?as (?:possible|can be|it gets|they come)|all the way|ear to ear|
    beside (?:him|her|them)sel(?:f|ves)|out of (?:his|her|their) mind|through the roof|to the hairline|wide open|
    tight(?:ly)? shut|shut tight|mortal|pure|blind|overwhelm\w*|wild(?:ly)?|hysterical\w*|cheshire|giant|gigantic|
    beaming|very very|so so|really really|super|mega|ultra|screaming|roaring|bellowing|howling|sobbing|100%
""")
#: Words that are strong or weak by themselves.
_STRONG_WORDS = joined(r"""
    furious|livid|enraged|rage|raging|incandescent|seething|apoplectic|outraged|fuming|terrified|petrified|horrified|
    terror|panic\w*|scared (?:stiff|to death)|mortified|ecstatic|elated|euphoric|overjoyed|jubilant|exultant|thrilled|
    over the moon|on cloud nine|beaming|radiant|delirious|bursting with joy|devastated|heartbroken|distraught|
    inconsolable|anguish\w*|grief\w*|desperate|despair\w*|bawling|weeping|astonished|astounded|stunned|flabbergasted|
    thunderstruck|gobsmacked|dumbstruck|dumbfounded|speechless|jaw on the floor|revolted|revulsion|repulsed|nauseated|
    sickened|disgusted to the core|loath\w*|abhor\w*|despis\w*
""")
_WEAK_WORDS = (
    r"content(?:ed)?|pleased|amused|wistful|pensive|melanchol\w+|a bit down|glum|uneasy|nervous|apprehensive|wary|"
    r"worried|concerned|anxious|miffed|peeved|annoyed|irritated|irked|put out|cross|grumpy|puzzled|mildly"
)


def _has(pattern: str, text: str) -> bool:
    return re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", text) is not None


def strength_of(piece: str, default: float) -> float:
    """The weight 0..1 of a movement in a piece of plain text, `default` where no adverb stands by it."""
    if _has(r"(?:almost|nearly|mostly) (?:closed|shut)", piece):
        return 0.8
    if _has(_FAINT, piece):
        return min(FAINT, default)
    if _has(_FULL, piece):
        return 1.0
    if _has(_MEDIUM, piece):
        return min(0.5, default)
    if _has(_SLIGHT, piece):
        return SLIGHT if default > 0.5 else default * 0.7
    return min(1.0, max(default, STRONG)) if _has(_STRONG, piece) else default


def intensity_of_words(text: str) -> float | None:
    """How strong the words for a feeling are by themselves ("furious"); None where none of them tells."""
    if _has(_STRONG_WORDS, text):
        return FULL
    return 0.5 if _has(_WEAK_WORDS, text) else None


def intensity_of(text: str) -> float | None:
    """How strong the feeling of a plain text is, 0..1; None where no word says it."""
    if _has(_FULL, text) or (_has(_STRONG_WORDS, text) and not _has(_SLIGHT, text)):
        return FULL if not _has(_FAINT, text) else PLAIN
    if _has(_FAINT, text) or _has(_SLIGHT, text):
        return SLIGHT
    if _has(_WEAK_WORDS, text):
        return 0.5
    return STRONG if _has(_STRONG, text) else None
