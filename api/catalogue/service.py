"""The catalogue out of the ledger's entries."""

from api.catalogue.schemas import CatalogueBody, CategoryBody, KindBody, Names, RequirementBody
from api.context import Context
from api.wire import Position
from ledger.catalogue import Names as CatalogueNames
from ledger.recorded import RecordedEntry
from ledger.typed_data import named_subject


def _names(names: CatalogueNames) -> Names:
    return Names(zh=names.zh, en=names.en)


def _requirement(e: RecordedEntry) -> RequirementBody:
    start, end = e["from"], e["until"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    return RequirementBody(kind=str(e["kind"]), start=start, end=end)


def read(context: Context) -> CatalogueBody:
    """What the authority set so far; kinds and units as this version names them."""
    position = context.position
    index, catalogue = context.workspace.index, context.workspace.catalogue
    categories = index.categories()
    chains = index.by_subjects(named_subject("category", code) for code in categories)
    return CatalogueBody(
        categories=[
            CategoryBody(
                code=code,
                parent=c.parent,
                names=Names(zh=c.name_zh, en=c.name_en),
                unit=c.unit,
                codes=c.codes,
                raw_material=c.raw_material,
                requires=[
                    _requirement(e)
                    for e in chains[named_subject("category", code)]
                    if e.action == "SetRequirement"
                ],
            )
            for code, c in categories.items()
        ],
        kinds=[
            KindBody(
                code=k.code,
                names=_names(k.names),
                issuer=_names(k.issuer),
                zone=k.zone,
                register_name=k.register,
            )
            for k in catalogue.kinds
        ],
        units={code: _names(names) for code, names in catalogue.units.items()},
        ledger=Position(position=position),
    )
