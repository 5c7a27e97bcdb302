"""What the sandbox keeps on this machine: the table of `nexus sandbox status`, and `nexus sandbox prune`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from app.output import put, put_json, say
from core.text.counting import counted
from sandbox.inventory import Item, inventory, remove


def stock(cache: Path) -> list[Item]:
    """Every image and folder."""
    return asyncio.run(inventory(cache))


def put_stock(items: Sequence[Item]) -> None:
    """The table, at most 80 columns wide but for the paths of projects, which have lines of their own."""
    if not items:
        put("Nothing was built yet.")
        return
    put(f"{'size':>8}  {'what':9}  {'name':42}  state")
    for item in items:
        if item.kind == "tools":
            continue
        put(f"{item.size_mb:5} MB  {item.kind:9}  {item.name:42}  {_state(item)}")
        if item.kind == "layer" and item.purpose:
            put(f"{'':10}for {item.purpose}")
    if few := [item for item in items if item.kind == "tools"]:
        old = sum(item.is_waste for item in few)
        size = sum(item.size_mb for item in few)
        put(f"{size:5} MB  {'tools':9}  {counted(len(few), 'version'):42}  {f'{old} old' if old else 'current'}")
    waste = [item.size_mb for item in items if item.is_waste]
    remedy = f"; `nexus sandbox prune` frees {sum(waste)} MB of them" if waste else ""
    put(f"{sum(item.size_mb for item in items):5} MB in all{remedy}")


def _state(item: Item) -> str:
    return "in use" if item.in_use else "current" if item.purpose else "old"


def prune(cache: Path, *, dry_run: bool, as_json: bool) -> int:
    """Remove what nothing needs and no box uses, or say what would go."""
    waste = [item for item in stock(cache) if item.is_waste]
    gone = waste if dry_run else asyncio.run(_remove_all(waste, cache))
    freed = sum(item.size_mb for item in gone)
    if as_json:
        put_json({"dry_run": dry_run, "freed_mb": freed, "removed": [asdict(item) for item in gone]})
        return 0
    for item in gone:
        put(f"{item.size_mb:5} MB  {item.kind:9}  {item.name}")
    put(f"{counted(len(gone), 'item')}, {freed} MB, {'would be removed' if dry_run else 'removed'}")
    return 0


async def _remove_all(waste: Sequence[Item], cache: Path) -> list[Item]:
    gone = []
    for item in waste:
        if await remove(item, cache):
            gone.append(item)
        else:
            say(f"{item.name} has come into use, so it stays.")
    return gone
