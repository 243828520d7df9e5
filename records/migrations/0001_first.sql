-- The rules that protect a signature stand here as triggers too, so that a second program, an
-- older version or a slip in Python cannot write what the state machine forbids.

CREATE TABLE cases (
    case_id     TEXT PRIMARY KEY,
    accession   TEXT NOT NULL,
    study_uid   TEXT NOT NULL,
    patient_key TEXT NOT NULL,
    core        TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN
        ('open', 'reading', 'approval', 'delivered', 'refused', 'failed', 'declined',
         'abandoned')),
    opened_at   REAL NOT NULL,
    updated_at  REAL NOT NULL
) STRICT;
CREATE INDEX cases_by_accession ON cases (accession);
-- A study has at most one case that is not finished; a failed one can be resumed.
CREATE UNIQUE INDEX one_open_case ON cases (study_uid)
    WHERE status IN ('open', 'reading', 'approval', 'failed');

CREATE TABLE facts (
    case_id    TEXT NOT NULL REFERENCES cases,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    updated_at REAL NOT NULL,
    PRIMARY KEY (case_id, key)
) STRICT;

CREATE TABLE steps (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL REFERENCES cases,
    value   TEXT NOT NULL
) STRICT;
CREATE INDEX steps_by_case ON steps (case_id, number);
CREATE TRIGGER steps_are_kept BEFORE UPDATE ON steps
    BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;
CREATE TRIGGER steps_stay BEFORE DELETE ON steps
    BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;

CREATE TABLE drafts (
    case_id        TEXT NOT NULL REFERENCES cases,
    version        INTEGER NOT NULL,
    content_sha256 TEXT NOT NULL,
    value          TEXT NOT NULL,
    made_by        TEXT NOT NULL,
    made_at        REAL NOT NULL,
    PRIMARY KEY (case_id, version)
) STRICT;
CREATE TRIGGER drafts_are_kept BEFORE UPDATE ON drafts
    BEGIN SELECT RAISE(ABORT, 'a draft version never changes'); END;
CREATE TRIGGER drafts_stay BEFORE DELETE ON drafts
    BEGIN SELECT RAISE(ABORT, 'a draft version never changes'); END;

CREATE TABLE rounds (
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (case_id, version, number),
    FOREIGN KEY (case_id, version) REFERENCES drafts (case_id, version)
) STRICT;

CREATE TABLE approvals (
    approval_id    TEXT PRIMARY KEY,
    case_id        TEXT NOT NULL,
    version        INTEGER NOT NULL,
    content_sha256 TEXT NOT NULL,
    destination    TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('pending', 'signed', 'declined', 'void')),
    requested_at   REAL NOT NULL,
    shown_at       REAL,
    shown_sha256   TEXT NOT NULL DEFAULT '',
    decided_at     REAL,
    decided_by     TEXT NOT NULL DEFAULT '',
    method         TEXT NOT NULL DEFAULT '',
    reason         TEXT NOT NULL DEFAULT '',
    FOREIGN KEY (case_id, version) REFERENCES drafts (case_id, version)
) STRICT;
CREATE UNIQUE INDEX one_approval ON approvals (case_id, content_sha256, destination)
    WHERE status <> 'void';
CREATE TRIGGER approvals_start_pending BEFORE INSERT ON approvals
    WHEN NEW.status <> 'pending' OR NEW.shown_at IS NOT NULL OR NEW.decided_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'an approval starts pending and unseen'); END;
CREATE TRIGGER approvals_are_decided_once BEFORE UPDATE ON approvals
    WHEN OLD.status <> 'pending'
    BEGIN SELECT RAISE(ABORT, 'an approval is decided once'); END;
CREATE TRIGGER approvals_keep_their_content BEFORE UPDATE ON approvals
    WHEN NEW.approval_id <> OLD.approval_id OR NEW.case_id <> OLD.case_id
        OR NEW.version <> OLD.version OR NEW.content_sha256 <> OLD.content_sha256
        OR NEW.destination <> OLD.destination
    BEGIN SELECT RAISE(ABORT, 'an approval keeps its content'); END;
CREATE TRIGGER approvals_sign_what_was_shown BEFORE UPDATE ON approvals
    WHEN NEW.status = 'signed' AND (
        OLD.shown_at IS NULL OR OLD.shown_sha256 <> OLD.content_sha256
        OR trim(NEW.decided_by) = '' OR NEW.method = '' OR NEW.decided_at IS NULL
        OR EXISTS (SELECT 1 FROM drafts
                   WHERE drafts.case_id = OLD.case_id AND drafts.version > OLD.version))
    BEGIN SELECT RAISE(ABORT, 'only the latest text, shown before, can be signed'); END;
CREATE TRIGGER approvals_stay BEFORE DELETE ON approvals
    BEGIN SELECT RAISE(ABORT, 'approvals are kept'); END;

CREATE TABLE outbox (
    effect_key  TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases,
    kind        TEXT NOT NULL,
    destination TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    file_kind   TEXT NOT NULL,
    size_bytes  INTEGER NOT NULL,
    approval_id TEXT NOT NULL REFERENCES approvals,
    status      TEXT NOT NULL CHECK (status IN ('pending', 'sent', 'failed')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    created_at  REAL NOT NULL,
    sent_at     REAL,
    detail      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TRIGGER outbox_needs_a_signature BEFORE INSERT ON outbox
    WHEN NOT EXISTS (SELECT 1 FROM approvals
        WHERE approvals.approval_id = NEW.approval_id AND approvals.case_id = NEW.case_id
            AND approvals.status = 'signed')
    BEGIN SELECT RAISE(ABORT, 'nothing leaves without a signature'); END;
CREATE TRIGGER outbox_keeps_its_content BEFORE UPDATE ON outbox
    WHEN NEW.sha256 <> OLD.sha256 OR NEW.destination <> OLD.destination
        OR NEW.approval_id <> OLD.approval_id OR NEW.case_id <> OLD.case_id
        OR NEW.effect_key <> OLD.effect_key
    BEGIN SELECT RAISE(ABORT, 'an effect keeps its content'); END;
CREATE TRIGGER outbox_stays BEFORE DELETE ON outbox
    BEGIN SELECT RAISE(ABORT, 'effects are kept'); END;

CREATE TABLE received (
    sop_uid       TEXT PRIMARY KEY,
    sop_class_uid TEXT NOT NULL,
    series_uid    TEXT NOT NULL,
    study_uid     TEXT NOT NULL,
    modality      TEXT NOT NULL,
    sha256        TEXT NOT NULL,
    file_kind     TEXT NOT NULL,
    size_bytes    INTEGER NOT NULL,
    received_at   REAL NOT NULL
) STRICT;
CREATE INDEX received_by_study ON received (study_uid);

CREATE TABLE audit (
    number          INTEGER PRIMARY KEY,
    at              REAL NOT NULL,
    actor           TEXT NOT NULL,
    action          TEXT NOT NULL,
    case_id         TEXT NOT NULL,
    detail          TEXT NOT NULL,
    previous_sha256 TEXT NOT NULL,
    sha256          TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
