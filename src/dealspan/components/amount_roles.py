"""Placeholder, being written."""
from spacy.language import Language
from dealspan import annotations
from dealspan.annotations import Found
@Language.factory("dealspan_amount_roles")
def make_amount_roles(nlp, name):
    def f(doc):
        annotations.write(doc,"amount_roles",[Found(m.start,m.end,"AMOUNT_ROLE","stub","raised") for m in annotations.read(doc,"money")])
        return doc
    return f
