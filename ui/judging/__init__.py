"""The page about the judge: who is in office, how right it is, and what people teach it. GUI thread."""
