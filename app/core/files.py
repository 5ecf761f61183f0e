"""Sheets out, files in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from app.core.mentions import here
from app.core.parts import Parts
from app.core.values import ExportResult, ImportPreview, ImportResult
from app.domain.query import MentionQuery, Tally
from app.domain.report import BrandLine, ReportData
from app.domain.watch import Health, Page, Source
from app.errors import ConfigError, ExportFailed, ImportFailed, MonitorError
from app.i18n import _
from app.reports import csvfile, xlsx
from app.settings.schema import read
from app.storage.values import Saved
from monitors.folder import Folder, preview, read_path

WRITERS = (".xlsx", ".csv")


class Files(Parts):
    def export(self, out: Path, query: MentionQuery) -> ExportResult:
        """The suffix chooses: .xlsx (summary, charts, rows) or .csv. Raises ExportFailed, ConfigError."""
        if out.suffix.lower() not in WRITERS:
            told = _("“{name}” must end in .xlsx or .csv.")
            raise ConfigError(told.format(name=out.name), field="out")
        if not out.parent.is_dir():
            raise ExportFailed(_("There is no folder {folder}.").format(folder=out.parent))
        data = self.report(query)
        rows = self.storage.mentions.iterate(replace(query, oldest_first=False))
        if out.suffix.lower() == ".csv":
            count = csvfile.write_csv(out, rows, here())
            if data.gaps:
                csvfile.write_gaps(csvfile.gaps_path(out), data, here())
        else:
            names = {state.source.id: state.source.name for state in self.storage.sources.all()}
            count = xlsx.write_xlsx(out, data, rows, here(), sources=names)
        return ExportResult(out, count, data.tally.negative)

    def report(self, query: MentionQuery) -> ReportData:
        """The figures of a range and of the one just before it."""
        now = self.clock.now()
        until = min(query.until or now, now) if query.until else now
        since = query.since or self._first(query) or until - timedelta(days=7)
        before = replace(query, since=_as_long_before(since, until), until=since)
        within = replace(query, since=query.since, until=query.until)
        tally = self.storage.mentions.tally(within)
        answers = self.storage.answers.between(since, until)
        minutes = [max(0.0, (answer.at - published).total_seconds() / 60) for answer, published in answers]
        return ReportData(
            query=query,
            since=since,
            until=until,
            made_at=now,
            tally=tally,
            previous=self.storage.mentions.tally(before) if query.since else Tally(),
            brands=self._brand_lines(within, before if query.since else None),
            days=self.storage.mentions.by_day(within, here()),
            platforms=self.storage.mentions.by_platform(within),
            aspects=self.storage.mentions.aspect_map(within),
            answered=len(answers),
            median_answer_minutes=median(minutes) if minutes else None,
            alerts=self.storage.alerts.count(since, until),
            gaps=self.storage.sources.gaps(since, until),
            responses=self.storage.responses.between(
                since, until, now, brands=query.brands, sources=query.sources
            ),
        )

    def _first(self, query: MentionQuery) -> datetime | None:
        oldest = self.storage.mentions.page(replace(query, oldest_first=True), None, 1).rows
        return oldest[0].published_at if oldest else None

    def _brand_lines(self, query: MentionQuery, before: MentionQuery | None) -> tuple[BrandLine, ...]:
        now = dict(self.storage.mentions.by_brand(query))
        then = dict(self.storage.mentions.by_brand(before)) if before is not None else {}
        voices = sum(tally.total for tally in now.values()) or 1
        return tuple(
            BrandLine(
                brand_id=watch.id,
                brand=watch.name,
                competitor=watch.competitor,
                tally=now.get(watch.id, Tally()),
                previous=then.get(watch.id, Tally()),
                share_of_voice=now.get(watch.id, Tally()).total / voices,
            )
            for watch in self.storage.brands.all()
            if not query.brands or watch.id in query.brands
        )

    def preview_import(self, path: Path, mapping: Mapping[str, str] | None = None) -> ImportPreview:
        """How a file would be read; never raises for what the file holds."""
        seen = preview(path, mapping=dict(mapping) if mapping else None)
        return ImportPreview(
            seen.format,
            tuple(seen.columns),
            dict(seen.mapping),
            tuple(seen.unmapped),
            tuple(seen.sample),
            seen.problem,
        )

    def import_path(
        self,
        path: Path,
        mapping: Mapping[str, str] | None = None,
        progress: Callable[[int], None] | None = None,
        *,
        platform: str = "",
        brand_id: int | None = None,
    ) -> ImportResult:
        """Take in a file or folder once; what was taken in before is not taken twice.

        The page in hand is stored with its cursor, so that an import that is cut off goes on
        where it stopped.
        """
        _look_at(path)
        source = self._import_source(path, mapping, platform, brand_id)
        settings = read(Folder.Settings, source.settings)
        total = ImportResult(0, 0, 0, 0)
        try:
            for page in read_path(settings, self.storage.sources.cursor(source.id)):
                total = _added(total, self.pipeline.take(source, page), page)
                if progress is not None:
                    progress(total.new + total.seen + total.edited)
        except MonitorError as error:
            raise ImportFailed(error.text, details=error.details) from error
        finally:
            now = self.clock.now()
            self.storage.sources.set_health(
                source.id,
                Health.PAUSED,
                error="",
                failures=0,
                last_poll_at=now,
                last_good_at=now,
                skipped_add=total.skipped,
            )
            self.engine.stored()
        return total

    def _import_source(
        self, path: Path, mapping: Mapping[str, str] | None, platform: str, brand_id: int | None
    ) -> Source:
        """One paused folder source a path remembers how far it was read."""
        where = str(path.resolve())
        settings = {
            "path": where,
            "mapping": json.dumps(dict(mapping), ensure_ascii=False) if mapping else "",
            **({"platform": platform} if platform else {}),
        }
        for state in self.storage.sources.all():
            if state.source.kind == "folder" and state.source.settings.get("path") == where:
                again = replace(
                    state.source,
                    settings={**state.source.settings, **settings},
                    brand_id=brand_id or state.source.brand_id,
                )
                if again.settings.get("mapping") != state.source.settings.get("mapping"):
                    self.storage.sources.reset_cursor(state.source.id)
                return self.storage.sources.save(again)
        made = Source(
            kind="folder", name=path.name or where, settings=settings, paused=True, brand_id=brand_id
        )
        return self.storage.sources.save(made)

    def save_mapping(self, name: str, mapping: Mapping[str, str]) -> None:
        """Keep a column mapping under a name."""
        self.storage.settings.set("mappings", {**self.mappings(), name: dict(mapping)})

    def mappings(self) -> dict[str, dict[str, str]]:
        kept = self.storage.settings.get("mappings")
        return kept if isinstance(kept, dict) else {}


def _look_at(path: Path) -> None:
    """ImportFailed where nothing can be read, before a source is made of it."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise ImportFailed(_("There is no file or folder {path}.").format(path=path)) from error
    except OSError as error:
        told = _("{path} cannot be read: {reason}")
        raise ImportFailed(told.format(path=path, reason=error.strerror or error)) from error


def _as_long_before(since: datetime, until: datetime) -> datetime:
    """Where the range of the same length that ends at `since` begins, or `since` where time does."""
    try:
        return since - (until - since)
    except OverflowError:
        return since


def _added(total: ImportResult, saved: Saved, page: Page) -> ImportResult:
    notes = total.notes if not page.note or page.note in total.notes else (*total.notes, page.note)
    return ImportResult(
        total.new + len(saved.new),
        total.seen + saved.seen,
        total.edited + len(saved.edited),
        total.skipped + page.skipped,
        notes,
    )
