-- One row for each document that was read, also for one without deals.
CREATE TABLE documents (
    document INTEGER PRIMARY KEY,  -- its number in this file; ids may repeat, as where two folders are read
    id TEXT NOT NULL,
    source TEXT,
    title TEXT,
    published TEXT,  -- YYYY-MM-DD
    language TEXT NOT NULL,
    characters INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    schema_version TEXT NOT NULL  -- of the record
) STRICT;

-- The organisations and people of each document.
CREATE TABLE entities (
    entity INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents,
    id TEXT NOT NULL,  -- e1, e2, ... within the document
    name TEXT NOT NULL,  -- the fullest of the text
    label TEXT NOT NULL
) STRICT;

-- Their other names in the text.
CREATE TABLE aliases (
    entity INTEGER NOT NULL REFERENCES entities,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (entity, position)
) STRICT, WITHOUT ROWID;

-- The labelled stretches of each text. Offsets count code points, the end exclusive.
CREATE TABLE mentions (
    mention INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents,
    id TEXT NOT NULL,  -- m1, m2, ... within the document
    label TEXT NOT NULL,  -- COMPANY, INVESTOR, MONEY, ROUND, HEDGE
    text TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    confidence REAL NOT NULL,
    found_by TEXT NOT NULL,
    entity INTEGER REFERENCES entities,  -- of names
    amount_min REAL,  -- of MONEY, as in deals
    amount_max REAL,
    currency TEXT,
    amount_approx INTEGER  -- 0 or 1
) STRICT;

-- The deals of each document: each slot with its confidence, both NULL where the text does not fill it.
CREATE TABLE deals (
    deal INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents,
    id TEXT NOT NULL,  -- d1, d2, ... within the document
    kind TEXT NOT NULL,  -- round, total, fund
    company TEXT,  -- NULL also where several are counted together: see companies
    company_entity INTEGER REFERENCES entities,
    company_confidence REAL,
    amount_min REAL,  -- in units of the currency; NULL for "up to"
    amount_max REAL,  -- NULL for "at least"
    currency TEXT,  -- ISO 4217
    amount_approx INTEGER,  -- 1 for "about"
    amount_text TEXT,
    amount_confidence REAL,
    round_type TEXT,
    round_type_confidence REAL,
    extension INTEGER,  -- 1 for an extension of a round, else NULL
    valuation REAL,
    valuation_currency TEXT,
    valuation_kind TEXT,  -- pre, post, unspecified
    valuation_confidence REAL,
    stage TEXT NOT NULL,  -- completed, in_progress, planned, cancelled
    stage_confidence REAL NOT NULL,
    certainty TEXT NOT NULL,  -- asserted, attributed, rumored, speculative, denied
    certainty_confidence REAL NOT NULL,
    date TEXT,  -- YYYY-MM-DD, YYYY-MM or YYYY, as exact as the text is
    date_confidence REAL,
    confidence REAL NOT NULL  -- that there is such a deal
) STRICT;

-- The companies of a deal that raise together, so that only the sum of all is known.
CREATE TABLE companies (
    deal INTEGER NOT NULL REFERENCES deals,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    entity INTEGER REFERENCES entities,
    confidence REAL NOT NULL,
    PRIMARY KEY (deal, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE investors (
    deal INTEGER NOT NULL REFERENCES deals,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    entity INTEGER REFERENCES entities,
    role TEXT NOT NULL,  -- lead, participant
    confidence REAL NOT NULL,
    PRIMARY KEY (deal, position)
) STRICT, WITHOUT ROWID;

-- The words by which a text does not vouch for a deal, and the stretch that they bear on.
CREATE TABLE hedges (
    deal INTEGER NOT NULL REFERENCES deals,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    scope_start INTEGER NOT NULL,
    scope_end INTEGER NOT NULL,
    kind TEXT NOT NULL,  -- rumor, attribution, speculation, negotiation, plan, denial
    PRIMARY KEY (deal, position)
) STRICT, WITHOUT ROWID;

-- Whom the text names as the source of a deal.
CREATE TABLE attribution (
    deal INTEGER NOT NULL REFERENCES deals,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    confidence REAL NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    PRIMARY KEY (deal, position)
) STRICT, WITHOUT ROWID;

-- The words that each slot rests on.
CREATE TABLE evidence (
    deal INTEGER NOT NULL REFERENCES deals,
    slot TEXT NOT NULL,  -- the column of deals, or companies, investors; deal: the sentences that state the deal
    item INTEGER NOT NULL,  -- position of the company or investor; 0 of other slots
    position INTEGER NOT NULL,
    mention INTEGER REFERENCES mentions,  -- NULL of date and deal
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (deal, slot, item, position)
) STRICT, WITHOUT ROWID;

-- The deals with what is known of their documents; the day is that of the deal, else that of the publication.
CREATE VIEW claims AS
SELECT deals.*, documents.id AS document_id, source, title, published, coalesce(date, published) AS day
FROM deals JOIN documents USING (document);

-- The slots that are filled, one below the other, also each company and investor; evidence has the same slot and item.
CREATE VIEW slots AS
SELECT deal, 'company' AS slot, 0 AS item, company AS value, company_confidence AS confidence FROM deals
WHERE company IS NOT NULL
UNION ALL SELECT deal, 'companies', position, name, confidence FROM companies
UNION ALL SELECT deal, 'amount', 0, amount_text, amount_confidence FROM deals WHERE amount_text IS NOT NULL
UNION ALL SELECT deal, 'round_type', 0, round_type, round_type_confidence FROM deals WHERE round_type IS NOT NULL
UNION ALL SELECT deal, 'valuation', 0, CAST(valuation AS TEXT), valuation_confidence FROM deals
WHERE valuation IS NOT NULL
UNION ALL SELECT deal, 'investors', position, name, confidence FROM investors
UNION ALL SELECT deal, 'stage', 0, stage, stage_confidence FROM deals
UNION ALL SELECT deal, 'certainty', 0, certainty, certainty_confidence FROM deals
UNION ALL SELECT deal, 'date', 0, date, date_confidence FROM deals WHERE date IS NOT NULL;
