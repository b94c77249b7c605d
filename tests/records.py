"""Records of any content, drawn from the classes of the record: a field that a class gains is drawn by itself.

They are whole as those of the pipeline are: an id that is named exists, and an entity has the mentions that name it.
"""

import datetime
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect
from msgspec.structs import replace

from dealspan.records import Article, Record

IDS = {"mentions": ["m1", "m2", "m3"], "entities": ["e1", "e2"]}
REFERENCES = {"evidence": st.sampled_from(IDS["mentions"]), "entity": st.sampled_from(IDS["entities"])}
TEXTS = (
    st.sampled_from(["", "\0", "a\0b", "👩🏽‍🚀", "'; DROP TABLE deals; --", '"', "\\", "\r\n", "\u202e", "NULL", "1"])
    | st.text()
)


@st.composite
def records(draw: st.DrawFn) -> tuple[Article, Record]:
    """An article and a record of it, which need not fit the text."""
    record = msgspec.convert(draw(RECORDS), Record)
    article = Article(id=record.document.id, text=draw(st.text()))
    if draw(st.booleans()):
        return article, replace(record, mentions=[], entities=[], deals=[])
    mentions = [replace(one, id=id) for one, id in zip(record.mentions, IDS["mentions"], strict=True)]
    entities = [
        replace(one, id=id, mentions=[mention.id for mention in mentions if mention.entity == id])
        for one, id in zip(record.entities, IDS["entities"], strict=True)
    ]
    # Where no company is counted together with others, the record has null.
    deals = [replace(one, companies=one.companies or None) for one in record.deals]
    return article, replace(record, mentions=mentions, entities=entities, deals=deals)


def _values(kind: inspect.Type, name: str = "") -> st.SearchStrategy[Any]:
    """Values of a field, as they are in JSON."""
    match kind:
        case inspect.StructType():
            always = {one.encode_name: _values(one.type, one.encode_name) for one in kind.fields if one.required}
            perhaps = {one.encode_name: _values(one.type, one.encode_name) for one in kind.fields if not one.required}
            return st.fixed_dictionaries(always, optional=perhaps)
        case inspect.UnionType():
            some = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return st.none() | st.one_of(_values(one, name) for one in some)
        case inspect.ListType(item_type=inspect.IntType()):
            return st.lists(st.integers(0, 2**31), min_size=2, max_size=2)
        case inspect.ListType():
            number = len(IDS.get(name, ())) if isinstance(kind.item_type, inspect.StructType) else 0
            return st.lists(_values(kind.item_type, name), min_size=number, max_size=number or 2)
        case inspect.StrType():
            return REFERENCES.get(name, TEXTS)
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.Metadata():
            return st.dates().map(datetime.date.isoformat)
        case inspect.IntType():
            return st.integers(0, 2**63 - 1)
        case inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
    assert isinstance(kind, inspect.BoolType)
    return st.booleans()


RECORDS = _values(inspect.type_info(Record))
