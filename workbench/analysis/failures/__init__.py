"""Failures: digests, likeness, clusters, memory, gates. Frames in, frames out."""
