"""From accepted rows to rows as stored: codes for ids, prompts as sketches, sorted by day."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graph_models.codes import codes
from ingest.events import EventKind
from ingest.prompts.sketch import SKETCH_SCHEMA, sketch
from ingest.store.storage import THREADS, file_digest, sync_file

__all__ = [
    "ADDED",
    "PROMPT_SCHEMA",
    "STAGED",
    "filled_columns",
    "sketch_prompts",
    "stage",
    "stored_schema",
]

STAGED = "staged"
# Columns that ingest makes: the mailbox behind an address, the hash of a prompt.
ADDED: dict[str, dict[str, str]] = {
    "account": {"email_folded": "VARCHAR"},
    "exchange": {"prompt_key": "BIGINT"},
}
_FROM_PROMPTS = (
    "coalesce(a.capability, p.capability) AS capability",
    (
        "CASE WHEN a.capability IS NOT NULL THEN coalesce(a.capability_source, 'given') "
        "WHEN p.capability IS NOT NULL THEN 'derived' END AS capability_source"
    ),
    "coalesce(a.elicitation, p.elicitation) AS elicitation",
    ("coalesce(p.prompt_key, CAST(md5_number_lower(a.prompt_hash) >> 1 AS BIGINT)) AS prompt_key"),
)
BATCH = 65_536  # prompts at a time: bounds memory at ~20 MB of text
T = TypeVar("T")
R = TypeVar("R")
WORD = pa.dictionary(pa.int32(), pa.string())
PROMPT_SCHEMA = pa.schema(
    [
        ("accepted_row", pa.int64()),
        ("prompt_key", pa.int64()),
        ("capability", WORD),
        ("elicitation", WORD),
    ]
)
_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "TIMESTAMP": pa.timestamp("us"),
    "BOOLEAN": pa.bool_(),
}
# Columns that the sketch of a prompt fills where the log does not.
DERIVED = ("capability", "capability_source", "elicitation")


def sketch_prompts(
    con: duckdb.DuckDBPyConnection, table: str, folder: Path, key: bytes
) -> tuple[str | None, pa.Table]:
    """Sketch the prompts of a table into one part; the text goes no further.

    Returns:
        The name of the part (None when no row has a prompt), and for every row with a prompt its
        ``PROMPT_SCHEMA``. The part holds most prompts once; readers drop the rest.
    """
    reader = con.sql(
        f"SELECT rowid AS accepted_row, prompt FROM {table} WHERE prompt IS NOT NULL"
    ).to_arrow_reader(BATCH)
    folder.mkdir(parents=True, exist_ok=True)
    fresh, found = folder / ".sketches.new", [PROMPT_SCHEMA.empty_table()]
    with pq.ParquetWriter(fresh, SKETCH_SCHEMA, compression="zstd") as writer:
        for sketches, of_rows in _in_order(functools.partial(_sketched, key=key), reader):
            writer.write_table(sketches)
            found.append(of_rows)
    if len(found) == 1:
        fresh.unlink()
        return None, found[0]
    con.execute(f"ALTER TABLE {table} DROP COLUMN prompt")
    sync_file(fresh)
    name = f"sketches-{file_digest(fresh)[:20]}.parquet"
    fresh.replace(folder / name)
    return name, pa.concat_tables(found).unify_dictionaries()


def _sketched(batch: pa.RecordBatch, *, key: bytes) -> tuple[pa.Table, pa.Table]:
    texts = pc.dictionary_encode(batch["prompt"])
    sketches = sketch(texts.dictionary, key=key)
    return sketches, _of_rows(batch["accepted_row"], sketches, texts.indices)


def _in_order(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``map`` over two threads, in order, with few results waiting."""
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _of_rows(rows: pa.Array, sketches: pa.Table, indices: pa.Array) -> pa.Table:
    columns = [rows]
    for name in ("prompt_key", "capability", "elicitation"):
        values = sketches[name].combine_chunks()
        if name != "prompt_key":
            values = pc.dictionary_encode(values)
        columns.append(values.take(indices))
    return pa.table(columns, schema=PROMPT_SCHEMA)


def _id_text(event: EventKind) -> str:
    parts = [f"coalesce(CAST({name} AS VARCHAR), '')" for name in event.id_columns]
    day = f"coalesce(CAST(CAST({event.ts} AS DATE) AS VARCHAR), '')"
    return " || chr(31) || ".join([*parts, day])


def _stored(event: EventKind) -> list[str]:
    """The select list of an event's own columns: content never passes."""
    given = [column.name for column in event.columns if column.cls != "content"]
    if event.name != "exchange":
        return [f"a.{name}" for name in (*given, *ADDED.get(event.name, ()))]
    kept = [f"a.{name}" for name in given if name not in DERIVED]
    return [*kept, *_FROM_PROMPTS]


def stored_schema(event: EventKind) -> pa.Schema:
    """The columns of a part, in the order that ``stage`` gives them."""
    kinds = {c.name: c.sql_type for c in event.columns} | ADDED.get(event.name, {})
    names = [column.name for column in event.columns if column.cls != "content"]
    if event.name == "exchange":
        names = [name for name in names if name not in DERIVED] + list(DERIVED)
    names += ADDED.get(event.name, ())
    fields = [(name, _ARROW[kinds[name]]) for name in names]
    codes_of_row = ("row", "row_hash", "event", "account")
    return pa.schema([*fields, *((name, pa.int64()) for name in codes_of_row)])


def _has_account(event: EventKind) -> bool:
    return any(column.name == "account_id" for column in event.columns)


def _register_accounts(con: duckdb.DuckDBPyConnection, table: str) -> None:
    ids = con.sql(
        f"SELECT DISTINCT account_id FROM {table} WHERE account_id IS NOT NULL ORDER BY 1"
    ).to_arrow_table()["account_id"]
    values = codes("account", ids.to_pylist())
    con.register("account_codes", pa.table({"known_id": ids, "account": values}))


def stage(
    con: duckdb.DuckDBPyConnection, table: str, event: EventKind, prompts: pa.Table | None = None
) -> str:
    """Make the temporary table ``staged``, sorted by day and account; returns its name.

    ``event`` is a code of (id, UTC day), 63 bits; ``account`` the code of the account id.
    ``prompts`` is what ``sketch_prompts`` found in the rows of an exchange table.
    """
    account, joins = "CAST(NULL AS BIGINT)", []
    if _has_account(event):
        _register_accounts(con, table)
        account = "i.account"
        joins.append("LEFT JOIN account_codes i ON a.account_id = i.known_id")
    if event.name == "exchange":
        con.register("prompt_of", PROMPT_SCHEMA.empty_table() if prompts is None else prompts)
        joins.append("LEFT JOIN prompt_of p ON a.rowid = p.accepted_row")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {STAGED} AS SELECT {', '.join(_stored(event))}, "
        f"a.row, a.row_hash, CAST(md5_number_lower({_id_text(event)}) >> 1 AS BIGINT) AS event, "
        f"{account} AS account, CAST(a.{event.ts} AS DATE) AS day "
        f"FROM {table} a {' '.join(joins)} ORDER BY day, account, a.row"
    )
    return STAGED


def filled_columns(con: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    """The columns of a staged table, as stored, that hold at least one value."""
    described = con.execute(f"DESCRIBE SELECT * EXCLUDE (day) FROM {table}").fetchall()
    names = [row[0] for row in described]
    counts = con.execute(
        f"SELECT {', '.join(f'count({name})' for name in names)} FROM {table}"
    ).fetchall()[0]
    return tuple(name for name, count in zip(names, counts, strict=True) if count)
