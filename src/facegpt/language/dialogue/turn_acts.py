"""What each piece of a turn does: ask for a head, ask for words, refuse, thank, or speak of looks.

People say several things at once ("thanks for the recipe, and now a shady barber, could I see?"). A turn is cut into
pieces, each piece does one thing, and `turns.face_log_odds` weighs them.
"""

from __future__ import annotations

import re
from enum import Enum

from facegpt.language.dialogue.turn_words import CODES, DONE, IDIOM, NO_MORE, PEOPLE, PERSON, PRODUCT, SIZES
from facegpt.language.patterns import joined, regex_any_case
from facegpt.language.reading.ngrams.word_tables import PARTS, base_form, feelings_of
from facegpt.language.reading.normalise import straighten_quotes
from facegpt.language.reading.rules.phrases import word_set


class Act(Enum):
    """What a piece of a turn does."""

    ASKS = "asks for a head in so many words"
    GOES = "says to go on, or asks to see, and names nothing"
    TALKS = "asks for words: a question, or a task such as translating"
    ORDERS = "sets a task on a text that is given"
    REFUSES = "wants no head"
    KEEPS = "wants the head at hand left as it is, or part of it"
    CONTENT = "greets, thanks, or is content"
    CHANGES = "wants the head at hand changed, or seen again"
    DESCRIBES = "names a person as a title does: an old man with a beard"
    LOOKS = "speaks of a face, a person or a feeling"
    OTHER = "speaks of other matters"


_QUESTION_WORD = r"(?:who|what|where|when|why|which|how|whose|whats|hows|wheres|whos|whens|wich|wat)(?:'s|'re|'d)?"
#: Where a turn is cut: ends of sentences, dashes, colons; commas and "and" before a question, a request or a turn.
_ASIDE = r"(?:(?:and|or|but|also|anyway|so|then|now|next|right|well|please)\s+)*"
_INVERTED = (
    r"(?:can|could|would|will|may|shall|is|are|does|do|did) (?:you|u|i|we|he|she|it|they|that|this|there|"
    r"the|anything|any)\b"
)
_BEGINS_QUESTION = (
    rf"(?:{_QUESTION_WORD}\b(?=[^.!;]*\?)|(?:what|how|why|which|where|who)(?: \w+){{0,2}} (?:is|are|"
    rf"do|does|did|can) (?:you|u|i|the|we)\b)"
)
_CUT = regex_any_case(rf"""
    (?<=[.?!;…])\s+|(?<=[?!…])(?=\w)|\n+|(?<=\w:)\s+|\s+[-–—]+\s+|
    \s*[,;]\s*{_ASIDE}(?={_BEGINS_QUESTION}|{_INVERTED}|(?:don'?t|do not) (?!them|one)|only (?:the|her|his)\b|
    if (?:so|not)\b)|\s*,?\s+(?:but|anyway|except)\s+(?!that\b)|\s*,\s+(?=(?:now|next|then|so|just)\b)|
    ^\W*(?:hi|hiya|hello|hey+|yo+|good (?:morning|evening|afternoon|day))(?: (?:there|again|love|mate|bro))?\s*,\s*|
    \s*,?\s+and\s+(?=(?:also|now|then|help|tell|write|make|change|give|show|draw|let|what|how|where|when|which|who)\b)
""")
#: Several words in quotation marks are a text that is spoken of.
_QUOTED = re.compile(r"(?<!\w)(['\"“‘])(?=\S)([^\"“”]{3,}?)(?<=\S)(['\"”’])(?!\w)")
_SPOKEN_OF = " this "
_FEWEST_AROUND = 2
#: "Skinny?" alone may be either.
_FEWEST_ASKING = 3

_REQUEST_TO_YOU = regex_any_case(r"""
    \b(?:can|could|would|will|cld|wld|can't|couldn't) (?:you|u|ya|yer|we)\b(?! (?:ever|always|really|in theory))|
    \b(?:would|do) you mind\b|\b(?:shall|should|could|can|may) we (?:have|try|see|go|make|get|do)\b
""")
_POLITE = regex_any_case(r"""
    \b(?:is (?:it )?|be )possible\b|\b(?:any|a) (?:chance|way) (?:of|you|to)\b|\bi trouble you\b|
    \b(?:would|do) you mind\b
""")
_MAY_I_SEE = regex_any_case(r"""
    \b(?:can|could|may|might|cld) (?:i|we|the \w+|they) (?:\w+ )?(?:see|have|get|look|meet)\b|
    \b(?:let me|lemme|let us|let's|lets) (?:see|have|meet|get|look)\b|
    \b(?:like|love|want|wanna|need|have|dying|keen|wish|fancy|curious|unstick me|help me) to (?:see|meet|look at)\b|
    \b(?:like|love|want) the \w+ to (?:see|meet)\b|\bi'?(?:d| would| should) (?:so |really )?(?:like|love) to see\b|
    \bshow,? (?:don't|not|instead of) tell|\bneed to see\b|\bin front of me\b|
    \bput \w+ (?:\w+ )?(?:before me|on (?:the )?screen)\b|\bon screen\b
""")
#: Asking without an object: the turn has said before what is wanted.
_GOES = regex_any_case(r"""
    ^\W*(?:(?:yes|yeah|ok|okay|sure|please|pls|now|then|well|right|and|so|come on|come on now|over)\W+)*(?:do (?:it|
    that|so|them|your \w+)|go (?:on|ahead|for it)|go|off (?:you|we) go|try(?: it)?|surprise me|carry on|make it so|
    your turn|to you|prove it|have a go|get (?:to it|going|cracking|on with it)|possible|feasible|doable|
    (?:can|could|would|will) (?:you|u|ya)(?: (?:do|manage|make|show|oblige|help|draw|please|
    work with)(?: (?:it|that|me|this|her|him|one))?)?|show (?:me|us|it|him|her)|win it for me|in your own time|
    thrill me|whenever you're ready|next(?: one)?|again|another(?: one)?|let's (?:do|see|have) (?:it|that|them)|
    (?:can|could|may|might) (?:i|we) (?:please )?(?:see|have (?:a |one to )?look)(?: (?:it|that|her|him|them))?|
    let me see|lemme see(?: it)?)\W*(?:(?:please|pls|plz|then|now|again|thanks|thank you|cheers|at all|for me|
    today)\W*)*$
""")
_ASKS = regex_any_case(rf"""
    \b(?:show|give|gimme|make|draw|create|generate|render|build|sculpt|need|want|imagine|picture|fancy|reconstruct|
    produce|do|conjure|cook|whip|knock|run|spin|roll|put together|hit me (?:with|w)|invent|come up with|lack|start with|
    begin with|i'?m after)\b[^.?!;:]{{0,50}}?\b(?<!to )(?:{PERSON}|{PEOPLE}|avatar|bust|likeness|3d|selfie|mug|somebody|
    someone|anybody|anyone|npc|(?<=show me )one|(?<=show me a \w\w\w\w )one)\b(?!-|s-up|
    's? own| of (?:my golf|a wrist|a clock))
""")
_ASKS_ONE = regex_any_case(r"""
    \b(?:make|do|show|draw|build|give)(?: me| us)? (?:(?:one|some)(?=\W*$|,)|your favou?rites?|another|an? \w+ one)\b
""")
_ASKED_PRODUCT = regex_any_case(rf"""
    \b(?:make|give|draw|need|want|generate|create|write|come up with|think of|suggest|find|show|get|put together|run|
    whip)(?: up)?(?: me| us| my \w+)? (?:(?:a|an|the|some|any|\d+|one|two|three|four|five|six|seven|another|all the|
    your)\s)?(?:[\w'-]+\s){{0,2}}?(?:{PRODUCT}|{SIZES})\b
""")
_TASK = regex_any_case(r"""
    ^\W*(?:(?:please|pls|now|then|just|ok|okay|and|so|also|kindly|(?:i'?d|i would) (?:like|love) you to|can you|
    could you|would you|will you|you|well|quick|right|hold up|hold on)\W+)*(?:write|congratulate|proofread|translate|
    summari[sz]e|sum (?:\w+ )?up|explain|define|spell|count|list|
    name (?:my|the|\d|an?\b|some|your|all|me|two|three|four|five|every)|recommend|suggest|rewrite|paraphrase|rephrase|
    describe|rank|rate|compare|measure|calculate|convert(?! [^.]*\b(?:model|head|3d|face|bust))|tell (?:me|us)|teach|
    remind|read (?:me|us|out)|guess|state|say (?:something|what|how|why|it in|in)|enumerate|find me|find out|parse|tidy|
    save (?:it|this|that|him|her|the)|delete (?:it|this|that|my|the (?:photo|picture|image|file))|export|send|remember|
    help me (?:with|word|write|to (?:write|word))|check|grade|explain me|ignore all|print|draft|quote|finish the|repeat|
    put this in|make this sentence|is it right to)\b(?! (?:nothing|you what|u what|cheese))|
    \b(?:like|love|want|wanna|need|curious) to know\b|\bcurious (?:how|why|what|about)\b|
    \bi(?:'m| do| am)? (?:only )?wonder(?:ing)? (?:how|why|whether|if|where)\b
""")
_NO_REQUEST = regex_any_case(r"""
    \bin theory\b|\bhypothetically\b|\b(?:can|could) you (?:see|hear|speak)\b(?! (?:her|him|it|them) )|
    \b(?:can|could|would|will|do) (?:you|u) (?:please |just |kindly )?(?:call|say|put (?:it|that)|describe|guess|rate|
    think|judge|tell|measure|count|explain|recommend|know|trust|name|compare|estimate|spell|translate|reckon|list|
    suggest|remember|read|check|help me (?:with|write|word|spell)|like (?:faces|being))\b|
    \bcan (?:i|we) (?:\d*d? ?print|undo|print|3d|save|use|export|sell|ask|get (?:a )?(?:copy|file))\b
""")
_BEFORE_QUESTION = joined(r"""
    ^\W*(?:(?:and|but|so|or|ok|okay|oh|hm+|well|now|then|also|just|be honest|honestly|pray|right|cool|nice|lovely|hey|
    lol|um+|uh|er|actually|anyway|sorry|please|for the \w+|in \w+|by|question|by the way|btw)\W+)*
""")
_AUXILIARY = r"(?:is|are|was|were|does|do|did|can|could|should|would|will|has|have|had|am|isn't|aren't|doesn't|don't)"
_SUBJECT = (
    r"(?:you|u|i|we|he|she|it|they|this|that|these|those|there|the|his|her|their|my|your|our|people|anything|"
    r"everyone|both|all)"
)
#: "What about the nose?" asks for words; "what about a wider one?", "what if" and "what I want" do not.
_NO_QUESTION = (
    r"(?! (?:about (?!(?:the|his|her|their|its)(?: \w+)?\W*$|his\W*$|hers\W*$)|if (?!i\b|we\b|you\b)|"
    r"i (?:really )?(?:lack|want|fancy|need)\b))"
)
#: With a question mark any of these begin a question for words; without one, the verb must stand before its subject.
_MARKED_QUESTION = regex_any_case(rf"""
    {_BEFORE_QUESTION}(?:{_QUESTION_WORD}\b{_NO_QUESTION}|any \w|(?:do|have) (?!me\b|us\b|them\b|him\b|an?\b|some)|
    (?:is|are|was|were|does|did|has|had|am|isn't|aren't|doesn't|don't you|should|must) \w|
    (?:will|would|could|might|can) (?:he|she|it|they|this|that|the \w+|your \w+|a|an|i|my)\b)
""")
_BARE_QUESTION = regex_any_case(rf"""
    {_BEFORE_QUESTION}(?:(?:whats|what's|hows|how's|wheres|where's|whos|who's|why|how (?:do|to)|how come)\b|
    (?:how|which|whose|wich) (?:[\w']+ ){{0,3}}{_AUXILIARY} \w|
    (?:what|wat) (?:\w+ )?{_AUXILIARY} (?!i (?:lack|want|need|fancy))\w|(?:who|where|when) {_AUXILIARY} \w|
    (?:what|who|which|whose){_NO_QUESTION}(?: \w+){{1,3}}\W*$|(?:does|did) (?!not\b)\w|
    (?:do|have) (?:you|u|i|we|they|people)\b|(?:(?!do |have ){_AUXILIARY}|must) (?:not )?{_SUBJECT}\b)
""")
_TO_YOU = regex_any_case(rf"{_BEFORE_QUESTION}(?:can|could|would|will) (?:you|u|we)\b")
#: With a head at hand, a piece that begins so asks of it.
_OF_IT = regex_any_case(rf"{_BEFORE_QUESTION}(?:how|who|which|what|wat){_NO_QUESTION}\b")
#: Questions that ask for a picture after all: "what would she look like with", "how would a beard look on him".
_LOOKS_LIKE = regex_any_case(r"""
    \b(?:what|how) (?:would|will|might|could|if|does|do|did|he|she|they)\b[^?]*\blook(?:s|ed)?(?: any)? (?:like|on|with|
    in|as|if|without|\w+er)\b|\bwhat (?:if|would)\b(?! i want| you (?:say|do|call))|
    \bhow would (?:a|an|that|it|he|she|they|the)\b|\bwhat (?:will|would|might) [^?]* be like\b|\bhow about\b
""")
_MORE = re.compile(
    r"\b(?<!no )(?:more(?! than)|less(?! than)|fewer|farther|further|closer|nearer|too (?!much obliged)\w+|(?:bigg|"
    r"scari|angri|sadd|madd|meane|kinde)\w*r)\b",
    re.I,
)
_NO_COMPARATIVE = word_set(
    "earlier easier soldier premier carrier barrier courier cashier frontier terrier copier supplier former rather "
    "father mother brother nicer faster quicker cheaper barber boxer baker better"
)
#: What a piece about a head at hand says that wants it changed, or seen again.
_OF_THE_HEAD_AT_HAND = regex_any_case(r"""
    \b(?:undo+|redo|revert|restore|undid|go back|back (?:to|one)|bring \w+ back|take it back|previous|again|fix|
    fit (?:this|it|him|her)|rig (?:this|it)|exaggerate|twice|half|double|both|all (?:of|\w+ of|three|four|two)|
    the (?:\w+ )?ones? on the|only the|another (?:seed|try|go|take|version)|remove|turn (?:this|it|him|her|them)|
    same(?! to you)|what about|how about|cut it|set it|make|add|give (?:it|him|her|them)|lose the|this (?:one)? as|
    uglify|soften|relax|smile|frown|a bit|here(?:'s| is) (?:my|our|a|the)|turn|neutral|calm|reset)\b|
    \bi'?d (?!call|say|like to know|love to know|go to)\w+ (?:those|the|that|his|her|their)\b
""")
_MAY_BE_CHANGED = regex_any_case(r"""
    \b(?:can|could|may|might|should|would) (?:he|she|it|they|the \w+(?: \w+)?|his \w+|her \w+|their \w+|that \w+|
    this \w+)\b(?:[^?]*(?:\b(?:be|go|look|get) (?:\w+ )?\w{2,}er\b|\b(?:more|less)\b|\bbe \w{2,}ing\b|
    \bwith (?:an?|his|her|the|no|more|less|\w+er)\b|\ba (?:bit|touch|tad|little)\b)| (?:please |just |now )?(?:smile|
    frown|grin|laugh|cry|stop|lose|have|get|go|open|close|shut|wink|look|scowl|raise|turn|wear|stick|show|blink|glare|
    pout|yawn|scream|relax|point)\b)
""")
_MAY_BE = regex_any_case(r"\W*(?:can|could|may|might|should|would)\b")
_OF_MEASURE = regex_any_case(r"""
    \b(?:lengths?|widths?|heights?|distances?|breadths?|circumference|percentiles?|ratios?|pd|ipd|thickness|projection|
    (?:the|all) numbers|numbers? of (?:heads|faces|people)|figures?|(?:hat|collar|cap) size|gap|span|diameter|
    in (?:mm|cm|millimet\w+|centimet\w+|inches))\b
""")
_NO_MEASURING = regex_any_case(r"""
    \d|\b(?:shoulder|waist|with|without|widen|narrow|shorten|lengthen|set|bring|make|take|cut|add|increase|decrease|
    reduce|trim|lower|raise|stretch|double|halve|drag|knock|shave|refine|prefer|wants|needs|off|up|down|same|twice|
    extra|give (?:her|him|it|them|the)|plus|minus)\b
""")
_EITHER = regex_any_case(
    r"\bor\b[^?]*\?|\bat all\?|^\W*any\b[^?]*\?|^\W*(?:and )?the \w+\?$|\byes or no\b|\bor (?:is it|not|nah|what)\b"
)
_NOT_TO = joined(r"""
    \b(?:don'?t|do not|dont|no need to|never|needn't|please not|not asking (?:you )?(?:to|for)|without) (?:make|making|
    draw|drawing|redraw|change|changing|touch|alter|render|do|want|need|move|bother|show)\w* ?(?:to |me |it |him |her )?
""")
_HEREWITH = r"\s*(?=$|[.,!?;)]|right now|now|yet|today|for now|at all|with)"
_REFUSES = regex_any_case(rf"""
    {_NOT_TO}(?:an?|any|the|another|more)?\s?(?:heads?|faces?|pictures?|drawings?|images?|3d|changes?|
    anything(?! (?:else|except|but|apart|bar)))(?: yet| just yet)?{_HEREWITH}|
    \bno (?:more |need for )?(?:pictures?|faces?|heads?|changes?|drawings?|images?|renders?)\b(?! (?:hair|like|would))|
    \b(?:text|words|figures?|numbers?) only\b|\bin words\b|\b(?:just|
    only) (?:(?:want|need|give me|tell me|after|curious|asking|the) )+(?:the )?(?:number|figure|answer|word|name|
    to know)\b|\bfigure only\b|\bnot (?:a|the) head\b|\bforget the (?:face|head)\b|
    \binstead of (?:a|the|another) (?:head|face)\b
""")
#: The same of a head at hand.
_LEAVES = regex_any_case(rf"""
    {_NOT_TO}(?:a thing|it|him|her|them|that|one)?{_HEREWITH}|\bnot asking you to\b|
    \bleave (?:it|him|her|them|that|the (?:head|face))(?: \w+)?(?: alone| be| as| for|$|[.!,])
""")
_DONE = regex_any_case(DONE)
_NO_MORE = regex_any_case(NO_MORE)
#: A piece that says how things are; one on looks without any of these says how they should be.
_STATES = regex_any_case(r"\b(?:is|are|was|were|has|have|had|looks?|i|like|love|isn't|does|do|reminds?)\b|'[sm]\b")
#: An order about what was named before: "fill it".
_TO_IT = regex_any_case(r"""
    ^\W*(?!(?:is|was|are|does|did|do|can|could|will|would|save|keep|leave|love|like|thank|got|saw|see|call|and|or|i|
    ignore)\b)[a-z]+ (?:it|him|her|them|that)(?: [a-z]+){0,2}\W*$
""")
_CODES = regex_any_case(CODES)
_TITLE = regex_any_case(rf"""
    ^\W*(?:(?:an?|one|some|another|two|three|four|five|six|\d|male|
    female)\s+)?(?:[\w'-]+,?\s+){{0,3}}?(?:{PERSON}|{PEOPLE})\b(?!'|-)(?=\W*$|
    [,;:.(]| (?:with|who|whose|in|of|please|pls|plz|from|at|about|like|for|\w+ing|all|both)\b)
""")
_TEXT = regex_any_case(rf"\b(?:{PRODUCT})\b")
#: "A couplet on her nose": a text is what is wanted.
_TEXT_ON = regex_any_case(rf"""
    ^\W*(?:(?:an?|one|some|any|the|my|good|short|funny|two|three|five|
    \d+)\s+)*(?:[\w-]+\s+){{0,2}}?(?:{PRODUCT})\s+(?:on|for|about|of|that|to|in|with)\b
""")
IDIOMS = regex_any_case(IDIOM)
_SUM = regex_any_case(r"=|\b(?:plus|minus|times|divided|equals|sum|add up)\b")


def pieces(text: str) -> list[str]:
    """Cut a turn into pieces that each do one thing; a text in quotation marks becomes "this"."""
    bare = straighten_quotes(re.sub(r"</?\w+>", " ", text))
    rest = _QUOTED.sub(lambda match: _SPOKEN_OF if " " in match[2] else match[0], bare)
    if len(re.findall(r"\w+", rest)) > _FEWEST_AROUND:
        bare = rest
    return [piece.strip() for piece in _CUT.split(bare) if piece and re.search(r"\w", piece)]


def acts(text: str, has_face: bool) -> list[Act]:
    """What the pieces of a turn do, in order.

    Args:
        text: what was said.
        has_face: whether there is a face at hand ("with a beard?" then asks for a change).
    """
    cut = pieces(text)
    found = []
    for piece in cut:
        found.append(_act(piece, has_face))
        if found[-1] is Act.TALKS and piece.endswith(":") and not _is_question(piece):
            return [*found, Act.ORDERS]  # what follows is the text to work on
    about_text = Act.TALKS in found and found[-1] is not Act.ASKS and _quotes(text)
    return [*found, Act.ORDERS] if about_text else found


def _quotes(text: str) -> bool:
    """Whether a text has several words in quotation marks."""
    return any(" " in match[2] for match in _QUOTED.finditer(text))


def _act(piece: str, has_face: bool) -> Act:
    """What one piece does."""
    if _GOES.match(piece):
        return Act.GOES
    changes = has_face and (bool(_OF_THE_HEAD_AT_HAND.search(piece)) or compares(piece))
    if _REFUSES.search(piece) and not changes:
        return Act.REFUSES
    if (_NO_MORE.search(piece) or (has_face and _LEAVES.search(piece))) and not changes:
        return Act.KEEPS
    if _talks(piece, has_face):
        return Act.TALKS
    if has_face and _MAY_BE_CHANGED.search(piece):
        return Act.ASKS
    if _CODES.search(piece) and not _SUM.search(piece):
        return Act.ASKS
    looks = speaks_of_looks(piece)
    if _ASKS.search(piece) or _ASKS_ONE.search(piece) or (_MAY_I_SEE.search(piece) and (looks or has_face)):
        return Act.ASKS
    if _DONE.match(piece) and not changes and (has_face or not looks):
        return Act.CONTENT
    if changes or (has_face and _REQUEST_TO_YOU.search(piece)):
        return Act.CHANGES
    if has_face and ((looks and not _STATES.search(piece)) or _TO_IT.match(piece)):
        return Act.CHANGES
    if looks and _TITLE.match(piece) and not _STATES.search(piece):
        return Act.DESCRIBES
    return Act.LOOKS if looks else Act.OTHER


def _is_question(piece: str) -> bool:
    """Whether a piece begins as a question for words does."""
    pattern = _MARKED_QUESTION if piece.endswith("?") else _BARE_QUESTION
    return bool(pattern.match(piece)) and not _TO_YOU.match(piece)


def _talks(piece: str, has_face: bool) -> bool:
    """Whether a piece asks for words."""
    if _TASK.search(piece) or _ASKED_PRODUCT.search(piece) or _NO_REQUEST.search(piece) or _TEXT_ON.match(piece):
        return True
    if has_face and re.search(r"\bwhat (?:do|does|did) [^?]*\blooks? like\W*$", piece, re.I):
        return True
    if _LOOKS_LIKE.search(piece) or _MAY_I_SEE.search(piece) or _POLITE.search(piece):
        return False
    if has_face and (_MAY_BE_CHANGED.search(piece) or (_MAY_BE.match(piece) and compares(piece))):
        return False
    if has_face and _OF_IT.match(piece):
        return True
    if _is_question(piece):
        return True
    if has_face:
        changes = bool(_NO_MEASURING.search(piece)) or compares(piece)
        return bool(_EITHER.search(piece)) or (bool(_OF_MEASURE.search(piece)) and not changes)
    if not piece.endswith("?") or _REQUEST_TO_YOU.search(piece):
        return False
    if len(piece.split()) < _FEWEST_ASKING:
        return bool(_TEXT.search(piece))
    return not speaks_of_looks(piece) or bool(_TEXT.search(piece))


def compares(piece: str) -> bool:
    """Whether a piece has a comparative ("wider", "more") or "too"."""
    if _MORE.search(piece):
        return True
    words = [w for w in re.findall(r"[a-z]{4,}", piece.lower()) if w.endswith("er") and w not in _NO_COMPARATIVE]
    return any(base_form(word) != word for word in words)


def speaks_of_looks(piece: str) -> bool:
    """Whether a piece names a part of the face, a person or a feeling; idioms name none."""
    rest = IDIOMS.sub(" ", piece)
    if rest != piece:  # who pays through the nose is not described
        rest = re.sub(r"\b(?:he|she|him|her|his)\b", " ", rest, flags=re.IGNORECASE)
    piece = rest
    words = re.findall(r"[a-z]+", piece.lower())
    if any(word in PARTS for word in words) or any(feelings_of(word) for word in words):
        return True
    return bool(re.search(rf"\b(?:{PERSON}|{PEOPLE}|he|she|him|her|his)\b", piece, re.IGNORECASE))
