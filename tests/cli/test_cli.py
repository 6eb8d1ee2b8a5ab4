"""The command line: exit codes, what goes to stdout and what to stderr, and a sentence for whatever goes wrong."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in import damaged_model, photo_folder, picture, stand_in_model

import facegpt.api
from facegpt.batch import photos as batch
from facegpt.cli import plugged
from facegpt.cli.main import VERBS, build_parser, main
from facegpt.cli.reconstruct import told
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate import registry as protocol
from facegpt_lab.evaluate.registry import Entry, Report, figure


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    monkeypatch.setattr(facegpt.api, "load", stand_in_model)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))  # where the last head made is noted


def run(capsys, *words) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.mark.parametrize(
    "verb", [(), *((verb,) for verb in VERBS), ("models", "list"), ("models", "pull"), ("synthesize", "words")]
)
def test_every_verb_has_help_with_an_example(capsys, verb):
    with pytest.raises(SystemExit) as stopped:
        main([*verb, "--help"])
    out, err = capsys.readouterr()
    assert stopped.value.code == 0 and "Example" in out and "facegpt" in out and err == ""


def test_help_imports_only_the_standard_library():
    code = (
        "import sys, facegpt.cli.main\n"
        "try: facegpt.cli.main.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'torch', 'PIL', 'numba', 'scipy', 'onnxruntime'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["dance"],
        ["reconstruct"],
        ["reconstruct", "a.jpg", "--quality", "super"],
        ["reconstruct", "a.jpg", "--workers", "0"],
        ["reconstruct", "a.jpg", "--workers", "many"],
        ["models", "pull"],
        ["demo", "--what"],
    ],
)
def test_wrong_use_exits_2_with_a_sentence_on_stderr(capsys, words):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    out, err = capsys.readouterr()
    assert stopped.value.code == 2 and out == "" and "error:" in err


def test_no_verb_at_all_is_wrong_use(capsys):
    code, out, err = run(capsys)
    assert code == 2 and out == "" and "reconstruct" in err


def test_the_module_is_the_command_and_tells_its_version():
    done = subprocess.run([sys.executable, "-m", "facegpt", "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == f"facegpt {facegpt.__version__}\n"


def test_one_photo(capsys, tmp_path):
    picture((100, 60, 180, 150)).save(tmp_path / "a.png")
    code, out, err = run(capsys, "reconstruct", tmp_path / "a.png", "-o", tmp_path / "out")
    assert code == 0 and "1 head in" in out and err == ""
    assert (tmp_path / "out" / "face.glb").exists()


def test_what_a_head_wears_is_told_before_what_it_leaves_out(tmp_path):
    face = {"name": "", "folder": str(tmp_path), "drawn": ["It has black hair, bob."], "ignored": ["The scarf is not."]}
    lines = told([batch.Outcome(Path("anna.jpg"), tmp_path, "done", (face,))]).text.splitlines()
    assert lines == [f"anna.jpg: 1 head in {tmp_path}", "  It has black hair, bob.", "  The scarf is not."]


def test_a_record_says_what_the_head_wears(capsys, tmp_path):
    picture((100, 60, 180, 150)).save(tmp_path / "a.png")
    run(capsys, "reconstruct", tmp_path / "a.png", "-o", tmp_path / "out")
    [face] = json.loads((tmp_path / "out" / batch.RECORD).read_text())["faces"]
    assert face["drawn"] == []  # the stand-in draws neither hair nor glasses


def test_json_alone_is_on_stdout(capsys, tmp_path):
    picture((10, 10, 60, 60), (100, 20, 220, 160)).save(tmp_path / "a.png")
    code, out, _ = run(capsys, "reconstruct", tmp_path / "a.png", "-o", tmp_path / "out", "--json")
    result = json.loads(out)
    assert code == 0 and (result["done"], result["skipped"], result["failed"]) == (1, 0, 0)
    [photo] = result["photos"]
    assert photo["status"] == "done" and len(photo["faces"]) == 2 and photo["error"] is None
    assert (tmp_path / "out" / "face_0" / "params.json").exists() and len(photo["faces"][0]["box"]) == 4


def test_what_a_library_prints_does_not_reach_stdout(capsys, tmp_path, monkeypatch):
    def chatty():
        print("hello from a library")
        return stand_in_model()

    monkeypatch.setattr(facegpt.api, "load", chatty)
    picture((100, 60, 180, 150)).save(tmp_path / "a.png")
    _, out, err = run(capsys, "reconstruct", tmp_path / "a.png", "-o", tmp_path / "out", "--json")
    assert json.loads(out) and "hello" in err


def test_a_folder_and_a_pattern_with_broken_photos_among_good_ones(capsys, tmp_path):
    photos = photo_folder(tmp_path / "in", 3)
    photos[1].write_bytes(b"broken")
    (tmp_path / "in" / "notes.txt").write_text("not a photo")
    picture((100, 60, 180, 150)).save(tmp_path / "more.png")
    words = ("reconstruct", tmp_path / "in", tmp_path / "mo*.png", "-o", tmp_path / "out", "--workers", 1)
    code, out, err = run(capsys, *words)
    assert code == 1 and out.count("1 head in") == 3
    assert "1 of 4 photos failed" in err and "photo_01.png" in err and "notes" not in err
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"photo_00", "photo_02", "more"}
    code, out, _ = run(capsys, *words)
    assert code == 1 and out.count("(there already)") == 3
    code, out, _ = run(capsys, *words, "--no-resume")
    assert out.count("(there already)") == 0


def test_a_folder_of_one_photo_gets_a_folder_for_it(capsys, tmp_path):
    photo_folder(tmp_path / "in", 1)
    run(capsys, "reconstruct", tmp_path / "in", "-o", tmp_path / "out")
    assert (tmp_path / "out" / "photo_00" / "face.glb").exists()


@pytest.mark.parametrize("output", ["in/out", "in", "."])
def test_results_are_never_taken_for_photos(capsys, tmp_path, output):
    photo_folder(tmp_path / "in", 2)
    picture((10, 10, 60, 60), (100, 20, 220, 160)).save(tmp_path / "in" / "two.png")
    words = ("reconstruct", tmp_path / "in", "-o", tmp_path / output, "--workers", 1)
    code, out, _ = run(capsys, *words)
    assert code == 0 and out.count(" in ") == 3
    code, out, _ = run(capsys, *words)
    assert code == 0 and out.count("(there already)") == out.count("\n") == 3


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.jpg", None, "there is no file"),
        ("empty.jpg", b"", "is empty"),
        ("text.png", b"hello", "not a picture"),
        ("cut.png", "cut", "damaged or incomplete"),
        ("small.png", (1, 1), "no face was found"),
        ("nobody.png", (320, 240), "no face was found"),
    ],
)
def test_a_bad_photo_exits_1_with_a_sentence_that_names_it(capsys, tmp_path, name, content, says):
    path = tmp_path / name
    if isinstance(content, tuple):
        picture(size=content).save(path)
    elif content == "cut":
        picture((100, 60, 180, 150)).save(path)
        path.write_bytes(path.read_bytes()[:-200])
    elif content is not None:
        path.write_bytes(content)
    code, out, err = run(capsys, "reconstruct", path, "-o", tmp_path / "out")
    assert code == 1 and out == "" and err.startswith("facegpt: ") and err.count("\n") == 1
    assert name in err and says in err
    code, out, _ = run(capsys, "reconstruct", path, "-o", tmp_path / "out", "--json")
    assert code == 1 and json.loads(out)["photos"][0]["status"] == "failed"


def test_an_empty_folder_and_a_pattern_without_match_exit_1(capsys, tmp_path):
    for source, says in ((tmp_path, "holds no photo"), (tmp_path / "*.jpg", "no photo matches")):
        code, out, err = run(capsys, "reconstruct", source, "-o", tmp_path / "out")
        assert code == 1 and out == "" and says in err


def test_an_output_folder_that_cannot_be_written_exits_1(capsys, tmp_path):
    picture((100, 60, 180, 150)).save(tmp_path / "a.png")
    (tmp_path / "file").write_text("in the way")
    code, out, err = run(capsys, "reconstruct", tmp_path / "a.png", "-o", tmp_path / "file" / "out")
    assert code == 1 and out == "" and "cannot make the output folder" in err and err.count("\n") == 1


def test_ctrl_c_exits_130(capsys, tmp_path, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(facegpt.api, "load", interrupted)
    picture((100, 60, 180, 150)).save(tmp_path / "a.png")
    code, out, err = run(capsys, "reconstruct", tmp_path / "a.png", "-o", tmp_path / "out")
    assert code == 130 and out == "" and "stopped" in err


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_corrupted_asset_stops_the_batch_with_one_sentence(capsys, tmp_path, monkeypatch, workers):
    whole = batch.reconstruct_files
    damaged = functools.partial(whole, make_model=damaged_model)
    monkeypatch.setattr(batch, "reconstruct_files", damaged)
    photo_folder(tmp_path / "in", 3)
    words = ("reconstruct", tmp_path / "in", "-o", tmp_path / "out", "--workers", workers)
    code, out, err = run(capsys, *words)
    assert code == 1 and out == "" and err.count("is damaged (its sha256 is not the one released)") == 1


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch):
    monkeypatch.setitem(protocol.EVALS, "toy", Entry("facegpt.nowhere:evaluate", "nothing"))
    with pytest.raises(ModuleNotFoundError):
        main(["eval", "toy"])


def toy_protocol(quick: bool) -> Report:
    print("working")
    rows = (figure("error", 1.5 if quick else 1.0, "mm", at_most=1.2), figure("time", 3, "ms"))
    return Report("two made-up heads", rows)


@pytest.mark.parametrize("kind", ["eval", "bench"])
def test_figures_come_as_a_table_or_as_json(capsys, monkeypatch, kind):
    table = {"eval": protocol.EVALS, "bench": protocol.BENCHES}[kind]
    monkeypatch.setitem(table, "toy", Entry("test_cli:toy_protocol", "errors of made-up heads"))
    code, out, err = run(capsys, kind, "toy", "--quick", "--json")
    assert code == 0 and "working" in err
    assert json.loads(out) == {
        "name": "toy",
        "data": "two made-up heads",
        "command": f"facegpt {kind} toy --quick",
        "rows": [
            {"metric": "error", "value": 1.5, "unit": "mm", "target": 1.2, "met": False, "side": "at most"},
            {"metric": "time", "value": 3.0, "unit": "ms", "target": None, "met": None, "side": None},
        ],
    }
    code, out, _ = run(capsys, kind, "toy")
    assert code == 0 and "two made-up heads" in out and "met" in out and "mm" in out
    code, out, _ = run(capsys, kind)
    assert "errors of made-up heads" in out
    code, out, err = run(capsys, kind, "nobody")
    assert code == 1 and out == "" and f"no {kind} 'nobody'; there are:" in err and "toy" in err


def picky_protocol(quick: bool, workers: int | None = None) -> Report:
    return Report("nothing", (figure("processes", workers or 0, "1"),))


def test_an_evaluation_gets_the_options_that_it_knows_and_refuses_others(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(protocol.EVALS, "picky", Entry("test_cli:picky_protocol", "nothing"))
    monkeypatch.setitem(protocol.EVALS, "toy", Entry("test_cli:toy_protocol", "nothing"))
    assert json.loads(run(capsys, "eval", "picky", "--workers", "3", "--json")[1])["rows"][0]["value"] == 3
    assert json.loads(run(capsys, "eval", "picky", "--json")[1])["rows"][0]["value"] == 0
    for words in (("toy", "--workers", "2"), ("picky", "--sheet", tmp_path / "a.png")):
        code, out, err = run(capsys, "eval", *words)
        assert code == 1 and out == "" and f"eval {words[0]} has no option {words[1]}" in err


def test_a_figure_is_met_on_the_right_side_of_its_target_only():
    assert figure("a", 1, "mm", at_most=1).met and not figure("a", 1.1, "mm", at_most=1).met
    assert figure("a", 0.9, "share", at_least=0.9).met and not figure("a", 0.8, "share", at_least=0.9).met
    assert figure("a", 5, "ms").met is None and not figure("a", float("nan"), "mm", at_most=1).met
    assert Report("none", (figure("a", float("inf"), "mm"),)).as_dict("x", "y")["rows"][0]["value"] is None


def test_the_optional_data_are_found_by_the_environment_or_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGPT_DATA", str(tmp_path))
    assert protocol.optional_data() == tmp_path
    monkeypatch.setenv("FACEGPT_DATA", str(tmp_path / "nothing"))
    with pytest.raises(FaceGPTError, match="set the environment variable FACEGPT_DATA"):
        protocol.optional_data()


def test_every_listed_protocol_can_be_imported():
    for entry in (*protocol.EVALS.values(), *protocol.BENCHES.values()):
        assert callable(entry.load()) and entry.measures


def test_the_demo_says_what_to_open(capsys, tmp_path, monkeypatch):
    class OneFace:
        def reconstruct(self, photo, quality, detail="off"):
            return stand_in_model().reconstruct(picture((100, 60, 180, 150)), quality)

    monkeypatch.setattr(facegpt.api, "load", OneFace)
    code, out, _ = run(capsys, "demo", "-o", tmp_path / "out", "--quality", "fast")
    assert code == 0 and "face.glb" in out and "Blender" in out and (tmp_path / "out" / "overlay.png").exists()


def test_the_verbs_are_those_that_work():
    choices = next(action.choices for action in build_parser()._actions if action.choices)
    assert tuple(choices) == VERBS
    promised = {"demo", "reconstruct", "imagine", "edit", "describe", "chat", "synthesize", "train", "eval", "bench"}
    assert promised | {"models"} <= set(VERBS)


def test_without_the_laboratory_its_verbs_are_listed_and_say_how_to_install_it(capsys, monkeypatch):
    monkeypatch.setattr(plugged, "find", lambda name: None)
    for words in (
        ["eval", "photos", "--quick"],
        ["bench"],
        ["train", "--photos", "a", "-o", "b"],
        ["synthesize", "-x"],
    ):
        code, out, err = run(capsys, *words)
        assert code == 1 and out == "" and err.count("\n") == 1
        assert f"the verb {words[0]} is part of the package facegpt-lab" in err and "pip install -e" in err
        code, out, err = run(capsys, words[0], "--help")
        assert code == 0 and plugged.LAB_VERBS[words[0]][1:] in out and "pip install -e" in out and err == ""


def test_the_line_that_installs_the_laboratory_works_where_the_user_is(tmp_path):
    package = tmp_path / "a checkout" / "src" / "facegpt"
    assert "in a checkout" in plugged.how_to_install(package)
    (tmp_path / "a checkout" / "lab").mkdir(parents=True)
    (tmp_path / "a checkout" / "lab" / "pyproject.toml").touch()
    assert plugged.how_to_install(package) == f'run: pip install -e "{tmp_path / "a checkout" / "lab"}"'


def test_another_package_adds_a_verb_by_an_entry_point(capsys, tmp_path, monkeypatch):
    (tmp_path / "singing.py").write_text(
        "from facegpt.cli.parts import DONE, Answer, add_verb\n"
        "def add(verbs): add_verb(verbs, 'sing', lambda options: Answer(DONE, 'la', 'la'), 'sing', 'facegpt sing')\n"
    )
    info = tmp_path / "singing-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: singing\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{plugged.GROUP}]\nsing = singing\nhum = nowhere_at_all\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert run(capsys, "sing") == (0, "la\n", "")
    with pytest.raises(SystemExit):
        main(["hum"])  # its package has gone


def test_entry_points_are_looked_through_only_for_verbs_of_others(monkeypatch):
    def nobody(**group):
        raise AssertionError("looked through all packages")

    monkeypatch.setattr("importlib.metadata.entry_points", nobody)
    build_parser("chat")
    build_parser(listing=True)


def test_a_verb_imports_no_other_verb():
    code = (
        "import sys, facegpt.cli.main\n"
        "try: facegpt.cli.main.main(['chat', '--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit('facegpt_lab.verbs.train' in sys.modules or 'facegpt.cli.chat' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0
