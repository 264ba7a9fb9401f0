// The list of steps above the story: it goes to a part, follows the scrolling, and keeps `part` in the address.

import { find } from "../shared/dom.js";
import { Hall } from "./hall.js";
import { onKey } from "./keys.js";

const ALIGNING_MILLISECONDS = 2500;

export class Stepper {
  /**
   * @param {HTMLElement} nav
   * @param {string[]} words
   */
  constructor(nav, words) {
    this.nav = nav;
    this.count = words.length;
    /** The part in sight, and the one on the way to which the page scrolls. */
    this.current = 1;
    /** @type {number | null} */
    this.going = null;
    /** Until when the page is kept where the address says. */
    this.aligning = 0;
    this.waiting = 0;
    this.list = find(nav, "ol");
    this.previous = find(nav, ".previous", HTMLButtonElement);
    this.next = find(nav, ".next", HTMLButtonElement);
    this.list.replaceChildren(...words.map((word, index) => this.entry(word, index + 1)));
    this.previous.onclick = () => this.visit(this.current - 1);
    this.next.onclick = () => this.visit(this.current + 1);
    const top = nav.getRootNode();
    this.bar = top instanceof ShadowRoot ? top.host : nav;
    this.listening = new AbortController();
    const { signal } = this.listening;
    // Scrolling happens in an element of the page, and only capturing hears of it from outside.
    document.addEventListener("scroll", () => this.follow(), {
      capture: true,
      passive: true,
      signal,
    });
    window.addEventListener("popstate", () => this.arrive(), { signal });
    for (const touch of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      document.addEventListener(touch, () => (this.aligning = 0), {
        capture: true,
        passive: true,
        signal,
      });
    }
    document.addEventListener("keydown", (event) => onKey(this, event), { signal });
    this.mark(this.asked() ?? 1);
    this.hall = new Hall(nav, this);
    this.arrive();
  }

  /**
   * @param {string} word
   * @param {number} part
   */
  entry(word, part) {
    const link = document.createElement("a");
    link.href = `?part=${part}`;
    link.title = word;
    link.innerHTML = `${part}<span class="word"> </span>`;
    find(link, ".word").append(word);
    link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.visit(part);
    };
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  /** @param {number} part */
  section(part) {
    return /** @type {HTMLElement | null} */ (document.querySelector(`.st-key-part-${part}`));
  }

  /** The part that the address names, or none. */
  asked() {
    const part = Number(new URLSearchParams(location.search).get("part"));
    return Number.isInteger(part) && part >= 1 && part <= this.count ? part : null;
  }

  /** Goes where the address says, again and again while the page around it is still growing; says that it does. */
  arrive() {
    const part = this.asked();
    if (!part) return;
    if (this.hall.isOn) {
      this.mark(part);
      this.hall.show(part);
      return;
    }
    this.aligning = performance.now() + ALIGNING_MILLISECONDS;
    this.nav.dataset.aligning = "true";
    const align = () => {
      if (performance.now() > this.aligning || this.hall.isOn || this.listening.signal.aborted) {
        delete this.nav.dataset.aligning;
        return;
      }
      this.scroll(part, "instant");
      requestAnimationFrame(align);
    };
    align();
  }

  /** @param {number} part */
  visit(part) {
    if (part < 1 || part > this.count) return;
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.aligning = 0;
    this.address({ part: String(part) }, "pushState");
    this.mark(part);
    if (this.hall.isOn) {
      this.hall.show(part);
    } else {
      // While the page moves there, what it passes is not where it is.
      this.going = part;
      this.scroll(part, smooth ? "smooth" : "instant");
    }
    const heading = this.section(part)?.querySelector("h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }

  /**
   * @param {number} part
   * @param {ScrollBehavior} behavior
   */
  scroll(part, behavior) {
    const section = this.section(part);
    if (!section) return;
    section.style.scrollMarginTop = `${this.height()}px`;
    section.scrollIntoView({ behavior, block: "start" });
  }

  /** How far down the bar reaches when it sticks to the top. */
  height() {
    return this.bar.getBoundingClientRect().height + 70;
  }

  follow() {
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => {
      // In the lecture nothing scrolls, and one part alone has a place.
      if (this.hall.isOn) return;
      const line = this.height() + 0.2 * innerHeight;
      let part = 1;
      for (let other = 2; other <= this.count; other++) {
        if ((this.section(other)?.getBoundingClientRect().top ?? Infinity) <= line) part = other;
      }
      if (this.going && part !== this.going) return;
      this.going = null;
      // Until it has arrived where the address says, a page that grows must not rewrite the address.
      if (part === this.current || performance.now() < this.aligning) return;
      this.mark(part);
      this.address({ part: String(part) }, "replaceState");
    });
  }

  /** @param {number} part */
  mark(part) {
    this.current = part;
    [...this.list.querySelectorAll("a")].forEach((link, index) => {
      if (index + 1 === part) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    this.previous.disabled = part === 1;
    this.next.disabled = part === this.count;
  }

  /**
   * @param {Record<string, string | null>} parameters null takes one out
   * @param {"pushState" | "replaceState"} how
   */
  address(parameters, how) {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries(parameters)) {
      if (value === null) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    history[how](history.state, "", address);
  }

  unmount() {
    this.listening.abort();
    this.hall.unmount();
    cancelAnimationFrame(this.waiting);
  }
}
