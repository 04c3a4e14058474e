"""Signals: values computed per conversation, who computed them, and how far they can be trusted."""
