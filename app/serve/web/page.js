"use strict";
// Around textual.js: where the server is, the font before the first cell is measured, the keyboard when the terminal
// is there, the way back when the connection is lost.
{
  const start = window.onload;

  const follow = (again) => {
    const is = document.body.classList;
    if (is.contains("-closed")) again.focus();
    else if (is.contains("-loaded")) document.querySelector(".xterm-helper-textarea").focus();
  };

  window.onload = async (event) => {
    // Relative to the page: behind `ssh -L` the browser knows the server by another port.
    document.querySelector(".textual-terminal").dataset.sessionWebsocketUrl = `ws://${location.host}/ws`;
    const again = document.querySelector("#ended button");
    again.onclick = () => location.reload();
    new MutationObserver(() => follow(again)).observe(document.body, { attributeFilter: ["class"] });
    const faces = ["16px", "bold 16px", "italic 16px"];
    await Promise.allSettled(faces.map((face) => document.fonts.load(`${face} 'Roboto Mono'`)));
    start(event);
  };
}
