"""Carries out the intents that screens post: in a thread, and what goes wrong becomes a sentence on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

from config.errors import NexusError
from screens import intents
from screens.news import RunsChanged, SettingChanged

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

T = TypeVar("T")


class IntentHandlers:
    """Mixed into the application."""

    @property
    def _app(self) -> NexusApp:
        return cast("NexusApp", self)

    def warn(self, text: str) -> None:
        """Say what is odd but stops nothing; any thread may call."""
        self._app.notify(text, severity="warning", timeout=10, markup=False)

    def fail(self, error: NexusError) -> None:
        """Say what went wrong, and how to mend it."""
        self._app.notify(f"{error.message}\n{error.remedy}".strip(), severity="error", timeout=12, markup=False)

    # --- runs ---

    def on_start_run(self, message: intents.StartRun) -> None:
        self._carry_out(self._start(lambda: self._app.steering.start(message.request)))

    def on_start_demo(self, _: intents.StartDemo) -> None:
        self._carry_out(self._start(self._app.steering.start_demo))

    def on_continue_run(self, message: intents.ContinueRun) -> None:
        run_id = message.run_id
        self._carry_out(self._start(lambda: (run_id, self._app.steering.proceed(run_id))))

    async def _start(self, start: Callable[[], tuple[str, Any]]) -> None:
        run_id, engine = await asyncio.to_thread(start)
        self._app.follow_engine(run_id, engine)
        self._app.show_mode("run")
        self._runs_changed()

    def on_open_run(self, message: intents.OpenRun) -> None:
        self._app.open_run(message.run_id)
        self._app.show_mode("run")

    def on_choose_log(self, message: intents.ChooseLog) -> None:
        self._app.choose_log(message.name)

    def on_steer_run(self, message: intents.SteerRun) -> None:
        self._in_thread(lambda: self._app.steering.steer(message.run_id, message.what))

    def on_decide(self, message: intents.Decide) -> None:
        self._in_thread(
            lambda: self._app.steering.decide(
                message.run_id, message.approval, message.approved, message.comment, message.files
            )
        )

    def on_undo_run(self, message: intents.UndoRun) -> None:
        self._in_thread(lambda: self._app.steering.undo(message.run_id), self._say)

    def on_rate_run(self, message: intents.RateRun) -> None:
        self._in_thread(
            lambda: self._app.steering.rate(message.run_id, message.stars, message.note),
            lambda _: self._say(f"Rated {message.stars} of 5."),
        )

    def on_export_run(self, message: intents.ExportRun) -> None:
        from app.terminal.export import export

        self._in_thread(
            lambda: export(self._app.store, self._app.paths, message.run_id, message.kind, message.target),
            lambda place: self._say(f"Written to {place}"),
        )

    # --- settings ---

    def on_change_setting(self, message: intents.ChangeSetting) -> None:
        settings = self._app.services.settings
        self._change(message.key, lambda: settings.write(message.key, message.text, message.where))

    def on_reset_setting(self, message: intents.ResetSetting) -> None:
        settings = self._app.services.settings
        self._change(message.key, lambda: settings.reset(message.key, message.where))

    def _change(self, key: str, do: Callable[[], str]) -> None:
        async def change() -> None:
            try:
                news = SettingChanged(key, done=await asyncio.to_thread(do))
            except NexusError as error:
                news = SettingChanged(key, problem=str(error))
            self._app.screen.post_message(news)

        self._carry_out(change())

    def on_edit_settings(self, message: intents.EditSettings) -> None:
        async def edit() -> None:
            self._app.edit_file(await asyncio.to_thread(self._app.services.settings.ready_file, message.where))
            self._app.screen.post_message(SettingChanged(""))

        self._carry_out(edit())

    # --- outside ---

    def on_copy_text(self, message: intents.CopyText) -> None:
        self._app.copy_out(message.text, message.what)

    def on_view_text(self, message: intents.ViewText) -> None:
        self._app.view_in_editor(message.text, message.name)

    # --- how ---

    def _in_thread(self, do: Callable[[], T], then: Callable[[T], object] | None = None) -> None:
        """Run `do` off the event loop; `then` gets its result on it. The list of runs may be another afterwards."""

        async def work() -> None:
            result = await asyncio.to_thread(do)
            if then is not None:
                then(result)
            self._runs_changed()

        self._carry_out(work())

    def _carry_out(self, work: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except NexusError as error:
                self.fail(error)

        self._app.run_worker(guarded(), group="intents", exit_on_error=True)

    def _say(self, text: str) -> None:
        self._app.notify(text, markup=False)

    def _runs_changed(self) -> None:
        self._app.screen.post_message(RunsChanged())
