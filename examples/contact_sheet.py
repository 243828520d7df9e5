"""Every disease of the sandbox on one sheet: `python examples/contact_sheet.py`.

Writes docs/contact-sheet.jpg: PA, lateral, axial and coronal CT, with the truth's boxes. With
`--real DATA --out DIR` a second sheet is written to DIR: real films of the same labels beside
drawn ones. Real films may not be passed on with the project, so DIR must lie outside of it.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.chest.body import Body, body_of
from readingroom.sandbox_pacs.patients.chest.ct import CtSpec, ct_frame, render_ct
from readingroom.sandbox_pacs.patients.chest.film import FilmSpec, render_film
from readingroom.sandbox_pacs.patients.chest.project import View
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease, Lesion

PROJECT = Path(__file__).resolve().parents[1]
CELL = 224
YELLOW, GREEN = (255, 205, 0), (120, 255, 140)
CT = CtSpec(slice_mm=2.5, size=256, field_mm=380.0)

Grey = NDArray[np.uint8]
Box = tuple[float, float, float, float]

_MID, _LEFT, _RIGHT = Laterality.MIDLINE, Laterality.LEFT, Laterality.RIGHT
CASES: tuple[tuple[Disease, Laterality, Zone, float], ...] = (
    (Disease.NODULE, _RIGHT, Zone.UPPER, 0.6),
    (Disease.MASS, _LEFT, Zone.MID, 0.4),
    (Disease.PLEURAL_EFFUSION, _LEFT, Zone.NONE, 0.45),
    (Disease.PNEUMOTHORAX, _RIGHT, Zone.NONE, 0.6),
    (Disease.CONSOLIDATION, _RIGHT, Zone.LOWER, 0.6),
    (Disease.ATELECTASIS, _LEFT, Zone.NONE, 0.8),
    (Disease.CARDIOMEGALY, _MID, Zone.NONE, 0.6),
    (Disease.WIDE_MEDIASTINUM, _MID, Zone.NONE, 0.6),
    (Disease.INTERSTITIAL_OEDEMA, _MID, Zone.NONE, 0.7),
    (Disease.EMPHYSEMA, _MID, Zone.NONE, 0.8),
    (Disease.RIB_FRACTURE, _LEFT, Zone.NONE, 0.5),
    (Disease.HILAR_ENLARGEMENT, _RIGHT, Zone.NONE, 0.7),
    (Disease.TRACHEAL_TUBE, _MID, Zone.NONE, 0.5),
    (Disease.CENTRAL_LINE, _RIGHT, Zone.NONE, 0.5),
    (Disease.CHEST_TUBE, _RIGHT, Zone.NONE, 0.5),
    (Disease.PACEMAKER, _LEFT, Zone.NONE, 0.5),
)

REAL_LABELS = {
    "No Finding": None,
    "Nodule": Disease.NODULE,
    "Mass": Disease.MASS,
    "Effusion": Disease.PLEURAL_EFFUSION,
    "Pneumothorax": Disease.PNEUMOTHORAX,
    "Consolidation": Disease.CONSOLIDATION,
    "Atelectasis": Disease.ATELECTASIS,
    "Cardiomegaly": Disease.CARDIOMEGALY,
    "Edema": Disease.INTERSTITIAL_OEDEMA,
    "Emphysema": Disease.EMPHYSEMA,
}


def people() -> Iterator[tuple[str, Body, tuple[Lesion, ...]]]:
    """A name, a person and what the person has: first someone healthy."""
    yield "normal", body_of(300, "M", 45, "tour"), ()
    for number, (disease, side, zone, severity) in enumerate(CASES, start=301):
        lesion = Lesion(disease.value, disease, side, zone, severity, place=number)
        body = body_of(number, "F" if number % 3 == 0 else "M", 40 + number % 7 * 5, "tour")
        yield disease.value.replace("_", " "), body, (lesion,)


def main() -> int:
    """Draw the sheet, or the one with real films."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, metavar="DATA", help="folder that holds nih/")
    parser.add_argument("--out", type=Path, help="folder outside the project, with --real")
    options = parser.parse_args()
    if options.real is None:
        rows = [row_of(name, body, lesions) for name, body, lesions in people()]
        target = PROJECT / "docs" / "contact-sheet.jpg"
        save(sheet(rows, across=2), target)
        return 0
    if options.out is None or PROJECT in (options.out.resolve(), *options.out.resolve().parents):
        sys.stderr.write("--real needs --out DIR, a folder outside the project.\n")
        return 2
    if not (options.real / "nih" / "labels.csv").is_file():
        sys.stderr.write(f"No real films: {options.real} has no nih/labels.csv.\n")
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    save(sheet(list(real_rows(options.real / "nih")), across=1), options.out / "real-films.jpg")
    return 0


def save(picture: Image.Image, target: Path) -> None:
    """As JPEG, small enough for a repository."""
    picture.save(target, quality=80, optimize=True)
    sys.stdout.write(f"{target} {picture.width}x{picture.height}\n")


def row_of(name: str, body: Body, lesions: tuple[Lesion, ...]) -> list[Image.Image]:
    """PA, lateral, axial and coronal CT of one person."""
    title = name
    if lesions:
        one = lesions[0]
        side = "" if one.laterality is _MID else f", {one.laterality.value}"
        size = f", {one.size_mm:.0f} mm" if one.size_mm is not None else ""
        title = f"{name}{side}{size}"
    return [film_cell(body, lesions, "PA", title), film_cell(body, lesions, "LL", "lateral"),
            *ct_cells(body, lesions)]  # fmt: skip


def film_cell(body: Body, lesions: tuple[Lesion, ...], view: View, title: str) -> Image.Image:
    """A film with its findings' boxes."""
    film = render_film(body, lesions, FilmSpec(view, size=2 * CELL, shot=1))
    boxes = [_scaled(found.box, 0.5, 0.5) for found in film.findings]
    return cell((255 * film.grey_yx).astype(np.uint8), boxes, title)


def ct_cells(body: Body, lesions: tuple[Lesion, ...]) -> list[Image.Image]:
    """An axial and a coronal section through the middle of the finding, in the lung window."""
    slices, masks = [], []
    for _, hu, found in render_ct(body, lesions, CT):
        slices.append(hu)
        empty = np.zeros(hu.shape, bool)
        masks.append(next(iter(found.values()), empty))
    volume, mask = np.stack(slices), np.stack(masks)
    frame = ct_frame(body, lesions, CT)
    if mask.any():
        middle = [int(np.median(axis)) for axis in np.nonzero(mask)]
    else:
        middle = [int((frame.origin[2] + 40) / CT.slice_mm), 128, 128]
    down = CT.slice_mm / CT.pixel_mm
    side = CELL / CT.size
    is_wide = lesions and lesions[0].disease in (Disease.PNEUMOTHORAX, Disease.PLEURAL_EFFUSION)
    window = (-550, 1500) if not lesions or lesions[0].disease not in DEVICES else (-300, 2200)
    across = np.asarray(mask.any(1) if is_wide else mask[:, middle[1]])
    return [
        cell(windowed(volume[middle[0]], *window), _box(mask[middle[0]], side, side), "CT"),
        cell(
            stretched(windowed(volume[:, middle[1]], *window), down),
            _box(across, side, down * side),
            "coronal",
        ),
    ]


def windowed(hu: NDArray[np.int16], middle: float, width: float) -> Grey:
    """A CT window as grey."""
    share = (hu.astype(np.float32) - (middle - width / 2)) / width
    return np.asarray(255 * np.clip(share, 0, 1), np.uint8)


def stretched(rows: Grey, factor: float) -> Grey:
    """A section with square pixels, made as high as it is wide: cut, or black below."""
    height = round(rows.shape[0] * factor)
    image = np.asarray(Image.fromarray(rows).resize((rows.shape[1], height)))
    square = np.zeros((rows.shape[1], rows.shape[1]), np.uint8)
    part = image[: rows.shape[1]]
    square[: len(part)] = part
    return square


def _box(mask: NDArray[np.bool_], across: float, down: float) -> list[Box]:
    if not mask.any():
        return []
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return [_scaled((float(box[0]), float(box[1]), float(box[2]), float(box[3])), across, down)]


def _scaled(box: Box, across: float, down: float) -> Box:
    return (box[0] * across, box[1] * down, box[2] * across, box[3] * down)


def cell(grey: Grey, boxes: list[Box], title: str) -> Image.Image:
    """One picture of the sheet."""
    picture = Image.fromarray(grey).convert("RGB").resize((CELL, CELL), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(picture)
    for box in boxes:
        pen.rectangle(tuple(np.clip(box, 0, CELL - 1)), outline=YELLOW)
    pen.text((4, 2), title, fill=GREEN, stroke_width=1, stroke_fill=(0, 0, 0))
    return picture


def sheet(rows: list[list[Image.Image]], across: int) -> Image.Image:
    """Rows of pictures, so many rows side by side."""
    wide, high = len(rows[0]), -(-len(rows) // across)
    whole = Image.new("RGB", (across * wide * CELL, high * CELL))
    for number, row in enumerate(rows):
        left, top = number % across * wide, number // across
        for column, picture in enumerate(row):
            whole.paste(picture, ((left + column) * CELL, top * CELL))
    return whole


def real_rows(folder: Path) -> Iterator[list[Image.Image]]:
    """Of each label three real PA films, then three drawn ones of that disease."""
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        films = [line for line in csv.DictReader(file) if line["view"] == "PA"]
    for label, disease in REAL_LABELS.items():
        real = [film for film in films if film["labels"] == label][:3]
        cells = []
        for film in real:
            with Image.open(folder / "images" / film["image"]) as image:
                cells.append(cell(np.asarray(image.convert("L")), [], f"real: {label}"))
        for number in range(6 - len(cells)):
            side = (_LEFT, _RIGHT)[number % 2]
            lesions: tuple[Lesion, ...] = ()
            if disease is not None:
                lesions = (Lesion("it", disease, side, Zone.NONE, 0.3 + 0.25 * number, number),)
            body = body_of(400 + number, "MF"[number % 2], 50, "tour")  # type: ignore[arg-type]
            cells.append(film_cell(body, lesions, "PA", "drawn"))
        yield cells


if __name__ == "__main__":
    sys.exit(main())
