"""Judging: which engine is in office, what people taught it, and how well it does on their own words."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from app.analysis.measures import PublicFigure, public_figures
from app.analysis.scoring import ENGINES
from app.change import Change
from app.core.parts import Parts
from app.core.values import EngineInfo
from app.domain.gist import Gist
from app.domain.query import AspectLine, MentionQuery
from app.engine.judging import ENGINE_KEY
from app.engine.rescoring import forget_passes
from app.errors import ConfigError
from app.i18n import N_, _

_NAMES: dict[str, tuple[str, str]] = {
    "ngram": (
        N_("Tingfeng"),
        N_("Our own model: right most often on posts and reviews, thousands of posts a second."),
    ),
    "deep": (
        N_("Tingfeng deep"),
        N_("A small neural network has a second look where our own model is unsure."),
    ),
    "snownlp": (
        N_("SnowNLP as shipped"),
        N_("The well-known package, learnt from shop reviews; weak on posts, some 200 a second."),
    ),
    "snownlp-retrained": (
        N_("SnowNLP retrained"),
        N_("The package's method, learnt anew from posts and reviews; tens of thousands a second."),
    ),
}
_NEEDS = {"deep": "onnxruntime"}


class Judgement(Parts):
    """Synchronous, any thread but a window's."""

    def engines(self) -> tuple[EngineInfo, ...]:
        """What may be chosen, ours first."""
        return tuple(
            EngineInfo(id_, _(name), _(about), id_ == self.scorer.engine, _missing(id_))
            for id_, (name, about) in _NAMES.items()
            if id_ in ENGINES
        )

    def choose_engine(self, id: str) -> None:
        """In force at once, for everybody on this database; what is stored is judged again by and by."""
        if id not in ENGINES:
            wrong = _("There is no scoring engine “{name}”. Choose one of: {names}.")
            raise ConfigError(wrong.format(name=id[:40], names=", ".join(_NAMES)), field="engine")
        if missing := _missing(id):
            raise ConfigError(missing, field="engine")
        self.storage.settings.set(ENGINE_KEY, id)
        self.scorer.change(id)
        self.rejudge()
        self.tell(Change.SETTINGS | Change.LEARNING)

    def rejudging(self) -> int:
        """How many mentions carry an older judgement."""
        versions = self.scorer.versions().result()
        return self.storage.mentions.stale_count(self.scorer.engine, versions)

    def rejudge(self) -> None:
        """Everything that carries another judgement than it would have now, in the background."""
        forget_passes(self.storage)
        self.engine.reconfigure()

    def gist(self, ids: Sequence[int]) -> Gist:
        """Key words and telling sentences of a post, or of the posts of a story; may take seconds."""
        rows = self.storage.mentions.many(ids)
        texts = {row.id: row.text for row in rows}
        return self.scorer.gist([texts.get(id_, "") for id_ in ids]).result()

    def aspect_map(self, query: MentionQuery) -> tuple[AspectLine, ...]:
        """How often each aspect was named, and how."""
        return self.storage.mentions.aspect_map(query)

    def public_figures(self) -> tuple[PublicFigure, ...]:
        """How the engines do on public sets: measured by us, and shipped with the program."""
        return public_figures()


def _missing(engine: str) -> str:
    needs = _NEEDS.get(engine)
    if needs is None or find_spec(needs) is not None:
        return ""
    return _("This engine needs one more package: pip install “tingfeng[{name}]”.").format(name=engine)
