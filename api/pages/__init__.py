"""Pages for people: the same functions as the JSON interface, told in 中文 or English.

Server-rendered, no script, no outside resource. ``endpoints`` has the routes; one module per page
makes what its template shows; ``rendering`` makes pages and failures, ``session`` knows who looks,
``wording`` and ``lexicon`` have the words.
"""
