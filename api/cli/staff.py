"""``suyuan staff``: the first operator's account of a ledger, and a new link for who lost theirs.

Everybody else's account is made in the pages (``/staff``) or over HTTP (``/v1/staff``), which write
down who made it.
"""

import argparse
import time
from typing import Any

from api.access import CallerRole
from api.cli.output import Output
from api.cli.serving import add_data_option, organisation_id
from api.staff.oidc import OpenIdConnect
from api.staff.passwords import Hashing
from api.staff.service import Invited, Staff, login_name
from ledger.errors import RequestError
from ledger.workspace import Workspace


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "staff",
        help="make an account for somebody who works with the pages",
        description="Makes an account and prints its link, which the person opens within 72 hours "
        "to choose how to sign in. With --again a new link for an account that exists.",
    )
    add_data_option(parser)
    parser.add_argument("--login", required=True, help="the sign-in name, for example li.wei")
    parser.add_argument("--again", action="store_true", help="a new link for this account")
    parser.add_argument("--organisation", help="0x id of the organisation")
    parser.add_argument("--person", help="who it is, as your staff list says it")
    parser.add_argument("--role", choices=[r.value for r in CallerRole])
    parser.add_argument(
        "--public-url",
        default="http://127.0.0.1:8000",
        metavar="URL",
        help="what people's browsers call the service (default: http://127.0.0.1:8000)",
    )
    parser.set_defaults(run=_staff)


def staff_of(workspace: Workspace) -> Staff:
    """The staff of an open ledger, without a service."""
    oidc = OpenIdConnect((), "", workspace.clock)
    return Staff(workspace.store, workspace.index, workspace.clock, Hashing(), oidc)


def _staff(options: argparse.Namespace, out: Output) -> int:
    needed = ("organisation", "person", "role")
    for name in needed:
        if (getattr(options, name) is None) != options.again:
            raise RequestError(
                f"--{name} goes with a new account" if options.again else f"--{name} is needed",
                message_zh=f"--{name} 仅用于新账户" if options.again else f"缺少 --{name}",
                field=name,
                code="staff.options",
            )
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        staff = staff_of(workspace)
        invited = _again(staff, options.login) if options.again else _new(staff, options)
    finally:
        workspace.close()
    link = f"{options.public_url.rstrip('/')}/invitation?code={invited.secret}"
    out.answer(
        {"login": invited.account.login, "link": link, "expires_at": invited.expires_at},
        [
            link,
            out.text(
                f"Good for one use within 72 hours, by {invited.account.person} alone: whoever "
                "has it is that person here.",
                f"72 小时内可使用一次，仅供{invited.account.person}本人：持有链接者即可成为此人。",
            ),
        ],
    )
    return 0


def _new(staff: Staff, options: argparse.Namespace) -> Invited:
    organisation, role = organisation_id(options.organisation), CallerRole(options.role)
    return staff.create(organisation, options.person, role, options.login, None)


def _again(staff: Staff, login: str) -> Invited:
    found = staff.book.by_login(login_name(login))
    if found is None:
        raise RequestError(
            f"nobody signs in as {login}",
            message_zh=f"没有登录名为 {login} 的账户",
            field="login",
            code="staff.unknown",
        )
    return staff.invite(found.id, None)
