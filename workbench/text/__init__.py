"""Pure string work that sources and exports both need."""
