"""A confusion matrix as a table whose cells are the darker the more often, and what else an evaluation found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.dashboard import chart, sheet
from pointsman.dashboard.decisioncard import milliseconds, readable
from pointsman.dashboard.safehtml import Safe, joined, tag

STRONG: Final = 55  # from this share of a row on, a cell is so dark that its number is light
SHOWN: Final = 8


def matrix(label: str, names: Sequence[str], counts: Mapping[tuple[str, str], int]) -> Safe:
    """How often each category (a row) was decided as which (a column), by (right, decided)."""
    head = tag(
        "tr",
        "",
        tag("td", "pm-corner", "right ↓  decided →"),
        *(tag("th", "", tag("span", "", readable(it)), scope="col") for it in names),
    )
    body = [row(name, names, counts) for name in names]
    table = tag("table", "pm-matrix", tag("thead", "", head), tag("tbody", "", *body))
    return tag("div", "pm-scroll", table, tabindex="0", role="region", aria_label=label)


def row(right: str, names: Sequence[str], counts: Mapping[tuple[str, str], int]) -> Safe:
    """One category, and what was made of it."""
    whole = sum(counts.get((right, it), 0) for it in names)
    cells = (cell(right, it, counts.get((right, it), 0), whole) for it in names)
    return tag("tr", "", tag("th", "", readable(right), scope="row"), *cells)


def cell(right: str, decided: str, number: int, whole: int) -> Safe:
    """One cell; nothing stands where nothing happened."""
    share = round(100 * number / whole) if whole else 0
    # A single confusion among thousands is to be seen, too.
    shade = max(12, share) if number else 0
    kind = "pm-right" if right == decided else "pm-wrong-cell"
    strong = " pm-strong" if shade > STRONG else ""
    said = f"{readable(right)} decided as {readable(decided)}: {number}" + (f", {share} %" if whole else "")
    return tag("td", kind + strong, f"{number:,}" if number else "", style=f"--share:{shade}", title=said)


def counted(result: Mapping[str, Any]) -> tuple[list[str], dict[tuple[str, str], int]]:
    """The matrix of a result, as `pointsman eval --json` has it."""
    names = [str(it) for it in result.get("categories") or ()]
    rows = result.get("matrix") or ()
    return names, {
        (right, decided): int(number)
        for right, numbers in zip(names, rows, strict=False)
        for decided, number in zip(names, numbers, strict=False)
    }


def tiles(result: Mapping[str, Any]) -> Safe:
    """The figures that matter most."""
    overall = result["overall"]
    ece = overall.get("ece")
    told = (
        (sheet.share_of(overall.get("accuracy")), f"of {sheet.count(overall.get('n'))} messages right"),
        (sheet.share_of(overall.get("path_error")), "went down a wrong path"),
        (
            sheet.share_of(overall.get("image_fpr")),
            f"of {sheet.count(overall.get('other_n'))} drawn, and should not be",
        ),
        (sheet.share_of(overall.get("image_fnr")), f"of {sheet.count(overall.get('image_n'))} pictures not drawn"),
        (sheet.NONE if ece is None else f"{ece:.3f}", "calibration error (ECE)"),
        (sheet.share_of(overall.get("coverage")), "decided without a language model"),
    )
    return tag("div", "pm-tiles", *(tag("div", "pm-tile", tag("b", "", it), tag("span", "", is_)) for it, is_ in told))


def tiers(result: Mapping[str, Any]) -> Safe:
    """What each tier decided, and how well."""
    heads = ("tier", "decided", "share", "right", "path error", "ECE", "p50", "p95")
    rows = [
        (
            name,
            sheet.count(it.get("n")),
            sheet.share_of(it.get("share")),
            sheet.share_of(it.get("accuracy")),
            sheet.share_of(it.get("path_error")),
            sheet.NONE if it.get("ece") is None else f"{it['ece']:.3f}",
            sheet.NONE if it.get("p50_ms") is None else milliseconds(it["p50_ms"]),
            sheet.NONE if it.get("p95_ms") is None else milliseconds(it["p95_ms"]),
        )
        for name, it in (result.get("tiers") or {}).items()
    ]
    return sheet.sheet("Tiers", heads, rows)


def confused(result: Mapping[str, Any]) -> Safe:
    """What was most often confused."""
    found = list(result.get("confusions") or ())[:SHOWN]
    if not found:
        return tag("p", "pm-note", "Nothing was confused.")
    rows = [(readable(it["gold"]), readable(it.get("guess") or "not decided"), sheet.count(it["n"])) for it in found]
    return joined(sheet.sheet("Most often confused", ("right", "decided", "messages"), rows, texts=2))


def calibration(bins: Sequence[Mapping[str, Any]]) -> tuple[chart.Options, str, list[str], list[list[str]]]:
    """The reliability diagram: how often decisions of each confidence were right, and how often they should be."""
    known = [it for it in bins if it.get("n")]
    most = max((it["n"] for it in known), default=1)
    points = [
        {
            "value": [round(100 * it["confidence"], 1), round(100 * it["accuracy"], 1)],
            # An area as large as its part of the decisions.
            "symbolSize": round(7 + 17 * (it["n"] / most) ** 0.5),
        }
        for it in known
    ]
    series: list[chart.Options] = [
        {
            "name": "as it should be",
            "type": "line",
            "data": [[0, 0], [100, 100]],
            "showSymbol": False,
            "silent": True,
            "lineStyle": {"color": chart.SOFT, "type": "dashed", "width": 1},
            "itemStyle": {"color": chart.SOFT},
        },
        {
            "name": "as it was",
            "type": "line",
            "data": points,
            "symbol": "circle",
            "lineStyle": {"color": chart.colour(0), "width": 1.5},
            "itemStyle": {"color": chart.colour(0), "opacity": 0.85},
        },
    ]
    percent = {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value} %"}}
    options = chart.drawn(
        series,
        {**percent, "name": "confidence", "nameLocation": "middle", "nameGap": 26},
        {**percent, "name": "right", "nameLocation": "middle", "nameGap": 42},
    )
    rows = [
        [
            f"{it['low']:.1f} to {it['high']:.1f}",
            sheet.count(it["n"]),
            sheet.share_of(it["confidence"]),
            sheet.share_of(it["accuracy"]),
        ]
        for it in known
    ]
    said = f"{len(known)} groups of decisions by their confidence"
    return options, said, ["confidence", "decisions", "on average", "right"], rows
