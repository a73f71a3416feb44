"""The parts joined in one place: an open ledger becomes an HTTP service.

>>> app = create_app(Workspace.open(Path("data"), clock=time.time), ServerSettings())
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api import openapi, problems
from api.accesses.endpoints import routes as accesses
from api.accounts.endpoints import routes as accounts
from api.alarms.endpoints import routes as alarms
from api.attention.endpoints import routes as attention
from api.audits.endpoints import routes as audits
from api.auth import Tokens
from api.batches.endpoints import links as digital_links
from api.batches.endpoints import routes as batches
from api.catalogue.endpoints import routes as catalogue
from api.checkpoints.endpoints import routes as checkpoints
from api.context import Context
from api.documents.endpoints import routes as documents
from api.edge import Admission, Bodies, Measured, Measures, SecurityHeaders
from api.entries.endpoints import routes as entries
from api.evidence.endpoints import routes as evidence
from api.meta.endpoints import routes as meta
from api.pages import rendering, uploading
from api.pages.endpoints import ROUTES as PAGES
from api.pages.public.endpoints import routes as boxes
from api.qualifications.endpoints import routes as qualifications
from api.registers.endpoints import routes as registers
from api.reviews.endpoints import routes as reviews
from api.search.endpoints import routes as search
from api.settings import ServerSettings
from api.staff.endpoints import routes as staff_accounts
from api.staff.oidc import OpenIdConnect
from api.staff.service import Staff
from api.suppliers.endpoints import routes as suppliers
from api.tokens.endpoints import routes as tokens
from api.verdicts.endpoints import routes as verdicts
from api.verifications.endpoints import routes as verifications
from api.verifier.endpoints import routes as verifier
from api.wire import POSITION_HEADER
from ledger.workspace import Workspace

_ROUTES: Final = (
    search,
    attention,
    suppliers,
    qualifications,
    reviews,
    registers,
    verdicts,
    batches,
    boxes,  # of the same addresses, for people
    digital_links,
    entries,
    evidence,
    documents,
    verifications,
    verifier,
    catalogue,
    accounts,
    tokens,
    staff_accounts,
    accesses,
    alarms,
    audits,
    checkpoints,
    meta,
    *PAGES,
)


def create_app(workspace: Workspace, settings: ServerSettings | None = None) -> FastAPI:
    """The service over an open ledger. While it runs, entries are relayed and indexed in the
    background; closing the workspace stays with the caller.

    Raises :class:`~ledger.errors.RequestError` for settings that are unsafe (R28).
    """
    settings = settings or ServerSettings()
    settings.check([workspace.relayer.address, *workspace.index.founding().accounts])
    measures = Measures()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        started = workspace.start()
        try:
            yield
        finally:
            if started:  # else it goes on for who began it
                workspace.stop()

    app = FastAPI(
        title="Suyuan 溯源", version="0.1.0", lifespan=life, docs_url=None, redoc_url=None
    )
    staff = Staff(
        workspace.store,
        workspace.index,
        lambda: workspace.clock(),
        settings.hashing,
        OpenIdConnect(settings.providers, settings.public_url, lambda: workspace.clock()),
    )
    app.state.context = Context(workspace, settings, Tokens(workspace.store), measures, staff)
    problems.install(app)
    rendering.install(app)
    openapi.install(app)
    for routes in _ROUTES:
        app.include_router(routes)
    # The last added is the outermost.
    app.add_middleware(Admission, limit=settings.max_in_progress)
    app.add_middleware(
        Bodies,
        limit=settings.max_body,
        larger={
            "/v1/documents": settings.max_document,
            "/v1/verifications": settings.max_document,
            "/recalls": settings.max_document + uploading.AROUND,
            "/verify": settings.max_document + uploading.AROUND,
            "/qualifications/new": settings.max_document + uploading.AROUND,
        },
        deadline=settings.body_deadline,
        shown=rendering.refusal,
    )
    app.add_middleware(Measured, measures=measures)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=[POSITION_HEADER, "Location", "Retry-After"],
        )
    app.add_middleware(SecurityHeaders, https=settings.tls is not None or settings.behind_proxy)
    return app
