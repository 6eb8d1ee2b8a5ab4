"""Plain words for what can be measured or seen on a head, and how people ask about it.

Each measure has the words for its name, for a low and for a high value; each movement of the face has a phrase. A
question is matched by patterns; the names are those of LABELS.md.
"""

from __future__ import annotations

import re

#: measure → (what it belongs to, the word for a small value, the word for a large one).
MEASURE_WORDS: dict[str, tuple[str, str, str]] = {
    "bizygomatic_breadth": ("the face", "narrow across the cheekbones", "wide across the cheekbones"),
    "bigonial_breadth": ("the jaw", "narrow", "wide"),
    "minimum_frontal_breadth": ("the forehead", "narrow", "wide"),
    "head_breadth": ("the head", "narrow", "broad"),
    "head_length": ("the head", "short from front to back", "long from front to back"),
    "menton_sellion_length": ("the face", "short", "long"),
    "face_height_nasion_gnathion": ("the face", "short from nasion to chin", "long from nasion to chin"),
    "nose_height_nasion_subnasale": ("the nose", "short", "long"),
    "nasal_bridge_length": ("the bridge of the nose", "short", "long"),
    "nose_protrusion": ("the nose", "flat, it hardly sticks out", "prominent, it sticks out"),
    "nose_breadth": ("the nose", "narrow", "wide"),
    "nasal_ala_length": ("the wings of the nose", "short", "long"),
    "subnasal_width": ("the base of the nose", "narrow", "wide"),
    "nasal_root_breadth": ("the root of the nose", "narrow", "wide"),
    "interpupillary_distance": ("the pupils", "close together", "far apart"),
    "inner_canthal_distance": ("the eyes", "close-set", "wide-set"),
    "outer_canthal_distance": ("the outer corners of the eyes", "close together", "far apart"),
    "palpebral_fissure_length": ("the eyes", "short from corner to corner", "long from corner to corner"),
    "lip_length": ("the mouth", "narrow", "wide"),
    "upper_lip_height": ("the upper lip, nose to mouth,", "short", "long"),
    "philtrum_length": ("the philtrum", "short", "long"),
    "philtrum_width": ("the philtrum", "narrow", "wide"),
    "upper_vermilion_height": ("the red of the upper lip", "thin", "full"),
    "lower_vermilion_height": ("the red of the lower lip", "thin", "full"),
    "cutaneous_lower_lip_height": ("the skin below the lower lip", "short", "tall"),
    "ear_length": ("the ears", "short", "long"),
    "ear_breadth": ("the ears", "narrow", "broad"),
    "ear_protrusion": ("the ears", "close to the head", "prominent, they stick out"),
    "head_circumference": ("the head", "small around", "large around"),
    "neck_circumference": ("the neck", "slender", "thick"),
    "bitragion_chin_arc": ("the way from ear to ear over the chin", "short", "long"),
    "bitragion_submandibular_arc": ("the way from ear to ear under the jaw", "short", "long"),
    "tragion_top_of_head": ("the skull above the ears", "low", "high"),
    "lower_face_height": ("the lower face", "short", "long"),
}

#: Start of an ARKit name → what is seen when it is strong.
MOVEMENT_WORDS: dict[str, str] = {
    "browDown": "lowered brows",
    "browInnerUp": "raised inner brows",
    "browOuterUp": "raised outer brows",
    "cheekPuff": "puffed cheeks",
    "cheekSquint": "raised cheeks",
    "eyeBlink": "closed eyes",
    "eyeSquint": "narrowed eyes",
    "eyeLookUp": "eyes turned up",
    "eyeLookDown": "eyes turned down",
    "eyeLookOut": "eyes turned aside",
    "eyeLookIn": "eyes turned aside",
    "eyeWide": "wide-open eyes",
    "jawOpen": "an open mouth",
    "mouthSmile": "a smile",
    "mouthFrown": "mouth corners drawn down",
    "mouthPucker": "puckered lips",
    "mouthFunnel": "rounded, open lips",
    "mouthPress": "pressed lips",
    "mouthStretch": "a mouth stretched wide",
    "mouthDimple": "tightened mouth corners",
    "mouthUpperUp": "a raised upper lip",
    "mouthLowerDown": "a lowered lower lip",
    "mouthShrugLower": "a raised chin boss",
    "mouthRoll": "lips rolled in",
    "noseSneer": "a wrinkled nose",
    "tongueOut": "the tongue out",
    "jawForward": "the jaw pushed forward",
    "jawLeft": "the jaw moved to its left",
    "jawRight": "the jaw moved to its right",
    "mouthLeft": "the mouth drawn to its left",
    "mouthRight": "the mouth drawn to its right",
}

#: Attributes whose measures answer for them.
MEASURES_OF: dict[str, tuple[str, ...]] = {
    "nose_size": ("nose_breadth", "nose_height_nasion_subnasale", "nose_protrusion"),
    "eye_size": ("palpebral_fissure_length",),
    "face_length": ("menton_sellion_length", "face_height_nasion_gnathion"),
    "eye_spacing": ("inner_canthal_distance", "interpupillary_distance"),
    "head_size": ("head_circumference", "head_breadth", "head_length"),
}

_NOUN_ASKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"pupil|interpupillary|\bipd\b|\bpd\b", ("interpupillary_distance",)),
    (r"philtrum|(nose|nostrils) (to|and) (the )?(upper lip|mouth|lips)", ("philtrum_length",)),
    (r"bridge|nasal root", ("nasal_bridge_length", "nose_bridge_height")),
    (r"(nose|nostril\w*|schnoz|conk|snout)\b.*\b(wide|width|broad|narrow|thin|breadth|across)|"
     r"(wide|width|broad|narrow|thin|breadth)\b.*\b(nose|nostrils|schnoz)", ("nose_breadth",)),
    (r"(nose)\b.*\b(long|length|short|tall)|(long|length|short)\b.*\bnose", ("nose_height_nasion_subnasale",)),
    (r"(nose)\b.*\b(stick|protru|flat|promin|depth|project)|(protru|promin|flat)\w*\b.*\bnose", ("nose_protrusion",)),
    (r"nose\b.*\b(straight|crooked|bent)|(straight|crooked|bent)\b.*\bnose", ("nose_crookedness",)),
    (r"nose\b.*\b(hook|aquiline|hump|bump|concave)|(hook|aquiline|hump|"
        r"bump)\w*\b.*\bnose", ("nose_bridge_convexity",)),
    (r"nose\b.*\b(upturned|snub|turned|droop)|(upturned|snub|droop)\w*\b.*\bnose", ("nose_tip_elevation",)),
    (r"\b(tip)\b", ("nose_tip_width", "nose_tip_elevation")),
    (r"nose|nasal|schnoz|conk|snout", ("nose_size",)),
    (r"eyes?\b.*\b(apart|spac|close|set|between|distance)|(between|apart|distance)\b.*\beyes?", ("eye_spacing",)),
    (r"eyes?\b.*\b(tilt|slant|upturn|down|cat)|(tilt|slant)\w*\b.*\beyes?", ("eye_tilt",)),
    (r"eyes?\b.*\b(deep|sunken|bulg|protrud)|(deep|sunken|bulging)\b.*\beyes?", ("eye_depth",)),
    (r"eye ?colou?r|colou?r\b.*\b(eyes?|iris)|\biris", ("iris_lightness",)),
    (r"hooded|eyelid|lids", ("lid_hooding",)),
    (r"bags|under (the|her|his|their) eyes", ("eye_bags",)),
    (r"\beyes?\b", ("eye_size", "eye_spacing")),
    (r"eyebrow|brows?\b", ("brow_thickness", "brow_height")),
    (r"upper lip", ("upper_vermilion_height",)),
    (r"lower lip", ("lower_vermilion_height",)),
    (r"\blips?\b.*\b(full|thick|thin|plump)|(full|thick|thin|plump)\w*\b.*\blips?|\blips\b",
     ("upper_vermilion_height", "lower_vermilion_height")),
    (r"\bmouth\b", ("lip_length",)),
    (r"jaw\b.*\b(square|angular|tapered)|(square|angular)\b.*\bjaw", ("jaw_squareness", "bigonial_breadth")),
    (r"\bjaw", ("bigonial_breadth",)),
    (r"cheekbones?", ("cheekbone_prominence", "bizygomatic_breadth")),
    (r"cheeks?\b", ("cheek_fullness",)),
    (r"\bchin", ("chin_height", "chin_protrusion")),
    (r"forehead\b.*\b(high|tall|height|low)|(high|tall|low)\b.*\bforehead", ("forehead_height",)),
    (r"forehead", ("minimum_frontal_breadth", "forehead_height")),
    (r"\bears?\b.*\b(stick|protru|jut|out)", ("ear_protrusion",)),
    (r"\bears?\b", ("ear_length", "ear_protrusion")),
    (r"\bneck\b", ("neck_circumference",)),
    (r"face\b.*\b(wide|width|broad|narrow)|(wide|width|broad|narrow)\b.*\bface", ("bizygomatic_breadth",)),
    (r"face\b.*\b(long|length|short|tall|high)|(long|length|short|tall)\b.*\bface", ("menton_sellion_length",)),
    (r"face shape|shape of (the|her|his|their) face", ("bizygomatic_breadth", "menton_sellion_length",
                                                        "bigonial_breadth")),
    (r"symmetr|lopsided|even\b", ("asymmetry",)),
    (r"head\b.*\b(big|size|large|small|circumference|hat|helmet)|(hat|helmet) size|circumference", ("head_size",)),
    (r"skull", ("head_size",)),
    (r"\bhair|bald|blond|brunette|grey|gray", ("hair_length", "hair_lightness", "hair_greyness")),
    (r"beard|shav|stubble|facial hair", ("beard", "moustache")),
    (r"mou?stache", ("moustache",)),
    (r"skin|complexion", ("skin_lightness",)),
    (r"freckle", ("freckles",)),
    (r"wrinkle|lines\b", ("wrinkles",)),
    (r"\b(age|old|young|older|younger|years)\b", ("age_years",)),
    (r"\b(fat|thin|heavy|weight|build|chubby|slim|overweight|plump)\b", ("heaviness",)),
    (r"\b(masculine|feminine|man or|male or|gender|sex|boy or)\b", ("masculinity",)),
    (r"laugh|express|emotion|feel|mood|smil|happy|sad|"
     r"angry|surpris|afraid|scared|disgust|frown|laugh|look\w* (like )?(she|he|"
     r"they)('s| is|'re| are)|doing with|mouth open|eyes (open|closed|shut)|going on in",
     ("expression",)),
    (r"unusual|special|stands? out|out of the ordinary|\bodd\b|weird|furthest from|every (?:measure|number)|"
     r"pick (?:him|her|them|me) out|sum up|tell me about (?:her|his|the|this) (?:face|head)|distinct|remarkable|"
     r"characteristic|notable|striking|differs? from (the )?average|"
     r"most extreme|anything odd|interesting", ("unusual",)),
    (r"how many|number of|count", ("count",)),
)  # fmt: skip
#: A question matched by one of these is not matched again by a more general one of the same part.
_SPECIFIC_FIRST = ("nose", "eye", "jaw", "ear", "face", "lip", "forehead", "philtrum", "brow")


def asked_about(question: str) -> tuple[str, ...]:
    """What a question is about, by word patterns: names of measures, attributes, "expression", and so on."""
    text = question.lower()
    asked: dict[str, None] = {}
    seen: set[str] = set()
    for pattern, names in _NOUN_ASKS:
        if not re.search(pattern, text):
            continue
        part = next((p for p in _SPECIFIC_FIRST if p in pattern[:24]), "")
        if part and part in seen:
            continue
        seen.add(part)
        asked |= dict.fromkeys(names)
    general = {"unusual", "count"}
    if set(asked) - general and "unusual" in asked and not re.search(r"unusual|stand|distinct|special", text):
        del asked["unusual"]  # "anything interesting about the nose?"
    return tuple(asked)


#: How identity and kinship are declined, as the others of DECLINED.
WHO, KIN = "who somebody is", "whether people are related"
#: What a face can't show: pattern → how to say no.
DECLINED: tuple[tuple[str, str], ...] = (
    (r"\bwho(?:'s| is| are| was| s|s)\b(?! (?:the )?"
        r"(?:\w+er\b|\w+est\b|\w+ing\b|angry|happy|sad|bald|on the|more|got))|"
        r"\bwho do you think\b(?! (?:has|is \w+er|looks?))|\bname\b(?! (?:the|a|an|one|some|each))|recogni[sz]e|"
        r"identif|famous|"
     r"instagram|facebook|brothers? and sisters?|real (?:father|mother)|is this (?:him|her)\b|celebrity|do you "
     r"know (him|her|them|this|who)",
     WHO),
    (r"\brelated\b|\brelation|relatives?\b|siblings?\b|same family|mother and (?:son|daughter)|father and|\bkin\b|"
     r"are (?:they|these|those|the(?:se)? two)[^?]*(?:sisters|brothers|twins|cousins|married|a couple)",
     KIN),
    (r"ethnic|\brace\b|racial|nationality|"
     r"where(?:'s| is| are| was| does| do) (he|she|they|this|it|the \w+) (come )?from|"
     r"where (?:his|her|their) (?:family|parents)|italian|germans?\b|french|spanish|russian|chinese|indian\b|"
     r"which country|what country|\borigins?\b|ancestry|jewish|african|asian|arab|european|"
     r"caucasian|hispanic|latin[oa]",
     "where somebody comes from"),
    (r"personality|character\b|trustworth|(?<!be )honest|criminal|intelligen|smart|stupid|kind person|nice person|"
        r"lazy|"
     r"dangerous|violent|aggressive|generous|cruel|trust\b|manager|\bhire\b|thief|done time|reliable|happy person|"
     r"good person|bad person|guilty|\blying\b|liar|\bnice\b|clever|friendly person|iq\b",
     "what somebody is like"),
    (r"\bdown's\b|live long|\bill\b|sick|disease|health|diagnos|syndrome|autis|depress|disorder|pregnan|drunk|"
        r"alcohol|drugs|cancer|"
     r"medical", "how healthy somebody is"),
    (r"\bgay\b|straight or|sexual|religio|muslim|christian|politic|vote|\brich\b|\bpoor\b|job\b|profession|"
     r"living\?|for a living|married|educat|\bsingle\b|star sign|where (?:does|do) (?:he|she|they) live|loves? me\b|"
     r"born an? (?:man|woman|boy|girl)", "how somebody lives or what they believe"),
    (r"attractive|beautiful|pretty\b(?! (?:\w+))|handsome|ugly|\bhot(?:ter|test)?\b|"
        r"(?:good|better|best)[- ]?looking|prett(?:ier|iest)|sex(?:y|ier|iest)\b|\brate (?:her|his|my|the|"
        r"this) (?:looks|face)\b|\brate (?:him|her|me|this)\b|"
     r"out of (10|ten)", "how good somebody looks"),
)  # fmt: skip


def declined(question: str) -> tuple[str, ...]:
    """What of a question must be declined, in words (as "who somebody is"); () where nothing."""
    found = [what for pattern, what in DECLINED if re.search(pattern, question, re.IGNORECASE)]
    if re.search(r"\b[Ii]s (this|that|it|he|she) [A-Z][a-z]+ [A-Z]", question) and DECLINED[0][1] not in found:
        found.insert(0, DECLINED[0][1])
    return tuple(found)
