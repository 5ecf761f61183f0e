"""Values: frozen dataclasses over the standard library, safe to hand from thread to thread."""
