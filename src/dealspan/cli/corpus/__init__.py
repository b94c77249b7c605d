"""`dealspan corpus`: the annotated corpus checked, counted, converted and compared."""

from dealspan.cli.corpus.agreement import agreement
from dealspan.cli.corpus.build import build
from dealspan.cli.corpus.check import check
from dealspan.cli.corpus.convert import convert
from dealspan.cli.corpus.plot import plot
from dealspan.cli.corpus.stats import stats
from dealspan.cli.corpus.stories import stories
from dealspan.cli.corpus.variety import variety

COMMANDS = (check, stats, convert, build, agreement, variety, plot, stories)
