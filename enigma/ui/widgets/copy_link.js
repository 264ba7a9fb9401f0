// Copies the address of what is on screen.

/** @import { Component } from "../../figures/web/types" */

/** @param {Component<string>} component */
export default function mount({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  if (!button) return;
  button.onclick = async () => {
    const address = new URL(location.href);
    // The first page of a visit says nothing of its run, because everybody starts there.
    if (!address.searchParams.has("run") && !address.searchParams.has("runs")) address.searchParams.set("run", data);
    button.textContent = (await copy(address.href)) ? "Copied" : "Not allowed here";
    setTimeout(() => (button.textContent = "Copy link"), 1600);
  };
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers give the clipboard to secure pages only; on another machine of the network the older way works.
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}
