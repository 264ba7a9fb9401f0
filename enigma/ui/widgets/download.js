// Hands a file to the browser.

/** @import { Component } from "../../figures/web/types" */

/** Tokens of the files that have been handed over. @type {Set<string>} */
const saved = new Set();

/**
 * A component takes bytes or JSON, not both: the file follows the first line.
 * @param {Component<Uint8Array<ArrayBuffer> | null>} component
 */
export default function mount({ data, setTriggerValue }) {
  if (!data) return;
  const end = data.indexOf(10);
  const { token, name, mime } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  if (saved.has(token)) return;
  saved.add(token);
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(new Blob([data.subarray(end + 1)], { type: mime }));
  anchor.download = name;
  anchor.click();
  // The browser reads the file after the click.
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
  setTriggerValue("received", token);
}
