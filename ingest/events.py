"""The canonical event kinds (contract §2): what a row of each kind holds, and how it is named.

This file is the one place that knows the columns. The ``canonical.*`` mappings, the checks, the
protection and the tables of a workspace all follow from it.
"""

from __future__ import annotations

from graph_models.errors import UsageError
from ingest.columns import CLASSES, SQL_TYPES, Column, EventKind

__all__ = ["CLASSES", "EVENTS", "SQL_TYPES", "Column", "EventKind", "event_named"]


def _id(name: str, doc: str, *, required: bool = False, cls: str = "plain") -> Column:
    return Column(name=name, type="id", doc=doc, required=required, cls=cls)


def _text(name: str, doc: str, *, cls: str = "plain", values: tuple[str, ...] = ()) -> Column:
    return Column(name=name, type="text", doc=doc, cls=cls, values=values)


def _int(name: str, doc: str) -> Column:
    return Column(name=name, type="int", doc=doc)


def _time(name: str, doc: str, *, required: bool = False, future: bool = False) -> Column:
    return Column(name=name, type="time", doc=doc, required=required, future=future)


_ACCOUNT_ID = _id("account_id", "The account that acted, as the provider names it.", required=True)
_TS = _time("ts", "When it happened, UTC.", required=True)
_IP = Column(name="ip", type="ip", cls="network", doc="Address the service saw.")
_IP_REQUIRED = Column(
    name="ip", type="ip", cls="network", required=True, doc="Address the service saw."
)
_USER_AGENT = _text("user_agent", "User agent as sent.", cls="device")
_DEVICE = _id("device_fingerprint", "Device fingerprint or visitor id.", cls="device")
_TLS = _id("tls_fingerprint", "JA3 or JA4 of the client.", cls="device")
_VALID_FROM = _time("valid_from", "Start of validity.")
_VALID_TO = _time("valid_to", "End of validity.", future=True)

ACCOUNT = EventKind(
    name="account",
    doc="An account as the provider's register knows it.",
    id_columns=("account_id",),
    ts="created_at",
    columns=(
        _ACCOUNT_ID,
        _time("created_at", "When the account was made.", required=True),
        Column(name="email", type="email", cls="email", doc="Address; kept as a token."),
        Column(name="email_domain", type="domain", doc="Domain of the address, in clear."),
        _text("phone", "Telephone number; kept as a token.", cls="phone"),
        _text("name", "Name of a person; kept as a token.", cls="person"),
        Column(name="country", type="country", doc="ISO 3166 code of two letters."),
        _text("organisation", "Organisation as stated."),
        _text("pathway", "self-serve, education, research, startup, cloud, enterprise."),
        Column(name="signup_ip", type="ip", cls="network", doc="Address at sign-up."),
        _text("status", "State of the account."),
        _time("closed_at", "When it was closed."),
        _text("close_reason", "Why it was closed."),
    ),
)

ALIAS = EventKind(
    name="alias",
    doc="The id of an account in another system.",
    id_columns=("account_id", "system", "external_id"),
    ts="valid_from",
    columns=(
        _ACCOUNT_ID,
        _id("system", "The other system, such as stripe.", required=True),
        _id("external_id", "Id of the account there.", required=True),
        _VALID_FROM,
        _VALID_TO,
    ),
)

PAYMENT = EventKind(
    name="payment",
    doc="A payment, or the attempt of one.",
    id_columns=("payment_id",),
    ts="ts",
    columns=(
        _id("payment_id", "Id at the payment provider.", required=True),
        _TS,
        _ACCOUNT_ID,
        _id("psp", "Payment provider; a fingerprint means something only within it."),
        _id("payment_fingerprint", "The provider's id of the instrument.", cls="instrument"),
        _text("kind", "card, bank, wallet, crypto…"),
        _id("bin", "First digits of a card.", cls="instrument"),
        _id("last4", "Last digits of a card.", cls="instrument"),
        Column(name="issuer_country", type="country", doc="Country of the issuer."),
        _text("funding", "credit, debit, prepaid…"),
        Column(name="amount", type="decimal", doc="Amount in major units."),
        Column(name="currency", type="upper", doc="ISO 4217 code."),
        _text("status", "succeeded, failed, refunded, disputed…"),
    ),
)

EXCHANGE = EventKind(
    name="exchange",
    doc="One request to a model and its answer.",
    id_columns=("exchange_id",),
    ts="ts",
    columns=(
        _id("exchange_id", "Id of the request.", required=True),
        _TS,
        _ACCOUNT_ID,
        _id("end_user_id", "End user as the caller names him (forgeable)."),
        _IP,
        _USER_AGENT,
        _DEVICE,
        _TLS,
        _id("model", "Model that answered."),
        _id("endpoint", "Endpoint or operation."),
        _int("input_tokens", "Tokens in."),
        _int("output_tokens", "Tokens out."),
        _int("max_tokens", "Limit asked for."),
        Column(name="temperature", type="decimal", doc="Sampling temperature."),
        _int("n", "Completions asked for."),
        _text("tools", "Tools offered or used."),
        Column(
            name="prompt", type="messages", cls="content", doc="Text or messages; never stored."
        ),
        _id("prompt_hash", "Hash of the prompt text."),
        _id("prompt_cluster", "Cluster of alike prompts."),
        _id("capability", "Capability asked for."),
        _id("capability_source", "Who named the capability."),
        _text("elicitation", "chain_of_thought, rubric, rewriting…"),
        _id("api_key_id", "Id of the key, never the key.", cls="secret_ref"),
        _id("org_id", "Organisation or team."),
        _id("session_id", "Session or conversation."),
        _text("status", "ok, error…"),
        Column(name="claimed", type="names", doc="Columns that the caller wrote himself."),
    ),
)

LOGIN = EventKind(
    name="login",
    doc="A login, or the attempt of one.",
    id_columns=("login_id",),
    ts="ts",
    columns=(
        _id("login_id", "Id of the login.", required=True),
        _TS,
        _ACCOUNT_ID,
        _IP_REQUIRED,
        _USER_AGENT,
        _DEVICE,
        _text("outcome", "success, failure…"),
    ),
)

HTTP_REQUEST = EventKind(
    name="http_request",
    doc="A request as the edge saw it.",
    id_columns=("request_id",),
    ts="ts",
    columns=(
        _id("request_id", "Id of the request; the exchange id where it is one.", required=True),
        _TS,
        _IP_REQUIRED,
        _id("account_id", "The account, where the edge knows it."),
        _USER_AGENT,
        _TLS,
        Column(name="asn", type="asn", doc="Autonomous system, written AS64500."),
        Column(name="country", type="country", doc="Country of the address."),
        _text("status", "HTTP status."),
    ),
)

DEVICE_SIGHTING = EventKind(
    name="device_sighting",
    doc="A device that was seen with an account.",
    id_columns=("sighting_id",),
    ts="ts",
    columns=(
        _id("sighting_id", "Id of the sighting.", required=True),
        _TS,
        _ACCOUNT_ID,
        _id("device_fingerprint", "Device fingerprint.", required=True, cls="device"),
        _IP,
        Column(name="attributes", type="json", doc="What the fingerprinter reported."),
    ),
)

LABEL = EventKind(
    name="label",
    doc="What somebody said about an account.",
    id_columns=("account_id", "label", "source", "ts"),
    ts="ts",
    columns=(
        _ACCOUNT_ID,
        Column(
            name="label", type="lower", required=True, doc="confirmed, cleared, closed, disputed…"
        ),
        _id("source", "Who says so.", required=True),
        _TS,
        _text("note", "Free text."),
    ),
)

INDICATOR = EventKind(
    name="indicator",
    doc="Knowledge from outside: infrastructure of operators, shared services, sightings.",
    id_columns=("kind", "value", "source"),
    ts="valid_from",
    columns=(
        _id("kind", "Kind of the value, such as ip or device.", required=True),
        _id("value", "The value.", required=True),
        _id("operator", "Operator it speaks of."),
        Column(
            name="role",
            type="lower",
            values=("supplier", "access", "beneficiary"),
            doc="Role of the operator.",
        ),
        _id("source", "Who says so.", required=True),
        Column(
            name="reliability",
            type="upper",
            values=("A", "B", "C", "D", "E", "F"),
            doc="Reliability of the source (Admiralty).",
        ),
        Column(
            name="credibility",
            type="id",
            values=("1", "2", "3", "4", "5", "6"),
            doc="Credibility of the item (Admiralty).",
        ),
        _VALID_FROM,
        _VALID_TO,
        Column(
            name="tlp",
            type="lower",
            values=("clear", "green", "amber", "amber+strict", "red"),
            doc="Traffic Light Protocol 2.0.",
        ),
    ),
)

CALENDAR = EventKind(
    name="calendar",
    doc="What happened in the world and moves everybody at once.",
    id_columns=("ts", "kind", "name"),
    ts="ts",
    columns=(
        _time("ts", "When, UTC; may lie ahead.", required=True, future=True),
        _id("kind", "model_release, price_change, ban_wave, holiday…", required=True),
        _id("name", "What.", required=True),
        _text("who", "Whom it concerns."),
    ),
)

EVENTS: tuple[EventKind, ...] = (
    ACCOUNT,
    ALIAS,
    PAYMENT,
    EXCHANGE,
    LOGIN,
    HTTP_REQUEST,
    DEVICE_SIGHTING,
    LABEL,
    INDICATOR,
    CALENDAR,
)


def event_named(kind: str) -> EventKind:
    """The event kind of that name; UsageError lists those there are."""
    for event in EVENTS:
        if event.name == kind:
            return event
    raise UsageError(
        f"There is no event kind {kind!r}.",
        fix=f"The kinds are: {', '.join(event.name for event in EVENTS)}.",
    )
