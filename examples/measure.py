"""Writes measures.csv: the largest face of each photo, in millimetres. Run: python examples/measure.py PHOTO…."""

import csv
import sys

import facegpt


def main(photos: list[str]) -> None:
    """Measure photos; one without a face has an empty row."""
    model = facegpt.load()
    rows = []
    for result in model.reconstruct_many(photos, quality="fast"):
        measures = result.faces[0].measure() if result.faces else {}
        rows.append({"photo": str(result.source)} | {name: f"{m.value_mm:.1f}" for name, m in measures.items()})
    names = list(dict.fromkeys(name for row in rows for name in row))
    with open("measures.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
