"""The curves of growth as pictures; needs matplotlib (extra `benchmark`)."""

from pathlib import Path
from typing import TYPE_CHECKING

from dealspan.benchmark.growth import Growth
from dealspan.evaluation.diagram import METADATA, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(found: Growth, folder: Path) -> Path:
    """Draw the time for a word and the peak of memory side by side, as SVG; returns the file.

    Raises
    ------
    ImportError
        Where matplotlib is not installed.

    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    places = [place for place, _ in found.points]
    times = [point.seconds / point.words * 1e6 for _, point in found.points]
    memory = [(place, point.memory) for place, point in found.points if point.memory is not None]
    with mpl.rc_context(STYLE):
        # The ground is white, also on a dark page, as with the pictures of the corpus.
        figure = Figure(figsize=(7, 2.8), layout="constrained")
        figure.suptitle(found.title)
        left, right = figure.subplots(1, 2)
        _curve(left, found, places, times, "microseconds for a word")
        _curve(right, found, [place for place, _ in memory], [most for _, most in memory], "peak of memory, MiB")
        path = folder / f"growth-{found.name}.svg"
        figure.savefig(path, metadata=METADATA)
    return path


def _curve(axes: "Axes", found: Growth, places: list[int], values: list[float], label: str) -> None:
    axes.plot(places, values, "o-", color="#33658a", markersize=4)
    axes.set(xlabel=found.axis, ylabel=label, ylim=(0, 1.15 * max(values, default=1.0)))
    if found.logarithmic:
        axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
