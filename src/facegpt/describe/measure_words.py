"""Plain words for what can be measured or seen on a head, and how people ask about it.

Each measure has the words for its name, for a low and for a high value; each movement of the face has a phrase. What a
face does not show is matched by patterns; the names are those of LABELS.md.
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

#: How identity and kinship are declined, as the others of DECLINED.
WHO, KIN = "who somebody is", "whether people are related"
#: What a face can't show: pattern → how to say no.
DECLINED: tuple[tuple[str, str], ...] = (
    (r"\bwho(?:'s| is| are| was| s|s)\b(?! (?:the )?"
        r"(?:\w+er\b|\w+est\b|\w+ing\b|angry|happy|sad|bald|on the|more|got))|"
        r"\bwho do you think\b(?! (?:has|is (?:the )?\w+(?:er|est)\b|looks?))|"
        r"\bname\b(?! (?:the|a|an|one|some|each))|recogni[sz]e|"
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
