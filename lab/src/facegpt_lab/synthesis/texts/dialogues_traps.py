"""Turns that only their wording tells apart: "tell me about wide noses" wants no face, "give her a wider nose" does."""

from __future__ import annotations

from random import Random
from typing import Any

from facegpt_lab.synthesis.texts.captions import draw_items, draw_looks
from facegpt_lab.synthesis.texts.captions_edits import draw_edit
from facegpt_lab.synthesis.texts.english import Labels
from facegpt_lab.synthesis.texts.slips import roughen

_NOT_WANTED = (
    *(
        "tell me about {nouns}",
        "why do people have {it}?",
        "what causes {it}?",
        "how do I draw {it} with a pencil?",
        "is {it} hereditary?",
    ),
    *(
        "what's the medical word for {it}",
        "how can I hide {it} with make-up?",
        "can exercise change {it}?",
        "I have {it}, should I worry?",
    ),
    *(
        "which famous people have {it}? just names",
        "write a poem about {it}",
        "what does it mean to have {it}",
        "translate '{bare}' into French",
    ),
    *(
        "how common is {it}?",
        "is {it} considered beautiful in Japan?",
        "what glasses suit {it}?",
        "what haircut goes with {it}?",
    ),
    *(
        "spell '{bare}'",
        "use '{bare}' in a sentence",
        "give me synonyms for '{adj}'",
        "what is the opposite of '{adj}'?",
    ),
    *(
        "how much does surgery for {it} cost",
        "my friend laughed at my {bare}",
        "he said I've got {it}. rude or not?",
        "I dreamt of {it}",
    ),
    *(
        "write a short story in which somebody has {it}",
        "list five novels whose hero has {it}",
        "explain how {nouns} grow",
    ),
    *(
        "how do surgeons change {nouns}?",
        "what is the average size of {nouns}?",
        "do {nouns} change with age?",
        "describe {it} in words, no picture",
    ),
    *(
        "don't make a face, just tell me what {it} looks like",
        "text only: what is {it}?",
        "quiz me on {nouns}",
        "fun fact about {nouns}",
    ),
    *(
        "what did Darwin write about {nouns}?",
        "how does a plastic surgeon measure {nouns}",
        "why are {nouns} shaped like that",
    ),
    *(
        "can you make faces with {it}? yes or no",
        "could you in principle do {it}?",
        "what would you need to know to model {it}?",
    ),
    *(
        "do you think {it} runs in families",
        "is it rude to mention somebody's {bare}",
        "how do you say '{bare}' in Spanish?",
    ),
)
_OTHER_NOT_WANTED = (
    *(
        "draw up a contract for a flat",
        "draw a conclusion from these numbers: 3, 5, 7",
        "make a list of European capitals",
        "make up a joke",
    ),
    *(
        "let's face it, I'm late",
        "time to face the music, any advice?",
        "what does 'lose face' mean",
        "how do I face my fears?",
    ),
    *(
        "he's two-faced, what do I do",
        "on the face of it that's cheap, right?",
        "face value of a bond, explain",
        "face-to-face meeting tips",
    ),
    *(
        "generate a password",
        "generate a random number",
        "create a table of planets",
        "show me how to boil an egg",
        "give me a hand with maths",
    ),
    *(
        "give me a heads-up email to my team",
        "head of state of Italy?",
        "how do I head a football",
        "what's a headline for this: rain today",
    ),
    *(
        "imagine there's no heaven - who sang that?",
        "imagine you are a pirate, talk to me",
        "picture this: I win the lottery. Tax?",
    ),
    *(
        "make me laugh",
        "make a plan for Sunday",
        "make it shorter: the cat sat on the mat",
        "render unto Caesar - where's that from",
    ),
    *(
        "model answer for question 3?",
        "build a sentence with 'although'",
        "design a study on sleep",
        "sculpt a marketing plan",
    ),
    *(
        "eye of a needle, what's the saying",
        "keep an eye on the time for me",
        "nose around for discounts: how?",
        "cheek by jowl meaning",
    ),
    *(
        "chin up, they say. origin?",
        "it's all ears, what's that in German",
        "lend me your ears: who said it",
        "brow of a hill, definition",
    ),
    *(
        "the mouth of the Nile, where is it",
        "mouth-watering recipes with tofu",
        "lip service meaning",
        "neck and neck race, idiom?",
    ),
    *(
        "change my mind about pineapple pizza",
        "edit this sentence: me and him goes home",
        "make that paragraph more formal: hey guys",
    ),
    *(
        "widen my vocabulary: five words for 'big'",
        "thin this sauce how?",
        "how do I raise my eyebrows one at a time?",
        "smile in sign language?",
    ),
    *(
        "what makes people smile?",
        "why do we blink?",
        "how many muscles are in a face",
        "what's a blendshape",
        "who invented the portrait",
    ),
    *(
        "how long does reconstruction take you",
        "which formats can you export?",
        "what are you?",
        "are you free to use",
        "what can you do",
    ),
    *(
        "Python function to detect faces",
        "css for a smiley",
        "emoji for a nose",
        "what is facial recognition",
        "is face ID safe",
    ),
    *(
        "thanks, that's perfect",
        "great work!",
        "no more faces for now",
        "stop",
        "ok bye",
        "don't show me anything, I just want to talk",
    ),
    *(
        "before you make a face: how many polygons?",
        "wait, don't generate yet",
        "hold on, no face please",
        "what was that last seed?",
    ),
)
_REPLY_FOR: dict[str, str] = {
    "thanks, that's perfect": "Glad you like it!",
    "great work!": "Thank you!",
    "no more faces for now": "All right, no more faces for now.",
    "stop": "Stopped. Tell me when you want to go on.",
    "ok bye": "Goodbye!",
    "don't show me anything, I just want to talk": "Happy to. What is on your mind?",
    "wait, don't generate yet": "All right, I'll wait.",
    "hold on, no face please": "Understood, no face.",
    "what can you do": "I make, change, measure and describe 3D heads, and answer ordinary questions.",
    "what are you?": "I'm FaceGPT, a small language model that can make, edit, measure and describe 3D heads.",
    "make me laugh": "Why did the scarecrow win a prize? He was outstanding in his field.",
    "make up a joke": "I told my clock a joke. It took a second to get it.",
}


_LEADS = (
    *(
        "can you show me ",
        "I imagine ",
        "how would you picture ",
        "tell me what it'd be like, no: show me ",
        "",
        "draw ",
    ),
    *("give me a face: ", "not words, a head: ", "make this person: ", "on my screen, please: ", "let me see "),
)


def _words_about(rng: Random) -> dict[str, str]:
    """Draw a part of the face with an adjective: {"it": "a wide nose", "bare": "wide nose", "adj", "nouns"}."""
    while True:
        item = draw_items(rng, 1)[0]
        if item.noun is not None:
            break
    noun = item.noun.text
    plural = noun if item.noun.plural or noun.endswith(("s", "hair", "skin")) else f"{noun}s"
    return {"it": item.phrase(), "bare": f"{item.adjective} {noun}", "adj": item.adjective, "nouns": plural}


def draw_trap(rng: Random) -> tuple[str, Labels, str | None, dict[str, Any]]:
    """Draw a turn with the words of faces that wants none, or one with few of them that does.

    Returns:
        text, labels with "face", a reply or None, and the input.
    """
    kind = rng.random()
    given: dict[str, Any] = {"head": True} if rng.random() < 0.25 else {}
    if kind < 0.38:
        text = rng.choice(_NOT_WANTED).format(**_words_about(rng))
        return roughen(rng, text, 0.4), {"face": False}, None, given
    if kind < 0.62:
        text = rng.choice(_OTHER_NOT_WANTED)
        return roughen(rng, text, 0.4), {"face": False}, _REPLY_FOR.get(text), given
    if kind < 0.84:
        text, labels = draw_looks(rng, opening=False)
        lead = rng.choice(_LEADS)
        return lead + text, {**labels, "face": True}, None, {}
    text, labels = draw_edit(rng)
    return text, {**labels, "face": True}, None, {"head": True}
