"""The merged deal: what `dealspan merge` writes about one deal of a whole archive, as frozen values.

The JSON Schema is generated from these classes (`dealspan schema --merged`). A slot holds every value that a source
gives, each with the sources that say it; the first is the one to take. Nothing is averaged.
"""

from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from dealspan.records import Certainty, DealAmount, Kind, Role, RoundType, Stage, Valuation

MERGED_VERSION = "1.0"

T = TypeVar("T")


class Source(Struct, frozen=True, kw_only=True):
    """One deal of one document: where a claim comes from, and how it stood there."""

    id: str
    document: str
    deal: str
    outlet: str | None
    title: str | None
    published: str | None
    stage: Stage
    certainty: Certainty
    attribution: list[str]
    confidence: float


class Variant(Struct, Generic[T], frozen=True, kw_only=True):
    """A value, and the ids of the sources that give it."""

    value: T
    sources: list[str]


class TextSlot(Struct, frozen=True, kw_only=True):
    """Names or dates: the one to take, and all as the sources give them."""

    value: str
    variants: list[Variant[str]]


class MergedSlot(Struct, Generic[T], frozen=True, kw_only=True):
    """Values that can contradict each other: the one to take, whether any two do, and all as the sources give them."""

    value: T
    conflict: bool
    variants: list[Variant[T]]


class MergedInvestor(Struct, frozen=True, kw_only=True):
    """An investor: `lead` where any source says so, with the sources that name it and those that call it the lead."""

    value: str
    role: Role
    variants: list[Variant[str]]
    led: list[str]


class Step(Struct, frozen=True, kw_only=True):
    """A point of the timeline: what a source says that was not said just before, and who repeats it next."""

    date: str | None
    stage: Stage
    certainty: Certainty
    attribution: list[str]
    amount: DealAmount | None
    round_type: RoundType | None
    sources: list[str]


class MergedDeal(Struct, frozen=True, kw_only=True):
    """One deal of an archive."""

    schema_version: str
    id: str
    kind: Kind
    company: TextSlot | None
    companies: list[TextSlot] | None
    amount: MergedSlot[DealAmount] | None
    round_type: MergedSlot[RoundType] | None
    extension: bool
    valuation: MergedSlot[Valuation] | None
    investors: list[MergedInvestor]
    date: TextSlot | None
    stage: Stage
    certainty: Certainty
    stands_on: list[str]
    timeline: list[Step]
    sources: list[Source]


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a merged deal."""
    (reference,), components = msgspec.json.schema_components([MergedDeal], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"dealspan merged deal {MERGED_VERSION}",
        **reference,
        "$defs": components,
    }
