"""Tingfeng (听风): a desktop social-listening monitor for Chinese brands."""

__version__ = "0.1.0"
