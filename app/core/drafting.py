"""Drafts by a language model, resting on what the team knows; optional, off by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from app import log
from app.change import Change
from app.core.looked import Looked
from app.domain.cancel import Cancel, Cancelled
from app.domain.draft import Manner
from app.domain.knowledge import Entry
from app.domain.mention import Status, Stored
from app.domain.modelling import (
    Drafted,
    Ground,
    ModelDraft,
    Prepared,
    Progress,
    Sentence,
    Source,
)
from app.errors import AppError, ConfigError, Conflict
from app.i18n import _
from app.replies.model import cite, mask, prompt
from app.replies.model.client import Client
from app.settings import file
from app.settings import model as settings
from app.settings.model import Model
from app.settings.schema import read
from app.storage.values import Event

_log = log.topic("model")

THREAD = 8
"""Mentions of a thread that are shown to the model."""

Heard = Callable[[Progress], object]


class Drafting(Looked):
    """Synchronous, any thread but a window's."""

    # ── the endpoint ─────────────────────────────────────────────────────────────────────────────

    def model(self) -> Model:
        """As it is set on this machine; its key stays in the keyring."""
        return file.read_section(self.home.settings, "model", Model)

    @property
    def model_has_key(self) -> bool:
        return bool(self.secrets.get(settings.KEY))

    def save_model(self, model: Model, key: str | None = None) -> Model:
        """`key` None keeps the one there is, "" forgets it. Another host: off until it is agreed to."""
        made = replace(settings.vet(model), key="")
        if made.agreed != made.host:
            made = replace(made, agreed="")
        values = {name: value for name, value in asdict(made).items() if name != "key"}
        read(Model, values)
        if key:
            self.secrets.set(settings.KEY, key.strip())
        elif key == "":
            self.secrets.remove(settings.KEY)
        file.save_section(self.home.settings, "model", values)
        self.tell(Change.SETTINGS)
        return made

    def agree_to_model(self, host: str) -> Model:
        """On: a person has read what leaves and to whom. Conflict where the host is another by now."""
        model = self.model()
        if not host or host != model.host:
            raise Conflict(_("The address has changed meanwhile. Read again whom the texts go to."))
        if not model.model:
            raise ConfigError(_("Say which model."), field="model")
        model = self.save_model(replace(model, agreed=host))
        self.storage.audit.add(self.clock.now(), self.me, "model_on", "model:0", settings.told_of(model))
        return model

    def model_off(self) -> Model:
        model = self.save_model(replace(self.model(), agreed=""))
        self.storage.audit.add(self.clock.now(), self.me, "model_off", "model:0")
        return model

    def model_presets(self) -> tuple[settings.Preset, ...]:
        """Providers as they are known, translated."""
        return tuple(
            replace(one, name=_(one.name), note=_(one.note) if one.note else "") for one in settings.PRESETS
        )

    def model_told(self, model: Model | None = None) -> str:
        """What leaves this machine and to whom, in one sentence."""
        return settings.told_of(model or self.model())

    def check_model(self, model: Model | None = None, key: str | None = None) -> str:
        """One sentence from the endpoint; no post or name is sent. Raises in words where it fails."""
        asked = settings.vet(model or self.model())
        if not asked.host:
            raise ConfigError(_("Enter an address first."), field="base")
        secret = key if key is not None else self.secrets.get(settings.KEY)
        return Client(asked, secret, proxy=self.local.proxy).check()

    # ── a draft ──────────────────────────────────────────────────────────────────────────────────

    def prepare_model(self, mention_id: int, manner: Manner = Manner.WARM) -> Prepared:
        """What would leave this machine, exactly; nothing leaves yet. ConfigError where it is off."""
        model = self.model()
        if not model.on:
            raise ConfigError(
                _("The model is switched off. Settings says how to switch it on."), field="on"
            )
        basis = self.basis()
        stored = self.storage.mentions.get(mention_id)
        found = prompt.kept(self._sources(stored, manner))
        veil = mask.Mask((*(one.author for one in found), self.me), on=model.mask)
        fence = prompt.border()
        system = prompt.system(fence, manner, self._limit(stored))
        asked = prompt.user(fence, found, veil)
        return Prepared(
            mention_id=mention_id,
            manner=manner,
            url=model.url,
            host=model.host,
            model=model.model,
            body=prompt.body(model, system, asked),
            system=system,
            sources=found,
            masked=veil.held,
            basis=basis,
        )

    def model_draft(
        self,
        prepared: Prepared,
        heard: Heard = lambda _progress: None,
        cancel: Cancel | None = None,
    ) -> Drafted:
        """Ask the model; `heard` is called in this thread with what has come so far. Never raises for what
        the model or the line does: the template's draft comes instead, with a sentence that says why."""
        cancel = cancel or Cancel()
        self.cancels.add(cancel)
        try:
            return Drafted(draft=self._modelled(prepared, heard, cancel))
        except Cancelled:
            return Drafted(cancelled=True)
        except AppError as error:
            why = error.text
            _log.info("no draft by the model: %s (%s)", type(error).__name__, error.details)
        except Exception as error:  # noqa: BLE001  # a bug here must not cost the person the template
            why = _("The draft by the model failed.")
            _log.error("the draft by the model failed", exc_info=error)
        finally:
            self.cancels.discard(cancel)
        return Drafted(fallback=self.template_draft(prepared.mention_id, prepared.manner), why=why)

    def _modelled(self, prepared: Prepared, heard: Heard, cancel: Cancel) -> ModelDraft:
        model = self.model()
        if not model.on or model.url != prepared.url:
            raise Conflict(_("The model was changed or switched off meanwhile."))
        client = Client(model, self.secrets.get(settings.KEY), proxy=self.local.proxy)

        def told(text: str) -> None:
            heard(Progress(mask.shown(cite.tidy(text), prepared.masked), _cited(text, prepared)))

        text, finish = client.ask(prepared.body, told, cancel)
        if cancel.is_set:
            raise Cancelled
        self._still_fits(prepared)
        return self._noted(prepared, *_finished(text, finish))

    def _still_fits(self, prepared: Prepared) -> None:
        """Conflict where the thread has moved, or somebody has answered."""
        if self.storage.mentions.get(prepared.mention_id).status is Status.ANSWERED:
            raise Conflict(_("Somebody has answered meanwhile; the draft is thrown away."))
        if self.storage.outbox.moved(prepared.mention_id, prepared.basis):
            raise Conflict(_("Something was written in the thread meanwhile; the draft is thrown away."))

    def _noted(self, prepared: Prepared, text: str, note: str) -> ModelDraft:
        made = ModelDraft(
            mention_id=prepared.mention_id,
            model=prepared.model,
            host=prepared.host,
            sentences=_cited(text, prepared),
            sources=prepared.sources,
            basis=prepared.basis,
            note=note,
        )
        if not made.text:
            raise Conflict(_("The model answered nothing."))
        detail = f"{made.model} @ {made.host}: {len(made.sentences)}, {len(made.marked)}"
        event = Event(self.clock.now(), self.me, "model_draft", detail)
        self.storage.marks.put(made.mention_id, made.marked, event)
        return made

    def _limit(self, stored: Stored) -> int:
        return self.sending.propose(stored, "").limit

    def _sources(self, stored: Stored, manner: Manner) -> tuple[Source, ...]:
        """Everything a draft may rest on, the post itself first."""
        template = self.template_draft(stored.id, manner)
        ours = Source(ground=Ground.TEMPLATE, ref=1, title=template.template, text=template.text)
        known = tuple(_entry(fit.entry) for fit in self.known_answers(stored) if fit.fits)
        thread = [one for one in self.storage.mentions.thread(stored, THREAD) if one.id != stored.id]
        posts = (_post(stored, main=True), *(_post(one) for one in thread if not one.forgotten))
        answers = tuple(
            Source(ground=Ground.ANSWER, ref=one.id, title="", text=one.answer)
            for one in (stored, *thread)
            if one.answer
        )
        return (*posts, *answers, *known, ours)


def _entry(entry: Entry) -> Source:
    """What the team knows, with the page it points to: a model may name that address, and no other."""
    text = f"{entry.answer}\n{entry.link}".strip()
    return Source(ground=Ground.KNOWLEDGE, ref=entry.id, title=entry.title, text=text)


def _post(stored: Stored, *, main: bool = False) -> Source:
    mention = stored.mention
    return Source(
        ground=Ground.MENTION,
        ref=stored.id,
        title=mention.title,
        text=mention.text,
        author=mention.author.name,
        main=main,
    )


def _cited(text: str, prepared: Prepared) -> tuple[Sentence, ...]:
    """With names and numbers put back, so that they are looked for in the sources as they are."""
    return cite.sentences(mask.shown(text, prepared.masked), prepared.sources, prepared.system)


def _finished(text: str, finish: str) -> tuple[str, str]:
    """(the text that stays, a sentence about it). Conflict where half an answer is none."""
    if finish == "content_filter":
        raise Conflict(_("The provider's moderation cut the answer off."))
    if finish in ("length", "insufficient_system_resource"):
        kept = cite.whole(text)
        if not kept.strip():
            raise Conflict(_("The model's answer is longer than allowed."))
        return kept, _("The model's answer was cut at its limit; the half sentence is left out.")
    if not finish and not cite.ends_well(text):
        raise Conflict(_("The model stopped in the middle of a sentence."))
    return text, ""
