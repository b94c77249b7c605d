"""The figures of `dealspan evaluate` as lines to read and as sections of a Markdown page."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dealspan.evaluation.confusion import NOWHERE, Table
from dealspan.evaluation.losses import Losses
from dealspan.evaluation.scores import OF_DEALS_FOUND
from dealspan.evaluation.worst import Bad
from dealspan.output.wording import count

Intervals = Mapping[str, tuple[float, float]]
GROUP_HEADS = (
    "documents", "mentions F1", "deals P", "deals R", "deals F1", "slots F1", "hedged F1", "stage", "certainty"
)  # fmt: skip


def _rows(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what has precision and recall."""
    rows = [
        (f"{label} {how}", by_span[how])
        for label, by_span in figures["mentions"].items()
        for how in ("exact", "overlap")
    ]
    rows += [("mentions, exact, all", figures["mentions_exact_micro"]), ("deals", figures["deals"])]
    rows += [(f"slot {slot}", counts) for slot, counts in figures["slots"].items()]
    rows += [("slots, all", figures["slots_micro"]), ("hedged", figures["hedged"])]
    return [*rows, *((shown, figures[name]) for name, shown in OF_DEALS_FOUND.items())]


def _interval(intervals: Intervals, name: str) -> str:
    return "{:.2f}–{:.2f}".format(*intervals[name]) if name in intervals else "–"


def lines(figures: dict[str, Any], intervals: Intervals) -> str:
    """Return the figures as lines to read."""
    out = [
        f"{name:<26} p {f['p']:.3f}  r {f['r']:.3f}  f1 {f['f1']:.3f} ({_interval(intervals, name)})   gold {f['gold']}"
        for name, f in _rows(figures)
    ]
    singles = [
        f"{what} accuracy {figures[f'{what}_accuracy']} ({_interval(intervals, what)})"
        for what in ("stage", "certainty")
    ]
    out.append("  ".join([*singles, f"ECE {figures['ece']}", f"missing {len(figures['missing'])}"]))
    return "\n".join(out) + "\n"


def section(name: str, figures: dict[str, Any], intervals: Intervals) -> str:
    """Return the figures as a section of a Markdown page."""
    out = [
        f"## {name}: {count(figures['documents'], 'document')}, {date.today().isoformat()}\n",
        "| | precision | recall | F1 | 95 % interval | gold | predicted |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    out += [
        f"| {row} | {f['p']:.3f} | {f['r']:.3f} | {f['f1']:.3f} | {_interval(intervals, row)} | {f['gold']} "
        f"| {f['predicted']} |"
        for row, f in _rows(figures)
    ]
    for what in ("stage", "certainty"):
        accuracy = figures[f"{what}_accuracy"]
        said = "none" if accuracy is None else f"{accuracy:.3f}"
        out.append(f"| {what} accuracy, of the deals found: {said} | | | | {_interval(intervals, what)} | | |")
    ece = figures["ece"]
    out.append(f"| calibration error (ECE) of the slots: {'none' if ece is None else f'{ece:.3f}'} | | | | | | |")
    return "\n".join(out) + "\n\n"


def groups(name: str, by: str, rows: dict[str, dict[str, Any]], *, markdown: bool) -> str:
    """Return a row for each group, as lines to read or as a section of a Markdown page."""
    cells = {value: _cells(figures) for value, figures in rows.items()}
    if markdown:
        return _table(f"{name} by {by}", by, GROUP_HEADS, cells)
    wide = max(len(by), *map(len, cells))
    out = ["  ".join([by.ljust(wide), *GROUP_HEADS])]
    out += [
        "  ".join([value.ljust(wide), *(cell.rjust(len(head)) for cell, head in zip(row, GROUP_HEADS, strict=True))])
        for value, row in cells.items()
    ]
    return "\n".join(out) + "\n"


def _cells(figures: dict[str, Any]) -> list[str]:
    """Return the figures of one group; a dash where there is nothing to measure."""
    deals = figures["deals"]
    values: list[float | None] = [
        figures["mentions_exact_micro"]["f1"],
        deals["p"] if deals["predicted"] else None,
        *(value if deals["gold"] else None for value in (deals["r"], deals["f1"], figures["slots_micro"]["f1"])),
        figures["hedged"]["f1"] if figures["hedged"]["gold"] else None,
        figures["stage_accuracy"],
        figures["certainty_accuracy"],
    ]
    return [str(figures["documents"]), *("–" if value is None else f"{value:.2f}" for value in values)]


def confusions(name: str, tables: Mapping[str, Table], *, markdown: bool) -> str:
    """Return a table for each thing that can be confused: a row for each value of gold, a column for each predicted."""
    out = []
    for what, table in tables.items():
        values = sorted({value for pair in table for value in pair}, key=lambda value: (value == NOWHERE, value))
        cells = {gold: [str(table[gold, predicted]) for predicted in values] for gold in values}
        if markdown:
            out.append(_table(f"{name}: {what}, gold by predicted", "gold", values, cells))
            continue
        wide = max(len(value) for value in (*values, "gold"))
        rows = {"gold": values, **cells}
        out.append(f"{what}, gold by predicted\n")
        out += ["  ".join([row.ljust(wide), *(cell.rjust(wide) for cell in line)]) + "\n" for row, line in rows.items()]
    return "".join(out)


def _table(title: str, first: str, heads: "tuple[str, ...] | list[str]", cells: Mapping[str, list[str]]) -> str:
    out = [
        f"## {title}, {date.today().isoformat()}\n",
        f"| {first} | {' | '.join(heads)} |",
        f"|---|{'---:|' * len(heads)}",
        *(f"| {value} | {' | '.join(row)} |" for value, row in cells.items()),
    ]
    return "\n".join(out) + "\n\n"


def bad_documents(found: list[Bad]) -> str:
    """Return the worst documents with their errors, an error a line."""
    return "".join(
        f"{bad.document}: {bad.wrong} wrong or missing\n" + "".join(f"  {line}\n" for line in bad.lines)
        for bad in found
    )


def gates(name: str, rows: Sequence[tuple[str, float, Losses]], *, markdown: bool) -> str:
    """Return what the gate leaves of the words and of the deals as lines to read, or as a section of a page."""
    heads = ("gate", "words read", "deals found", "deals lost")
    table = [[gate, f"{share:.1%}", f"{one.found:,}", f"{one.lost:,}"] for gate, share, one in rows]
    if not markdown:
        return "".join(f"{a:<12}{b:>12}{c:>14}{d:>13}\n" for a, b, c, d in [heads, *table])
    lines = ["| " + " | ".join(row) + " |" for row in [heads, ("---", "---:", "---:", "---:"), *table]]
    return f"## The gate on {name}, {date.today().isoformat()}\n\n" + "\n".join(lines) + "\n"
