"""Parts of screens. A widget knows what it is given, never where it came from."""
