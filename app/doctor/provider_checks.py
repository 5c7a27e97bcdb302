"""Keys, the chosen profile, and (only when asked) whether the provider answers. Never a paid call, never a value."""

from __future__ import annotations

import json
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from app.doctor.model import Check, Finding, Machine, fail, ok, warn
from config.errors import ConfigError
from config.model_profiles import DEMO, Profile, choose_profile, find_key, load_profiles, profile_provider
from core.model_router import host_of

_TIMEOUT_S = 5
_LISTS = {
    "anthropic": "https://api.anthropic.com/v1/models",
    "openai": "https://api.openai.com/v1/models",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/models",
    "openrouter": "https://openrouter.ai/api/v1/key",
}


def keys(machine: Machine) -> Finding:
    names = [name for profile in load_profiles().profiles.values() for name in profile.keys]
    present = [name for name in dict.fromkeys(names) if machine.env.get(name, "").strip()]
    if present:
        return ok(", ".join(present))
    return warn(
        f"None of {', '.join(dict.fromkeys(names))} is set.",
        f"Set one, or use a local server; {DEMO} needs neither.",
    )


def profile(machine: Machine) -> Finding:
    name, chosen = _chosen(machine)
    model = machine.settings.models.model or chosen.medium or "no model named"
    where = machine.settings.models.base_url or chosen.base_url
    return ok(f"{name}: {model}{f' at {host_of(where)}' if where else ''}")


def online(machine: Machine) -> Finding:
    _, chosen = _chosen(machine)
    request = _list_request(machine, chosen)
    host = host_of(request.full_url)
    try:
        with build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S) as answer:
            body = answer.read(4 * 1024 * 1024)
    except HTTPError as error:
        return _refused(host, error.code)
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        return fail(f"{host} does not answer: {reason}.", "Check the network, the proxy and models.base_url.")
    try:
        json.loads(body)
    except ValueError:
        return fail(f"{host} answered with something that is not JSON.", "Is a login page or a proxy in between?")
    return ok(f"{host} answers and accepts the key")


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the key to another server."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        return None


def _chosen(machine: Machine) -> tuple[str, Profile]:
    own = load_profiles(machine.paths.config / "models.yaml")
    return choose_profile(own, machine.settings.models, machine.env)


def _list_request(machine: Machine, chosen: Profile) -> Request:
    base = machine.settings.models.base_url or chosen.base_url
    key = find_key(chosen, machine.env)
    provider = profile_provider(chosen)
    if base:
        url, headers = f"{base.rstrip('/')}/models", {"Authorization": f"Bearer {key}"} if key else {}
    elif provider == "anthropic":
        url, headers = _LISTS[provider], {"x-api-key": key, "anthropic-version": "2023-06-01"}
    elif provider == "gemini":
        url, headers = _LISTS[provider], {"x-goog-api-key": key}
    else:
        url, headers = _LISTS.get(provider, _LISTS["openai"]), {"Authorization": f"Bearer {key}"}
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"models.base_url is {url!r}, which is not a web address.", "Write http:// or https://.")
    return Request(url, headers={**headers, "User-Agent": "nexus-doctor"})  # noqa: S310 - the scheme is checked


def _refused(host: str, code: int) -> Finding:
    if code in (401, 403):
        return fail(f"{host} refused the key ({code}).", "Check that the key is current and belongs to this provider.")
    if code == 429:
        return warn(f"{host} answers, but is limiting requests ({code}).", "Wait, or check the account's limits.")
    if code >= 500:
        return fail(f"{host} is in trouble ({code}).", "Try again later, or choose another profile.")
    return warn(f"{host} answers, but does not list models ({code}).", "Check models.base_url; it usually ends in /v1.")


PROVIDER_CHECKS = (Check("provider.keys", keys), Check("provider.profile", profile))
ONLINE_CHECKS = (Check("provider.online", online, deadline_s=15),)
