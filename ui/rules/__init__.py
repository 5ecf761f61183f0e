"""Rules and playbooks in the window: the list as sentences, the editor with its preview. GUI thread."""
