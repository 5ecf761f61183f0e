"""The language model that may draft answers: an endpoint of a person's choice, off until it is agreed to.

Of this machine: the key rests in its keyring, and each person agrees for themselves.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from app.errors import ConfigError
from app.i18n import N_, _
from app.settings.schema import choice, flag, integer, secret, text

KEY = "model/key"
"""The key's name in the keyring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Any endpoint that speaks OpenAI's chat completions. `agreed` is the host a person has agreed to send
    texts to; another host means off."""

    base: str = text(
        N_("Address"),
        placeholder="https://api.deepseek.com",
        help=N_("Without /chat/completions. http:// only within this machine or network."),
    )
    model: str = text(N_("Model"), placeholder="deepseek-chat")
    key: str = secret(N_("Key"), help=N_("Empty for a model on this machine."))
    temperature: str = choice(
        N_("Freedom of wording"), choices=("0", "0.2", "0.5", "0.8", "1"), default="0.2"
    )
    max_tokens: int = integer(N_("Longest answer (tokens)"), default=800, low=100, high=4000)
    first_seconds: int = integer(N_("Wait for the first word (seconds)"), default=120, low=5, high=120)
    stream: bool = flag(N_("Show the text while it is written"), default=True)
    thinking: str = choice(
        N_("Thinking aloud"),
        choices=("default", "off"),
        default="default",
        help=N_("off: sends enable_thinking=false, for Qwen models."),
    )
    mask: bool = flag(
        N_("Mask names and numbers"),
        default=True,
        help=N_("Names, phone and order numbers, ID cards, e-mails and plates stay on this machine."),
    )
    preview: bool = flag(N_("Show what leaves before each draft"), default=True)
    agreed: str = text(N_("Agreed to"))

    @property
    def host(self) -> str:
        """Whom the texts go to; "" where the address is none."""
        try:
            return (urlsplit(self.base.strip()).hostname or "").lower()
        except ValueError:
            return ""

    @property
    def on(self) -> bool:
        return bool(self.host and self.model and self.agreed == self.host)

    @property
    def here(self) -> bool:
        """Does nothing leave this machine?"""
        return _is_here(self.host)

    @property
    def url(self) -> str:
        return f"{self.base.strip().rstrip('/')}/chat/completions"


FORM = (
    "base", "model", "key", "temperature", "max_tokens", "first_seconds", "stream", "thinking", "mask",
    "preview",
)  # fmt: skip
"""What a form asks for, in this order; agreeing is a button's affair."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider as it is known; the model is a proposal."""

    key: str
    name: str
    base: str
    model: str
    thinking: str = "default"
    note: str = ""


PRESETS: tuple[Preset, ...] = (
    Preset("deepseek", "DeepSeek", "https://api.deepseek.com", "deepseek-chat"),
    Preset(
        "qwen",
        N_("Qwen (Alibaba DashScope)"),
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "qwen-plus",
        "off",
    ),
    Preset("moonshot", N_("Kimi (Moonshot)"), "https://api.moonshot.cn/v1", "moonshot-v1-8k"),
    Preset("zhipu", N_("Zhipu GLM"), "https://open.bigmodel.cn/api/paas/v4", "glm-4-flash"),
    Preset(
        "ark",
        N_("Doubao (Volcengine Ark)"),
        "https://ark.cn-beijing.volces.com/api/v3",
        "",
        note=N_("The model is the number of your endpoint there (ep-…)."),
    ),
    Preset(
        "ollama",
        N_("Ollama on this machine"),
        "http://127.0.0.1:11434/v1",
        "qwen2.5:7b",
        note=N_("Nothing leaves this machine. The first draft loads the model and is slow."),
    ),
    Preset("lmstudio", N_("LM Studio on this machine"), "http://127.0.0.1:1234/v1", ""),
    Preset("vllm", N_("vLLM or llama.cpp on this machine"), "http://127.0.0.1:8000/v1", ""),
)


def preset(key: str) -> Preset:
    """ConfigError names those there are."""
    for one in PRESETS:
        if one.key == key:
            return one
    told = _("There is no preset “{name}”. There are: {names}")
    raise ConfigError(told.format(name=key, names=", ".join(one.key for one in PRESETS)), field="preset")


def applied(model: Model, chosen: Preset) -> Model:
    return replace(model, base=chosen.base, model=chosen.model, thinking=chosen.thinking)


def vet(model: Model) -> Model:
    """Tidied; ConfigError names the field."""
    base = model.base.strip().rstrip("/").removesuffix("/chat/completions").rstrip("/")
    try:
        parts = urlsplit(base)
        _port = parts.port
    except ValueError:
        raise ConfigError(_("This is no web address."), field="base") from None
    if base and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ConfigError(_("The address must begin with https://"), field="base")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(_("The address must hold no key and no question mark."), field="base")
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        told = _("Over http:// anybody on the way could read the key and the texts. Use https://")
        raise ConfigError(told, field="base")
    return replace(model, base=base, model=model.model.strip())


def _is_here(host: str) -> bool:
    address = _address(host)
    return address.is_loopback if address is not None else host == "localhost"


def _is_near(host: str) -> bool:
    """This machine or its own network."""
    address = _address(host)
    if address is not None:
        return address.is_loopback or address.is_private
    return host == "localhost" or host.endswith((".local", ".lan", ".internal")) or "." not in host


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def told_of(model: Model) -> str:
    """What agreeing means, in one sentence."""
    if model.here:
        told = _(
            "The post, its thread and knowledge entries go to {model} on this machine; nothing leaves it."
        )
        return told.format(model=model.model)
    if model.mask:
        told = _(
            "Each draft sends the post, its thread and our texts to {host}; names and numbers are masked."
        )
    else:
        told = _(
            "Each draft sends the post, its thread and our texts to {host}, names and numbers included."
        )
    return told.format(host=model.host)
