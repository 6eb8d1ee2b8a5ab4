"""The shape of the tree: folders that can be looked through, files that can be read, imports that go one way."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "src" / "facegpt", ROOT / "lab" / "src" / "facegpt_lab"
MOST_FILES, MOST_LINES = 25, 400
#: Folders that hold too many files still, and how many at most: a number here goes down, or the line goes.
STILL_TOO_MANY: dict[str, int] = {}


def kept_files() -> list[Path]:
    """Files of the repository, new ones included, as paths from its root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("needs the git repository")
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.mark.parametrize("top", ["src", "lab", "tests", "corpus", "docs", "benchmarks"])
def test_no_folder_holds_more_files_than_can_be_looked_through(top):
    counts = Counter(path.parent for path in kept_files() if path.parts[0] == top)
    assert counts, f"there is no {top}/"
    too_many = {str(folder): count for folder, count in counts.items() if count > MOST_FILES}
    assert {name: count for name, count in too_many.items() if count > STILL_TOO_MANY.get(name, MOST_FILES)} == {}
    settled = [name for name in STILL_TOO_MANY if name.split("/")[0] == top and name not in too_many]
    assert settled == [], "these hold no more than others now: take them off the list"


def test_no_file_of_code_is_longer_than_can_be_read():
    code = [path for path in kept_files() if path.suffix == ".py"]
    lines = {str(path): len((ROOT / path).read_text("utf-8").splitlines()) for path in code}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_beside_the_rooms_of_the_product_stand_few_modules():
    beside = [path.name for path in PACKAGES[0].glob("*.py") if not path.name.startswith("__")]
    assert len(beside) <= 5, f"give one a room: {', '.join(sorted(beside))}"


def at_import(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports that run when a module is imported: not those inside functions, nor those for type checkers alone."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If):
            yield from at_import([] if "TYPE_CHECKING" in ast.unparse(node.test) else node.body)
            yield from at_import(node.orelse)
        elif isinstance(node, ast.Try):
            handlers = [each for handler in node.handlers for each in handler.body]
            yield from at_import([*node.body, *handlers, *node.orelse, *node.finalbody])
        elif isinstance(node, (ast.ClassDef, ast.With)):
            yield from at_import(node.body)


def import_graph(sources: dict[str, str]) -> dict[str, set[str]]:
    """Module → modules that it imports at import, of sources by module name."""
    graph: dict[str, set[str]] = {}
    for name, source in sources.items():
        wanted: set[str] = set()
        for node in at_import(ast.parse(source).body):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            else:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    wanted.add(inner if inner in sources else str(node.module))
        graph[name] = (wanted & sources.keys()) - {name}
    return graph


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Sets of modules that import each other, directly or not (strongly connected ones)."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        seen, left = set(), [start]
        while left:
            for module in graph[left.pop()] - seen:
                seen.add(module)
                left.append(module)
        reached[start] = seen
    found = {frozenset({b for b in reached[a] if a in reached[b]} | {a}) for a in graph if a in reached[a]}
    return [set(each) for each in found]


def test_circles_are_found_and_what_waits_for_a_call_is_none():
    sources = {
        "p.a": "from p.b import x",
        "p.b": "import p.c",
        "p.c": "try:\n    from p import a\nexcept ImportError:\n    pass",
        "p.d": "def f():\n    import p.e",
        "p.e": "from p.d import f",
    }
    assert circles(import_graph(sources)) == [{"p.a", "p.b", "p.c"}]


def test_no_modules_of_the_packages_import_each_other():
    names = {
        path: ".".join(path.relative_to(package.parent).with_suffix("").parts)
        for package in PACKAGES
        for path in package.rglob("*.py")
    }
    sources = {name.removesuffix(".__init__"): path.read_text("utf-8") for path, name in names.items()}
    assert circles(import_graph(sources)) == []
