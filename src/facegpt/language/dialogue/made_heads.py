"""Heads that words make: a new one, a given one changed, and what can be measured on either."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from facegpt.appearance.lines import lines_gone
from facegpt.appearance.over_skin.bare_lips import without_lipstick
from facegpt.appearance.texture import retouched
from facegpt.describe.colours_of_heads import iris_colour
from facegpt.describe.expression import name_emotion
from facegpt.describe.hair_words import is_covered, is_seen_bald
from facegpt.describe.lids import lids_open
from facegpt.describe.lips import Lips, borne_out, lips_of
from facegpt.describe.scene import shows_colours
from facegpt.describe.sentences import Facts
from facegpt.face import Face
from facegpt.face.looking import gaze_of, was_fitted
from facegpt.face.pictures import own_view
from facegpt.generate.decoder import Decoder
from facegpt.generate.identities import OPEN_SEX
from facegpt.generate.kept_hair import kept_of_hair
from facegpt.generate.shape.shown_changes import hidden, told_hidden, told_short, told_unshown, unshown
from facegpt.generate.understood import greyed_with_age, people_label, understood
from facegpt.hair.from_photo.regrown import loses_beard, regrown
from facegpt.hair.from_photo.shaven_skin import with_shaven_skin
from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.cast import Person
from facegpt.language.dialogue.changes.notes import not_shown
from facegpt.language.dialogue.changes.of_others import with_people
from facegpt.language.dialogue.changing import of_same_sex
from facegpt.language.dialogue.face_wanted import speaks_of_no_face
from facegpt.language.dialogue.maker import Maker, Reading
from facegpt.language.dialogue.telling import both_sides
from facegpt.language.dialogue.who.counts import how_many
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.skin_tints import skin_tint
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.patterns import has_word, is_denied, word_set
from facegpt.language.reading.beyond.ahead import ahead_of
from facegpt.language.reading.beyond.shown_part import (
    WORN_BY_NONE,
    ShownPart,
    shade_of,
    shown_part,
    unsure_of,
    without_character,
    without_stretches,
    without_unsure,
    without_used,
)
from facegpt.language.reading.beyond.spelling import put_right
from facegpt.language.reading.beyond.unread_words import carries
from facegpt.language.reading.clauses import UNREAD, Whole, clauses_of, read_clauses
from facegpt.language.reading.colours_of_parts import with_skin_tint
from facegpt.language.reading.edits.kept_parts import BEARD, MOUSTACHE
from facegpt.language.reading.peoples_words import find_peoples
from facegpt.language.reading.prompts import Prompt, is_foreign, named_person, read_prompt
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.base import MorphableModel
from facegpt.render.default_view import default_view
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import FaceGPTError, FaceParams

log = logging.getLogger("facegpt")

#: What is said of a text in another language, of which the reader would read the contrary as often as what it says.
ONLY_ENGLISH = (
    "English is read, and German, French, Spanish and Italian word by word; a talker that knows the language can put "
    "it into English (--talker … --expand)"
)
#: Characters of the user's words that a message repeats.
QUOTED = 60
#: From these years on somebody is an adult whom "younger" makes no younger than that, years.
_ADULT, _GROWN = 19.0, 18.0
#: From this amount on a beard or a moustache is seen; words for a moustache.
SEEN_BEARD, _MOUSTACHE = 0.05, word_set("moustache mustache moustaches tache")
_CHILD = word_set("child kid baby toddler boy girl teen teenager")


def mean_head(head: MorphableModel) -> Face:
    """The head of the prior's mean at rest, in its own view."""
    sizes = head.sizes
    pose, camera = default_view()
    params = FaceParams(
        model_id=head.model_id,
        identity=np.zeros(sizes.identity, np.float32),
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=pose,
        albedo=np.zeros(sizes.albedo, np.float32),
        lighting=default_studio_lighting(),
        camera=camera,
    )
    return Face(head, params)


def imagined(model: Maker, text: str, count: int, seed: int) -> list[Face]:
    """Heads that fit a description, those of seed, seed + 1 and so on; they say what was understood and ignored.

    Raises:
        FaceGPTError: if the text is empty or no string, or speaks of no face.
    """
    heard = _heard(model, text, "the description")
    prompt = heard.text
    if is_foreign(prompt):
        raise FaceGPTError(f"{_quoted(prompt)} was not understood: {ONLY_ENGLISH}")
    reading, part, whole = _whole(model, prompt)
    if not (part.told or named_person(prompt)) and speaks_of_no_face(model.language, reading, prompt):
        raise FaceGPTError(f"there is no face in these words: {_quoted(prompt)}; describe a person or an expression")
    if reading.torn:
        log.warning(both_sides(reading.torn))
    whole = _without_guesses(model, prompt, part, whole)
    part = without_character(
        without_used(part, reading.request, model.language.read, understood), whole.request, model.language.read
    )
    known = [*not_shown(prompt, (), part), *_not_read(prompt), *heard.unknown]
    if known and not part.names_somebody and not understood(whole.request):
        raise FaceGPTError(f"nothing of {_quoted(prompt)} can be made into a head: {'; '.join(known)}")
    ignored = [*not_shown(prompt, _wanted(prompt, whole.unread), part), *_not_read(prompt), *heard.unknown]
    if (people := how_many(prompt)) > 1:
        ignored.append(f"{people} people: one head is made of these words; describe each alone")
    heads = (model.head_from(whole.request, seed + k) for k in range(count))
    return [replace(head, ignored=[*ignored, *head.ignored]) for head in heads]


def _wanted(text: str, unread: Sequence[str]) -> list[str]:
    """Words in which nothing was read, without what a new head shall not have: it has none ("not smiling")."""
    return [each for each in unread if not is_denied(text.partition(each.rpartition(": ")[0])[0])]


def edited(model: Maker, face: Face, text: str, seed: int) -> Face:
    """A head changed by words; it says what was understood and ignored of them. Raises FaceGPTError as `imagined`."""
    heard = _heard(model, text, "the edit")
    prompt = heard.text
    if is_foreign(prompt):
        return replace(face, understood_parts=[], ignored=[f"{_quoted(prompt)}: not understood; {ONLY_ENGLISH}"])
    seen = model.seen(face)
    reading, part, whole = _whole(model, prompt, seen)
    if not part.shows_nothing:
        part = without_used(part, reading.request, lambda words: model.language.read(words, seen, True), understood)
    part = without_character(part, whole.request, model.language.read)
    request = with_years_of_adults(of_same_sex(whole.request, prompt), face, prompt)
    request, absent = without_absent(request, face.params, prompt)
    ignored = [
        *absent,
        *not_shown(prompt, [each for each in whole.unread if not find_peoples(each)], part),
        *_not_read(prompt),
        *heard.unknown,
    ]
    peoples = find_peoples(prompt)
    if not understood(request) and not peoples:
        return replace(
            face, understood_parts=[], ignored=[*ignored, f"{_quoted(prompt)}: no change was found in these words"]
        )
    after = model.changed(face, request, seed)
    if peoples:
        after = with_people(after, peoples, seed)
        told = [*map(people_label, peoples), *after.understood_parts]  # what did not come off stays untold
        after = replace(after, understood_parts=[*dict.fromkeys(told)])
    return replace(after, ignored=[*ignored, *after.ignored])


def _whole(model: Maker, text: str, seen: FaceReading | None = None) -> tuple[Reading, ShownPart, Whole]:
    """What is read in a description, or in a change of a head that was seen; what of it is shown; and by clauses."""
    is_edit = seen is not None
    ahead = ahead_of(model.language, seen, is_edit)
    ahead([text, *clauses_of(text)])
    part = shown_part(model.language, text, carries)
    ahead([part.text, *clauses_of(part.text), *(without_unsure(part, each) for each in unsure_of(part))])
    shown = (part.rest or "a person") if part.shows_nothing else part.text
    reading = model.language.read(shown, seen, is_edit)
    if is_edit and part.shows_nothing:
        return reading, part, Whole(no_change())
    again = partial(model.language.read, face=seen, is_edit=is_edit)
    return reading, part, read_clauses(shown, reading, again, understood, ahead)


def _without_guesses(model: Maker, text: str, part: ShownPart, whole: Whole) -> Whole:
    """The same with traits of shape and skin by the words beside the character alone, which has a look itself."""
    request = whole.request
    named = [each for each in part.stretches if each.kind in ("role", "creature")]
    tints = [skin_tint(text[each.start : each.end].lower()) for each in named if each.kind == "creature"]
    if tint := next(filter(None, tints), ""):
        request = with_skin_tint(request, tint)
    if not request.character or not named:
        return replace(whole, request=request)
    rest, unread = without_stretches(text, part.stretches), whole.unread
    if shade := shade_of(text, named):
        peoples = find_peoples(f"a {shade} person")  # of "a black boxer"
        request = replace(request, peoples=request.peoples or peoples)
        rest = rest if peoples or "skin" in rest else f"{rest}, {shade} skin".lstrip(" ,")
        unread = tuple(each for each in unread if each != f"{shade}: {UNREAD}")
    mean, spread = (np.asarray(of, float) for of in (request.attribute_mean, request.attribute_spread))
    traits = model.language.read(rest).request if carries(rest) else None
    mean = np.zeros_like(mean) if traits is None else traits.attribute_mean
    spread = np.ones_like(spread) if traits is None else traits.attribute_spread
    if traits is None or not traits.emotion:  # a werewolf is no fear
        request = replace(request, emotion="")
    return Whole(replace(request, attribute_mean=mean, attribute_spread=spread), unread)


def without_absent(request: HeadRequest, params: FaceParams, text: str) -> tuple[HeadRequest, list[str]]:
    """A change without the taking off of what a head does not wear, and that, each with the reason.

    "No beard" takes no moustache from whom has no beard.
    """
    absent: list[str] = []
    hair, said = params.hair, request.hair.said
    beardless = hair is None or (hair.beard < SEEN_BEARD and hair.moustache >= SEEN_BEARD)
    if said.get("beard") == "none" and beardless and has_word(text, ("beard",)) and not has_word(text, _MOUSTACHE):
        rest = {slot: value for slot, value in said.items() if slot not in ("beard", "moustache")}
        request, absent = replace(request, hair=replace(request.hair, said=rest)), [f"beard: {WORN_BY_NONE}"]
    if request.bareheaded and params.headwear is None:
        request, absent = replace(request, bareheaded=False), [f"hat: {WORN_BY_NONE}"]
    if request.glasses is not None and not request.glasses.on and params.glasses is None:
        request, absent = replace(request, glasses=None), [*absent, f"glasses: {WORN_BY_NONE}"]
    return request, absent


def without_own_sex(request: HeadRequest, person: Person) -> HeadRequest:
    """A change without the sex that somebody of a photo has anyway: "this guy" of a man asks for nothing."""
    asked = "M" if request.man > 0.5 + OPEN_SEX else "F" if request.man < 0.5 - OPEN_SEX else ""
    return replace(request, man=0.5) if person.photo and asked and asked == person.sex else request


def with_years_of_adults(request: HeadRequest, face: Face, text: str) -> HeadRequest:
    """A change that makes an adult no child where words only say "younger": shapes of photos look too young."""
    younger = has_word(text, ("younger",)) and request.age_years is not None and request.age_years[0] < _GROWN
    if not younger or face.attributes.get("age_years", 0.0) < _ADULT or has_word(text, _CHILD):
        return request
    return replace(request, age_years=(_GROWN, max(_GROWN, request.age_years[1])))  # type: ignore[index]


def _not_read(text: str) -> list[str]:
    """What of some words the reader knows it cannot read, each with the reason: people by name."""
    name = named_person(text)
    return [f"{name}: people are not known by name"] if name else []


def _heard(model: Maker, text: str, what: str) -> Prompt:
    """A text that can be read, its slips put right; what is to be said about it is logged."""
    prompt = read_prompt(text, what)
    pieces = getattr(model.language, "count_tokens", None)
    if pieces is not None:
        right, slips = put_right(prompt.text, lambda word: 1 in (pieces(f" {word}"), pieces(f" {word.title()}")))
        told = ", ".join(f'"{typed}" as "{meant}"' for typed, meant in slips)
        prompt = replace(prompt, text=right, remarks=(*prompt.remarks, f"Read {told}.") if slips else prompt.remarks)
    for remark in prompt.remarks:
        log.warning(remark)
    return prompt


def _quoted(text: str) -> str:
    """A text in quotes, cut if it is long."""
    return f'"{text if len(text) <= QUOTED else text[:QUOTED].rstrip() + "…"}"'


def new_head(
    decoder: Decoder, head: MorphableModel, request: HeadRequest, seed: int = 0, whole: HeadRequest | None = None
) -> Face:
    """The head that a request asks for, in its own view; as a part of a `whole` one it is the same person."""
    part_of = () if whole is None else (whole,)
    params = decoder.imagine(head, request, seed, *part_of)
    return Face(head, params, understood_parts=understood(request), ignored=told_hidden(hidden(head, params, request)))


def changed_head(decoder: Decoder, face: Face, request: HeadRequest, seed: int = 0) -> Face:
    """A head changed as a request says. Its photo no longer shows it, so that it has a view of its own instead."""
    params = decoder.edit(face.model, face.params, request, seed)
    if face.photo is not None:
        pose, camera = own_view(face)
        params = params.replace(pose=pose, camera=camera)
    skin = face.photo_texture
    if skin is not None:
        skin = retouched(skin, face.model, face.params.albedo, params.albedo)
        skin = regrown(skin, face.model, params, face.params.hair, params.hair)
        if request.lips == "natural" or (request.man > 0.5 + OPEN_SEX and not request.lips):
            skin = without_lipstick(skin, face.model, params.albedo)
        woman = request.man < 0.5 - OPEN_SEX and not kept_of_hair(request) & {BEARD, MOUSTACHE}
        bare = woman or request.hair.said.get("beard") == "none"
        if loses_beard(face.params.hair, params.hair, bare) and not loses_beard(face.params.hair, params.hair):
            skin = with_shaven_skin(skin, face.model, 0.0)
    gone = lines_gone(face.model, face.params.albedo, params.albedo)
    if gone and face.detail is not None:
        face = face.with_detail(1 - gone)
    was, now = ((one, decoder.attributes(face.model, one)) for one in (face.params, params))
    unseen = unshown(request, was, now)
    told = [label for label in understood(request) if label not in unseen]
    told += greyed_with_age(request, face.params.hair, params.hair)
    after = replace(face, params=params, photo=None, photo_texture=skin, understood_parts=told)
    short = told_short(request.millimetres, face.measure(), after.measure()) if request.millimetres else []
    ignored = [*told_unshown(unseen), *short, *told_hidden(hidden(face.model, params, request))]
    return replace(after, ignored=ignored)


def facts_of(decoder: Decoder, face: Face) -> Facts:
    """All that can be said about a head, measured."""
    readings, lips = decoder.attributes(face.model, face.params), lips_in_photo(face)
    emotion = name_emotion(face.blendshapes, decoder.emotions, from_photo=was_fitted(face))
    return Facts(
        measures=face.measure(),
        looks=face.attributes,
        looks_sd=face.attribute_sd,
        attributes=dict(zip(ATTRIBUTES, map(float, readings), strict=True)),
        blendshapes=face.blendshapes,
        emotion=emotion if lips is None else borne_out(emotion, lips),
        hair=face.params.hair,
        glasses=face.params.glasses,
        covered=is_covered(face.params),
        is_seen_bald=is_seen_bald(face.params),
        scale_sd=face.scale_sd,
        irises=iris_colour(face.model, face.params.albedo, face.photo_texture),
        lids=lids_open(face.landmarks("mediapipe478", "head")),
        lips=lips,
        gaze_deg=gaze_of(face) if was_fitted(face) else None,
        has_colour=face.photo is None or shows_colours(face.photo),
        left_out=left_out_of(face),
    )


def lips_in_photo(face: Face) -> Lips | None:
    """The measured lips of a head that was fitted to a photo; None of another, whose weights say what it does."""
    if not was_fitted(face):
        return None
    at_rest = face.neutral().with_expression({"jawOpen": face.blendshapes["jawOpen"]})
    return lips_of(*(one.landmarks("mediapipe478", "head") for one in (face, at_rest)))


def left_out_of(face: Face) -> list[str]:
    """What a head leaves out of its photo, a sentence each; of a head that was changed since nothing."""
    worn = face.params.worn
    return [] if worn is None else [sentence for sentence in face.ignored if sentence in worn.left_out]
