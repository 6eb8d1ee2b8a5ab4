"""The scripts that made the data files: each still imports, says what it wants, and stands in its folder's README."""

from __future__ import annotations

import ast
import importlib
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted([*ROOT.glob("lab/runs/*/*.py"), *ROOT.glob("benchmarks/*.py")])
FOLDERS = sorted(folder for folder in ROOT.glob("lab/runs/*") if any(folder.glob("*.py")))
#: Packages that single scripts need and the tests' environment may lack.
OWN_PACKAGES = ("tflite", "flatbuffers", "mediapipe", "bpy", "mathutils", "playwright", "deodr", "mitsuba", "onnx")


@pytest.fixture(autouse=True)
def from_the_checkout(monkeypatch):
    """`python -m lab.runs.head.build` puts the checkout first on the path."""
    monkeypatch.syspath_prepend(str(ROOT))


def imported(script: Path):
    """(module, name or None) of every import of a script, those inside functions too."""
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def names_in(script: Path) -> set[str]:
    """Functions that a script defines, and attributes that it reads."""
    nodes = list(ast.walk(ast.parse(script.read_text("utf-8"))))
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    return defined | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_import_of_a_script_leads_somewhere(script):
    for module, name in imported(script):
        top = module.split(".")[0]
        if top in OWN_PACKAGES or top in sys.stdlib_module_names or (script.parent / f"{top}.py").is_file():
            continue  # a script finds those beside it
        if top not in ("facegpt", "facegpt_lab", "lab"):
            assert find_spec(top) is not None, f"{script.name}: no package {top}"
            continue
        found = importlib.import_module(module)
        assert name is None or hasattr(found, name) or find_spec(f"{module}.{name}"), f"{module} has no {name}"


@pytest.mark.parametrize(
    "script",
    [path for path in SCRIPTS if {"ArgumentParser", "main"} <= names_in(path) and path.parts[-3] == "runs"],
    ids=lambda path: path.stem,
)
def test_every_script_with_options_says_what_they_are(script, capsys, monkeypatch):
    if any(
        module.split(".")[0] in OWN_PACKAGES and not find_spec(module.split(".")[0]) for module, _ in imported(script)
    ):
        pytest.skip("needs a package of its own")
    module = importlib.import_module(f"lab.runs.{script.parent.name}.{script.stem}")
    monkeypatch.setattr(sys, "argv", [script.name, "--help"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0 and "usage:" in capsys.readouterr().out


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_folder_says_how_its_files_are_made_and_what_each_script_does(folder):
    text = (folder / "README.md").read_text("utf-8")
    assert any(line.startswith("    ") for line in text.splitlines()), "no command"
    missing = [path.name for path in folder.glob("*.py") if path.name != "__init__.py" and path.stem not in text]
    assert not missing, f"{folder.name}/README.md does not name {', '.join(missing)}"


@pytest.mark.parametrize(
    "page", [*ROOT.glob("lab/runs/*/README.md"), *ROOT.glob("docs/**/*.md")], ids=lambda path: path.stem
)
def test_scripts_that_pages_name_exist(page):
    words = page.read_text("utf-8").replace("`", " ").replace(";", " ").replace("(", " ").replace(")", " ").split()
    for word in words:
        path = word.strip(".,:")
        if path.startswith("lab/runs/") and path.endswith((".py", ".sh")):
            assert (ROOT / path).is_file(), path
        elif path.startswith("lab.runs.") and path.count(".") == 3:
            assert (ROOT / (path.replace(".", "/") + ".py")).is_file(), path
