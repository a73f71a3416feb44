"""Pages on paper: PDF made on this machine by typst, with the font that comes with the project.

``verdict.typ`` has the layout and no words; ``typesetting`` gives it data and takes the file.
``NotoSansSC.ttf`` is cut from Noto Sans SC (SIL Open Font License, ``OFL.txt``) by
``scripts/font``; ``characters.txt`` lists what it has.
"""
