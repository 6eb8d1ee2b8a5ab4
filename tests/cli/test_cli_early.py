"""Wrong paths, options and missing extras are told before anything that takes long to load is imported."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from facegpt.assets import asset_path
from facegpt.cli.main import main
from facegpt.cli.reconstruct import FRAMES
from facegpt.errors import FaceGPTError
from facegpt.glasses.frames import STYLES
from facegpt.runtime.sharing import check_where
from facegpt.runtime.start import kernel_list

HEAVY = ("torch", "numba", "transformers", "onnxruntime", "scipy")
PHOTO = str(asset_path("astronaut.png"))
#: Runs a command with some modules put out of the way; then says on stderr what was imported.
RUN = """
import json, sys
words, away, heavy = json.loads(sys.argv[1])
sys.modules.update(dict.fromkeys(away))
from facegpt.cli.main import main
try:
    code = main(words)
except SystemExit as stopped:
    code = stopped.code
print(json.dumps([code, [name for name in heavy if name in sys.modules]]), file=sys.stderr)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with things that are not what is wanted, where nothing was made before."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    (tmp_path / "broken.mp4").write_bytes(b"nothing at all")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "0.png").write_bytes(asset_path("astronaut.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    return tmp_path


WRONG = [
    (["reconstruct", "nowhere.jpg"], "no file 'nowhere.jpg'"),
    (["reconstruct", "nowhere.jpg", "neither.jpg"], "no file 'neither.jpg'"),
    (["reconstruct", "empty"], "holds no photo"),
    (["reconstruct", "broken.jpg"], "not a picture"),
    (["reconstruct", PHOTO, "-o", "note.txt"], "cannot make the output folder"),
    (["reconstruct", PHOTO, "--hair", "punk"], "styles: "),
    (["reconstruct", PHOTO, "--glasses", "monocle"], "frames: "),
    (["reconstruct", PHOTO, "--avatar", "empty"], "holds no avatar"),
    (["demo", "-o", "note.txt"], "cannot make the output folder"),
    (["imagine", "an old man", "-o", "note.txt"], "cannot make the output folder"),
    (["imagine", ""], "is empty"),
    (["edit", "nowhere", "older"], "no file 'nowhere'"),
    (["edit", "last", "older"], "no last head"),
    (["edit", "empty", "older"], "holds no saved head"),
    (["edit", "note.txt", "older"], "not a picture"),
    (["edit", PHOTO, ""], "is empty"),
    (["describe", "nowhere.jpg"], "no file 'nowhere.jpg'"),
    (["chat", "nowhere.jpg"], "no file 'nowhere.jpg'"),
    (["track", "nowhere.mp4"], "no file 'nowhere.mp4'"),
    (["track", "https://example.org/a.mp4"], "web address"),
    (["track", "empty"], "holds no pictures"),
    (["track", "pictures", "--avatar", "empty"], "holds no avatar"),
    (["track", "pictures", "-o", "note.txt"], "cannot make the output folder"),
    (["track", "pictures", "--vmc", "127.0.0.1"], "add --live"),
    (["track", "pictures", "--live", "--vmc", "127.0.0.1:port"], "is no address"),
    (["personalize", "nowhere.mp4"], "no file 'nowhere.mp4'"),
    (["personalize", "pictures", "-o", "note.txt"], "cannot make the output folder"),
    (["serve", "--data", "note.txt"], "cannot make the output folder"),
    (["synthesize", "photos", "--photos", "nowhere"], "no file or folder 'nowhere'"),
    (["synthesize", "photos", "-o", "note.txt"], "cannot make the output folder"),
    (["synthesize", "words", "-o", "note.txt"], "cannot make the output folder"),
    (["train", "--photos", "nowhere"], "no file or folder 'nowhere'"),
    (["train", "detail", "--photos", "nowhere"], "no file or folder 'nowhere'"),
    (["reconstruct", PHOTO, "--on", "dask"], "not on 'dask'"),
    (["analyze", PHOTO, "--on", "dask"], "not on 'dask'"),
    (["imagine", "a man", "--on", "ray://here"], "not on 'ray://here'"),
    (["synthesize", "words", "--on", "ray://:x"], "not on 'ray://:x'"),
    (["models", "info", "nothing"], "nothing"),
    (["models", "add", "flame", "nowhere.pkl"], "there is no file '"),
    (["eval", "nothing"], "there are: "),
    (["bench", "nothing"], "there are: "),
]
EXTRAS = [
    (["track", "broken.mp4"], "av", "[video]"),
    (["personalize", "broken.mp4"], "av", "[video]"),
    (["track", "pictures", "--live", "--vmc", "127.0.0.1"], "pythonosc", "[live]"),
    (["track", "pictures", "--live", "--websocket", "8123"], "websockets", "[live]"),
    (["serve"], "fastapi", "[serve]"),
    (["synthesize", "photos", "--engine", "mitsuba"], "mitsuba", "[mitsuba]"),
    (["reconstruct", PHOTO, "--on", "ray://10.255.255.1:10001"], "ray", "[ray]"),
]


def told(words, *away):
    """Exit code, what was imported of HEAVY, and what was said on stderr."""
    command = [sys.executable, "-c", RUN, json.dumps([words, away, HEAVY])]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    *said, last = done.stderr.strip().splitlines()
    return *json.loads(last), "\n".join(said)


@pytest.mark.parametrize(("words", "sentence"), WRONG)
def test_what_is_wrong_is_told_before_anything_is_loaded(place, words, sentence):
    code, imported, said = told(words)
    assert (code, imported) == (1, [])
    assert sentence in said and "Traceback" not in said


@pytest.mark.parametrize(("words", "module", "extra"), EXTRAS)
def test_a_missing_extra_is_told_before_anything_is_loaded(place, words, module, extra):
    code, imported, said = told(words, module)
    assert (code, imported) == (1, [])
    assert extra in said


def test_a_broken_clip_is_told_before_networks_are_loaded(place):
    pytest.importorskip("av")
    code, imported, said = told(["track", "broken.mp4"])
    assert code == 1 and "cannot be read as a video" in said
    assert not {"torch", "numba", "transformers"} & set(imported)


def test_json_of_a_photo_that_is_not_there_says_so_too(place, capsys):
    assert main(["reconstruct", "nowhere.jpg", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["failed"] == 1 and "nowhere.jpg" in answer["photos"][0]["error"]


def test_the_frames_of_the_help_are_those_there_are():
    assert FRAMES == STYLES


def test_the_first_use_says_at_once_what_it_waits_for_and_compiles_meanwhile(place):
    """Before torch is imported; where no kernels are kept from an earlier run."""
    kept = place / "kept"
    source = os.path.dirname(os.path.dirname(sys.modules["facegpt"].__file__))
    code = (
        "import sys, argparse; from facegpt.cli import early\n"
        "from facegpt.runtime.start import compiling, kernel_list\n"
        "small = min(kernel_list.kernels(), key=lambda kernel: kernel.size); compiling.missing = lambda: [small]\n"
        "note = compiling.Progress.note\n"
        "compiling.Progress.note = lambda *told: (print('torch' in sys.modules), note(*told))\n"
        "early.loading(argparse.Namespace(at_the_command=True)); print(small.source.stem + '.' + small.function)"
    )
    environment = {**os.environ, "PYTHONPATH": source, "NUMBA_CACHE_DIR": str(kept)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert "first use" in done.stderr and "compiling" in done.stderr
    before, name = done.stdout.split()
    assert before == "False"
    assert list(kept.rglob(f"{name}-*.nbi")), "the other process kept nothing"


def test_kernels_that_are_kept_are_not_compiled_and_newer_files_are(place, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(place))
    package, cache = place / "facegpt", place / "facegpt" / "__pycache__"
    cache.mkdir(parents=True)
    monkeypatch.setattr(kernel_list, "_ROOT", place)
    listed = kernel_list.Kernel("facegpt.one", "draw", 9, "(int64,)")
    monkeypatch.setattr(kernel_list, "kernels", lambda: (listed,))
    kept = cache / f"one.draw-7.py{sys.version_info[0]}{sys.version_info[1]}.nbi"
    for written, used, left in ((1, None, [listed]), (1, 2, []), (3, 2, [listed])):
        for function in (kernel_list._in_folder, kernel_list._below):
            function.cache_clear()
        (package / "one.py").write_text("")
        os.utime(package / "one.py", (written, written))
        if used is not None:
            kept.write_text("")
            os.utime(kept, (used, used))
        assert kernel_list.missing() == left
    kernel_list._in_folder.cache_clear()
    kernel_list._below.cache_clear()


def test_shares_of_compilers_are_even_and_keep_modules_together():
    shares = kernel_list.dealt(kernel_list.kernels(), 2)
    sizes = [sum(kernel.size for kernel in share) for share in shares]
    assert max(sizes) < 1.2 * min(sizes)
    assert not {kernel.module for kernel in shares[0]} & {kernel.module for kernel in shares[1]}


def test_every_listed_kernel_is_there_with_types_that_numba_knows():
    from numba.core import types

    names = {**vars(types), "bool": types.boolean}
    for kernel in kernel_list.kernels():
        assert kernel.source.is_file()
        assert f"def {kernel.function}(" in kernel.source.read_text(encoding="utf-8")
        told = eval(kernel.types, {"__builtins__": {}}, names)
        assert all(isinstance(one, types.Type) for one in told)


def test_a_cluster_that_does_not_answer_is_told_at_once(monkeypatch):
    monkeypatch.setattr("facegpt.runtime.sharing.check_installed", lambda *_: None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FaceGPTError, match="no Ray cluster answers at 'ray://127"):
        check_where(f"ray://127.0.0.1:{port}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_where(f"ray://127.0.0.1:{server.getsockname()[1]}")
