"""Widgets: thin views over state that works without a screen."""
