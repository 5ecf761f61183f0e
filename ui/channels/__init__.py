"""Where alerts go out and mentions are escalated to: channels and trackers, set up and looked after."""
