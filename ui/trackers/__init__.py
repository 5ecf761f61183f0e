"""What a person sees of issues in bug trackers: making one, and how those that there are stand."""
