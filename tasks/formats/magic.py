"""Decides by which first bytes files are known, wherever that is asked."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WINMAIL = b"x\x9f>\x22"
"""winmail.dat."""
RAR, SEVEN_ZIP, GZIP = b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b"
PACKED = (RAR, SEVEN_ZIP, GZIP, b"BZh", b"\xfd7zXZ", b"MSCF")
"""Archives that stay shut."""
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
