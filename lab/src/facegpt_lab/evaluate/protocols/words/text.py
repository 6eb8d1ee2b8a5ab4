"""FaceGPT-Bench, words to heads: are the named attributes, expressions and numbers there, and only those.

Sentences: facegpt_bench_v1.jsonl, held out. Every score comes from the geometry of the returned heads; the rules are in
docs/facegpt-bench.md and score_labels.py. Rivals read the same sentences and use the same decoder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from facegpt.language.targets import ATTRIBUTES
from facegpt.types import FaceParams
from facegpt_lab.evaluate.judges.score_labels import Case, Point, is_headline, score, table, tied_to
from facegpt_lab.evaluate.protocols.words.text_baselines import MeanHead, open_request
from facegpt_lab.evaluate.protocols.words.text_rivals import rivals_of
from facegpt_lab.evaluate.protocols.words.text_system import (
    JUDGED_BY,
    Heads,
    Mask,
    Prior,
    Reader,
    Scored,
    ahead_rows,
    all_right,
    by_group,
    judge_all,
    open_bench,
    share,
    shares,
    spearman,
    with_interval,
)
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.synthesis.texts.corpus import Record

#: Attributes beside the words' to stay within this of the prior's mean, SDs.
UNNAMED_SD = 0.4
#: Categories of expressions, with their targets for the named emotion or units.
EXPRESSIONS: dict[str, float | None] = {
    "basic_expression": 0.90,
    "compound_expression": 0.70,
    "situation": None,
    "asymmetric_expression": None,
    "action_unit": None,
    "plain_expression": None,
}


def evaluate(quick: bool = False, bench: str = "v1") -> Report:
    """Score the language model and its rivals on the sentences of the task "imagine"."""
    from facegpt.language import load_language_model

    opened, ours = open_bench(quick, bench), load_language_model()
    records = opened.records("imagine")

    def judged(reader: Reader, name: str) -> list[Scored]:
        return imagine_all(opened.heads, opened.prior, reader, records, opened.seeds, name)

    scored = judged(ours, "ours")
    others = {rival.name: judged(rival, rival.name) for rival in rivals_of(ours, bench)}
    data = opened.data(f"{len(records)} sentences, {len(opened.seeds)} seeds each; {JUDGED_BY}")
    rows = [*own_rows(scored), *versus_rows(scored, others), *spread_rows(opened.heads, opened.prior, scored)]
    return Report(data, tuple(rows))


def imagine_all(
    heads: Heads, prior: Prior, reader: Reader, records: Sequence[Record], seeds: Sequence[int], name: str
) -> list[Scored]:
    """Make the heads of all sentences and judge them."""
    return judge_all(records, name, lambda record: _imagine_one(heads, prior, reader, record, seeds))


def _imagine_one(heads: Heads, prior: Prior, reader: Reader, record: Record, seeds: Sequence[int]) -> Scored:
    people = prior.populations[record.labels.get("sex", "")]
    if isinstance(reader, MeanHead):
        made = [mean_params(heads)] * len(seeds)
    else:
        request = reader.read(record.text, None, False).request
        made = [heads.imagine(heads.model, request, seed) for seed in seeds]
    shown = [heads.show(params) for params in made]
    points = [score(Case(record.labels, each, people)) for each in shown]
    usual = prior.usual(heads, record.labels.get("sex", ""), tuple(seeds))
    drift = np.stack([people.z(each) - people.z(open_) for each, open_ in zip(shown, usual, strict=True)])
    return Scored(record, points, {"drift": drift.tolist(), "identity": [params.identity.tolist() for params in made]})


def mean_params(heads: Heads) -> FaceParams:
    """The head of the prior's mean, at rest, with the hair of no one."""
    params = heads.imagine(heads.model, open_request(), 0)
    zero = {name: np.zeros_like(getattr(params, name)) for name in ("identity", "expression", "joints", "albedo")}
    return params.replace(**zero)


# What counts for a row


def headline(record: Record, point: Point) -> bool:
    """Count attributes of the headline."""
    return point.kind == "attribute" and is_headline(point.name)


def of_kind(*kinds: str) -> Mask:
    """Count labels of some kinds."""
    return lambda record, point: point.kind in kinds


def own_rows(scored: Sequence[Scored]) -> list[Row]:
    """The rows about the language model alone."""
    rows = with_interval("attributes right", shares(scored, headline), 0.85)
    rows += with_interval("sentences with 2 or more attributes: all right", all_right(scored, headline, 2), 0.70)
    for category, group in by_group(scored, lambda record: record.category).items():
        table_ = shares(group, headline)
        if table_.sum() > 0:
            rows.append(figure(f"attributes right, {category}", share(table_), "share"))
    for part, value in _by_part(scored).items():
        rows.append(figure(f"attributes right, {part}", value, "share"))
    for label, kinds, target in (
        ("negations kept", ("not",), None),
        ("comparisons right", ("relation",), None),
        ("age within the range ± 5 years", ("age",), None),
        ("age of children within the range ± 5 years", ("child age",), None),
        ("sex right", ("sex",), None),
        ("millimetres within 1 mm", ("mm",), None),
        ("movements right", ("expression", "expression_off"), None),
        ("face at rest when asked for", ("neutral",), None),
    ):
        rows.append(figure(label, share(shares(scored, of_kind(*kinds))), "share", at_least=target))
    rows += _expression_rows(scored)
    pairs = [(p.asked, p.seen) for s in scored for points in s.points for p in points if headline(s.record, p)]
    rows.append(figure("degree asked against degree shown, rank correlation", spearman(pairs), "rho"))
    felt = [(p.asked, p.seen) for s in scored for points in s.points for p in points if p.kind == "emotion"]
    rows.append(figure("intensity asked against shown, rank correlation", spearman(felt), "rho"))
    return rows


def _by_part(scored: Sequence[Scored]) -> dict[str, float]:
    """The share right by the part of the face, for the headline and for what is shown by texture or hair."""

    def counting(test: Callable[[dict[str, str], str], bool]) -> float:
        return share(shares(scored, lambda r, p: p.kind == "attribute" and test(table()[p.name], p.name)))

    parts = sorted({row["group"] for name, row in table().items() if is_headline(name)})
    found = {}
    for part in parts:
        found[f"part: {part}"] = counting(partial(_headline_of, part))
    found["extra ones of shape"] = counting(lambda row, name: row["tier"] == "extra" and row["carrier"] == "shape")
    found["shown by skin and iris"] = counting(lambda row, name: row["carrier"] == "texture")
    found["shown by hair, brows, beard"] = counting(lambda row, name: row["carrier"] == "groom")
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _headline_of(part: str, row: dict[str, str], name: str) -> bool:
    return row["group"] == part and is_headline(name)


def _expression_rows(scored: Sequence[Scored]) -> list[Row]:
    rows = []
    for category, target in EXPRESSIONS.items():
        group = [s for s in scored if s.record.category == category]
        for kind, label in (
            ("emotion", "top-1"),
            ("emotion or also", "top-1 or also"),
            ("emotion group", "of the group"),
        ):
            table_ = shares(group, of_kind(kind))
            if table_.sum() > 0:
                first = kind == "emotion"
                rows.append(figure(f"{category}: {label}", share(table_), "share", at_least=target if first else None))
        units = shares(group, of_kind("expression", "expression_off"))
        if units.sum() > 0:
            rows.append(figure(f"{category}: movements", share(units), "share"))
    return rows


#: What is compared with each rival: name, what gives the (sentences, 2) table, targets by rival.
COMPARED: tuple[tuple[str, Callable[[Sequence[Scored]], np.ndarray], dict[str, float]], ...] = (
    ("attributes right", lambda s: shares(s, headline), {"keyword parser": 0.15}),
    ("all of 2 or more right", lambda s: all_right(s, headline, 2), {}),
    ("basic emotions", lambda s: shares(_in(s, "basic_expression"), of_kind("emotion")), {}),
    ("compound emotions", lambda s: shares(_in(s, "compound_expression"), of_kind("emotion")), {}),
    ("situations", lambda s: shares(_in(s, "situation"), of_kind("emotion")), {"nearest caption": 0.20}),
    ("all labels", lambda s: shares(s, lambda record, point: True), {}),
)


def versus_rows(ours: Sequence[Scored], others: dict[str, list[Scored]]) -> list[Row]:
    """Each rival's main figures, and by how much the language model is ahead (paired)."""
    rows = []
    for name, theirs in others.items():
        for label, measure, targets in COMPARED:
            rows += ahead_rows(name, label, measure(ours), measure(theirs), targets.get(name))
    return rows


def _in(scored: Sequence[Scored], category: str) -> list[Scored]:
    return [s for s in scored if s.record.category == category]


# What the words leave open


def spread_rows(heads: Heads, prior: Prior, scored: Sequence[Scored]) -> list[Row]:
    """Say how far unnamed attributes drift, how much seeds differ, and how plausible the heads are."""
    rows = [figure("unnamed attributes: drift from the prior's mean", unnamed_drift(scored), "SD", at_most=UNNAMED_SD)]
    distances = [_distance(heads, s.extras["identity"]) for s in scored if len(s.points) > 1]
    sample = [params.identity for params, _ in (*prior.women[:20], *prior.men[:20])]
    rows.append(figure("distance between heads of one sentence", float(np.mean(distances or [np.nan])), "mm RMS"))
    rows.append(figure("distance between heads of the prior", _distance(heads, sample), "mm RMS"))
    size = heads.model.sizes.identity
    for name, identities in (
        ("heads from words", [z for s in scored for z in s.extras["identity"]]),
        ("heads of the prior", sample),
    ):
        likelihood = [-0.5 * float(np.square(z).sum()) / size for z in identities]
        rows.append(figure(f"log-likelihood per dimension, {name}", float(np.mean(likelihood)), "nats"))
    return rows


def unnamed_drift(scored: Sequence[Scored]) -> float:
    """The RMS over sentences and open attributes of how far the words move them from where the prior has them.

    Each seed's head is compared with the head that the same seed gives for words that say nothing but the sex. With S
    seeds the square of a mean is too large by the variance divided by S: that is taken off.
    """
    squares = []
    for each in scored:
        z = np.array(each.extras["drift"])
        if len(z) < 2 or "masculinity" in each.record.labels.get("attributes", {}):
            continue
        named = {*each.record.labels.get("attributes", {}), *each.record.labels.get("not", {})}
        named |= {name for pair in each.record.labels.get("relations", ()) for name in (pair[0], pair[2])}
        named |= {n for n, row in table().items() if row["measure"] in each.record.labels.get("mm", {})}
        named |= {"age"} if "age_years" in each.record.labels else set()
        free = tied_to(named) | {"masculinity"}
        columns = [k for k, name in enumerate(ATTRIBUTES) if is_headline(name) and name not in free]
        squares.append((z[:, columns].mean(0) ** 2 - z[:, columns].var(0, ddof=1) / len(z)).mean())
    return float(np.sqrt(max(np.mean(squares), 0.0))) if squares else float("nan")


def _distance(heads: Heads, identities: Sequence[Any]) -> float:
    """The mean over pairs of the RMS distance of vertices of heads at rest, mm."""
    rest = [heads.model.neutral_vertices(np.asarray(z, np.float32)) for z in identities[:40]]
    pairs = [np.sqrt(np.square(a - b).sum(-1).mean()) for a, b in combinations(rest, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")
