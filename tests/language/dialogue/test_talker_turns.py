"""What goes to the talker, what it is told, and what of its answer is said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from stand_in import picture
from stand_in_words import word_model

from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.talking import CAUTION
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.headwear_wish import HeadwearWish
from facegpt.language.talkers.base import Spoken, ToolCall, has_pictures
from facegpt.language.talkers.told_numbers import LEFT_OUT


@dataclass
class Scripted:
    """A talker that says what a list holds, and notes what it hears."""

    answers: list[Spoken]
    sees: bool = False
    takes_facts: bool = True
    name: str = "scripted"
    heard: list = field(default_factory=list)
    offered: list = field(default_factory=list)

    def speak(self, messages, say, tools=()) -> Spoken:
        self.heard.append(list(messages))
        self.offered.append([tool["function"]["name"] for tool in tools])
        spoken = self.answers.pop(0)
        for word in spoken.text.split(" "):
            say(f"{word} ")
        return spoken


def talking(*answers: Spoken, **how) -> tuple[Conversation, Scripted]:
    talker = Scripted(list(answers), **how)
    return Conversation(replace(word_model(), make_talker=lambda language: talker)), talker


@pytest.mark.parametrize("text", ["Who wrote Hamlet?", "Count from one to five", "Write a poem\nabout the sea."])
def test_plain_words_reach_the_talker_as_they_were_typed_and_its_answer_comes_back_untouched(text):
    conversation, talker = talking(Spoken("First line.\n  Second  line,  with 12 mm."))
    said: list[str] = []
    answer = conversation.say(text, on_text=said.append)
    assert talker.heard == [[{"role": "user", "content": text}]] and talker.offered == [[]]
    assert answer.text == "First line.\n  Second  line,  with 12 mm." and not answer.faces
    assert "".join(said).strip() == answer.text


def test_what_the_small_talker_tells_of_the_world_comes_with_a_caution():
    small, _ = talking(Spoken("Bacon.", sure=-0.1))
    assert small.say("Who wrote Hamlet?").text == f"Bacon.\n{CAUTION}"
    other, _ = talking(Spoken("Shakespeare."))
    assert other.say("Who wrote Hamlet?").text == "Shakespeare."


def test_a_task_that_is_no_question_has_no_caution():
    conversation, _ = talking(Spoken("The sea is wide.", sure=-3.0))
    assert conversation.say("Write a short poem about the sea").text == "The sea is wide."


def test_what_was_said_before_is_told():
    conversation, talker = talking(Spoken("Paris."), Spoken("Madrid."))
    conversation.say("What is the capital of France?")
    conversation.say("And of Spain?")
    assert [m["content"] for m in talker.heard[1]] == ["What is the capital of France?", "Paris.", "And of Spain?"]


def test_a_small_talker_hears_nothing_of_heads():
    conversation, talker = talking(Spoken("Shakespeare."), takes_facts=False)
    conversation.say("an old man")
    conversation.say("Who wrote Hamlet?")
    assert talker.heard == [[{"role": "user", "content": "Who wrote Hamlet?"}]]


def test_with_a_head_at_hand_plain_words_stay_plain():
    conversation, talker = talking(Spoken("Shakespeare."))
    conversation.say("an old man")
    conversation.say("Who wrote Hamlet?")
    assert talker.offered == [[]] and all(m["role"] != "system" for m in talker.heard[0])


def test_lengths_that_nobody_measured_are_left_out():
    conversation, talker = talking(Spoken("A kind face. The hat is 999 mm wide. Anything else?"))
    conversation.say("an old man")
    answer = conversation.say("write him a letter, please")
    assert answer.text == f"A kind face. Anything else? {LEFT_OUT}"
    facts = talker.heard[0][0]
    width = conversation.face.measure()["nose_breadth"].value_mm
    assert facts["role"] == "system" and f"{width:.1f} mm" in facts["content"]


def test_a_tool_that_the_talker_calls_changes_the_head():
    call = ToolCall("1", "edit", '{"text": "a broad nose"}')
    conversation, talker = talking(Spoken("", (call,)), Spoken("Done, as you wished."))
    conversation.say("a man with a narrow nose")
    before = conversation.face.measure()["nose_breadth"].value_mm
    answer = conversation.say("write a letter in which he is famous")
    assert talker.offered[0] == ["imagine", "edit", "measure"]
    assert answer.faces and answer.faces[0].measure()["nose_breadth"].value_mm > before + 1
    assert talker.heard[1][-1]["role"] == "tool" and answer.text == "Done, as you wished."


def test_tools_of_the_client_are_handed_on_and_come_back():
    call = ToolCall("7", "weather", '{"city": "Oslo"}')
    _, talker = talking(Spoken("", (call,)))
    model = replace(word_model(), make_talker=lambda language: talker)
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    answer = model.chat([{"role": "user", "content": "How warm is Oslo?"}], tools=[tool])
    assert answer.calls == (call,) and talker.offered == [["weather"]]


def test_a_photo_without_a_face_goes_to_eyes_that_see():
    photo = picture()
    conversation, talker = talking(Spoken("A wall."), sees=True)
    assert conversation.say("what is this?", [photo]).text == "A wall." and has_pictures(talker.heard[0])
    blind, _ = talking()
    assert "no face" in blind.say("what is this?", [photo]).text


def test_what_came_of_a_tool_goes_to_the_talker_with_its_call():
    call = ToolCall("7", "weather", '{"city": "Oslo"}')
    _, talker = talking(Spoken("Oslo has 3 degrees."))
    model = replace(word_model(), make_talker=lambda language: talker)
    messages = [
        {"role": "user", "content": "How warm is Oslo?"},
        {"role": "assistant", "content": None, "tool_calls": [call.in_openai_format]},
        {"role": "tool", "tool_call_id": "7", "content": "3"},
    ]
    assert model.chat(messages).text == "Oslo has 3 degrees."
    (heard,) = talker.heard
    assert heard[1]["calls"] == (call,) and heard[2] == {"role": "tool", "content": "3", "key": "7"}


def test_a_question_about_the_photo_is_answered_from_what_is_seen(monkeypatch):
    from facegpt.describe.scene import Scene
    from facegpt.language.dialogue.context import Context

    model = word_model()
    monkeypatch.setattr(Context, "sights", ("clothes", "backdrop"))
    seen = Scene(clothes=("dark blue",), backdrop={"left": ("white",), "right": ("green",)})
    monkeypatch.setattr(type(model), "scene", lambda self, face: seen)
    conversation = Conversation(model)
    conversation.say("", [picture((60, 40, 160, 160))])
    answer = conversation.say("what is she wearing, and what is behind her?")
    assert "clothes below the face are dark blue" in answer.text
    assert "white on the left of the picture, green on the right" in answer.text and "smile" not in answer.text


@pytest.mark.parametrize("pulled", [False, True])
def test_that_things_can_be_named_is_said_once_and_only_where_they_cannot_yet(monkeypatch, pulled):
    from facegpt.describe.scene import Scene
    from facegpt.describe.scene_words import UNNAMED
    from facegpt.encode.objects import Thing
    from facegpt.language.dialogue.context import Context

    model = word_model()
    monkeypatch.setattr(Context, "sights", ("clothes",))
    things = (Thing("a suit", "clothes", 0.5),) if pulled else None
    monkeypatch.setattr(type(model), "scene", lambda self, face: Scene(clothes=("black",), things=things))
    conversation = Conversation(model)
    conversation.say("", [picture((60, 40, 160, 160))])
    first, second = conversation.say("what is she wearing?"), conversation.say("what is she wearing?")
    assert first.text.endswith(UNNAMED) != pulled and UNNAMED not in second.text
    assert ("perhaps a suit" in first.text) == pulled


@pytest.mark.parametrize(
    ("wishes", "sights"),
    [
        ({"headwear": HeadwearWish("hat")}, ("headwear",)),
        ({"glasses": GlassesWish()}, ("glasses",)),
        ({"headwear": HeadwearWish("hat"), "glasses": GlassesWish()}, ("glasses", "headwear")),
        ({}, ()),
    ],
)
def test_a_question_that_names_a_hat_or_glasses_is_about_these(wishes, sights):
    """The hat is taken out of the words before they are read, so their states know nothing of it."""
    from facegpt.language.dialogue.cast import Cast
    from facegpt.language.dialogue.context import Context

    model = word_model()
    context = Context(model, "what kind of hat is that?", Cast(), (), 0, lambda piece: None)
    plain = context.read(False)
    context.__dict__["_plain"] = replace(plain, request=replace(plain.request, **wishes))
    assert context.sights == sights
