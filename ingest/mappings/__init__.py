"""The mappings that ship, one TOML file each, and how a mapping is found by id or path."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from graph_models.errors import UsageError
from ingest.mapping.model import Mapping, base_of, parse_mapping, read_text

__all__ = ["MAPPINGS", "load_mapping", "site_mappings"]

_FOLDER = files("ingest.mappings")
MAPPINGS: tuple[str, ...] = (
    "adyen.webhook",
    "auth0.logs",
    "aws.bedrock_invocation",
    "aws.cloudtrail",
    "azure.apim_gateway",
    "azure.openai_request_response",
    "braintree.transaction",
    "canonical.account",
    "canonical.alias",
    "canonical.calendar",
    "canonical.device_sighting",
    "canonical.exchange",
    "canonical.http_request",
    "canonical.indicator",
    "canonical.label",
    "canonical.login",
    "canonical.payment",
    "cloudflare.account_abuse",
    "cloudflare.http_requests",
    "ecs.authentication",
    "envoy.ai_gateway",
    "fingerprint.events",
    "helicone.request",
    "keycloak.events",
    "kong.ai_gateway",
    "langfuse.observation",
    "litellm.spend_logs",
    "litellm.standard_logging",
    "ocsf.api_activity",
    "ocsf.authentication",
    "okta.system_log",
    "otel.genai_event",
    "otel.genai_span",
    "portkey.logs",
    "stripe.charge",
    "stripe.customer",
    "stripe.dashboard_csv",
    "stripe.payment_method",
    "stripe.sigma_charges",
)


@cache
def _shipped(mapping_id: str) -> Mapping:
    text = _FOLDER.joinpath(f"{mapping_id}.toml").read_text(encoding="utf-8")
    return _parsed(text, mapping_id)


def _parsed(text: str, where: str) -> Mapping:
    base = base_of(text, where)
    return parse_mapping(text, where=where, base=_shipped(_checked(base)) if base else None)


def _checked(mapping_id: str) -> str:
    if mapping_id not in MAPPINGS:
        raise UsageError(
            f"There is no mapping {mapping_id!r}.",
            fix=f"Give a path to a TOML file or one of: {', '.join(MAPPINGS)}.",
        )
    return mapping_id


def load_mapping(mapping: str | Path) -> Mapping:
    """A shipped mapping by its id, or a user's own by the path of its TOML file.

    Raises:
        UsageError: there is none of that name, or it is invalid.
    """
    if str(mapping) in MAPPINGS:
        return _shipped(str(mapping))
    path = Path(mapping)
    if path.suffix == ".toml":
        return _parsed(read_text(path), str(path))
    return _shipped(_checked(str(mapping)))


def site_mappings(folder: Path) -> tuple[Mapping, ...]:
    """The mappings of a user's own folder, such as ``mappings/`` of a workspace, by file name.

    Raises:
        UsageError: one of them is invalid.
    """
    return tuple(load_mapping(path) for path in sorted(folder.glob("*.toml")))
