"""Signing in: the browser opens, this waits until it is back, or takes a pasted code. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.i18n import _
from ui import told
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed.detail import open_link
from ui.widgets.parts import button, column, label

if TYPE_CHECKING:
    from app.core import SignedIn, SignIn


class SignInSheet(AskingSheet):
    """`begin` asks the core to begin. `signed_in` carries what it brought (app.core.SignedIn)."""

    signed_in = Signal(object)

    def __init__(
        self, context: Context, name: str, begin: Callable[[], SignIn], parent: QWidget | None = None
    ) -> None:
        super().__init__(context, _("Sign in to {name}").format(name=name), parent)
        self.resize(520, 300)
        self.begin = begin
        self.under_way: SignIn | None = None
        self.status = label("", "muted", wrap=True)
        self.code = QLineEdit()
        self.code.setPlaceholderText(_("The code, or the whole address from the browser"))
        self.again = button(_("Open the browser again"), self.start, icon="open")
        words = label(_("Paste the code"), "strong")
        words.setBuddy(self.code)
        self.code.setAccessibleName(_("Paste the code"))
        self.body.addWidget(self.status)
        self.body.addLayout(column(words, self.code))
        self.body.addStretch(1)
        self.chief = self.buttons(_("Use the code"), self.paste, self.again)
        self.chief.setEnabled(False)
        self.code.textChanged.connect(self._typed)
        self.start()

    def start(self) -> None:
        """From the beginning: what was under way before counts no more."""
        self.problem.quiet()
        self.again.setEnabled(False)
        self.status.setText(_("Asking the platform where to sign in…"))
        self.ask(self.begin, self.begun, self.not_begun, slow=True)

    def begun(self, under_way: SignIn) -> None:
        self.under_way = under_way
        self.again.setEnabled(True)
        opened = open_link(under_way.url)
        self.status.setText(_how_it_goes_on(opened=opened, listening=under_way.listening))
        self._typed()
        self.ask(partial(_wait, under_way), self.came_back, self.not_back, slow=True)

    def not_begun(self, error: BaseException) -> None:
        self.again.setEnabled(True)
        self.status.setText("")
        self.complain(error)

    def came_back(self, gained: SignedIn) -> None:
        self._ended(gained)

    def not_back(self, error: BaseException) -> None:
        self.status.setText(_("Nothing is waited for any more."))
        self.complain(error)

    def paste(self) -> None:
        self.chief.setEnabled(False)
        self.problem.say(_("Asking the platform…"))
        work = partial(self.context.core.finish_sign_in, self.code.text())
        self.ask(work, self.pasted, self.not_pasted, slow=True)

    def pasted(self, gained: SignedIn) -> None:
        self._ended(gained)

    def not_pasted(self, error: BaseException) -> None:
        self._typed()
        self.problem.say(told.explain(error), "negative")

    def done(self, result: int) -> None:
        """Closed in whatever way: nobody waits for the browser any more."""
        self.context.core.cancel_sign_in()
        super().done(result)

    def _ended(self, gained: SignedIn) -> None:
        self.signed_in.emit(gained)
        self.accept()

    def _typed(self) -> None:
        self.chief.setEnabled(self.under_way is not None and bool(self.code.text().strip()))


def _wait(under_way: SignIn) -> SignedIn:
    """In a reader's thread; ends with the sign-in, however that ends."""
    return under_way.done.result()


def _how_it_goes_on(*, opened: bool, listening: bool) -> str:
    if not opened:
        return _("No browser could be opened. Choose one in the desktop's settings, then try again.")
    if listening:
        return _(
            "Your browser has opened. Sign in there and agree; this goes on by itself when you are back."
        )
    return _(
        "Your browser has opened. Sign in there and agree, then paste the code or the address it shows."
    )
