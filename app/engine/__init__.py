"""The engine: an asyncio loop in its own thread that polls, stores, scores and raises alerts.

No Qt anywhere, no SQL in the loop.
"""
