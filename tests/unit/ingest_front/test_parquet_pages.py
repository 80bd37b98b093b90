"""Page headers say what a page takes, whoever wrote the file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph_models.errors import BadDataError
from ingest.formats import columnar
from ingest.formats.columnar import open_parquet
from ingest.formats.parquet_pages import pages
from ingest.formats.sniff import sniff

ROWS = 3_000


def table() -> pa.Table:
    return pa.table(
        {
            "id": [f"id {number}" for number in range(ROWS)],
            "word": ["same"] * ROWS,
            "number": np.arange(ROWS),
            "list": [[{"text": "x"}, {"text": str(number)}] for number in range(ROWS)],
            "nothing": pa.nulls(ROWS, pa.string()),
        }
    )


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("packed", ["none", "snappy", "gzip", "zstd"])
def test_pages_hold_all_values_and_no_more_than_the_footer_says(
    tmp_path: Path, version: str, packed: str
) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(table(), path, data_page_version=version, compression=packed)
    meta = pq.read_metadata(path)
    with path.open("rb") as file:
        for index in range(meta.num_columns):
            chunk = meta.row_group(0).column(index)
            found = list(pages(file, chunk))
            assert sum(page.values for page in found if not page.dictionary) == chunk.num_values
            assert sum(page.size for page in found) <= chunk.total_uncompressed_size


def test_pages_of_another_writer(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    con = duckdb.connect()
    con.register("given", table())
    con.execute(f"COPY (SELECT * FROM given) TO '{path}' (FORMAT parquet)")
    con.close()
    with open_parquet(path, sniff(path)) as opened:
        opened.refuse_bomb(opened.filled)
        assert len(opened.sample(10)) == 10


def test_a_column_that_repeats_long_words_is_counted_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.parquet"
    words = [f"{number % 5}{'x' * 1_000}" for number in range(ROWS)]
    pq.write_table(pa.table({"word": words, "list": [[word] for word in words]}), path)
    with open_parquet(path, sniff(path)) as opened:
        opened.refuse_bomb(["word", "list"])
        monkeypatch.setattr(columnar, "unpacked_limit", lambda _: 5_000_000)
        opened.refuse_bomb(["word"])
        for columns in (["word", "list"], ["list"]):
            monkeypatch.setattr(columnar, "unpacked_limit", lambda _: 2_500_000)
            with pytest.raises(BadDataError, match="bomb"):
                opened.refuse_bomb(columns)
