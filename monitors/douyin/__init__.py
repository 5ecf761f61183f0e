"""Douyin's open platform: comments on the brand's own videos, approved keywords, and answering."""

from monitors.douyin.monitor import Douyin
from monitors.douyin.settings import Settings

__all__ = ["Douyin", "Settings"]
