"""Annotation review in the browser: what the machine extracted is accepted, corrected or rejected beside the article.

`state` says what a reading of a document is and how it changes, `store` keeps every change in SQLite, `queue` says what
to look at first, `checks` what looks wrong, `adjudication` where reviewers disagree; `server` and `security` are the
local web application, `page/` its page.
"""
