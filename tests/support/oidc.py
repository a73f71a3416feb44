"""A real OpenID Connect provider on this machine (the npm package oidc-provider), and people who
sign in there."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import httpx
import pytest

from api.staff.oidc import Provider
from tests.support.node import NODE, ROOT

CLIENT: Final = "suyuan"
SECRET: Final = "only for tests: +/%&"

needs_provider: Final = pytest.mark.skipif(
    not (NODE.exists() and (ROOT / "node_modules/oidc-provider").is_dir()),
    reason="Node or the npm packages are not installed (scripts/test sets them up)",
)


@contextmanager
def provider_of(organisation: bytes, return_to: str) -> Iterator[Provider]:
    """A provider that vouches for people of the organisation, for a service whose redirect
    addresses begin so; it ends with the block."""
    script = Path(__file__).with_name("oidc_provider.mjs")
    command = [str(NODE), str(script), "0", CLIENT, SECRET, return_to]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            issuer = process.stdout.readline().strip()
            assert issuer, "the provider did not start"
            yield Provider(organisation, "示例登录", "Example sign-in", issuer, CLIENT, SECRET)
        finally:
            process.stdin.close()
            process.wait(30)


def sign_in_there(url: str, who: str) -> str:
    """Go where the service sends a browser, sign in there as ``who``; the address, of the service,
    to which the provider sends the browser back."""
    with httpx.Client(follow_redirects=False, trust_env=False) as client:
        issuer = urljoin(url, "/")
        answer = client.get(url)
        while answer.is_redirect:
            url = urljoin(url, answer.headers["location"])
            if not url.startswith(issuer):
                return url
            answer = client.get(url)
            if answer.status_code == 200:
                answer = client.post(url, data={"who": who})
        raise AssertionError(f"{answer.status_code}: {answer.text[:500]}")
