"""Incidents in the window: their list, the card of one, and what a person does about it."""
