// Tells Python where a person came to rest.

const DELAY = 250;

/** Sends what changed, a moment after the last change. */
export class Reporter {
  constructor(read) {
    this.read = read;
    this.known = {};
    this.send = null;
  }

  soon() {
    this.stop();
    this.timer = setTimeout(() => this.tell(), DELAY);
  }

  tell() {
    for (const [name, value] of Object.entries(this.read())) {
      if (JSON.stringify(value) === JSON.stringify(this.known[name])) continue;
      this.known[name] = value;
      this.send?.(name, value);
    }
  }

  stop() {
    clearTimeout(this.timer);
  }
}
