"""Weibo's open API: what is said to the brand's own account, and answering it."""

from monitors.weibo.monitor import Settings, Weibo

__all__ = ["Settings", "Weibo"]
