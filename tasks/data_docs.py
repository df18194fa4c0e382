"""Touches reports/PERIOD/quality/: Great Expectations' own pages of a run, made to work offline."""

import errno
import json
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from html import escape
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from schemas.forms import FORMS
from schemas.period import Period
from schemas.quality import Run
from tasks.crew import Work
from tasks.quality import context, great_expectations

_SITE = "dondoc"
_PAGE = "rows"

_NO_REQUESTS = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --bad: #b3261e; --good: #1b6e3c; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7bd6a0; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 64rem; padding: 0 1rem; }
nav ol, nav ul { list-style: none; margin: 0; padding: 0; }
nav ol, nav ul { display: flex; flex-wrap: wrap; gap: .2rem .8rem; }
nav { padding: .4rem 0; height: auto !important; }
h1 { font-size: 1.4rem; } h4, h5, h6, .h6 { font-size: 1rem; margin: .4rem 0; font-weight: 600; }
.ge-section { margin-top: 1.2rem; padding-top: .4rem; border-top: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; } th { font-weight: 600; white-space: nowrap; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
td table { margin: .4rem 0; width: auto; } td table td:last-child { min-width: 8rem; }
.table-responsive { overflow-x: auto; } .sticky .card-body { max-height: none !important; }
.text-danger { color: var(--bad); } .text-success { color: var(--good); }
.fa-times::before { content: "✗"; } .fa-check-circle::before { content: "✓"; }
i { font-style: normal; } .card.mb-3 { display: none; }
.collapse:not(:target) { display: none; }
@media (max-width: 40rem) { th, td { padding: .2rem .3rem; } }
"""
_HEAD = re.compile(r"<head>.*?</head>", re.DOTALL)
_FETCHED = re.compile(r"<script\b.*?</script>|<footer\b.*?</footer>|<img\b[^>]*>", re.DOTALL)
_DEAD_LINK = re.compile(
    r'<a\b[^>]*href="(?:https?:|(?:\.\./)*expectations/)[^>]*>(.*?)</a>', re.DOTALL
)
_BODY = re.compile(r"<body>.*</body>", re.DOTALL)


def build_docs(runs: Sequence[Run], period: Period, folder: Path) -> Path:
    """The static site of the period's runs, in place of what stood in `folder`; its index.html.

    Built from the accounts that `validate` handed on, without a second run. The pages are Great
    Expectations' own but for the head and whatever they would fetch from the internet; the index,
    which is nothing without its scripts, is ours. A content security policy forbids every request,
    so that a newer release cannot bring one back.
    """
    told = {run.form: run for run in runs if run.period == period}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        site = Path(scratch, "site")
        _render(list(told.values()), site)
        shutil.rmtree(site / "static")
        pages = {
            page.relative_to(site).parts[1]: page for page in site.glob("validations/**/*.html")
        }
        for page in pages.values():
            page.write_text(_offline(page.read_text("utf-8"), period), "utf-8")
        index = site / "index.html"
        links = {form: page.relative_to(site).as_posix() for form, page in pages.items()}
        body = f"<body>{_overview(told, links, period)}</body>"
        index.write_text(
            _BODY.sub(lambda _: body, _offline(index.read_text("utf-8"), period)), "utf-8"
        )
        _put(site, folder, Path(scratch))
    return folder / "index.html"


def _builds(_: None) -> Callable[[tuple[Sequence[Run], Period, Path]], None]:
    def build(asked: tuple[Sequence[Run], Period, Path]) -> None:
        build_docs(*asked)

    return build


BUILD = Work(
    "tasks.data_docs:BUILD",
    _builds,
    shared=None,
    item=tuple[Sequence[Run], Period, Path],
    result=None,
)


def _put(site: Path, folder: Path, aside: Path) -> None:
    """The site in the place of what stands there, which ends with `aside`; another run may do the
    same at once, and the last one stays."""
    for turn in count():
        with suppress(FileNotFoundError):
            folder.rename(aside / f"old-{turn}")
        try:
            site.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return


def _render(runs: Sequence[Run], site: Path) -> None:
    gx = great_expectations()
    here = context(gx)
    identifiers = gx.data_context.types.resource_identifiers
    load = gx.core.expectation_validation_result.ExpectationSuiteValidationResultSchema().load
    for run in runs:
        account = json.loads(run.result)
        account["meta"]["run_id"]["run_name"] = str(run.period)
        for answer in account["results"]:
            answer["result"] = _escaped(answer["result"])
        key = identifiers.ValidationResultIdentifier(
            expectation_suite_identifier=identifiers.ExpectationSuiteIdentifier(name=run.form),
            run_id=gx.core.run_identifier.RunIdentifier(
                run_name=str(run.period), run_time=account["meta"]["run_id"]["run_time"]
            ),
            batch_identifier=_PAGE,
        )
        here.validation_results_store.store_validation_results(load(account), key)
    here.add_data_docs_site(
        _SITE,
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "site_section_builders": {"expectations": "none", "profiling": "none"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(site),
            },
        },
    )
    here.build_data_docs([_SITE])


def _escaped(value: Any) -> Any:
    """Cells and file names as text: the library's templates put them into the page as they are."""
    match value:
        case str():
            return escape(value)
        case list():
            return [_escaped(item) for item in value]
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
        case _:
            return value


def _offline(page: str, period: Period) -> str:
    head = (
        f'<head><meta charset="utf-8"><title>Kiểm tra số liệu kỳ {period}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_NO_REQUESTS}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>"
    )
    page = _HEAD.sub(lambda _: head, page, count=1)
    return _DEAD_LINK.sub(r"\1", _FETCHED.sub("", page))


def _overview(runs: dict[str, Run], links: dict[str, str], period: Period) -> str:
    lines = []
    for form in FORMS:
        if form.name in runs:
            done = json.loads(runs[form.name].result)["statistics"]
            failed = done["unsuccessful_expectations"]
            mark = "text-danger fa-times" if failed else "text-success fa-check-circle"
            lines.append(
                f'<tr><td><i class="{mark}"></i></td>'
                f'<td><a href="{links[form.name]}">{escape(form.sheet)}</a></td>'
                f"<td>{runs[form.name].rows}</td><td>{done['evaluated_expectations']}</td>"
                f"<td>{failed}</td></tr>"
            )
    heads = ("", "Biểu", "Số dòng", "Nội dung kiểm tra", "Nội dung có dòng không đạt")
    header = "".join(f"<th>{head}</th>" for head in heads)
    return (
        f"<h1>Kiểm tra chất lượng số liệu, {period.label}</h1>"
        "<p>Các báo cáo mới nhận của lần kiểm tra gần nhất; từng ô sai đã được nêu trong thư trả"
        " lời đơn vị. Cả kỳ: mục Chất lượng số liệu của trang báo cáo và bảng tổng hợp.</p>"
        f"<table><tr>{header}</tr>{''.join(lines)}</table>"
    )
