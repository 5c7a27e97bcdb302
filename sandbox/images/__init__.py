"""Recipes of the box images, one folder per language."""
