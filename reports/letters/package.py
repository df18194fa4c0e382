"""Packs the parts of a Word file so that the same parts give the same bytes."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from reports.letters import measures
from reports.letters.wordml import NAMESPACES, page_number, paragraph, properties

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DAY = (1980, 1, 1, 0, 0, 0)
"""The date that every member bears."""
_OOXML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "rId1": ("styles", "styles"),
    "rId2": ("settings", "settings"),
    "rId3": ("header", "header1"),
    "rId4": ("header", "header2"),
    "rId5": ("fontTable", "fontTable"),
}
CORE = (
    _XML + f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>dondoc</dc:creator>'
    "<cp:lastModifiedBy>dondoc</cp:lastModifiedBy>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">1980-01-01T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">1980-01-01T00:00:00Z</dcterms:modified>'
    "</cp:coreProperties>"
)
"""The properties of every file that leaves here; a word processor that saves one changes them."""
CORE_NAME = "docProps/core.xml"


def pack(parts: Mapping[str, bytes | Iterable[bytes]]) -> bytes:
    """A zip of the parts, in their order; one that is large may come in pieces."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, _DAY)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            pieces = (content,) if isinstance(content, bytes) else content
            with archive.open(member, "w") as part, io.BufferedWriter(part, 2**16) as buffered:
                buffered.writelines(pieces)
    return buffer.getvalue()


def is_untouched(content: bytes) -> bool:
    """Whether a .docx still is as it left here: no word processor has saved it since."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(CORE_NAME) == CORE.encode()
    except (zipfile.BadZipFile, KeyError):
        return False


def is_edited(content: bytes) -> bool:
    """Whether it is a whole .docx that a word processor has saved since it left here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            whole = archive.testzip() is None
            return whole and archive.read(CORE_NAME) != CORE.encode()
    except (zipfile.BadZipFile, zlib.error, KeyError):
        return False


PICTURE = "rId6"
"""The relation of a file's one picture."""


def word_file(body: str, styles: str = "", picture: bytes = b"") -> bytes:
    """A .docx with this content of its body, styles beside the usual ones, and one PNG."""
    media = {"word/media/image1.png": picture} if picture else {}
    overrides = {
        "/word/document.xml": "document.main", **{
            f"/word/{file}.xml": kind for kind, file in _PARTS.values()
        },
    }  # fmt: skip
    types = "".join(
        f'<Override PartName="{name}" ContentType="{_OOXML}.{kind}+xml"/>'
        for name, kind in overrides.items()
    )
    relations = "".join(
        f'<Relationship Id="{key}" Type="{_RELATIONS}/{kind}" Target="{file}.xml"/>'
        for key, (kind, file) in _PARTS.items()
    )
    png = '<Default Extension="png" ContentType="image/png"/>'
    if picture:
        relations += (
            f'<Relationship Id="{PICTURE}" Type="{_RELATIONS}/image" Target="media/image1.png"/>'
        )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f"{png if picture else ''}{types}"
        f'<Override PartName="/{CORE_NAME}" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
        f'Target="{CORE_NAME}"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{relations}</Relationships>",
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": _styles(styles),
        "word/settings.xml": f"<w:settings {NAMESPACES}>"
        '<w:defaultTabStop w:val="567"/><w:characterSpacingControl w:val="doNotCompress"/>'
        '<w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>',
        "word/header1.xml": f"<w:hdr {NAMESPACES}>{page_number()}</w:hdr>",
        "word/header2.xml": f"<w:hdr {NAMESPACES}>{paragraph()}</w:hdr>",
        "word/fontTable.xml": f'<w:fonts {NAMESPACES}><w:font w:name="{measures.TYPEFACE}">'
        f'<w:altName w:val="{measures.FALLBACK}"/><w:charset w:val="00"/><w:family w:val="roman"/>'
        '<w:pitch w:val="variable"/></w:font></w:fonts>',
    }
    whole = {name: (_XML + content).encode() for name, content in parts.items()}
    return pack(whole | media | {CORE_NAME: CORE.encode()})


def _styles(more: str) -> str:
    looks = properties(measures.MAIN).replace("</w:rPr>", '<w:lang w:val="vi-VN"/></w:rPr>')
    styles = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        f"<w:qFormat/>{looks}</w:style>"
        '<w:style w:type="paragraph" w:customStyle="1" w:styleId="' + measures.ISSUERS_RULE + '">'
        '<w:name w:val="Vạch dưới tên cơ quan"/><w:basedOn w:val="Normal"/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal">'
        '<w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:tblPr>'
        '<w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    )
    return (
        f"<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault>{looks}</w:rPrDefault>"
        '<w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" '
        f'w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>{styles}{more}</w:styles>'
    )
