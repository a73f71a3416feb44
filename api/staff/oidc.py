"""Signing in through an organisation's own OpenID Connect provider.

Rules this module keeps:

* Authorization code with PKCE (S256), ``state`` and ``nonce``; all three follow from one random
  seed that only the browser keeps, so that an answer fits the browser that asked, once begun here.
* The answer must name the issuer that was asked (RFC 9207) where it names one or the provider says
  that it does. The ID token must be signed by a key of the issuer's, with an algorithm of public
  keys, be for us alone, of now, and carry the nonce (OpenID Connect Core 3.1.3.7).
* The redirect address is the one of ``public_url``, never what a request calls this host; every
  provider has one of its own (RFC 9700, 4.4), so that no code of one is handed to another.
* Of what the provider gives, ``sub`` is used and nothing kept: no token, no name, no mail address.
* A provider vouches for accounts of its organisation only; an identity is (issuer, sub), and is
  bound to an account by an invitation (``api.staff.service``).
* Who answers late, with something else, or not at all is :class:`UnavailableError`; an answer that
  does not hold is :class:`NotVouched`.

What is not protected: whoever runs the provider can sign in as any account bound there.
"""

import hashlib
import hmac
import json
import logging
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from api.problems import Forbidden
from ledger.errors import RequestError, UnavailableError
from ledger.hosts import is_loopback
from ledger.keystore import read_secret

_log: Final = logging.getLogger("suyuan.oidc")

#: Where the paths of the redirect addresses begin; each ends with its provider's :func:`slug`.
RETURN_PATH: Final = "/sign-in/return"
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
#: Signatures by public keys only: a secret that we know, too, would prove nothing.
_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
#: Seconds for which what a provider says of itself is believed; keys are asked for again at most
#: once in so many.
_BELIEVED: Final = 3600
_AGAIN: Final = 10
_TIMEOUT: Final = 5.0
#: How far clocks may be apart, in seconds.
_LEEWAY: Final = 60
_LONGEST_SUBJECT: Final = 255


class NotVouched(Forbidden):
    """What came back from a provider proves nobody."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who vouches for the people of an organisation (20 bytes)."""

    organisation: bytes
    name_zh: str
    name_en: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(slots=True)
class _Told:
    """What a provider says of itself, and when it was asked (monotonic)."""

    metadata: Mapping[str, Any]
    keys: KeySet
    at: float


class OpenIdConnect:
    """Asks providers who somebody is. Safe to use from several threads; ``clock`` in seconds."""

    def __init__(
        self, providers: tuple[Provider, ...], public_url: str, clock: Callable[[], float]
    ) -> None:
        self.providers = providers
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._told: dict[str, _Told] = {}
        self._guard = threading.Lock()

    def for_organisation(self, organisation: bytes) -> list[tuple[int, Provider]]:
        """The providers of an organisation, with their numbers."""
        return [(n, p) for n, p in enumerate(self.providers) if p.organisation == organisation]

    def redirect_uri(self, provider: Provider) -> str:
        """Where the provider sends people back to: what has to be registered there."""
        return f"{self._public_url}{RETURN_PATH}/{slug(provider)}"

    def address(self, provider: Provider, seed: str) -> str:
        """Where to send a browser that keeps this seed (256 random bits) for the answer."""
        told = self._ask(provider)
        client = OAuth2Session(
            provider.client_id,
            redirect_uri=self.redirect_uri(provider),
            scope="openid",
            code_challenge_method="S256",
        )
        url, _ = client.create_authorization_url(
            told.metadata["authorization_endpoint"],
            state=_derived(seed, "state"),
            code_verifier=_derived(seed, "verifier"),
            nonce=_derived(seed, "nonce"),
        )
        return str(url)

    def subject(self, provider: Provider, seed: str, answer: Mapping[str, str]) -> str:
        """Whom the provider vouches for in its answer to the browser with this seed."""
        if not hmac.compare_digest(
            answer.get("state", "").encode(), _derived(seed, "state").encode()
        ):
            raise _not_vouched("state")
        told = self._ask(provider)
        named = answer.get("iss")
        promised = told.metadata.get("authorization_response_iss_parameter_supported") is True
        if (named is None and promised) or named not in (None, provider.issuer):
            raise _not_vouched("iss")
        if "error" in answer or not answer.get("code"):
            raise _not_vouched("refused")
        token = self._exchange(provider, told.metadata, answer["code"], seed)
        return self._verified(provider, told, token, _derived(seed, "nonce"))

    def _exchange(
        self, provider: Provider, metadata: Mapping[str, Any], code: str, seed: str
    ) -> str:
        """The ID token for a code."""
        stated = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in stated
        # By this way both are form-encoded first (RFC 6749, 2.3.1).
        as_sent = (lambda text: quote(text, safe="")) if basic else str
        client = OAuth2Session(
            as_sent(provider.client_id),
            as_sent(provider.client_secret),
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            redirect_uri=self.redirect_uri(provider),
        )
        client.trust_env = False
        try:
            answer = client.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=_derived(seed, "verifier"),
                redirect_uri=self.redirect_uri(provider),
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
            found = answer.get("id_token")
        except AuthlibBaseError as error:
            _log.warning("%s refused a code: %s", provider.issuer, error.error)
            raise _not_vouched("code") from error
        except (requests.RequestException, ValueError, AttributeError) as error:
            raise _unavailable(provider, error) from error
        finally:
            client.close()
        if not isinstance(found, str):
            raise _not_vouched("token")
        return found

    def _verified(self, provider: Provider, told: _Told, token: str, nonce: str) -> str:
        """The subject of an ID token that holds."""
        try:
            try:
                read = jwt.decode(token, told.keys, algorithms=list(_ALGORITHMS))
            except InvalidKeyIdError:
                # Providers change their keys.
                read = jwt.decode(token, self._ask(provider, _AGAIN).keys, list(_ALGORITHMS))
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": provider.issuer},
                    "aud": {"essential": True, "value": provider.client_id},
                    "sub": {"essential": True},
                },
                params={"nonce": nonce, "client_id": provider.client_id},
            )
            claims.validate(now=int(self._clock()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            _log.warning("an ID token of %s does not hold: %s", provider.issuer, error)
            raise _not_vouched("token") from error
        audience, subject = claims["aud"], claims["sub"]
        if audience not in (provider.client_id, [provider.client_id]):
            raise _not_vouched("token")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise _not_vouched("token")
        return subject

    def _ask(self, provider: Provider, believed: float = _BELIEVED) -> _Told:
        """What the provider says of itself, not older than that."""
        with self._guard:
            told = self._told.get(provider.issuer)
        if told is not None and time.monotonic() - told.at < believed:
            return told
        metadata = self._get(provider, provider.issuer.rstrip("/") + _WELL_KNOWN)
        if metadata.get("issuer") != provider.issuer:
            raise _unavailable(provider, "calls itself otherwise")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(metadata.get(name), str) or not is_safe(metadata[name]):
                raise _unavailable(provider, f"has no safe {name}")
        try:
            keys = KeySet.import_key_set(self._get(provider, metadata["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _unavailable(provider, error) from error
        told = _Told(metadata, keys, time.monotonic())
        with self._guard:
            self._told[provider.issuer] = told
        return told

    def _get(self, provider: Provider, url: str) -> dict[str, Any]:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(url, timeout=_TIMEOUT, allow_redirects=False)
                if answer.status_code != 200:
                    raise _unavailable(provider, f"{url} answered {answer.status_code}")
                found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise _unavailable(provider, error) from error
        if not isinstance(found, dict):
            raise _unavailable(provider, f"{url} is no object")
        return found


def slug(provider: Provider) -> str:
    """The provider in its redirect address: 64 bits that follow from its issuer alone, so that it
    stays when the list of providers changes."""
    return hashlib.sha256(provider.issuer.encode()).hexdigest()[:16]


def _derived(seed: str, purpose: str) -> str:
    """256 bits that follow from the seed, for one purpose; nobody finds the seed by them."""
    made = hmac.new(seed.encode(), purpose.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def _not_vouched(why: str) -> NotVouched:
    return NotVouched(
        "your organisation's sign-in did not confirm who you are; begin again, and if it happens "
        "again tell the people who run this service",
        message_zh="您单位的登录系统未能确认您的身份；请重新开始，若仍如此请告知本服务的运营人员",
        code=f"oidc.{why}",
    )


def _unavailable(provider: Provider, why: object) -> UnavailableError:
    _log.warning("%s: %s", provider.issuer, why)
    return UnavailableError(f"{provider.issuer} does not answer as it should", code="oidc.down")


# -------------------------------------------------------------------------------- settings

_MEMBERS: Final = ("organisation", "name_zh", "name_en", "issuer", "client_id")


def is_safe(url: str) -> bool:
    """Whether it is https, or this machine's own."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def read_providers(path: Path) -> tuple[Provider, ...]:
    """The file of ``--oidc``: a JSON list of ``{"organisation": "0x…", "name_zh", "name_en",
    "issuer", "client_id", "client_secret_file"}``, the last a private file (0600), relative to
    this one. :class:`RequestError` names what is wrong or unsafe."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _wrong(
            "oidc", f"{path} cannot be read as JSON: {error}", f"{path} 无法读作 JSON：{error}"
        ) from error
    if not isinstance(listed, list):
        raise _wrong("oidc", "must be a list of providers", "须为登录系统的列表")
    return tuple(_provider(path, n, item) for n, item in enumerate(listed))


def _provider(path: Path, number: int, item: Any) -> Provider:
    where = f"oidc[{number}]"
    if not isinstance(item, dict) or item.keys() != {*_MEMBERS, "client_secret_file"}:
        raise _wrong(
            where,
            f"must have exactly {', '.join(_MEMBERS)} and client_secret_file",
            f"须恰有 {'、'.join(_MEMBERS)} 与 client_secret_file",
        )
    for name, value in item.items():
        if not isinstance(value, str) or not value.strip():
            raise _wrong(f"{where}.{name}", "must be text", "须为文字")
    try:
        organisation = bytes.fromhex(item["organisation"].removeprefix("0x"))
    except ValueError:
        organisation = b""
    if len(organisation) != 20:
        raise _wrong(
            f"{where}.organisation", "must be 20 bytes as 0x hex", "须为 20 字节的 0x 十六进制"
        )
    if not is_safe(item["issuer"]) or urlsplit(item["issuer"]).query:
        raise _wrong(
            f"{where}.issuer",
            "must be an https address without query or fragment",
            "须为不带查询与片段的 https 地址",
        )
    secret = read_secret(path.parent / item["client_secret_file"]).decode().strip()
    if not secret:
        raise _wrong(f"{where}.client_secret_file", "is empty", "为空")
    return Provider(
        organisation, item["name_zh"], item["name_en"], item["issuer"], item["client_id"], secret
    )


def check(providers: tuple[Provider, ...], public_url: str) -> None:
    """Refuse what cannot work safely together; :class:`RequestError` names the setting (R28)."""
    if public_url:
        parts = urlsplit(public_url)
        if not is_safe(public_url) or parts.path not in ("", "/") or parts.query:
            raise _wrong(
                "public_url",
                "must be https://host without a path (http on this machine only)",
                "须为不带路径的 https://主机（http 仅限本机）",
            )
    elif providers:
        raise _wrong(
            "public_url",
            "is needed with --oidc: people are sent back to it",
            "使用 --oidc 时必须给出：用户将被送回该地址",
        )
    seen = set()
    for number, provider in enumerate(providers):
        if provider.issuer in seen:
            raise _wrong(f"oidc[{number}].issuer", "stands there twice", "重复")
        seen.add(provider.issuer)


def _wrong(setting: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{setting}: {english}",
        message_zh=f"{setting}：{chinese}",
        field=setting,
        code="settings.unsafe",
    )
