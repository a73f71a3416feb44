"""``suyuan deploy``, ``serve``, ``reindex`` and ``tokens``: running a ledger."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import uvicorn

from api.access import CallerRole
from api.app import create_app
from api.cli.output import Output
from api.settings import ServerSettings
from api.staff.oidc import OpenIdConnect, read_providers
from api.staff.service import COMMAND_LINE
from api.tokens.service import issue
from ledger.chain.deployment import BATCHES, FoundingTerms
from ledger.chain.profiles import PROFILES
from ledger.errors import RequestError
from ledger.identifiers import parse
from ledger.importing.recording import finish
from ledger.index.projection import digest
from ledger.index.store import Access
from ledger.workspace import Settings, Workspace


def add(commands: Any) -> None:
    deploy = commands.add_parser(
        "deploy",
        help="found a new ledger in a data directory, or add contracts to one",
        description="With --founding and --chain-id a new ledger. With --add the contracts for "
        "batches beside those of a ledger that was founded without them: what is on it stays; "
        "afterwards `suyuan acts` writes what the authority has to sign.",
    )
    add_data_option(deploy)
    deploy.add_argument("--founding", type=Path, help="JSON file: the authority")
    deploy.add_argument("--chain-id", type=int)
    deploy.add_argument("--add", choices=[BATCHES], help="add to the ledger in the directory")
    deploy.add_argument("--rpc-url", default="", help="a node; without one the embedded chain")
    deploy.add_argument("--profile", choices=sorted(PROFILES), default="embedded")
    deploy.add_argument("--database-url", default="", help="postgresql://…; default SQLite")
    deploy.set_defaults(run=_deploy)

    serve = commands.add_parser("serve", help="serve the pages and the HTTP interface")
    add_data_option(serve)
    add_server_options(serve)
    serve.set_defaults(run=_serve)

    reindex = commands.add_parser("reindex", help="drop the index and make it again from the chain")
    add_data_option(reindex)
    reindex.set_defaults(run=_reindex)

    tokens = commands.add_parser("tokens", help="make an access token for a program")
    add_data_option(tokens)
    tokens.add_argument("--organisation", required=True, help="0x id of the organisation")
    tokens.add_argument(
        "--person", required=True, help="who answers for it, as your staff list says it"
    )
    tokens.add_argument("--role", choices=[r.value for r in CallerRole], required=True)
    tokens.add_argument("--days", type=int, default=90, help="how long it is valid")
    tokens.set_defaults(run=_token)


def add_data_option(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        required=default is None,
        default=default and Path(default),
        help="the ledger's data directory" + (f" (default: {default})" if default else ""),
    )


def add_server_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=port, default=8000, help="port (default: 8000)")
    parser.add_argument(
        "--origin", action="append", default=[], help="web origin that may call; may be repeated"
    )
    parser.add_argument("--certificate", type=Path, help="TLS certificate (PEM)")
    parser.add_argument("--certificate-key", type=Path, help="its private key (PEM)")
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a proxy in front terminates TLS; --public-url is needed, too",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or network of that proxy, if it is not this machine; may be repeated",
    )
    parser.add_argument(
        "--public-url", default="", metavar="URL", help="what people's browsers call the service"
    )
    parser.add_argument(
        "--oidc", type=Path, metavar="FILE", help="JSON: organisations' own sign-ins (OpenID)"
    )


def port(text: str) -> int:
    """A port number from 1 to 65535."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 1 to 65535")
    return int(text)


def server_settings(options: argparse.Namespace) -> ServerSettings:
    tls = (options.certificate, options.certificate_key)
    for file, option in zip(tls, ("certificate", "certificate-key"), strict=True):
        if any(tls) and (file is None or not file.is_file()):
            raise RequestError(
                f"--certificate and --certificate-key go together; {file or 'one'} is not there",
                message_zh=f"--certificate 与 --certificate-key 须同时给出；缺少 {file or option}",
                field=option,
                code="serve.certificate",
            )
    return ServerSettings(
        host=options.host,
        port=options.port,
        tls=tls if all(tls) else None,
        behind_proxy=options.behind_proxy,
        trusted_proxies=(*ServerSettings.trusted_proxies, *options.trusted_proxy),
        origins=tuple(options.origin),
        public_url=options.public_url.rstrip("/"),
        providers=read_providers(options.oidc) if options.oidc else (),
    )


def server(workspace: Workspace, settings: ServerSettings) -> uvicorn.Server:
    """The HTTP server of an open ledger; ``run()`` blocks until it is told to stop."""
    accounts = workspace.index.founding().accounts
    settings.check([workspace.relayer.address, *accounts])
    certificate, key = settings.tls or (None, None)
    return uvicorn.Server(
        uvicorn.Config(
            create_app(workspace, settings),
            host=settings.host,
            port=settings.port,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            log_level="warning",
            server_header=False,
            proxy_headers=settings.behind_proxy,
            forwarded_allow_ips=list(settings.trusted_proxies),
        )
    )


def _serve(options: argparse.Namespace, out: Output) -> int:
    settings = server_settings(options)
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        running = server(workspace, settings)
        scheme = "https" if settings.tls else "http"
        url = f"{scheme}://{settings.host}:{settings.port}/"
        out.say(f"Serving at {url} — Ctrl-C stops it.", f"服务地址 {url} — 按 Ctrl-C 停止。")
        asking = OpenIdConnect(settings.providers, settings.public_url, time.time)
        for provider in settings.providers:
            back = asking.redirect_uri(provider)
            out.say(
                f"Redirect address to register at {provider.issuer}: {back}",
                f"须在 {provider.issuer} 登记的返回地址：{back}",
            )
        running.run()
    finally:
        workspace.close()
    return 0 if running.started else 2


def _deploy(options: argparse.Namespace, out: Output) -> int:
    if options.add:
        return _deploy_beside(options, out)
    for option in ("founding", "chain_id"):
        if getattr(options, option) is None:
            name = option.replace("_", "-")
            raise RequestError(
                f"a new ledger needs --{name}; --add is for one that exists",
                message_zh=f"创立新账本须指定 --{name}；--add 用于已有的账本",
                field=name,
                code="deploy.options",
            )
    settings = Settings(
        chain_id=options.chain_id,
        profile=options.profile,
        rpc_url=options.rpc_url,
        database_url=options.database_url,
    )
    workspace = Workspace.create(
        options.data, settings, read_founding(options.founding), clock=time.time
    )
    try:
        _tell_deployment(workspace, out)
    finally:
        workspace.close()
    return 0


def _deploy_beside(options: argparse.Namespace, out: Output) -> int:
    for option in ("founding", "chain_id", "rpc_url", "database_url"):
        if getattr(options, option):
            name = option.replace("_", "-")
            raise RequestError(
                f"--add goes with --data alone; the ledger there has its {name} already",
                message_zh=f"--add 只与 --data 同用；该账本已有 {name}",
                field=name,
                code="deploy.options",
            )
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        finish(workspace)
        workspace.add_batches()
    finally:
        workspace.close()
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        _tell_deployment(workspace, out)
    finally:
        workspace.close()
    return 0


def _tell_deployment(workspace: Workspace, out: Output) -> None:
    contracts = {
        name: "0x" + contract.address.hex()
        for name, contract in workspace.deployment.contracts.items()
    }
    out.answer(
        {"contracts": contracts, "relayer": "0x" + workspace.relayer.address.hex()},
        [f"{name}: {address}" for name, address in contracts.items()]
        + [
            out.text(
                "Next: the authority signs its acts: `suyuan acts` writes them, "
                "`suyuan record` signs and records them.",
                "下一步：用 `suyuan acts` 生成主管机关须签署的操作，再用 `suyuan record` 上链。",
            )
        ],
    )


def read_founding(path: Path) -> FoundingTerms:
    """The founding file: ``{"identifier_kind", "identifier", "name_zh", "name_en", "accounts":
    ["0x…"], "quorum", "max_lateness"}``; the last in seconds."""
    try:
        data = json.loads(path.read_text())
        accounts = tuple(bytes.fromhex(a.removeprefix("0x")) for a in data["accounts"])
        identifier = parse(data["identifier_kind"], data["identifier"])
        terms = FoundingTerms(
            identifier.kind,
            identifier.value,
            str(data["name_zh"]),
            str(data["name_en"]),
            accounts,
            int(data["quorum"]),
            int(data["max_lateness"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RequestError(
            f"{path} is no founding file: {error!r}",
            message_zh=f"{path} 不是创立文件：{error!r}",
            field="founding",
            code="deploy.founding",
        ) from error
    if not all(len(a) == 20 for a in accounts) or not 1 <= terms.quorum <= len(set(accounts)):
        raise RequestError(
            "accounts are 20-byte addresses, all different, and at least as many as the quorum",
            message_zh="accounts 须为互不相同的 20 字节地址，且数量不少于 quorum",
            field="accounts",
            code="deploy.founding",
        )
    return terms


def _reindex(options: argparse.Namespace, out: Output) -> int:
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        before = digest(workspace.database)
        position = workspace.indexer.rebuild()
        after = digest(workspace.database)
    finally:
        workspace.close()
    same = before == after
    out.answer(
        {"entries": position.size, "digest": "0x" + after.hex(), "same": same},
        [
            out.text(
                f"{position.size} entries; the index {'is as it was' if same else 'DIFFERED'}.",
                f"{position.size} 条条目；索引{'与之前一致' if same else '与之前不一致'}。",
            )
        ],
    )
    return 0 if same else 1


def _token(options: argparse.Namespace, out: Output) -> int:
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        secret = make_token(
            workspace, options.organisation, options.person, CallerRole(options.role), options.days
        )
    finally:
        workspace.close()
    out.answer({"token": secret}, [secret])
    return 0


def make_token(
    workspace: Workspace, organisation: str, person: str, role: CallerRole, days: int
) -> str:
    """A new token's secret, shown this once; the ledger's data directory keeps its hash only."""
    id_ = organisation_id(organisation)
    if not 1 <= days <= 3660:
        raise RequestError(
            "the days are 1 to 3660",
            message_zh="天数为 1 至 3660",
            field="days",
            code="token.values",
        )
    now = workspace.clock()
    made = issue(workspace, id_, person, role, now=now, lifetime=days * 86400)
    made_by = Access(int(now), b"", COMMAND_LINE, "token.create", str(made.id))
    workspace.store.note_access(made_by)
    return made.secret


def organisation_id(text: str) -> bytes:
    """An organisation's id as it is given on the command line."""
    try:
        id_ = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        id_ = b""
    if len(id_) != 20:
        raise RequestError(
            "the organisation's id is 20 bytes as 0x hex",
            message_zh="机构标识为 20 字节的 0x 十六进制",
            field="organisation",
            code="token.values",
        )
    return id_
