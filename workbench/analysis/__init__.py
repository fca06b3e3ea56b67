"""Pure: frames and records in, frames and records out."""
