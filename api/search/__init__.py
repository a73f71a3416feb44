"""One search over everything: what was typed is understood first, then looked for."""
