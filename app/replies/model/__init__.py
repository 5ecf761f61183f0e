"""Drafts by a language model: the request, what of it is masked, the stream, what its sentences rest on.

`prompt`, `mask` and `cite` are pure; `client` talks to the endpoint and to nobody else. The model has no
tools, and what it says is text for a person to read.
"""
