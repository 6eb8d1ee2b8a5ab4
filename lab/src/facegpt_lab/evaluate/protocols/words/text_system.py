"""What an evaluation of words runs: sentences in, measured heads out, scores with intervals.

A system is a reader of words (the language model, or a rival) with the product's decoder behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.runtime.progress import Progress
from facegpt.types import AssetError, FaceGPTError, FaceParams
from facegpt_lab.evaluate.judges.score_labels import Point, Population, Shown
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request
from facegpt_lab.evaluate.registry import Row, figure
from facegpt_lab.synthesis.texts.corpus import Record

SENTENCES = Path(__file__).with_name("facegpt_bench_v1.jsonl")
SHA256 = "ad51d241a102b3975abbf8ad2dcc98233a80ff4fdb8748a6cacb750130f48ce1"
#: Version → file and sha256. The second is blind: each run on it is listed in docs/facegpt-bench.md.
VERSIONS: dict[str, tuple[Path, str]] = {
    "v1": (SENTENCES, SHA256),
    "v2": (
        SENTENCES.with_name("facegpt_bench_v2.jsonl"),
        "2b6e5020dd0a9670b82d12bff3951698641be82448998dd663334e0de4036be3",
    ),
}
#: What the scores of heads are and are not, for reports.
JUDGED_BY = (
    "attributes are read by the measures at which the product's solver aims, emotions off the blendshape weights by "
    "the prototypes to which its faces are fitted, so both judge how words are read; a ruler from outside: eval traits"
)
#: Heads of the prior that give the reference, half women, half men; with --quick.
PRIOR_HEADS, PRIOR_HEADS_QUICK = 2000, 200
#: Seeds of each sentence; with --quick. One sentence of so many is used with --quick.
SEEDS, SEEDS_QUICK, QUICK_STEP = (0, 1, 2, 3), (0,), 12
RESAMPLES = 1000


class Reader(Protocol):
    """Reads a text into a request: the language model or a rival."""

    def read(self, text: Any, face: Any = None, is_edit: bool = False) -> Any:
        """A reading with `request`."""
        ...


@dataclass(frozen=True)
class Heads:
    """The head model with its decoder, as functions.

    Attributes:
        model: the head model.
        imagine, edit, attributes, seen: as in `facegpt.generate.decoder.Decoder`.
    """

    model: MakeHumanHead
    imagine: Callable[..., FaceParams]
    edit: Callable[..., FaceParams]
    attributes: Callable[..., Any]
    seen: Callable[..., Any]

    def show(self, params: FaceParams) -> Shown:
        """Read a head."""
        mm = {name: m.value_mm for name, m in shaped(self.model, params.local).measure(params.identity).items()}
        years = self.model.attributes(params.identity)["age_years"]
        return Shown(self.attributes(self.model, params), np.clip(params.expression, 0, 1), mm, years)


def default_heads() -> Heads:
    """The default head and the product's decoder."""
    from facegpt.describe.attribute_readings import read_attributes, read_face
    from facegpt.generate.request_to_head import edit_params, imagine_params
    from facegpt.morphable.makehuman import head as makehuman

    return Heads(makehuman.load(), imagine_params, edit_params, read_attributes, read_face)


@dataclass(frozen=True)
class Prior:
    """Samples of the tested model's prior: the reference of all z.

    Attributes:
        women, men: heads drawn from a request that leaves all but the sex open, with what is read off them.
    """

    women: list[tuple[FaceParams, Shown]]
    men: list[tuple[FaceParams, Shown]]
    _usual: dict[tuple[str, tuple[int, ...]], list[Shown]] = field(default_factory=dict, repr=False)

    @staticmethod
    def draw(heads: Heads, count: int) -> Prior:
        """Draw `count` heads, half of them women."""
        drawn: dict[float, list[tuple[FaceParams, Shown]]] = {}
        for man in (0.0, 1.0):
            request = HeadRequest(**{**vars(open_request()), "man": man})
            params = [heads.imagine(heads.model, request, seed) for seed in range(count // 2)]
            drawn[man] = [(each, heads.show(each)) for each in params]
        return Prior(drawn[0.0], drawn[1.0])

    @cached_property
    def populations(self) -> dict[str, Population]:
        """By sex ("F", "M") and of all ("")."""
        women, men = [shown for _, shown in self.women], [shown for _, shown in self.men]
        return {"F": Population.of(women), "M": Population.of(men), "": Population.of(women + men)}

    def usual(self, heads: Heads, sex: str, seeds: tuple[int, ...]) -> list[Shown]:
        """The heads of some seeds for words that say nothing but the sex ("F", "M" or "")."""
        if (sex, seeds) not in self._usual:
            request = HeadRequest(**{**vars(open_request()), "man": {"F": 0.0, "M": 1.0}.get(sex, 0.5)})
            params = [heads.imagine(heads.model, request, seed) for seed in seeds]
            self._usual[sex, seeds] = [heads.show(each) for each in params]
        return self._usual[sex, seeds]

    def inputs(self, seeds: Iterable[int]) -> list[FaceParams]:
        """The heads that are edited and described: one a seed, women and men in turn."""
        return [(self.women if seed % 2 == 0 else self.men)[seed][0] for seed in seeds]


@dataclass
class Scored:
    """The points of one sentence over seeds (or input heads).

    Attributes:
        record: the sentence. points: of each seed.
        extras: further numbers by name, one a seed.
    """

    record: Record
    points: list[list[Point]]
    extras: dict[str, list[float]] = field(default_factory=dict)


@lru_cache(maxsize=2)
def sentences(version: str = "v1") -> tuple[Record, ...]:
    """Read the test sentences of a version.

    Raises:
        FaceGPTError: if there is no such version. AssetError: when the file is not the released one.
    """
    if version not in VERSIONS:
        raise FaceGPTError(f"there is no FaceGPT-Bench '{version}'; there are: {', '.join(VERSIONS)}")
    file, sha256 = VERSIONS[version]
    data = file.read_bytes().replace(b"\r\n", b"\n")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise AssetError(f"'{file}' is not FaceGPT-Bench version {version[1:]} (its sha256 differs)")
    records = []
    for line in data.decode("utf-8").splitlines():
        fields = json.loads(line)
        fields.pop("note", None)
        records.append(Record(**fields))
    return tuple(records)


def chosen(records: Sequence[Record], tasks: Sequence[str], quick: bool) -> list[Record]:
    """Choose the sentences of some tasks; with `quick` one of QUICK_STEP."""
    fitting = [record for record in records if record.task in tasks]
    return fitting[::QUICK_STEP] if quick else fitting


@dataclass(frozen=True)
class Bench:
    """What an evaluation of FaceGPT-Bench works with: the product's heads, its prior, the seeds of each sentence."""

    heads: Heads
    prior: Prior
    seeds: tuple[int, ...]
    quick: bool
    version: str = "v1"

    def records(self, *tasks: str) -> list[Record]:
        """The sentences of some tasks."""
        return chosen(sentences(self.version), tasks, self.quick)

    def data(self, what: str) -> str:
        """What a report's data are: so many of these sentences."""
        return of_the_bench(what, self.version)


def open_bench(quick: bool, version: str = "v1") -> Bench:
    """The default heads with a sample of their prior, and a version of the sentences."""
    sentences(version)
    heads = default_heads()
    prior = Prior.draw(heads, PRIOR_HEADS_QUICK if quick else PRIOR_HEADS)
    return Bench(heads, prior, SEEDS_QUICK if quick else SEEDS, quick, version)


def of_the_bench(what: str, version: str = "v1") -> str:
    """What a report's data are: so many of these sentences."""
    return f"FaceGPT-Bench {version} (sha256 {VERSIONS[version][1][:12]}…), {what}"


def judge_all(records: Sequence[Record], name: str, judge: Callable[[Record], Scored]) -> list[Scored]:
    """Judge all sentences, with a progress bar called `name`."""
    scored = []
    with Progress(name, len(records)) as progress:
        for k, record in enumerate(records, start=1):
            scored.append(judge(record))
            progress(k)
    return scored


# Shares and intervals


Mask = Callable[[Record, Point], bool]


def shares(scored: Sequence[Scored], counts: Mask) -> np.ndarray:
    """(sentences, 2): sum of right and of counted labels, a label's score being its share of seeds."""
    rows = []
    for each in scored:
        flat = [point.right for points in each.points for point in points if counts(each.record, point)]
        seeds = max(len(each.points), 1)
        rows.append((sum(flat) / seeds, len(flat) / seeds))
    return np.array(rows).reshape(-1, 2)


def all_right(scored: Sequence[Scored], counts: Mask, at_least: int = 1) -> np.ndarray:
    """(sentences, 2): the share of seeds that get all counted labels right, and 1; (0, 0) where too few count."""
    rows = []
    for each in scored:
        verdicts = [[p.right for p in points if counts(each.record, p)] for points in each.points]
        counted = bool(verdicts) and len(verdicts[0]) >= at_least
        rows.append((float(np.mean([all(v) for v in verdicts])), 1.0) if counted else (0.0, 0.0))
    return np.array(rows).reshape(-1, 2)


def share(table: np.ndarray) -> float:
    """The share of right labels; NaN where none counts."""
    right, counted = table.sum(0) if len(table) else (0.0, 0.0)
    return float(right / counted) if counted else float("nan")


def interval(table: np.ndarray, other: np.ndarray | None = None, resamples: int = RESAMPLES) -> tuple[float, float]:
    """The 95 % interval of a share, or of its difference to `other`, by a bootstrap over sentences (paired)."""
    kept = table[:, 1] > 0
    table, other = table[kept], None if other is None else other[kept]
    if len(table) == 0:
        return float("nan"), float("nan")
    picks = np.random.default_rng(0).integers(0, len(table), (resamples, len(table)))
    values = _resampled(table, picks)
    if other is not None:
        values = values - _resampled(other, picks)
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def _resampled(table: np.ndarray, picks: np.ndarray) -> np.ndarray:
    sums = table[picks].sum(1)
    return sums[:, 0] / np.maximum(sums[:, 1], 1e-9)


def with_interval(name: str, table: np.ndarray, target: float | None = None) -> list[Row]:
    """The rows of a share and of its 95 % interval."""
    low, high = interval(table)
    return [
        figure(name, share(table), "share", at_least=target),
        figure(f"{name}, 95 % interval from", low, "share"),
        figure(f"{name}, 95 % interval to", high, "share"),
    ]


def ahead_rows(name: str, label: str, ours: np.ndarray, theirs: np.ndarray, target: float | None = None) -> list[Row]:
    """A rival's share, and by how much ours is ahead of it (paired), with the 95 % interval."""
    low, high = interval(ours, theirs)
    return [
        figure(f"{name}: {label}", share(theirs), "share"),
        figure(f"ours ahead of {name}: {label}", share(ours) - share(theirs), "share", at_least=target),
        figure(f"ours ahead of {name}: {label}, 95 % interval from", low, "share"),
        figure(f"ours ahead of {name}: {label}, 95 % interval to", high, "share"),
    ]


def spearman(pairs: Sequence[tuple[float, float]]) -> float:
    """The rank correlation of (asked, seen) pairs; NaN for fewer than three."""
    from scipy.stats import spearmanr

    known = [(a, s) for a, s in pairs if np.isfinite(a) and np.isfinite(s)]
    if len(known) < 3 or len({a for a, _ in known}) < 2:
        return float("nan")
    return float(spearmanr(*zip(*known, strict=True)).statistic)


def by_group(scored: Sequence[Scored], group: Callable[[Record], str]) -> Mapping[str, list[Scored]]:
    """Sort scored sentences by a name."""
    groups: dict[str, list[Scored]] = {}
    for each in scored:
        groups.setdefault(group(each.record), []).append(each)
    return dict(sorted(groups.items()))
