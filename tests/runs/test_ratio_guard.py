"""What the guard of speed says of two reports."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import ratio_guard


def _report(peer_ms: float, **stages: float) -> dict:
    rows = [{"metric": ratio_guard.PEER, "value": peer_ms, "unit": "ms"}]
    rows += [{"metric": f"balanced: {name}", "value": ms, "unit": "ms"} for name, ms in stages.items()]
    rows.append({"metric": "balanced: peak memory", "value": 900.0, "unit": "MB"})
    return {"data": "one photo", "command": "bench", "rows": rows}


def test_a_slower_machine_is_no_slower_stage() -> None:
    before, now = (ratio_guard.ratios(_report(ms, hair=8 * ms, skin=20 * ms)) for ms in (10.0, 31.0))
    assert now == pytest.approx(before)
    assert ratio_guard.risen(before, now) == []


def test_a_rise_by_a_fifth_is_said_and_one_by_a_tenth_is_not() -> None:
    before, now = (
        ratio_guard.ratios(_report(10.0, hair=h, skin=s, tiny=t)) for h, s, t in ((80, 200, 1), (96, 220, 4))
    )
    (said,) = ratio_guard.risen(before, now)
    assert "hair: 8.0 to 9.6 times" in said
    assert "+20 %" in said


def test_the_program_warns_and_never_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, hair in (("before", 80.0), ("now", 160.0)):
        (tmp_path / name).write_text(json.dumps(_report(10.0, hair=hair)))
    monkeypatch.setattr(sys, "argv", ["guard", str(tmp_path / "now"), "--before", str(tmp_path / "before")])
    ratio_guard.main()
    assert capsys.readouterr().out.startswith("::warning::balanced: hair: 8.0 to 16.0")
    monkeypatch.setattr(sys, "argv", ["guard", str(tmp_path / "now"), "--before", str(tmp_path / "none")])
    ratio_guard.main()
    assert capsys.readouterr().out == ""


def test_a_commit_is_compared_with_the_one_before_it_and_has_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = tmp_path / "ratios.jsonl"
    lines.write_text('{"commit": "half\n[]\n')  # damaged lines cost nothing
    for commit, hair in (("a1", 80.0), ("b2", 84.0), ("c3", 120.0), ("c3", 100.0)):
        (tmp_path / "now").write_text(json.dumps(_report(10.0, hair=hair)))
        words = ["guard", str(tmp_path / "now"), "--history", str(lines), "--record", commit]
        monkeypatch.setattr(sys, "argv", words)
        ratio_guard.main()
        capsys_told = capsys.readouterr().out
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [(line["commit"], line["ratios"]["balanced: hair"]) for line in told] == [
        *(("a1", 8.0), ("b2", 8.4), ("c3", 10.0))
    ]
    assert "hair: 8.4 to 10.0 times" in capsys_told  # beside b2, not beside its own first line
