"""``expr`` of a field: one scalar SQL expression over values of the record, and nothing else.

A mapping is a file that people share, so an expression is parsed and admitted node by node; what
is not on the list is refused. It never meets a table, a file, a setting or another row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from ingest.mapping.paths import PathInRecord

__all__ = ["FUNCTIONS", "READERS", "Expression", "parse_expression"]

# How an expression reads a value of the record: as text, as a number, as true or false.
READERS = {
    "text": "{0}",
    "num": "TRY_CAST({0} AS DOUBLE)",
    "bool": (
        "CASE WHEN lower({0}) IN ('true', 't', 'yes', 'y', '1') THEN TRUE "
        "WHEN lower({0}) IN ('false', 'f', 'no', 'n', '0') THEN FALSE END"
    ),
}
# Functions under the names that people write; each is pure and gives one short value.
FUNCTIONS: dict[str, type[exp.Expression]] = {
    "coalesce": exp.Coalesce,
    "concat": exp.Concat,
    "left": exp.Left,
    "length": exp.Length,
    "lower": exp.Lower,
    "nullif": exp.Nullif,
    "regexp_extract": exp.RegexpExtract,
    "replace": exp.Replace,
    "right": exp.Right,
    "split_part": exp.SplitPart,
    "starts_with": exp.StartsWith,
    "substr": exp.Substring,
    "trim": exp.Trim,
    "upper": exp.Upper,
}
_OPERATORS: tuple[type[exp.Expression], ...] = (
    exp.Case, exp.If, exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE,
    exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Like, exp.DPipe, exp.Add, exp.Sub, exp.Mul,
    exp.Div, exp.Neg, exp.Literal, exp.Null, exp.Boolean,
)  # fmt: skip
_ADMITTED = frozenset({*_OPERATORS, *FUNCTIONS.values()})
_MARK = '"\x1f(\\d+)"'  # in SQL text; admitted texts hold no such sign
LONGEST = 2_000  # signs of an expression; more is a program


@dataclass(frozen=True)
class Expression:
    """An admitted expression: SQL with a mark for each value, and what each mark reads."""

    template: str
    reads: tuple[tuple[str, PathInRecord], ...]

    def sql(self, found: Callable[[PathInRecord], str]) -> str:
        """The expression as SQL text; ``found`` gives the SQL of a path. An error is NULL."""
        reads = [READERS[reader].format(f"({found(path)})") for reader, path in self.reads]
        filled = re.sub(_MARK, lambda mark: f"({reads[int(mark[1])]})", self.template)
        return f"TRY(CAST({filled} AS VARCHAR))"

    @property
    def paths(self) -> tuple[PathInRecord, ...]:
        """The paths that it reads."""
        return tuple(path for _, path in self.reads)


def parse_expression(text: str) -> Expression:
    """Read and admit an expression; ValueError names what is not allowed and what is."""
    if len(text) > LONGEST or not re.sub(r"[ \t\r\n]", "", text).isprintable():
        raise ValueError(f"expr has over {LONGEST:,} signs, or one that cannot be seen.")
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ValueError(f"expr cannot be read: {str(error).splitlines()[0]}") from error
    reads: list[tuple[str, PathInRecord]] = []
    tree = tree.transform(lambda node: _admitted(node, reads))
    return Expression(tree.sql(dialect="duckdb"), tuple(reads))


def _admitted(node: exp.Expression, reads: list[tuple[str, PathInRecord]]) -> exp.Expression:
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in READERS:
        reads.append((str(node.this).lower(), _path(node)))
        return exp.column(f"\x1f{len(reads) - 1}", quoted=True)
    if type(node) not in _ADMITTED:
        found = node.name if isinstance(node, exp.Anonymous) else node.key
        raise ValueError(
            f"expr has {found!r}; valid are text('path'), num('path'), bool('path'), literals, "
            "CASE, AND, OR, NOT, IN, IS NULL, LIKE, BETWEEN, = <> < <= > >= || + - * /, "
            f"and: {', '.join(sorted(FUNCTIONS))}."
        )
    return node


def _path(node: exp.Anonymous) -> PathInRecord:
    given = node.expressions
    if len(given) != 1 or not isinstance(given[0], exp.Literal) or not given[0].is_string:
        raise ValueError(f"expr: {node.name} takes one path in quotes, such as text('user.id').")
    return PathInRecord.parse(given[0].name)
