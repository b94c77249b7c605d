"""The record: what dealspan writes about one document, as frozen values.

The JSON Schema is generated from these classes (`dealspan schema`), so they are the output contract: within 1.x fields
are only added. msgspec was measured against pydantic 2.14 on a record of five deals: building and encoding take 2 µs
against 15.
"""

import hashlib
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

SCHEMA_VERSION = "1.0"

Label = Literal["COMPANY", "INVESTOR", "MONEY", "ROUND", "HEDGE"]
Kind = Literal["round", "total", "fund"]
Role = Literal["lead", "participant"]
Stage = Literal["completed", "in_progress", "planned", "cancelled"]
Certainty = Literal["asserted", "attributed", "rumored", "speculative", "denied"]
ValuationKind = Literal["pre", "post", "unspecified"]
HedgeKind = Literal["rumor", "attribution", "speculation", "negotiation", "plan", "denial"]
RoundType = Literal[
    "pre_seed", "seed", "angel", "series_a", "series_b", "series_c", "series_d", "series_e", "series_f", "series_g",
    "series_h", "series_i", "series_j", "bridge", "convertible", "debt", "venture_debt", "grant", "crowdfunding", "ico",
    "growth", "private_equity", "strategic", "secondary", "ipo", "unknown",
]  # fmt: skip
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]
"""A whole date, `YYYY-MM-DD`; that of a deal may be a month or a year, and is none."""


class Article(Struct, frozen=True, kw_only=True):
    """One document as read: the input of the pipeline."""

    id: str
    text: str
    title: str | None = None
    published: date | None = None
    source: str | None = None
    language: str = "en"


class Amount(Struct, frozen=True):
    """A sum of money: bounds in units of the currency (not thousands), None for an open bound."""

    min: float | None
    max: float | None
    currency: str
    approx: bool = False


class Mention(Struct, frozen=True, kw_only=True):
    """A labelled span of the text; `start` and `end` are code points of the text as read, end exclusive."""

    id: str
    label: Label
    text: str
    start: int
    end: int
    confidence: float
    by: str
    entity: str | UnsetType = UNSET
    amount: Amount | UnsetType = UNSET


class Entity(Struct, frozen=True, kw_only=True):
    """The mentions of one organisation or person, under the fullest name of the text."""

    id: str
    name: str
    label: Label
    aliases: list[str]
    mentions: list[str]


class NameSlot(Struct, frozen=True, kw_only=True):
    """A company that fills a slot."""

    value: str
    entity: str | None
    confidence: float
    evidence: list[str]


class InvestorSlot(Struct, frozen=True, kw_only=True):
    """An investor and the part it plays."""

    value: str
    entity: str | None
    role: Role
    confidence: float
    evidence: list[str]


class DealAmount(Struct, frozen=True, kw_only=True):
    """An amount with the words it was read from, modifier included."""

    min: float | None
    max: float | None
    currency: str
    approx: bool
    text: str


class AmountSlot(Struct, frozen=True, kw_only=True):
    """The sum of a deal."""

    value: DealAmount
    confidence: float
    evidence: list[str]


class RoundSlot(Struct, frozen=True, kw_only=True):
    """The normal value of a round type."""

    value: RoundType
    confidence: float
    evidence: list[str]


class Valuation(Struct, frozen=True, kw_only=True):
    """What the company is said to be worth: the lower bound where a range is given."""

    amount: float
    currency: str
    kind: ValuationKind


class ValuationSlot(Struct, frozen=True, kw_only=True):
    """The valuation at which a deal is made."""

    value: Valuation
    confidence: float
    evidence: list[str]


class StageSlot(Struct, frozen=True, kw_only=True):
    """How far the financing has come; the evidence is the mentions the reading rests on."""

    value: Stage
    confidence: float
    evidence: list[str]


class CertaintySlot(Struct, frozen=True, kw_only=True):
    """How sure the text is; the evidence is the mentions the reading rests on."""

    value: Certainty
    confidence: float
    evidence: list[str]


class DateSlot(Struct, frozen=True, kw_only=True):
    """A date, month or year (`2018-05-31`, `2018-05`, `2018`); the evidence is where the text says it."""

    value: str
    confidence: float
    evidence: list[list[int]]


class Hedge(Struct, frozen=True, kw_only=True):
    """A cue that the writer does not vouch for the claim, and the stretch of text it bears on."""

    text: str
    start: int
    end: int
    scope: list[int]
    kind: HedgeKind


class Attribution(Struct, frozen=True, kw_only=True):
    """A named source of the claim."""

    value: str
    confidence: float
    start: int
    end: int


class Deal(Struct, frozen=True, kw_only=True):
    """One financing of one company, or a total, or a fund raised by a firm."""

    id: str
    kind: Kind
    company: NameSlot | None = None
    companies: list[NameSlot] | None = None
    amount: AmountSlot | None = None
    round_type: RoundSlot | None = None
    extension: bool | UnsetType = UNSET
    valuation: ValuationSlot | None = None
    investors: list[InvestorSlot] = []
    stage: StageSlot
    certainty: CertaintySlot
    hedges: list[Hedge] = []
    attribution: list[Attribution] = []
    date: DateSlot | None = None
    confidence: float
    evidence: list[list[int]]


class Document(Struct, frozen=True, kw_only=True):
    """What was read: `characters` counts code points, `sha256` is of the text in UTF-8."""

    id: str
    source: str | None
    title: str | None
    published: Day | None
    language: str
    characters: int
    sha256: str


class Record(Struct, frozen=True, kw_only=True):
    """All that dealspan found in one document."""

    schema_version: str
    document: Document
    mentions: list[Mention]
    entities: list[Entity]
    deals: list[Deal]


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, by which records and annotations know the text that they are of."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record."""
    (reference,), components = msgspec.json.schema_components([Record], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"dealspan record {SCHEMA_VERSION}",
        **reference,
        "$defs": components,
    }


_decoder = msgspec.json.Decoder(Record)


def encode(record: Record) -> bytes:
    """A record as one line of JSON, UTF-8, without the line break."""
    return msgspec.json.encode(record)


def decode(line: bytes) -> Record:
    """The record that a line of JSON holds."""
    return _decoder.decode(line)
