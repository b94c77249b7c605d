"""Libraries that a user could take in place of dealspan, and that install from PyPI with all they need.

They find the amounts of a text or its dates. None of them knows companies, investors or deals.

- quantulum3 finds quantities with their units. It is the one for amounts that is still maintained. Without its optional
  classifier, as it installs, it is at its fastest. Extra `benchmark`.
- natura finds sums of money. Its last release is of 2021, but it works, and of those that were tried it is the fastest.
  Extra `benchmark`.
- `search_dates` of dateparser finds dates; dealspan has dateparser anyway, and asks it about single expressions only.

Not timed: recognizers-text of Microsoft, whose last release of 2019 cannot be imported beside an emoji of today;
price-parser, which reads the one price of a short string; whatever loads weights or word lists over the network when it
is first used (GLiNER, NLTK).
"""

import json
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from dealspan.benchmark.spacy_peer import Speed, first_words, speeds_of

WORDS = 5_000
"""So many words are read of the texts: more would take minutes."""
REPEAT = 3
"""The most that each is timed."""


def _quantulum3() -> Callable[[str], Any]:
    from quantulum3 import classifier, parser

    # It takes its classifier where scikit-learn happens to be installed, and fails with one of another version.
    classifier.USE_CLF = False
    found: Callable[[str], Any] = parser.parse
    return found


def _natura() -> Callable[[str], Any]:
    from natura import Finder

    found: Callable[[str], Any] = Finder().findall
    return found


def _dateparser() -> Callable[[str], Any]:
    from dateparser.search import search_dates  # type: ignore[import-untyped]

    return lambda text: search_dates(text, languages=["en"])


LIBRARIES: dict[str, Callable[[], Callable[[str], Any]]] = {
    "quantulum3, amounts only": _quantulum3,
    "natura, amounts only": _natura,
    "dateparser's search_dates, dates only": _dateparser,
}


def speeds(texts: Sequence[str], repeat: int) -> list[Speed]:
    """Time each on the first words of the texts, in a process of its own."""
    return speeds_of("dealspan.benchmark.libraries", first_words(texts, WORDS), min(repeat, REPEAT))


def main() -> None:
    """Read texts from standard input as a JSON array, and write the speed of each library."""
    texts, repeat = json.load(sys.stdin), int(sys.argv[1])
    words = sum(len(text.split()) for text in texts)
    found = []
    for name, made in LIBRARIES.items():
        read = made()
        read("Novena Inc. raised $5 million on 3 March 2020.")
        times = []
        for _ in range(repeat):
            started = perf_counter()
            for text in texts:
                read(text)
            times.append(perf_counter() - started)
        found.append(Speed(name, best=words / min(times), first=words / times[0])._asdict())
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
