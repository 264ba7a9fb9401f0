/** @import { Component } from "../../figures/web/types" */

/** What each place shows, so that the same picture is not drawn again. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/** @param {Component<string>} component */
export default function mount({ parentElement, data }) {
  const picture = parentElement.querySelector(".picture");
  if (!picture || drawn.get(picture) === data) return;
  drawn.set(picture, data);
  picture.innerHTML = data;
}
