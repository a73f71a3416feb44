"""The shapes that stand for states, each a word's companion: never colour alone.

A page draws each of them once (:data:`SPRITE`) and refers to it wherever a state is shown, which
keeps long tables small and quick to make.
"""

from typing import Final

from markupsafe import Markup, escape

from api.pages.formats import harmless

_VALID: Final = (
    '<circle cx="12" cy="12" r="11" fill="currentColor"/>'
    '<path d="M6.5 12.5l4 4 7-8.5" fill="none" stroke="#fff" stroke-width="2.6" '
    'stroke-linecap="round" stroke-linejoin="round"/>'
)
_INVALID: Final = (
    '<path d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z" fill="currentColor"/>'
    '<path d="M8 8l8 8M16 8l-8 8" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>'
)
#: Open, and no filled diamond: that is how browsers show a character that they cannot.
_UNKNOWN: Final = (
    '<circle cx="12" cy="12" r="10.6" fill="none" stroke="currentColor" stroke-width="2.4"/>'
    '<path d="M8.6 9.3a3.4 3.4 0 1 1 5 3c-1.2.7-1.6 1.2-1.6 2.3" fill="none" '
    'stroke="currentColor" stroke-width="2.6" stroke-linecap="round"/>'
    '<circle cx="12" cy="18" r="1.6" fill="currentColor"/>'
)
_CONDITIONS: Final = (
    '<path d="M12 1.2L23.4 22H.6z" fill="currentColor" stroke="currentColor" '
    'stroke-linejoin="round"/><path d="M12 8.5v6.2" stroke="#fff" stroke-width="2.4" '
    'stroke-linecap="round"/><circle cx="12" cy="18.3" r="1.4" fill="#fff"/>'
)
_OTHER: Final = (
    '<rect x="1.2" y="1.2" width="21.6" height="21.6" rx="3" fill="none" stroke="currentColor" '
    'stroke-width="2"/><path d="M7 12h10" stroke="currentColor" stroke-width="2.4" '
    'stroke-linecap="round"/>'
)
_DRAWN: Final = {
    "valid": _VALID,
    "invalid": _INVALID,
    "unknown": _UNKNOWN,
    "conditions": _CONDITIONS,
    "other": _OTHER,
}
#: Which shape a state has; what is not named has the last one.
_SHAPE_OF: Final = {
    "valid": "valid",
    "buy": "valid",
    "invalid": "invalid",
    "do-not-buy": "invalid",
    "unknown": "unknown",
    "cannot-tell": "unknown",
    "buy-with-conditions": "conditions",
}

#: All shapes, drawn for nobody to see until a page refers to them.
SPRITE: Final = Markup(
    '<svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false">'
    + "".join(
        f'<symbol id="shape-{name}" viewBox="0 0 24 24">{drawn}</symbol>'
        for name, drawn in _DRAWN.items()
    )
    + "</svg>"
)
_REFERRED: Final = {
    name: Markup(
        '<svg class="shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f'<use href="#shape-{name}"/></svg>'
    )
    for name in _DRAWN
}


def shape(state: str) -> Markup:
    """The shape of a state; it is never read out."""
    return _REFERRED[_SHAPE_OF.get(state, "other")]


def drawing(state: str, colour: str) -> str:
    """The shape as an SVG of its own, for where there is no page to refer to."""
    drawn = _DRAWN[_SHAPE_OF.get(state, "other")].replace("currentColor", colour)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{drawn}</svg>'


def shaped(state: str, word: str) -> Markup:
    """A state as its shape and its word together; ``state`` names its colour, too."""
    name, said = escape(state), escape(harmless(word))
    return Markup(f'<span class="state {name}">{shape(state)}<span>{said}</span></span>')
