"""Reliability as a picture: how often what has a confidence is right; needs matplotlib (extra `corpus`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from dealspan.evaluation.reliability import Reliability

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE: Any = {"svg.hashsalt": "dealspan", "svg.fonttype": "none", "font.size": 9}
METADATA = {"Date": None, "Creator": None}
"""With these, matplotlib writes the same bytes for the same figures."""


def draw(found: Mapping[str, Reliability], title: str, stream: TextIO) -> None:
    """Draw a panel for each kind of prediction as SVG: the share of what is right in each bin, and the bins' sizes.

    Raises
    ------
    ImportError
        Where matplotlib is not installed.

    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.4 * len(found), 4.6), layout="constrained")
        figure.suptitle(title)
        panels = figure.subplots(2, len(found), sharex=True, squeeze=False, height_ratios=(3, 1))
        for above, below, (kind, one) in zip(*panels, found.items(), strict=True):
            error = "none" if one.error is None else f"{one.error:.3f}"
            above.set(title=f"{kind}: ECE {error}", ylabel="share that is right")
            _shares(above, one)
            _sizes(below, one)
        figure.savefig(stream, format="svg", metadata=METADATA)


def _shares(axes: "Axes", found: Reliability) -> None:
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    right = [one.share.right for one in found.bins]
    reach = [
        [one.share.right - one.share.low for one in found.bins],
        [one.share.high - one.share.right for one in found.bins],
    ]
    if found.bins:
        axes.errorbar([one.confidence for one in found.bins], right, reach, fmt="o-", color="#33658a", capsize=2)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02))


def _sizes(axes: "Axes", found: Reliability) -> None:
    axes.vlines(
        [one.confidence for one in found.bins], 0, [one.share.of for one in found.bins], color="#86bbd8", linewidth=4
    )
    axes.set(xlabel="confidence", ylabel="count", ylim=(0, None))
