/**
 * The picture of a lot's lineage, made easier to walk through. Everything in it is there without
 * this module, which adds: size by buttons and keys, moving by dragging, the arrow keys along the
 * lines, what the focused lot says in full, and opening and folding without a new page.
 *
 * The server alone decides what is shown and where it stands: to open a lot this module asks for
 * the same address as the link does, and puts that page's section in the place of this one.
 */

const SMALLEST = 0.15;
const LARGEST = 2;
/** What is shown first is not made smaller than this. */
const READABLE = 0.5;
const STEP = 1.25;

/** What is open now, as the address says it. */
let shown = location.search;

/** One section with its picture; made anew whenever the section is. */
class Picture {
  constructor(section) {
    this.section = section;
    this.svg = section.querySelector("#picture");
    this.frame = section.querySelector("#frame");
    this.detail = section.querySelector("#detail");
    this.width = this.svg.width.baseVal.value;
    this.height = this.svg.height.baseVal.value;
    this.scale = 1;
    this.lots = new Map();
    for (const link of this.svg.querySelectorAll(".lot")) {
      const box = link.querySelector("rect");
      this.lots.set(link.id.slice(1), {
        link,
        x: box.x.baseVal.value,
        y: box.y.baseVal.value,
        width: box.width.baseVal.value,
        height: box.height.baseVal.value,
        into: [],
        from: [],
        toggle: null,
      });
    }
    for (const way of this.svg.querySelectorAll(".way[data-from]")) {
      const { from, to, amount } = way.dataset;
      this.lots.get(from).into.push({ lot: to, way, amount });
      this.lots.get(to).from.push({ lot: from, way, amount });
    }
    for (const toggle of this.svg.querySelectorAll(".toggle")) {
      this.lots.get(toggle.dataset.of).toggle = toggle;
    }
    this.here = this.svg.querySelector(".here").id.slice(1);
    this.current = this.here;
    this.listen();
  }

  listen() {
    this.section.querySelector("#tools").hidden = false;
    this.section.querySelector("#keys").hidden = false;
    this.section.querySelector("#find").hidden = true;
    // One stop for the Tab key; the arrow keys do the rest, and screen readers are told so.
    this.svg.setAttribute("role", "application");
    this.svg.setAttribute("aria-roledescription", this.svg.dataset.role);
    this.svg.setAttribute("aria-describedby", "keys");
    this.frame.removeAttribute("tabindex");
    for (const link of this.svg.querySelectorAll("a")) {
      link.setAttribute("tabindex", "-1");
    }
    this.lots.get(this.here).link.setAttribute("tabindex", "0");
    this.svg.addEventListener("keydown", (event) => this.press(event));
    this.svg.addEventListener("focusin", (event) => {
      const lot = event.target.closest(".lot");
      if (lot) this.arrive(lot.id.slice(1));
    });
    for (const button of this.section.querySelectorAll(".tool")) {
      button.addEventListener("click", () => this.act(button.dataset.do));
    }
    this.section.addEventListener("click", (event) => {
      const link = event.target.closest("a.toggle, a.reload");
      const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (link && plain) {
        event.preventDefault();
        this.load(link.getAttribute("href"), link.dataset.of);
      }
    });
    this.drag();
  }

  /** The frame follows the mouse; fingers move it by themselves. */
  drag() {
    let start = null;
    let moved = false;
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) {
        const { scrollLeft, scrollTop } = this.frame;
        start = { x: event.clientX, y: event.clientY, scrollLeft, scrollTop };
        moved = false;
      }
    });
    this.frame.addEventListener("pointermove", (event) => {
      if (!start || !event.buttons) return;
      const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
      moved ||= Math.abs(dx) + Math.abs(dy) > 6;
      if (moved) this.frame.scrollTo(start.scrollLeft - dx, start.scrollTop - dy);
    });
    this.frame.addEventListener("dragstart", (event) => event.preventDefault());
    this.frame.addEventListener(
      "click",
      (event) => {
        // What was dragged was not meant to be opened.
        if (moved) {
          event.preventDefault();
          event.stopPropagation();
        }
        start = null;
        moved = false;
      },
      true,
    );
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const done = {
      ArrowLeft: () => this.go(this.along("from")),
      ArrowRight: () => this.go(this.along("into")),
      ArrowUp: () => this.go(this.beside(-1)),
      ArrowDown: () => this.go(this.beside(1)),
      Home: () => this.go(this.here),
      " ": () => this.lots.get(this.current).toggle?.dispatchEvent(
        new MouseEvent("click", { bubbles: true, cancelable: true }),
      ),
      "+": () => this.act("in"),
      "=": () => this.act("in"),
      "-": () => this.act("out"),
      0: () => this.act("fit"),
    }[event.key];
    if (done) {
      event.preventDefault();
      done();
    }
  }

  /** The lot at the other end of a line, the nearest in height; undefined where there is none. */
  along(end) {
    const { y } = this.lots.get(this.current);
    const far = this.lots.get(this.current)[end].map((one) => one.lot);
    return this.nearest(far, y);
  }

  nearest(numbers, y) {
    const distance = (number) => Math.abs(this.lots.get(number).y - y);
    return numbers.toSorted((a, b) => distance(a) - distance(b))[0];
  }

  /** The next lot of the same column, upwards (-1) or downwards (1). */
  beside(way) {
    const { x, y } = this.lots.get(this.current);
    const others = [...this.lots].filter(
      ([, lot]) => Math.abs(lot.x - x) < lot.width / 2 && (lot.y - y) * way > 0,
    );
    return this.nearest(others.map(([number]) => number), y);
  }

  go(number) {
    if (number !== undefined) this.lots.get(number).link.focus({ preventScroll: true });
  }

  arrive(number) {
    this.lots.get(this.current).link.setAttribute("tabindex", "-1");
    this.lots.get(number).link.setAttribute("tabindex", "0");
    this.current = number;
    for (const way of this.svg.querySelectorAll(".near")) way.classList.remove("near");
    const lot = this.lots.get(number);
    for (const { way } of [...lot.from, ...lot.into]) way.classList.add("near");
    this.show(lot);
    this.tell(lot);
  }

  /** Move the frame as little as is needed for the lot to be seen. */
  show(lot) {
    const room = 24;
    const [left, top] = [lot.x * this.scale - room, lot.y * this.scale - room];
    const right = (lot.x + lot.width) * this.scale + room;
    const bottom = (lot.y + lot.height) * this.scale + room;
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.frame;
    this.frame.scrollTo(
      Math.min(left, Math.max(scrollLeft, right - clientWidth)),
      Math.min(top, Math.max(scrollTop, bottom - clientHeight)),
    );
    lot.link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** All that the focused lot says, under the picture. */
  tell(lot) {
    const said = document.createElement("p");
    said.className = "saying";
    said.textContent = lot.link.getAttribute("aria-label");
    const parts = [said];
    for (const [end, title] of [["from", this.detail.dataset.from], ["into", this.detail.dataset.to]]) {
      if (lot[end].length) parts.push(...this.list(title, lot[end]));
    }
    if (!lot.link.classList.contains("here")) {
      const open = document.createElement("a");
      open.href = lot.link.getAttribute("href");
      open.textContent = this.detail.dataset.open;
      parts.push(open);
    }
    this.detail.replaceChildren(...parts);
    this.detail.hidden = false;
  }

  list(title, ends) {
    const heading = document.createElement("p");
    heading.append(Object.assign(document.createElement("strong"), { textContent: title }));
    const list = document.createElement("ul");
    for (const { lot, amount } of ends) {
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        className: "plain",
        textContent: `${this.lots.get(lot).link.querySelector(".name").textContent} · ${amount}`,
      });
      button.addEventListener("click", () => this.go(lot));
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
    }
    return [heading, list];
  }

  act(what) {
    if (what === "home") {
      this.go(this.here);
      this.centre();
    } else if (what === "fit") {
      const fitting = Math.min(
        (this.frame.clientWidth - 2) / this.width,
        (this.frame.clientHeight - 2) / this.height,
      );
      this.resize(Math.min(1, fitting));
    } else {
      this.resize(what === "in" ? this.scale * STEP : this.scale / STEP);
    }
  }

  /** Another size, with what is in the middle of the frame staying there. */
  resize(scale) {
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.frame;
    const x = (scrollLeft + clientWidth / 2) / this.scale;
    const y = (scrollTop + clientHeight / 2) / this.scale;
    this.scale = Math.min(LARGEST, Math.max(SMALLEST, scale));
    this.svg.setAttribute("width", this.width * this.scale);
    this.svg.setAttribute("height", this.height * this.scale);
    this.frame.scrollTo(x * this.scale - clientWidth / 2, y * this.scale - clientHeight / 2);
  }

  /**
   * The lot that the page is about into the middle of the frame, with what was made into it (what it
   * was made into, where it was made of nothing) beside it: in a narrow frame all is smaller for
   * that.
   */
  centre() {
    const lot = this.lots.get(this.here);
    const ends = lot.from.length ? lot.from : lot.into;
    const beside = [lot, ...ends.map((end) => this.lots.get(end.lot))];
    const [left, right] = this.reach(beside);
    this.resize(Math.min(1, Math.max(READABLE, this.frame.clientWidth / (right - left))));
    const whole = (right - left) * this.scale <= this.frame.clientWidth + 1;
    const middle = whole ? (left + right) / 2 : lot.x + lot.width / 2;
    this.frame.scrollTo(
      middle * this.scale - this.frame.clientWidth / 2,
      (lot.y + lot.height / 2) * this.scale - this.frame.clientHeight / 2,
    );
  }

  /** From where to where these lots reach, with a little room. */
  reach(lots) {
    const room = 12;
    return [
      Math.min(...lots.map((lot) => lot.x)) - room,
      Math.max(...lots.map((lot) => lot.x + lot.width)) + room,
    ];
  }

  /** Show what another address of this page shows of the lineage. */
  async load(href, of) {
    this.say(this.detail.dataset.wait);
    let fresh = null;
    try {
      const answer = await fetch(href);
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      fresh = page.querySelector("#lineage");
    } catch {
      fresh = null;
    }
    if (!fresh) {
      this.say(this.detail.dataset.failed);
      return;
    }
    history.pushState(null, "", href);
    shown = location.search;
    this.section.replaceWith(document.adoptNode(fresh));
    const next = new Picture(fresh);
    const kept = of && next.lots.has(of) ? of : next.here;
    if (kept === next.here) next.centre();
    next.go(kept);
    next.say(fresh.dataset.shown);
  }

  say(text) {
    this.section.querySelector("#said").textContent = text;
  }
}

const section = document.querySelector("#lineage");
if (section) new Picture(section).centre();
// Whoever goes back wants the lineage as it was: the server shows it.
window.addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
});
