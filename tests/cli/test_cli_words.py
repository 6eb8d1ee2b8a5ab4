"""The verbs of words: imagine, edit, describe, chat."""

from __future__ import annotations

import io
import json
import sys

import pytest
from PIL import Image
from stand_in import picture
from stand_in_words import WordList, word_model

import facegpt.api
from facegpt import Face
from facegpt.batch import from_words
from facegpt.cli import terminal
from facegpt.cli.main import main
from facegpt.types import FaceGPTError

PHOTO = picture((100, 60, 180, 150))


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    monkeypatch.setattr(facegpt.api, "load", word_model)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def run(capsys, *words) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def typed(monkeypatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_imagine_writes_the_folder_of_a_head(capsys, tmp_path):
    code, out, _ = run(capsys, "imagine", "an old man with a broad nose", "-o", "man")
    assert code == 0 and "1 head in man" in out
    names = {path.name for path in (tmp_path / "man").iterdir()}
    assert {"params.json", "face.glb", "preview.png"} <= names and "overlay.png" not in names


def test_several_heads_come_with_a_sheet(capsys, tmp_path):
    code, out, _ = run(capsys, "imagine", "a woman", "--count", 5, "--seed", 3, "-o", "many", "--json")
    result = json.loads(out)
    assert code == 0 and [head["seed"] for head in result["heads"]] == [3, 4, 5, 6, 7]
    assert all((tmp_path / head["folder"] / "face.glb").exists() for head in result["heads"])
    width, height = Image.open(tmp_path / result["sheet"]).size
    assert width == 2 * height  # four in a row, in two rows


def test_parts_of_a_batch_make_together_the_heads_of_one_run(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(from_words, "HEADS_A_JOB", 1)
    asked = ("imagine", "a woman", "--count", 3, "--seed", 3)
    assert run(capsys, *asked, "-o", "whole")[0] == 0
    for part in ("1/2", "2/2"):
        code, out, _ = run(capsys, *asked, "--shard", part, "-o", "parts", "--json")
        assert code == 0 and (tmp_path / json.loads(out)["sheet"]).exists()
    for k in range(3):
        whole, part = (tmp_path / folder / f"head_{k}" / "params.json" for folder in ("whole", "parts"))
        assert whole.read_bytes() == part.read_bytes()


def test_a_batch_of_words_goes_on_where_it_was_stopped(capsys, tmp_path):
    asked = ("imagine", "a woman", "--count", 3, "-o", "many", "--json")
    first = json.loads(run(capsys, *asked)[1])
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "many").rglob("params.json")}
    (tmp_path / "many" / "head_2" / "face.glb").unlink()  # as if stopped in the midst of the last
    again = json.loads(run(capsys, *asked)[1])
    assert again == first and (tmp_path / "many" / "head_2" / "face.glb").exists()
    changed = [path.parent.name for path, when in made.items() if path.stat().st_mtime_ns != when]
    assert changed == ["head_2"]
    run(capsys, "imagine", "a man", *asked[2:])
    assert all(path.stat().st_mtime_ns != when for path, when in made.items())


def test_a_remark_is_told_and_is_in_the_json(capsys):
    code, out, err = run(capsys, "imagine", "a bald man with long hair", "--json")
    assert code == 0 and "bald or long hair" in json.loads(out)["remarks"][0] and err == ""
    code, out, err = run(capsys, "imagine", "a bald man with long hair")
    assert code == 0 and "bald or long hair" in err


@pytest.mark.parametrize("source", ["last", "man", "man/params.json", "photo.png"])
def test_edit_takes_the_last_head_a_folder_its_file_or_a_photo(capsys, tmp_path, source):
    run(capsys, "imagine", "a man", "-o", "man")
    PHOTO.save(tmp_path / "photo.png")
    code, out, _ = run(capsys, "edit", source, "a much wider nose", "-o", "edited", "--json")
    assert code == 0 and json.loads(out)["changed_mm"]["nose_breadth"] > 1  # mm
    assert (tmp_path / "edited" / "face.glb").exists()


def test_the_last_head_is_the_one_made_last(capsys, tmp_path):
    run(capsys, "imagine", "a man", "-o", "one")
    run(capsys, "edit", "last", "smiling", "-o", "two")
    code, out, _ = run(capsys, "describe", "last")
    assert code == 0 and "smile" in out
    PHOTO.save(tmp_path / "photo.png")
    run(capsys, "reconstruct", "photo.png", "-o", "three")
    code, out, _ = run(capsys, "describe", "last", "--json")
    made = Face.load(tmp_path / "three").measure()["nose_breadth"].value_mm
    assert json.loads(out)["measures"]["nose_breadth"]["value_mm"] == pytest.approx(made, abs=1e-3)


def test_without_a_last_head_or_when_it_is_gone_a_sentence_says_so(capsys, tmp_path):
    code, out, err = run(capsys, "edit", "last", "smiling")
    assert code == 1 and out == "" and "there is no last head yet" in err
    run(capsys, "imagine", "a man", "-o", "man")
    (tmp_path / "man" / "params.json").unlink()
    code, _, err = run(capsys, "describe", "last")
    assert code == 1 and "no longer there" in err


def test_describe_answers_the_question_asked(capsys, tmp_path):
    PHOTO.save(tmp_path / "photo.png")
    code, out, _ = run(capsys, "describe", "photo.png", "how wide is the nose?")
    assert code == 0 and "nose breadth" in out and "lip length" not in out
    code, out, _ = run(capsys, "describe", "photo.png")
    assert code == 0 and out.count(" mm)") == 5 and "percentile" not in out


def test_what_was_understood_and_what_is_not_shown_is_told(capsys):
    words = ("imagine", "a woman with a tiara and a broad nose", "-o", "her")
    code, out, err = run(capsys, *words)
    assert code == 0 and "understood: a woman; a wider nose, clearly" in out and "not shown: tiara: " in out
    code, out, err = run(capsys, *words, "--count", 2, "--json")
    told = json.loads(out)
    assert code == 0 and err == "" and told["ignored"] == ["tiara: not known to this head"]
    assert told["understood"] == ["a woman", "a wider nose, clearly"]
    assert told["understood_parts"] == ["sex: woman", "nose_width +1 SD"]
    code, out, err = run(capsys, "edit", "her/head_0", "a tiara and a narrow nose", "--json")
    told = json.loads(out)
    assert err == "" and told["understood_parts"] == ["nose_width -1 SD"] and len(told["ignored"]) == 1
    code, out, err = run(capsys, "imagine", "quarterly report")
    assert code == 1 and out == "" and err.count("\n") == 1 and "no face in these words" in err


def test_of_a_group_photo_a_face_is_chosen_or_a_note_says_which_was_taken(capsys, tmp_path):
    picture((10, 10, 60, 60), (100, 20, 220, 160)).save(tmp_path / "group.png")
    for words in (("edit", "group.png", "a wider nose"), ("describe", "group.png")):
        code, out, err = run(capsys, *words)
        assert code == 0 and "shows 2 faces" in err and "--face 1" in err and "faces" not in out
        code, out, err = run(capsys, *words, "--face", 1)
        assert code == 0 and err == ""
        code, out, err = run(capsys, *words, "--json")
        assert code == 0 and err == "" and "shows 2 faces" in json.loads(out)["remarks"][0]
    run(capsys, "reconstruct", "group.png", "-o", "group")
    told = [json.loads(run(capsys, "describe", *source, "--json")[1])["measures"] for source in (
        ("group", "--face", 0), ("group", "--face", 1), ("group/face_1",), ("group.png", "--face", 1))]  # fmt: skip
    widths = [measures["nose_breadth"]["value_mm"] for measures in told]
    assert widths[0] != widths[1] == widths[2] == pytest.approx(widths[3], abs=1e-3)
    code, out, err = run(capsys, "edit", "group.png", "smile", "--face", 2)
    assert code == 1 and out == "" and "there is no face 2" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("imagine", ""), "is empty"),
        (("imagine", "a man", "-o", "file/out"), "cannot make the output folder"),
        (("edit", "photo.png", " "), "the edit is empty"),
        (("edit", "nothing.jpg", "smile"), "no file 'nothing.jpg'"),
        (("edit", "nobody.png", "smile"), "no face was found in 'nobody.png'"),
        (("edit", "broken.json", "smile"), "broken.json"),
        (("describe", "photo.png", ""), "the question is empty"),
        (("describe", "empty"), "params.json"),
    ],
)
def test_what_cannot_be_done_exits_1_with_one_sentence(capsys, tmp_path, words, says):
    PHOTO.save(tmp_path / "photo.png")
    picture().save(tmp_path / "nobody.png")
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "empty").mkdir()
    code, out, err = run(capsys, *words)
    assert code == 1 and out == "" and says in err and err.count("\n") == 1


@pytest.mark.parametrize("words", [["imagine"], ["imagine", "a man", "--count", "0"], ["edit", "last"], ["describe"]])
def test_wrong_use_exits_2(capsys, words):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2 and capsys.readouterr().out == ""


def test_a_missing_language_model_is_one_sentence(capsys, monkeypatch):
    def missing():
        raise FaceGPTError("the base language model is not here; connect to the internet once, or give its folder")

    def offline():
        model = word_model()
        object.__setattr__(model, "make_language", missing)
        return model

    monkeypatch.setattr(facegpt.api, "load", offline)
    code, out, err = run(capsys, "imagine", "a man")
    assert code == 1 and out == "" and err.startswith("facegpt: the base language model") and err.count("\n") == 1


def test_training_data_of_words_are_written_with_their_card(capsys, tmp_path):
    code, out, _ = run(capsys, "synthesize", "words", "--count", 20, "--seed", 1, "-o", "words", "--json")
    card = json.loads(out)
    assert code == 0 and card["count"] == 20 and (tmp_path / "words" / "card.json").exists()
    assert list((tmp_path / "words").glob("words-*.tar"))


# The conversation


def test_a_script_of_lines_is_a_conversation(capsys, tmp_path, monkeypatch):
    typed(
        monkeypatch,
        "a woman with a narrow nose",
        "a much wider nose now.",
        "How wide is the nose?",
        "/save her",
        "Write a poem about the rain",
    )
    code, out, _ = run(capsys, "chat", "-o", "pictures")
    assert code == 0 and out.count("[pictures/chat_") == 2 and "nose width" in out
    assert "Saved her." in out and "You said: Write a poem about the rain" in out
    assert (tmp_path / "her" / "face.glb").exists() and (tmp_path / "pictures" / "chat_2.png").exists()
    assert run(capsys, "describe", "last")[0] == 0


def test_photos_come_as_arguments_and_within_lines(capsys, tmp_path, monkeypatch):
    (tmp_path / "my photos").mkdir()
    PHOTO.save(tmp_path / "my photos" / "anna.png")
    PHOTO.save(tmp_path / "photo.png")
    typed(monkeypatch, "How wide is the mouth?", "How long is the nose here: 'my photos/anna.png'?")
    code, out, _ = run(capsys, "chat", "photo.png")
    assert code == 0 and "Here is the head." in out and "mouth width" in out and "nose length" in out


def test_a_saved_head_is_talked_about(capsys, monkeypatch):
    assert run(capsys, "imagine", "a man with a broad nose", "-o", "man")[0] == 0
    for given in ("man", "man/params.json"):
        typed(monkeypatch, "How wide is the nose?")
        code, out, _ = run(capsys, "chat", given)
        assert code == 0 and "nose width" in out and "mm" in out
    code, out, err = run(capsys, "chat", "nowhere.json")
    assert code == 1 and "nowhere.json" in err and "Traceback" not in out + err


def test_commands_undo_seed_show_help_and_quit(capsys, monkeypatch):
    lines = ("/undo", "/seed 7", "a man", "/show", "/undo", "/show", "/seed x", "/dance", "/help", "/quit", "not heard")
    typed(monkeypatch, *lines)
    code, out, _ = run(capsys, "chat", "-o", "pictures")
    for text in (
        "nothing to take back",
        "The seed is 7",
        "Taken back",
        "no head to show",
        "/seed takes",
        "no command /dance",
    ):
        assert text in out
    assert "not heard" not in out and code == 1  # something failed, and nobody was there to see it


def test_a_bad_photo_is_told_and_the_conversation_goes_on(capsys, tmp_path, monkeypatch):
    (tmp_path / "broken.png").write_bytes(b"nothing")
    typed(monkeypatch, "look: broken.png", "Write a poem about the rain")
    code, out, _ = run(capsys, "chat")
    assert "broken.png" in out and "You said: Write a poem about the rain" in out and code == 1


def test_chat_json_is_alone_on_stdout(capsys, monkeypatch):
    typed(monkeypatch, "a man, smiling", "Write a poem about the rain", "/save man")
    code, out, _ = run(capsys, "chat", "--json", "-o", "pictures")
    turns = json.loads(out)["turns"]
    assert code == 0 and turns[1]["text"] == "You said: Write a poem about the rain" and len(turns[0]["pictures"]) == 1
    assert "man/face.glb" in [name.replace("\\", "/") for name in turns[2]["files"]]


def test_a_terminal_that_shows_pictures_gets_them(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(terminal, "picture_protocol", lambda stream: "kitty")
    typed(monkeypatch, "a man")
    _, out, _ = run(capsys, "chat", "-o", "pictures")
    assert "\x1b_Ga=T,f=100" in out and not (tmp_path / "pictures").exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"TERM_PROGRAM": "WezTerm", "TMUX": "1"}, ""),
        ({"TERM": "xterm-256color"}, ""),
    ],
)
def test_terminals_that_show_pictures_are_known(environment, protocol):
    assert terminal.picture_protocol(Terminal(), environment) == protocol
    assert terminal.picture_protocol(io.StringIO(), environment) == ""


def test_picture_codes_hold_the_whole_picture():
    png = bytes(range(256)) * 40
    kitty = terminal.picture_codes(png, "kitty")
    data = "".join(piece.split(";", 1)[1] for piece in kitty.replace("\n", "").split("\x1b\\")[:-1])
    import base64

    assert base64.b64decode(data) == png and kitty.count("m=0") == 1
    assert base64.b64encode(png).decode() in terminal.picture_codes(png, "iterm")


def test_paths_are_found_as_typed_quoted_escaped_and_dropped(tmp_path):
    for name in ("a.png", "two words.jpg"):
        (tmp_path / name).write_bytes(b"x")
    blank = tmp_path / "two words.jpg"
    escaped = str(blank).replace(" ", "\\ ")
    for line, said, paths in (
        (f"who is {tmp_path / 'a.png'}?", "who is ?", [tmp_path / "a.png"]),
        (f"'{blank}'", "", [blank]),
        (f'look at "{blank}" and smile', "look at and smile", [blank]),
        (f"{escaped} smile", "smile", [blank]),
        (f"{blank}", "", [blank]),
        (blank.as_uri(), "", [blank]),
        ("don't look at nothing.png, it's gone", "don't look at nothing.png, it's gone", []),
        ("a man's nose", "a man's nose", []),
        ("x" * 5000 + ".png", "x" * 5000 + ".png", []),
    ):
        assert terminal.split_photos(line) == (said, paths)


def test_the_language_model_hears_what_was_typed(capsys, monkeypatch):
    words = WordList()
    monkeypatch.setattr(facegpt.api, "load", lambda: word_model(words))
    run(capsys, "imagine", "  a  <FACE>\tman ")
    assert words.heard == ["a <FACE> man"]


def test_a_folder_without_a_saved_head_is_named(capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, said = run(capsys, "describe", tmp_path / "empty")
    assert code == 1 and "holds no saved head" in said


def test_an_edit_that_finds_nothing_to_change_says_so_writes_nothing_and_fails(capsys, tmp_path):
    assert run(capsys, "imagine", "a woman with a broad nose", "-o", "her")[0] == 0
    code, out, _ = run(capsys, "edit", "her", "a banana", "-o", "same")
    assert code == 1 and out.startswith("unchanged: ") and "banana" in out and not (tmp_path / "same").exists()
    code, out, _ = run(capsys, "edit", "her", "a banana", "-o", "same", "--json")
    told = json.loads(out)
    assert code == 1 and told["unchanged"] is True and told["heads"] == [] == told["understood"]


def test_words_that_no_head_can_follow_make_none(capsys, tmp_path):
    code, out, err = run(capsys, "imagine", "somebody with a tattoo", "-o", "none")
    assert code == 1 and out == "" and "tattoo" in err and not (tmp_path / "none" / "face.glb").exists()
