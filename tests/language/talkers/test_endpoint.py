"""A talker behind an address: words as they come, pictures, tools, time-outs, and a clear word when it is away."""

from __future__ import annotations

import base64
import io
import socket

import pytest
from PIL import Image
from stub_talker import stub_talker

from facegpt.language.talkers.base import TalkerAwayError, Tool, ToolCall
from facegpt.language.talkers.choosing import choose_talker
from facegpt.language.talkers.endpoint import KEY_VARIABLE, EndpointTalker
from facegpt.types import FaceGPTError

ASKED = [{"role": "user", "content": "Who wrote Hamlet?"}]
PICTURE = [
    {
        "role": "user",
        "content": [
            {"type": "image", "image": Image.new("RGB", (40, 20), "red")},
            {"type": "text", "text": "what is this?"},
        ],
    }
]


def words(*pieces: str):
    return lambda body: (200, [{"content": piece} for piece in pieces])


def test_pieces_come_as_they_are_sent():
    pieces: list[str] = []
    with stub_talker(words("William ", "Shake", "speare.")) as stub:
        spoken = EndpointTalker(stub.address, "tiny").speak(ASKED, pieces.append)
    assert spoken.text == "William Shakespeare." and pieces == ["William ", "Shake", "speare."]
    (body,) = stub.bodies
    assert (body["model"], body["messages"], body["stream"]) == ("tiny", ASKED, True) and "tools" not in body
    assert stub.headers["path"] == "/v1/chat/completions"


def test_a_picture_goes_as_a_data_address_that_another_program_can_open():
    with stub_talker(words("Red.")) as stub:
        EndpointTalker(stub.address, "tiny").speak(PICTURE, lambda piece: None)
    image, text = stub.bodies[0]["messages"][0]["content"]
    assert text == {"type": "text", "text": "what is this?"}
    data = image["image_url"]["url"].removeprefix("data:image/jpeg;base64,")
    opened = Image.open(io.BytesIO(base64.b64decode(data)))
    assert opened.size == (40, 20) and opened.getpixel((5, 5))[0] > 240


def test_a_model_without_eyes_is_asked_again_in_words_and_never_sent_a_picture_again():
    def blind(body):
        has_picture = any(isinstance(m["content"], list) for m in body["messages"])
        return (400, "image input is not supported") if has_picture else (200, [{"content": "I can't see."}])

    with stub_talker(blind) as stub:
        talker = EndpointTalker(stub.address, "tiny")
        assert talker.sees and talker.speak(PICTURE, lambda piece: None).text == "I can't see."
        assert not talker.sees
        talker.speak(PICTURE, lambda piece: None)
    assert len(stub.bodies) == 3 and stub.bodies[2]["messages"][0]["content"] == "what is this?"


def test_the_call_of_a_tool_is_put_together_from_its_pieces():
    parts = [
        {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "edit", "arguments": '{"te'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": 'xt": "older"}'}}]},
    ]
    tool = Tool("edit", "Change the head.").in_openai_format
    with stub_talker(lambda body: (200, parts)) as stub:
        spoken = EndpointTalker(stub.address, "tiny").speak(ASKED, lambda piece: None, [tool])
        assert spoken.calls == (ToolCall("c1", "edit", '{"text": "older"}'),)
        answered = [*ASKED, {"role": "assistant", "content": "", "calls": spoken.calls}]
        answered.append({"role": "tool", "key": "c1", "content": "done"})
        EndpointTalker(stub.address, "tiny").speak(answered, lambda piece: None)
    assert stub.bodies[0]["tools"] == [tool]
    assert stub.bodies[1]["messages"][1]["tool_calls"][0]["id"] == stub.bodies[1]["messages"][2]["tool_call_id"] == "c1"


def test_nobody_at_the_address_is_said_in_a_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TalkerAwayError, match=f"127.0.0.1:{port}/v1 is away .* leave --talker out"):
        EndpointTalker(f"http://127.0.0.1:{port}/v1", "tiny").speak(ASKED, lambda piece: None)


def test_a_talker_that_says_nothing_is_not_waited_for_forever():
    with stub_talker(words("late")) as stub:
        stub.wait_s = 3.0
        with pytest.raises(TalkerAwayError, match=r"said nothing for 0.2 s"):
            EndpointTalker(stub.address, "tiny", timeout_s=0.2).speak(ASKED, lambda piece: None)


def test_the_words_of_an_error_are_told_and_a_key_is_asked_for():
    with (
        stub_talker(lambda body: (401, "no key")) as stub,
        pytest.raises(TalkerAwayError, match=f"no key.*{KEY_VARIABLE}"),
    ):
        EndpointTalker(stub.address, "tiny").speak(ASKED, lambda piece: None)
    with stub_talker(lambda body: (404, "no such model")) as stub, pytest.raises(FaceGPTError, match="no such model"):
        EndpointTalker(stub.address, "tiny").speak(ASKED, lambda piece: None)


def test_the_key_is_sent(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "open sesame")
    with stub_talker(words("hi")) as stub:
        EndpointTalker(stub.address, "tiny").speak(ASKED, lambda piece: None)
    assert stub.headers["Authorization"] == "Bearer open sesame"


@pytest.mark.parametrize(
    ("talker", "model", "said"),
    [
        ("http://127.0.0.1:1/v1", None, "--talker-model"),
        ("/no/such/folder", None, "no talker"),
        (None, "qwen", "no address"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_loaded(talker, model, said):
    with pytest.raises(FaceGPTError, match=said):
        choose_talker(talker, model)
