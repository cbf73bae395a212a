// Says in words that Python could not be fetched, and keeps the stored figures: then nothing is run.
(() => {
  const address = RUNTIME, host = new URL(address, location.href).host;
  const waits = 20000;  // ms
  const stop = event => { event.preventDefault(); event.stopImmediatePropagation(); };
  function warn() {
    const note = document.createElement("div"), again = document.createElement("button");
    note.id = "no-kernel";
    note.setAttribute("role", "alert");
    note.style = "position: fixed; z-index: 100000; left: 0; right: 0; bottom: 0; padding: 12px 16px;"
      + "font: 16px/1.4 sans-serif; color: #fff; background: #8a1c1c";
    note.append(`Python could not be loaded: your browser does not reach ${host}. You can read the `
      + "lecture with its stored figures. Its cells cannot be run here, and are left as they are. Try "
      + "another network, or open the lecture in Binder or Colab. ");
    again.textContent = "Try again";
    again.onclick = () => location.reload();
    note.append(again);
    document.body.append(note);
    // A cell that is run gives up its stored output before it waits for the kernel.
    addEventListener("keydown", event => {
      const held = event.shiftKey || event.ctrlKey || event.altKey || event.metaKey;
      if (event.key == "Enter" && held) stop(event);
    }, true);
    for (const kind of ["pointerdown", "mousedown", "mouseup", "click"])
      addEventListener(kind, event => {
        const chosen = event.target.closest && event.target.closest("[data-command]");
        if (chosen && /:(run|restart)/.test(chosen.dataset.command)) stop(event);
      }, true);
  }
  const late = new AbortController();
  setTimeout(() => late.abort(), waits);
  fetch(address, {mode: "no-cors", signal: late.signal}).catch(
    () => document.body ? warn() : addEventListener("DOMContentLoaded", warn));
})();
