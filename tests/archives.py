"""Generated archives: records of invented deals, each told by one to five documents, for tests and for timing.

`python tests/archives.py 1000 10000 100000` prints the CPU seconds of merging so many claims, and the peak memory.
"""

import random
import resource
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from time import process_time

from dealspan.archive import combine, grouped
from dealspan.records import (
    SCHEMA_VERSION,
    AmountSlot,
    Certainty,
    CertaintySlot,
    Deal,
    DealAmount,
    Document,
    NameSlot,
    Record,
    RoundSlot,
    RoundType,
    Stage,
    StageSlot,
)

CONSONANTS, VOWELS, ENDINGS = "bdfghjklmnprstvwz", "aeiou", ("", "n", "r", "s")
FIELDS = ("Health", "Robotics", "Bio", "Energy", "Labs", "Pay", "Foods", "Cloud", "Security", "Motors")
ROUNDS: tuple[RoundType, ...] = ("seed", "series_a", "series_b", "series_c")


def claim(
    document: str,
    company: str | None,
    *,
    amount: float | None = None,
    upper: float | None = None,
    currency: str = "USD",
    round_type: RoundType | None = None,
    stage: Stage = "completed",
    certainty: Certainty = "asserted",
    published: str | None = "2026-03-02",
) -> Record:
    """A record of one document with one deal; without an upper bound, the amount is plain."""
    money = DealAmount(min=amount, max=upper or amount, currency=currency, approx=False, text="") if amount else None
    return Record(
        schema_version=SCHEMA_VERSION,
        document=Document(
            id=document, source="The Ledger", title=None, published=published, language="en", characters=0, sha256=""
        ),
        mentions=[],
        entities=[],
        deals=[
            Deal(
                id="d1",
                kind="round",
                company=NameSlot(value=company, entity=None, confidence=0.9, evidence=[]) if company else None,
                amount=AmountSlot(value=money, confidence=0.9, evidence=[]) if money else None,
                round_type=RoundSlot(value=round_type, confidence=0.9, evidence=[]) if round_type else None,
                stage=StageSlot(value=stage, confidence=0.9, evidence=[]),
                certainty=CertaintySlot(value=certainty, confidence=0.9, evidence=[]),
                confidence=0.9,
                evidence=[],
            )
        ],
    )


def archive(claims: int, seed: int = 0) -> Iterator[Record]:
    """Yield about as many records of one deal each; a third of the names end in a word that many names share."""
    draw = random.Random(seed)
    made = 0
    while made < claims:
        name = "".join(_syllable(draw) for _ in range(draw.choice((2, 3, 3, 4)))).capitalize()
        company = f"{name} {draw.choice(FIELDS)}" if draw.random() < 1 / 3 else name
        day = date(2015, 1, 1) + timedelta(draw.randrange(3000))
        for round_type in ROUNDS[: draw.choice((1, 1, 2, 3))]:
            amount = draw.randrange(1, 400) * 5e5
            day += timedelta(draw.randrange(200, 600))
            for _ in range(draw.choice((1, 1, 2, 3, 5))):
                told = day + timedelta(draw.randrange(5))
                rumour = draw.random() < 0.2
                yield claim(
                    f"doc-{made}",
                    draw.choice((company, company, f"{company} Inc.", company.upper())),
                    amount=amount if draw.random() < 0.9 else None,
                    round_type=round_type if draw.random() < 0.7 else None,
                    stage="in_progress" if rumour else "completed",
                    certainty="rumored" if rumour else "asserted",
                    published=(told - timedelta(30 if rumour else 0)).isoformat(),
                )
                made += 1


def _syllable(draw: random.Random) -> str:
    return draw.choice(CONSONANTS) + draw.choice(VOWELS) + draw.choice(ENDINGS)


def main(sizes: list[int]) -> None:
    sys.stdout.write("claims  deals  seconds  seconds per 1,000 claims  peak memory, MB\n")
    for size in sizes:
        records = archive(size)
        started = process_time()
        deals = [len(combine(claims).sources) for claims in grouped(records)]
        seconds = process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"{size:,}  {len(deals):,}  {seconds:.1f}  {1000 * seconds / size:.2f}  {peak:.0f}\n")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
