"""`screens.ports.SettingsDesk`: the settings in force in the terminal's folder, and changing them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.errors import ConfigError, NexusError, UsageError
from config.keys import ENV_PREFIX, TYPED, Key, all_keys, as_text, value_of
from config.loader import LoadedSettings, load_settings, packaged_defaults, project_file, repository_root
from config.paths import make_private_dir
from config.project_trust import may_be_set_by_project, who_may_set
from config.setting_changes import change_setting, checked, public, reset_setting, settings_file
from config.settings_file import read_settings_file
from screens.ports import SettingOrigin, SettingPlace, SettingRow, SettingsPage


@dataclass(frozen=True, slots=True)
class UserSettings:
    folder: Path
    env: Mapping[str, str]

    async def page(self) -> SettingsPage:
        return await asyncio.to_thread(self._page)

    async def problem(self, key: str, text: str, where: SettingPlace) -> str:
        return await asyncio.to_thread(self._problem, key, text, where)

    def file(self, where: SettingPlace) -> Path:
        try:
            return settings_file(where, self.folder, self.env)
        except NexusError:  # a link, which is said when something is written
            return project_file(repository_root(self.folder))

    # --- these block ---

    def ready_file(self, where: SettingPlace) -> Path:
        """The file to open in an editor, with a folder to be saved in. Raises NexusError."""
        target = settings_file(where, self.folder, self.env)
        try:
            make_private_dir(target.parent)
        except OSError as error:
            raise ConfigError(f"{target} cannot be made ({error.strerror}).", "Mend its permissions.") from error
        return target

    def write(self, key: str, text: str, where: SettingPlace) -> str:
        """What is in force afterwards, in a sentence. Raises NexusError."""
        value, target = change_setting(key, text, where, self.folder, self.env, TYPED)
        return f"{key} = {as_text(public(value)) or 'empty'} in {target}{self._overruled(key, where)}"

    def reset(self, key: str, where: SettingPlace) -> str:
        """What is in force afterwards, in a sentence. Raises NexusError."""
        target = reset_setting(key, where, self.folder, self.env)
        if target is None:
            raise UsageError(f"{key} is not set in {self.file(where)}.")
        row = self._row(all_keys()[key], load_settings(self.folder, self.env, {}))
        return f"{key} was taken out of {target}; now it is {row.value or 'empty'} ({_from(row)})"

    def _page(self) -> SettingsPage:
        loaded = load_settings(self.folder, self.env, {})
        return SettingsPage(tuple(self._rows(all_keys().values(), loaded)), loaded.warnings)

    def _problem(self, key: str, text: str, where: SettingPlace) -> str:
        try:
            checked(key, text, where, self.folder, self.env, TYPED)
        except NexusError as error:
            return error.message
        return ""

    def _overruled(self, key: str, where: SettingPlace) -> str:
        """What to add when the value that was written is not the one in force."""
        row = self._row(all_keys()[key], load_settings(self.folder, self.env, {}))
        written: SettingOrigin = "your file" if where == "user" else "project"
        return "" if row.origin == written else f", but {row.place} wins with {row.value or 'empty'}"

    def _row(self, key: Key, loaded: LoadedSettings) -> SettingRow:
        return next(iter(self._rows([key], loaded)))

    def _rows(self, keys: Iterable[Key], loaded: LoadedSettings) -> Iterable[SettingRow]:
        defaults = packaged_defaults()
        places: tuple[SettingPlace, ...] = ("user", "project")
        files = {where: self.file(where) for where in places}
        written = {where: {entry.key for entry in read_settings_file(file)} for where, file in files.items()}
        for key in keys:
            value = value_of(loaded.settings, key.dotted)
            shown = public(value)
            origin = _origin(loaded.origins[key.dotted], files["user"])
            yield SettingRow(
                key=key.dotted,
                value=as_text(shown),
                default=as_text(defaults[key.dotted]),
                origin=origin,
                place="" if origin == "default" else loaded.origins[key.dotted],
                help=key.meaning,
                kind=key.kind,
                choices=key.choices,
                bounds=key.bounds,
                project_may=may_be_set_by_project(key.dotted),
                who=who_may_set(key.dotted),
                env=key.env,
                written=tuple(where for where in places if key.dotted in written[where]),
                hidden=shown != value,
            )


def _origin(said: str, user_file: Path) -> SettingOrigin:
    """The kind of place that `config.loader` names."""
    if said in ("default", "limits.yaml"):
        return "default"
    if said.startswith(ENV_PREFIX):
        return "environment"
    return "your file" if said.startswith(f"{user_file}:") else "project"


def _from(row: SettingRow) -> str:
    return row.place or row.origin
